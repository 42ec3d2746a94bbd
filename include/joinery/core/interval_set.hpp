#pragma once

#include <joinery/core/bugs.hpp>
#include <joinery/core/interval_gaps.hpp>
#include <joinery/core/lattice.hpp>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery {

/// Which sequence numbers of one replica were seen: a contiguous prefix [1, prefix()] and disjoint
/// intervals above it, each behind a gap.
///
/// Concurrent writes   a set only grows; join is the union.
/// State               24 bytes up to one gap; 16 more bytes for each interval above the prefix.
/// Complexity          g gaps: contains O(log g), and O(1) in the prefix; insert O(log g), and O(1)
///                     for the next sequence of a set without gaps; join O(g) of both sets, and
///                     O(k log g) for a set with few gaps k; copy and == O(g); difference O(k log
///                     g).
///
/// See also `causal_context`, one such set for each replica.
class interval_set {
public:
    interval_set() = default;
    interval_set(interval_set const& other) = default;
    interval_set(interval_set&& other) noexcept
        : prefix_{std::exchange(other.prefix_, 0)}, above_{std::move(other.above_)} {}
    interval_set& operator=(interval_set other) noexcept {
        std::swap(prefix_, other.prefix_);
        std::swap(above_, other.above_);
        return *this;
    }

    [[nodiscard]] bool empty() const { return prefix_ == 0 && above_.empty(); }

    /// The last sequence without a hole before it: what may be acknowledged.
    [[nodiscard]] std::uint64_t prefix() const { return prefix_; }

    [[nodiscard]] bool contains(std::uint64_t sequence) const {
        return sequence <= prefix_ ? sequence != 0 : above_.contains(sequence);
    }

    /// Whether all of [first, last] was seen. O(log gaps).
    [[nodiscard]] bool contains(std::uint64_t first, std::uint64_t last) const {
        if (first <= prefix_) {
            first = prefix_ + 1;
        }
        if (first > last) {
            return true;
        }
        auto const* const seen = above_.ending_at_or_after(first);
        return seen != nullptr && seen->first <= first && seen->last >= last;
    }

    /// How many gaps there are, which is how many intervals lie above the prefix.
    [[nodiscard]] std::size_t gap_count() const { return above_.size(); }

    /// Calls `function(first, last)` for each interval that was seen above the prefix, ascending.
    template <class Function>
    void for_each_gap(Function&& function) const {
        above_.for_each([&](detail::interval const& one) { function(one.first, one.last); });
    }

    /// Calls `function(first, last)` for each interval, that of the prefix included, ascending.
    template <class Function>
    void for_each_interval(Function&& function) const {
        if (prefix_ != 0) {
            function(std::uint64_t{1}, prefix_);
        }
        for_each_gap(function);
    }

    /// How many sequences were seen.
    [[nodiscard]] std::uint64_t count() const {
        std::uint64_t sum = 0;
        for_each_interval([&](auto first, auto last) { sum += last - first + 1; });
        return sum;
    }

    /// What was seen here and not there: the smallest set whose join lifts `other` to the union.
    [[nodiscard]] interval_set difference(interval_set const& other) const {
        interval_set out;
        for_each_interval([&](auto first, auto last) { other.uncover({first, last}, out); });
        return out;
    }

    /// Visits a set of one sequence for each that was seen, ascending.
    template <class Visit>
    void decompose(Visit&& visit) const {
        for_each_interval([&](std::uint64_t first, std::uint64_t last) {
            for (auto sequence = first; sequence - 1 != last; ++sequence) {
                interval_set part;
                part.insert(sequence, sequence);
                visit(std::move(part));
            }
        });
    }

    /// Adds [first, last]. Precondition: `1 <= first <= last`.
    void insert(std::uint64_t first, std::uint64_t last) {
        assert(first >= 1 && first <= last && "sequences begin at 1 and intervals are not empty");
        auto const is_next = first - 1 <= prefix_ || bugs::holes_act_as_deletes;
        if (is_next && above_.empty()) [[likely]] {
            prefix_ = last > prefix_ ? last : prefix_;
        } else {
            insert_among_gaps({first, last});
        }
    }

    /// Mints the sequence after the prefix.
    ///
    /// Precondition: there is no gap. Only the replica itself mints, and it has seen all it wrote.
    std::uint64_t next() {
        assert(above_.empty() && "a replica that misses operations of its own must not write");
        return ++prefix_;
    }

    void join(interval_set const& other) {
        if (other.prefix_ > 0) {
            insert(1, other.prefix_);
        }
        if (other.above_.empty() || this == &other) {
            return;
        }
        constexpr std::size_t few = 8;
        if (other.gap_count() <= few) {
            other.for_each_gap([&](auto first, auto last) { insert(first, last); });
        } else {
            merge(other.above_);
        }
    }

    friend bool operator==(interval_set const&, interval_set const&) = default;

private:
    void insert_among_gaps(detail::interval in) {
        if (in.first - 1 > prefix_) {
            above_.insert(in);
        } else if (in.last > prefix_) {
            prefix_ = above_.pop_front(in.last);
        }
    }

    void merge(detail::interval_gaps const& other) {
        std::vector<detail::interval> mine;
        mine.reserve(gap_count());
        for_each_gap([&](auto first, auto last) { mine.push_back({first, last}); });
        interval_set merged;
        merged.prefix_ = prefix_;
        detail::interval open{1, prefix_};
        auto const add = [&](detail::interval const& one) {
            if (one.first - 1 <= open.last) {
                open.last = one.last > open.last ? one.last : open.last;
            } else {
                merged.append(open);
                open = one;
            }
        };
        auto at = mine.begin();
        other.for_each([&](detail::interval const& theirs) {
            while (at != mine.end() && at->first <= theirs.first) {
                add(*at++);
            }
            add(theirs);
        });
        while (at != mine.end()) {
            add(*at++);
        }
        merged.append(open);
        *this = std::move(merged);
    }

    /// Appends what of `in` was not seen to `out`, which is built in ascending order.
    void uncover(detail::interval in, interval_set& out) const {
        in.first = in.first <= prefix_ ? prefix_ + 1 : in.first;
        while (in.first <= in.last) {
            auto const* const seen = above_.ending_at_or_after(in.first);
            if (seen == nullptr || seen->first > in.last) {
                out.append(in);
                return;
            }
            if (seen->first > in.first) {
                out.append({in.first, seen->first - 1});
            }
            if (seen->last >= in.last) {
                return;
            }
            in.first = seen->last + 1;
        }
    }

    /// Appends to a set that is built in ascending order.
    void append(detail::interval in) {
        if (in.first == 1) {
            prefix_ = in.last;
            return;
        }
        above_.push_back(in);
    }

    std::uint64_t prefix_ = 0;
    detail::interval_gaps above_;
};

static_assert(join_semilattice<interval_set>);
static_assert(sizeof(interval_set) <= 24);

} // namespace joinery
