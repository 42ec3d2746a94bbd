#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace joinery {

/// An ordered set in blocks of bounded size: the storage of `g_set`.
///
/// A sorted vector, cut so that an insertion moves a part of one block only. It
/// keeps the vector's density and order of iteration, and takes elements in any
/// order without quadratic cost.
///
/// Complexity   n elements: insertion and lookup O(log n) comparisons, insertion
///              moves up to 256 elements; merge of n and m elements O(n + m).
template <std::totally_ordered T>
class sorted_blocks {
    using block = std::vector<T>;

public:
    /// Visits the elements in ascending order. Invalidated by any change.
    class const_iterator {
    public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using pointer = T const*;
        using reference = T const&;

        const_iterator() = default;

        reference operator*() const { return (*block_)[at_]; }
        pointer operator->() const { return &**this; }

        const_iterator& operator++() {
            if (++at_ == block_->size()) {
                ++block_;
                at_ = 0;
            }
            return *this;
        }

        const_iterator operator++(int) {
            auto const before = *this;
            ++*this;
            return before;
        }

        friend bool operator==(const_iterator const&, const_iterator const&) = default;

    private:
        friend sorted_blocks;
        explicit const_iterator(block const* first) : block_{first} {}

        block const* block_ = nullptr;
        std::size_t at_ = 0;
    };

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] const_iterator begin() const { return const_iterator{blocks_.data()}; }
    [[nodiscard]] const_iterator end() const {
        return const_iterator{blocks_.data() + blocks_.size()};
    }

    [[nodiscard]] T const& back() const { return blocks_.back().back(); }

    [[nodiscard]] bool contains(T const& value) const {
        if (empty()) {
            return false;
        }
        auto const& target = blocks_[block_for(value)];
        return std::binary_search(target.begin(), target.end(), value);
    }

    /// Returns whether `value` is new.
    bool insert(T const& value) {
        if (empty() || back() < value) {
            append(value);
            return true;
        }
        auto index = block_for(value);
        auto place = std::lower_bound(blocks_[index].begin(), blocks_[index].end(), value);
        if (!(value < *place)) {
            return false;
        }
        if (blocks_[index].size() == block_size_max) {
            split(index);
            index += blocks_[index].back() < value ? 1 : 0;
            place = std::lower_bound(blocks_[index].begin(), blocks_[index].end(), value);
        }
        blocks_[index].insert(place, value);
        ++size_;
        return true;
    }

    /// Precondition: `value` is greater than every element.
    void append(T value) {
        if (blocks_.empty() || blocks_.back().size() == block_size_max) {
            blocks_.emplace_back();
        }
        blocks_.back().push_back(std::move(value));
        ++size_;
    }

    /// Adds the elements of `other`. Allocates only if some are new.
    void merge(sorted_blocks const& other) {
        if (empty()) {
            *this = other;
        } else if (other.size() < size() / 16) {
            for (auto const& value : other) {
                insert(value);
            }
        } else if (!std::includes(begin(), end(), other.begin(), other.end())) {
            *this = united(*this, other);
        }
    }

    friend bool operator==(sorted_blocks const& a, sorted_blocks const& b) {
        return a.size_ == b.size_ && std::equal(a.begin(), a.end(), b.begin());
    }

private:
    /// Large elements cost more to move than a longer list of blocks costs to search.
    static constexpr std::size_t block_size_max = sizeof(T) <= 16 ? 256 : 128;

    [[nodiscard]] static sorted_blocks united(sorted_blocks const& a, sorted_blocks const& b) {
        sorted_blocks result;
        auto theirs = b.begin();
        for (auto const& mine : a) {
            for (; theirs != b.end() && *theirs < mine; ++theirs) {
                result.append(*theirs);
            }
            if (theirs != b.end() && !(mine < *theirs)) {
                ++theirs;
            }
            result.append(mine);
        }
        for (; theirs != b.end(); ++theirs) {
            result.append(*theirs);
        }
        return result;
    }

    /// The only block that may hold `value`. Precondition: `value` is not
    /// greater than `back()`, or the set is not empty and it is not there.
    [[nodiscard]] std::size_t block_for(T const& value) const {
        auto const found = std::lower_bound(
            blocks_.begin(), blocks_.end() - 1, value,
            [](block const& candidate, T const& wanted) { return candidate.back() < wanted; });
        return static_cast<std::size_t>(found - blocks_.begin());
    }

    void split(std::size_t index) {
        auto const at = static_cast<std::ptrdiff_t>(index);
        auto& right = *blocks_.insert(blocks_.begin() + at + 1, block{});
        auto& left = blocks_[index];
        auto const middle = left.begin() + static_cast<std::ptrdiff_t>(left.size() / 2);
        right.reserve(block_size_max);
        right.assign(std::make_move_iterator(middle), std::make_move_iterator(left.end()));
        left.erase(middle, left.end());
    }

    std::vector<block> blocks_;
    std::size_t size_ = 0;
};

} // namespace joinery
