#pragma once

#include <joinery/crdt/sequence_image.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery::detail {

/// Puts the items of a sequence in order, of which the bytes tell in what order runs begin, and
/// says whether that is FugueMax order and whether all stand beside what they may stand beside.
///
/// Items form a tree, each below its left origin, and the order is its preorder: what is to the
/// right of an item ends before anything else begins. So a run that begins cuts the one of its left
/// origin there, or stands behind all of it, and closes what was begun in between.
///
/// Those with one left origin are siblings; one whose right origin is such a sibling was inserted
/// to the left of it, and comes before it. So they come as a second tree in postorder, by right
/// origins, whose roots are ordered by them and by dots.
///
/// Complexity   n runs: O(n), and O(log n) for each question that only positions answer.
class sequence_order_check {
public:
    using item = sequence_image::item;

    /// Precondition: all origins are here, and runs have numbers. Dots are in the order of replica
    /// ids.
    explicit sequence_order_check(sequence_image& image)
        : image_{image}, done_(image.runs.size()), depth_(image.runs.size()) {
        image.pieces.reserve(2 * image.runs.size());
        open_.push_back({});
    }

    /// Takes the run whose first item is the next one among first items. `is_behind`: behind the
    /// rest of the run that its left origin is in, which is not at the end of that. Returns false
    /// if it cannot stand there.
    [[nodiscard]] bool add(std::uint32_t run, bool is_behind) {
        auto const& r = image_.runs[run];
        if (!close_to(r.left.run) || done_[run] != 0 || !go_behind(r.left, is_behind) ||
            !is_plausible(r)) {
            return false;
        }
        auto& parent = open_.back();
        if (parent.sibling.run != nowhere && !follows(parent.sibling, {run, 0})) {
            return false;
        }
        parent.sibling = {run, 0};
        depth_[run] = static_cast<std::uint32_t>(open_.size());
        open_.push_back({run, 0, {}});
        return true;
    }
    /// Whether everything stands where it should once all runs were taken.
    [[nodiscard]] bool finish() { return close_to(nowhere) && are_in_order(later_); }

private:
    static constexpr std::uint32_t nowhere = sequence_image::nowhere;

    /// A run of which items may still get others below them.
    struct open_run {
        std::uint32_t run = nowhere; ///< nowhere: the start of the sequence
        std::uint32_t end = 0;       ///< behind the items that may
        item sibling{};              ///< the last one so far below the last of these
    };
    /// Two items of which the first has to stand before the second.
    using in_order = std::pair<item, item>;

    [[nodiscard]] item right_of(item const& one) const { return image_.runs[one.run].right; }
    [[nodiscard]] bool is_placed(item const& one) const { return one.offset < done_[one.run]; }

    /// Ends what was begun behind the last items of a run. Returns false if that is not open.
    [[nodiscard]] bool close_to(std::uint32_t run) {
        while (open_.back().run != run) {
            if (open_.size() == 1 || !place_to(image_.runs[open_.back().run].count)) {
                return false;
            }
            open_.pop_back();
        }
        return true;
    }
    /// Places the items of the last open run in front of `end`.
    [[nodiscard]] bool place_to(std::uint32_t end) {
        auto& top = open_.back();
        auto& done = done_[top.run];
        if (done == end) {
            return true;
        }
        if (top.sibling.run != nowhere && !follows(top.sibling, {top.run, done})) {
            return false;
        }
        image_.pieces.push_back({top.run, done, end - done});
        top = {top.run, end, {}};
        done = end;
        return true;
    }
    /// Goes to where something below `left` may stand, an item of the last open run.
    [[nodiscard]] bool go_behind(item const& left, bool is_behind) {
        if (left.run == nowhere) {
            return !is_behind;
        }
        auto& top = open_.back();
        auto const end = left.offset + 1;
        if (!is_behind) {
            return done_[left.run] <= end && place_to(end) && top.end == end;
        }
        auto const count = image_.runs[left.run].count;
        if (end >= count || !place_to(count) || top.end < end) {
            return false;
        }
        if (top.end != end) {
            top = {left.run, end, {left.run, end}};
        }
        return true;
    }

    /// As an insert asks it; see `item_order`. A right origin that has no place yet stands behind
    /// the left one, and behind all that is below it.
    [[nodiscard]] bool is_plausible(sequence_image::run const& r) {
        if (r.right.run == nowhere) {
            return true;
        }
        if (is_placed(r.right)) {
            return false;
        }
        auto const theirs = image_.left_of(r.right);
        if (theirs == r.left || theirs.run == nowhere) {
            return true;
        }
        if (r.left.run == nowhere || !is_placed(theirs)) {
            return false;
        }
        if (!is_above(theirs, r.left)) {
            later_.emplace_back(theirs, r.left);
        }
        return true;
    }
    /// Whether `one` is open, and so stands before the last item that is.
    [[nodiscard]] bool is_above(item const& one, item const& last) const {
        auto const depth = depth_[one.run];
        return one.run != last.run && depth < open_.size() && open_[depth].run == one.run &&
               one.offset < open_[depth].end;
    }

    /// Whether `next` may follow its sibling `before`, everything below that one aside.
    [[nodiscard]] bool follows(item const& before, item const& next) {
        auto const right = right_of(before);
        if (right == next) {
            return true;
        }
        auto const left = image_.left_of(next);
        // Siblings to the left of `next` begin with the first one to the left of that, and so on.
        auto at = next;
        while (right_of(at) != right && is_sibling(right_of(at), left)) {
            at = right_of(at);
        }
        return is_sibling(right_of(at), left) == is_sibling(right, left) && is_before(before, at);
    }
    [[nodiscard]] bool is_sibling(item const& one, item const& left) const {
        return one.run != nowhere && image_.left_of(one) == left;
    }
    [[nodiscard]] bool is_before(item const& a, item const& b) {
        auto const right_of_a = right_of(a);
        auto const right_of_b = right_of(b);
        if (right_of_a == right_of_b) {
            return image_.dot_of(a) < image_.dot_of(b);
        }
        if (right_of_a.run == nowhere || right_of_b.run == nowhere) {
            return right_of_a.run == nowhere;
        }
        later_.emplace_back(right_of_b, right_of_a);
        return true;
    }

    /// Answers what only positions can, which are known once everything is placed.
    [[nodiscard]] bool are_in_order(std::vector<in_order> const& pairs) const {
        if (pairs.empty()) {
            return true;
        }
        std::vector<std::pair<item, std::uint32_t>> places;
        std::uint32_t position = 0;
        for (auto const& p : image_.pieces) {
            places.push_back({{p.run, p.offset}, position});
            position += p.count;
        }
        auto const is_less = [](item const& a, item const& b) {
            return a.run != b.run ? a.run < b.run : a.offset < b.offset;
        };
        std::sort(places.begin(), places.end(),
                  [&](auto const& a, auto const& b) { return is_less(a.first, b.first); });
        auto const position_of = [&](item const& one) {
            auto const behind =
                std::upper_bound(places.begin(), places.end(), one,
                                 [&](item const& a, auto const& b) { return is_less(a, b.first); });
            return (behind - 1)->second + (one.offset - (behind - 1)->first.offset);
        };
        return std::all_of(pairs.begin(), pairs.end(), [&](in_order const& pair) {
            return position_of(pair.first) < position_of(pair.second);
        });
    }

    sequence_image& image_;
    std::vector<std::uint32_t> done_;  ///< of each run, how many items are placed
    std::vector<std::uint32_t> depth_; ///< of each run, where it was opened
    std::vector<open_run> open_;
    std::vector<in_order> later_;
};

} // namespace joinery::detail
