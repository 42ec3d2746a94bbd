#pragma once

#include <joinery/core/local_dot.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>

namespace joinery::detail {

/// A set of dots as disjoint ranges, from which dots are taken out again.
///
/// Complexity   r ranges: O(log r), amortised.
class dot_ranges {
public:
    [[nodiscard]] bool empty() const { return ends_.empty(); }

    /// Adds `count` dots of one replica.
    void insert(local_dot first, std::uint64_t count) {
        auto begin = first.bits();
        auto end = begin + count;
        auto at = first_behind(begin);
        for (; at != ends_.end() && at->first <= end; at = ends_.erase(at)) {
            begin = std::min(begin, at->first);
            end = std::max(end, at->second);
        }
        ends_.emplace(begin, end);
    }

    void erase(local_dot first, std::uint64_t count) {
        auto const begin = first.bits();
        auto const end = begin + count;
        for (auto at = first_behind(begin); at != ends_.end() && at->first < end;) {
            auto const [old_begin, old_end] = *at;
            at = ends_.erase(at);
            if (old_begin < begin) {
                ends_.emplace(old_begin, begin);
            }
            if (old_end > end) {
                at = ends_.emplace(end, old_end).first;
            }
        }
    }

    [[nodiscard]] bool contains(local_dot d) const {
        auto at = ends_.upper_bound(d.bits());
        return at != ends_.begin() && std::prev(at)->second > d.bits();
    }

    /// Visits the first dot and the number of each range within `count` dots from `first` on.
    template <class F>
    void for_each_in(local_dot first, std::uint64_t count, F&& visit) const {
        auto const begin = first.bits();
        auto const end = begin + count;
        auto at = ends_.upper_bound(begin);
        if (at != ends_.begin() && std::prev(at)->second > begin) {
            --at;
        }
        for (; at != ends_.end() && at->first < end; ++at) {
            auto const from = std::max(at->first, begin);
            visit(local_dot::from_bits(from), std::min(at->second, end) - from);
        }
    }
    template <class F>
    void for_each(F&& visit) const {
        for (auto const& [begin, end] : ends_) {
            visit(local_dot::from_bits(begin), end - begin);
        }
    }

private:
    /// The first range that ends at `begin` or behind it.
    std::map<std::uint64_t, std::uint64_t>::iterator first_behind(std::uint64_t begin) {
        auto at = ends_.upper_bound(begin);
        if (at != ends_.begin() && std::prev(at)->second >= begin) {
            --at;
        }
        return at;
    }

    std::map<std::uint64_t, std::uint64_t> ends_; // by the first dot's bits; the end is behind it
};

} // namespace joinery::detail
