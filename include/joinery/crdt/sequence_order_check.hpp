#pragma once

#include <joinery/crdt/sequence_image.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery::detail {

/// Whether the items of a sequence stand in FugueMax order, and beside what they may stand beside.
///
/// Items form a tree, each below its left origin, and the order is its preorder: what is to the
/// right of an item ends before anything else begins. Those with one left origin are siblings; one
/// whose right origin is such a sibling was inserted to the left of it, and comes before it. So
/// they come as a second tree in postorder, by right origins, whose roots are ordered by them and
/// by dots.
///
/// Complexity   n stretches: O(n log n).
class sequence_order_check {
public:
    using item = sequence_image::item;

    /// Precondition: all origins are here, and runs have numbers. Dots are in the order of replica
    /// ids.
    explicit sequence_order_check(sequence_image const& image)
        : image_{image},
          begin_(image.runs.size() + 1),
          reached_(image.runs.size()),
          places_(image.order.size()) {
        for (auto const& s : image.order) {
            ++begin_[s.run + 1];
        }
        for (std::size_t i = 1; i < begin_.size(); ++i) {
            begin_[i] += begin_[i - 1];
        }
        auto next = begin_;
        std::vector<std::uint32_t> done(image.runs.size());
        std::uint32_t position = 1;
        for (auto const& s : image.order) {
            places_[next[s.run]++] = {done[s.run], position};
            done[s.run] += s.count;
            position += s.count;
        }
        open_.push_back({});
    }

    [[nodiscard]] bool run() {
        std::uint32_t position = 1;
        return std::all_of(image_.order.begin(), image_.order.end(), [&](auto const& s) {
            auto& at = reached_[s.run];
            item const first{s.run, at.offset};
            if (at.offset == 0) {
                begin_run(at, image_.runs[s.run]);
            }
            auto const is_sound = is_plausible(at) && visit(first, s.count);
            position += s.count;
            at.offset += s.count;
            at.left = position - 1;
            return is_sound;
        });
    }

private:
    static constexpr std::uint32_t nowhere = sequence_image::nowhere;

    /// Items of a run up to `last` of which each is below the one before; behind `last` more may
    /// come.
    struct open_range {
        item first{};
        item last{};    ///< nowhere: the start of the sequence
        item sibling{}; ///< the last one so far whose left origin is `last`
    };
    struct place {
        std::uint32_t offset;
        std::uint32_t position;
    };
    /// How far a run has been visited, and positions that decide whether it may go on.
    struct progress {
        std::uint32_t offset = 0;
        std::uint32_t left = 0;          ///< of the left origin of what follows
        std::uint32_t right = 0;         ///< of the right origin
        std::uint32_t left_of_right = 0; ///< of the left origin of that
    };

    [[nodiscard]] item left_of(item const& one) const {
        return one.offset == 0 ? image_.runs[one.run].left_item : item{one.run, one.offset - 1};
    }
    [[nodiscard]] item right_of(item const& one) const { return image_.runs[one.run].right_item; }
    [[nodiscard]] local_dot dot_of(item const& one) const {
        return local_dot::from_bits(image_.runs[one.run].first.bits() + one.offset);
    }
    [[nodiscard]] std::uint32_t position(item const& one) const {
        auto const at = std::upper_bound(
            places_.begin() + begin_[one.run], places_.begin() + begin_[one.run + 1], one.offset,
            [](std::uint32_t offset, place const& p) { return offset < p.offset; });
        return (at - 1)->position + (one.offset - (at - 1)->offset);
    }
    [[nodiscard]] std::uint32_t left_position(item const& one) const {
        return one.run == nowhere ? 0 : position(one);
    }
    [[nodiscard]] std::uint32_t right_position(item const& one) const {
        return one.run == nowhere ? nowhere : position(one);
    }

    void begin_run(progress& at, sequence_image::run const& r) const {
        at.left = left_position(r.left_item);
        at.right = right_position(r.right_item);
        at.left_of_right = r.right_item.run == nowhere ? 0 : left_position(left_of(r.right_item));
    }
    /// As an insert asks it; see `item_order`.
    [[nodiscard]] static bool is_plausible(progress const& at) {
        return at.left < at.right && at.left_of_right <= at.left;
    }

    [[nodiscard]] bool visit(item const& first, std::uint32_t count) {
        if (!close_to(left_of(first))) {
            return false;
        }
        auto& parent = open_.back();
        if (parent.sibling.run != nowhere && !follows(parent.sibling, first)) {
            return false;
        }
        parent.sibling = first;
        open_.push_back({first, {first.run, first.offset + count - 1}, {}});
        return true;
    }

    /// Closes what is open until `one` is the last of it.
    [[nodiscard]] bool close_to(item const& one) {
        while (!open_.empty()) {
            auto& top = open_.back();
            if (top.last == one) {
                return true;
            }
            if (one.run != nowhere && top.first.run == one.run && one.offset >= top.first.offset &&
                one.offset < top.last.offset) {
                // Its successor is its child, and the last sibling so far.
                top.last = one;
                top.sibling = {one.run, one.offset + 1};
                return true;
            }
            open_.pop_back();
        }
        return false;
    }

    /// Whether `next` may follow its sibling `before`, everything below that one aside.
    [[nodiscard]] bool follows(item const& before, item const& next) const {
        auto const left = left_of(next);
        auto const right = right_of(before);
        if (right == next) {
            return true;
        }
        // Siblings to the left of `next` begin with the first one to the left of that, and so on.
        auto at = next;
        while (right_of(at) != right && is_sibling(right_of(at), left)) {
            at = right_of(at);
        }
        return is_sibling(right_of(at), left) == is_sibling(right, left) && is_before(before, at);
    }
    [[nodiscard]] bool is_sibling(item const& one, item const& left) const {
        return one.run != nowhere && left_of(one) == left;
    }
    [[nodiscard]] bool is_before(item const& a, item const& b) const {
        if (right_of(a) == right_of(b)) {
            return dot_of(a) < dot_of(b);
        }
        return right_position(right_of(a)) > right_position(right_of(b));
    }

    sequence_image const& image_;
    std::vector<std::uint32_t> begin_; ///< of a run in `places_`
    std::vector<progress> reached_;    ///< of each run
    std::vector<place> places_;        ///< of the stretches of each run
    std::vector<open_range> open_;
};

} // namespace joinery::detail
