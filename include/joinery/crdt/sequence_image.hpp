#pragma once

#include <joinery/core/local_dot.hpp>
#include <joinery/crdt/item_content.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery::detail {

/// The items of a sequence as its bytes tell them: runs, and the order in which parts of them
/// stand.
///
/// The slot in a dot may be any number that stands for a replica; whoever checks bytes takes ranks.
class sequence_image {
public:
    static constexpr std::uint32_t nowhere = 0xffffffff;

    /// An item: a run, and the offset in it.
    struct item {
        std::uint32_t run = nowhere;
        std::uint32_t offset = 0;
        friend bool operator==(item const&, item const&) = default;
    };
    struct run {
        local_dot first{};
        std::uint32_t count = 0;
        local_dot left{};
        local_dot right{};
        item left_item{}; ///< nowhere: the start, or not here
        item right_item{};
        item_number number = no_item;
    };
    struct stretch {
        std::uint32_t run = 0;
        std::uint32_t count = 0;
        bool is_alive = false;
    };

    std::vector<run> runs;
    std::vector<stretch> order;

    /// Looks up all origins. Returns whether they are here.
    bool resolve() {
        by_dot_.resize(runs.size());
        for (std::uint32_t i = 0; i < by_dot_.size(); ++i) {
            by_dot_[i] = i;
        }
        auto const is_less = [&](std::uint32_t a, std::uint32_t b) {
            return runs[a].first < runs[b].first;
        };
        if (!std::is_sorted(by_dot_.begin(), by_dot_.end(), is_less)) {
            std::sort(by_dot_.begin(), by_dot_.end(), is_less);
        }
        auto are_here = true;
        for (auto& r : runs) {
            r.left_item = find(r.left);
            r.right_item = find(r.right);
            are_here = are_here && (r.left == local_dot{} || r.left_item.run != nowhere) &&
                       (r.right == local_dot{} || r.right_item.run != nowhere);
        }
        return are_here;
    }

    /// The item of a dot, if it is here.
    [[nodiscard]] item find(local_dot d) const {
        auto const at = behind(d);
        if (d == local_dot{} || at == by_dot_.begin()) {
            return {};
        }
        auto const& r = runs[*(at - 1)];
        auto const offset = d.bits() - r.first.bits();
        return offset < r.count ? item{*(at - 1), static_cast<std::uint32_t>(offset)} : item{};
    }
    /// Whether any of `count` dots from `first` on is here.
    [[nodiscard]] bool has_any(local_dot first, std::uint64_t count) const {
        auto const at = behind(first);
        return find(first).run != nowhere ||
               (at != by_dot_.end() && runs[*at].first.bits() < first.bits() + count);
    }

    /// Gives numbers, to the origins of a run before the run. Returns whether it can be done: not
    /// if they are in a circle.
    bool number_runs() {
        std::vector<std::uint32_t> open;
        std::vector<bool> is_open(runs.size());
        std::uint32_t next = 0;
        for (std::uint32_t i = 0; i < runs.size(); ++i) {
            open.push_back(i);
            while (!open.empty()) {
                auto const at = open.back();
                auto const needed = runs[at].number == no_item ? unnumbered_origin(at) : at;
                if (needed != at) {
                    if (needed == nowhere || is_open[needed]) {
                        return false;
                    }
                    is_open[at] = true;
                    open.push_back(needed);
                    continue;
                }
                if (runs[at].number == no_item) {
                    runs[at].number = next;
                    next += runs[at].count;
                    numbered_.push_back(at);
                }
                is_open[at] = false;
                open.pop_back();
            }
        }
        return true;
    }
    /// The runs in the order of their numbers.
    [[nodiscard]] std::vector<std::uint32_t> const& numbered() const { return numbered_; }
    [[nodiscard]] item_number number_of(item const& one) const {
        return one.run == nowhere ? no_item : runs[one.run].number + one.offset;
    }

private:
    [[nodiscard]] std::vector<std::uint32_t>::const_iterator behind(local_dot d) const {
        return std::upper_bound(by_dot_.begin(), by_dot_.end(), d,
                                [&](local_dot x, std::uint32_t i) { return x < runs[i].first; });
    }

    /// A run that has to be numbered first; the run itself if none has to, `nowhere` if it needs
    /// itself.
    [[nodiscard]] std::uint32_t unnumbered_origin(std::uint32_t at) const {
        for (auto const& origin : {runs[at].left_item, runs[at].right_item}) {
            if (origin.run != nowhere && runs[origin.run].number == no_item) {
                return origin.run == at ? nowhere : origin.run;
            }
        }
        return at;
    }

    std::vector<std::uint32_t> by_dot_;
    std::vector<std::uint32_t> numbered_;
};

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
        : image_{image}, begin_(image.runs.size() + 1) {
        for (auto const& s : image.order) {
            ++begin_[s.run + 1];
        }
        for (std::size_t i = 1; i < begin_.size(); ++i) {
            begin_[i] += begin_[i - 1];
        }
        auto next = begin_;
        std::vector<std::uint32_t> done(image.runs.size());
        places_.resize(image.order.size());
        std::uint32_t position = 1;
        for (auto const& s : image.order) {
            places_[next[s.run]++] = {done[s.run], position};
            done[s.run] += s.count;
            position += s.count;
        }
        open_.push_back({});
    }

    [[nodiscard]] bool run() {
        std::vector<std::uint32_t> done(image_.runs.size());
        return std::all_of(image_.order.begin(), image_.order.end(), [&](auto const& s) {
            item const first{s.run, done[s.run]};
            done[s.run] += s.count;
            return visit(first, s.count);
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

    [[nodiscard]] bool visit(item const& first, std::uint32_t count) {
        auto const left = left_of(first);
        if (!is_plausible(left, right_of(first)) || !close_to(left)) {
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

    /// As an insert asks it; see `item_order`.
    [[nodiscard]] bool is_plausible(item const& left, item const& right) const {
        return right.run == nowhere || (left_position(left) < position(right) &&
                                        left_position(left_of(right)) <= left_position(left));
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
    std::vector<place> places_;        ///< of the stretches of each run
    std::vector<open_range> open_;
};

} // namespace joinery::detail
