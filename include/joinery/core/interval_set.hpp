#pragma once

#include <joinery/core/lattice.hpp>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery {

namespace detail {

struct interval {
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    friend constexpr bool operator==(interval const&, interval const&) = default;
};

/// Sorted, disjoint, non-adjacent intervals in blocks, so that an insertion in the middle of many
/// moves one block only. No block is empty.
class interval_blocks {
public:
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] interval const& front() const { return blocks_.front().front(); }

    [[nodiscard]] bool contains(std::uint64_t sequence) const {
        auto const& block = blocks_[block_of(sequence)];
        auto const at = first_ending_at_or_after(block, sequence);
        return at < block.size() && block[at].first <= sequence;
    }

    /// Precondition: `in.first > 1`.
    void insert(interval in) {
        if (blocks_.empty()) {
            blocks_.emplace_back();
        }
        auto const b = block_of(in.first);
        auto& block = blocks_[b];
        auto const at = first_ending_at_or_after(block, in.first - 1);
        auto const touches = [&](interval const& next) { return next.first - 1 <= in.last; };
        if (at < block.size() ? touches(block[at])
                              : b + 1 < blocks_.size() && touches(blocks_[b + 1].front())) {
            absorb(b, at, in);
            return;
        }
        block.insert(block.begin() + static_cast<std::ptrdiff_t>(at), in);
        ++size_;
        if (block.size() > block_size_max) {
            split(b);
        }
    }

    /// Appends; precondition: `in` lies behind every interval and is not adjacent to the last one.
    void push_back(interval in) {
        if (blocks_.empty() || blocks_.back().size() == block_size_max) {
            blocks_.emplace_back();
        }
        blocks_.back().push_back(in);
        ++size_;
    }

    /// Takes away the intervals that touch the prefix [1, upto] and returns the prefix with them.
    std::uint64_t pop_front(std::uint64_t upto) {
        std::size_t b = 0;
        std::size_t at = 0;
        while (b < blocks_.size() && blocks_[b][at].first - 1 <= upto) {
            upto = blocks_[b][at].last < upto ? upto : blocks_[b][at].last;
            if (++at == blocks_[b].size()) {
                ++b;
                at = 0;
            }
        }
        erase({0, 0}, {b, at});
        return upto;
    }

    template <class Function>
    void for_each(Function&& function) const {
        for (auto const& block : blocks_) {
            for (auto const& one : block) {
                function(one);
            }
        }
    }

    /// The two may be cut into blocks at different places.
    friend bool operator==(interval_blocks const& a, interval_blocks const& b) {
        if (a.size_ != b.size_) {
            return false;
        }
        position at;
        bool equal = true;
        a.for_each([&](interval const& one) {
            equal = equal && one == b.blocks_[at.block][at.index];
            at = b.next(at);
        });
        return equal;
    }

private:
    using block_type = std::vector<interval>;
    struct position {
        std::size_t block = 0;
        std::size_t index = 0;
    };
    static constexpr std::size_t block_size_max = 256;

    /// The last block that begins at or before `sequence`, or the first one.
    [[nodiscard]] std::size_t block_of(std::uint64_t sequence) const {
        std::size_t first = 0;
        for (auto count = blocks_.size(); count > 1;) {
            auto const half = count / 2;
            if (blocks_[first + half].front().first <= sequence) {
                first += half;
                count -= half;
            } else {
                count = half;
            }
        }
        return first;
    }

    [[nodiscard]] static std::size_t first_ending_at_or_after(block_type const& in,
                                                              std::uint64_t sequence) {
        std::size_t first = 0;
        for (auto count = in.size(); count > 0;) {
            auto const half = count / 2;
            if (in[first + half].last < sequence) {
                first += half + 1;
                count -= half + 1;
            } else {
                count = half;
            }
        }
        return first;
    }

    [[nodiscard]] position next(position at) const {
        return ++at.index < blocks_[at.block].size() ? at : position{at.block + 1, 0};
    }

    /// Replaces the intervals from (b, at) on that touch `in` by their union with it.
    void absorb(std::size_t b, std::size_t at, interval in) {
        position const target = at < blocks_[b].size() ? position{b, at} : position{b + 1, 0};
        auto end = target;
        while (end.block < blocks_.size() && blocks_[end.block][end.index].first - 1 <= in.last) {
            auto const& one = blocks_[end.block][end.index];
            in.first = one.first < in.first ? one.first : in.first;
            in.last = one.last > in.last ? one.last : in.last;
            end = next(end);
        }
        blocks_[target.block][target.index] = in;
        erase(next(target), end);
    }

    void erase(position first, position last) {
        auto const cut = [&](std::size_t b, std::size_t from, std::size_t to) {
            auto const begin = blocks_[b].begin();
            blocks_[b].erase(begin + static_cast<std::ptrdiff_t>(from),
                             begin + static_cast<std::ptrdiff_t>(to));
            size_ -= to - from;
        };
        if (first.block == last.block) {
            if (first.index < last.index) {
                cut(first.block, first.index, last.index);
            }
            return;
        }
        if (last.index > 0) {
            cut(last.block, 0, last.index);
        }
        if (first.index > 0) {
            cut(first.block, first.index, blocks_[first.block].size());
            ++first.block;
        }
        for (auto b = first.block; b < last.block; ++b) {
            size_ -= blocks_[b].size();
        }
        blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(first.block),
                      blocks_.begin() + static_cast<std::ptrdiff_t>(last.block));
    }

    void split(std::size_t b) {
        auto const middle = blocks_[b].begin() + block_size_max / 2;
        block_type upper(middle, blocks_[b].end());
        blocks_[b].erase(middle, blocks_[b].end());
        blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(b) + 1, std::move(upper));
    }

    std::vector<block_type> blocks_;
    std::size_t size_ = 0;
};

} // namespace detail

/// Which sequence numbers of one replica were seen: a contiguous prefix [1, prefix()] and disjoint
/// intervals above it, each behind a gap.
///
/// Concurrent writes   a set only grows; join is the union.
/// State               16 bytes without gaps; 16 more bytes for each interval above the prefix.
/// Complexity          g gaps: contains O(log g), and O(1) in the prefix; insert O(log g), and O(1)
///                     for the next sequence of a set without gaps; join O(g) of both sets, and
///                     O(k log g) for a set with few gaps k; copy and == O(g).
///
/// See also `causal_context`, one such set for each replica.
class interval_set {
public:
    interval_set() = default;
    interval_set(interval_set const& other)
        : prefix_{other.prefix_},
          above_{other.above_ == nullptr ? nullptr : new blocks{*other.above_}} {}
    interval_set(interval_set&& other) noexcept
        : prefix_{std::exchange(other.prefix_, 0)}, above_{std::exchange(other.above_, nullptr)} {}
    interval_set& operator=(interval_set other) noexcept {
        std::swap(prefix_, other.prefix_);
        std::swap(above_, other.above_);
        return *this;
    }
    ~interval_set() { delete above_; }

    [[nodiscard]] bool empty() const { return prefix_ == 0 && above_ == nullptr; }

    /// The last sequence without a hole before it: what may be acknowledged.
    [[nodiscard]] std::uint64_t prefix() const { return prefix_; }

    [[nodiscard]] bool contains(std::uint64_t sequence) const {
        return sequence <= prefix_ ? sequence != 0
                                   : above_ != nullptr && above_->contains(sequence);
    }

    /// How many gaps there are, which is how many intervals lie above the prefix.
    [[nodiscard]] std::size_t gap_count() const { return above_ == nullptr ? 0 : above_->size(); }

    /// Calls `function(first, last)` for each interval that was seen above the prefix, ascending.
    template <class Function>
    void for_each_gap(Function&& function) const {
        if (above_ != nullptr) {
            above_->for_each([&](detail::interval const& one) { function(one.first, one.last); });
        }
    }

    /// Adds [first, last]. Precondition: `1 <= first <= last`.
    void insert(std::uint64_t first, std::uint64_t last) {
        assert(first >= 1 && first <= last && "sequences begin at 1 and intervals are not empty");
        if (first - 1 <= prefix_ && above_ == nullptr) [[likely]] {
            prefix_ = last > prefix_ ? last : prefix_;
        } else {
            insert_among_gaps({first, last});
        }
    }

    /// Mints the sequence after the prefix.
    ///
    /// Precondition: there is no gap. Only the replica itself mints, and it has seen all it wrote.
    std::uint64_t next() {
        assert(above_ == nullptr && "a replica that misses operations of its own must not write");
        return ++prefix_;
    }

    void join(interval_set const& other) {
        if (other.prefix_ > 0) {
            insert(1, other.prefix_);
        }
        if (other.above_ == nullptr || this == &other) {
            return;
        }
        constexpr std::size_t few = 8;
        if (other.gap_count() <= few) {
            other.for_each_gap([&](auto first, auto last) { insert(first, last); });
        } else {
            merge(*other.above_);
        }
    }

    friend bool operator==(interval_set const& a, interval_set const& b) {
        return a.prefix_ == b.prefix_ &&
               (a.above_ == nullptr || b.above_ == nullptr ? a.above_ == b.above_
                                                           : *a.above_ == *b.above_);
    }

private:
    using blocks = detail::interval_blocks;

    void insert_among_gaps(detail::interval in) {
        if (in.first - 1 > prefix_) {
            if (above_ == nullptr) {
                above_ = new blocks;
            }
            above_->insert(in);
        } else if (in.last > prefix_) {
            prefix_ = above_->pop_front(in.last);
            if (above_->size() == 0) {
                delete std::exchange(above_, nullptr);
            }
        }
    }

    void merge(blocks const& other) {
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

    /// Appends to a set that is built in ascending order.
    void append(detail::interval in) {
        if (in.first == 1) {
            prefix_ = in.last;
            return;
        }
        if (above_ == nullptr) {
            above_ = new blocks;
        }
        above_->push_back(in);
    }

    std::uint64_t prefix_ = 0;
    blocks* above_ = nullptr; // null exactly if there is no gap
};

static_assert(join_semilattice<interval_set>);
static_assert(sizeof(interval_set) <= 24);

} // namespace joinery
