#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery::detail {

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

    /// The first interval that ends at or after `sequence`; null if there is none.
    [[nodiscard]] interval const* ending_at_or_after(std::uint64_t sequence) const {
        auto b = block_of(sequence);
        auto at = first_ending_at_or_after(blocks_[b], sequence);
        if (at == blocks_[b].size()) {
            if (++b == blocks_.size()) {
                return nullptr;
            }
            at = 0;
        }
        return &blocks_[b][at];
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

} // namespace joinery::detail
