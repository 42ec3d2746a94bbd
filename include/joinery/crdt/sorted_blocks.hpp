#pragma once

#include <joinery/crdt/sole_form.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace joinery {

namespace detail {

/// The key of an element that is its own key.
struct whole_element {
    template <class T>
    constexpr T const& operator()(T const& element) const {
        return element;
    }
};

/// The key of `element` by a pointer to a member or by a function.
template <auto KeyOf, class T>
constexpr decltype(auto) key_of(T const& element) {
    if constexpr (std::is_member_object_pointer_v<decltype(KeyOf)>) {
        return (element.*KeyOf);
    } else {
        return KeyOf(element);
    }
}

template <auto KeyOf, class T>
using key_type = std::remove_cvref_t<decltype(detail::key_of<KeyOf>(std::declval<T const&>()))>;

} // namespace detail

/// An ordered set in blocks of bounded size: the storage of `g_set`, and by the keys of its
/// elements that of `lww_map` and other maps.
///
/// A sorted vector, cut so that an insertion moves a part of one block only. It
/// keeps the vector's density and order of iteration, and takes elements in any
/// order without quadratic cost. `KeyOf` is a pointer to a member or a function
/// without state; the key of an element never changes.
///
/// Complexity   n elements: insertion and lookup O(log n) comparisons, insertion
///              moves up to 256 elements; merge and difference of n and m elements
///              O(n + m), or O(m log n) if m is small.
template <class T, auto KeyOf = detail::whole_element{}>
requires std::totally_ordered<detail::key_type<KeyOf, T>>
class sorted_blocks {
    using block = std::vector<T>;

public:
    using key_type = detail::key_type<KeyOf, T>;

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

    [[nodiscard]] bool contains(key_type const& key) const { return find(key) != nullptr; }

    /// The element with `key`; null if there is none. Valid until the set changes.
    [[nodiscard]] T const* find(key_type const& key) const {
        if (empty()) {
            return nullptr;
        }
        auto const& target = blocks_[block_for(key)];
        auto const place = place_for(target, key);
        return place != target.end() && !(key < of(*place)) ? &*place : nullptr;
    }

    /// The same, to change what is not the key.
    [[nodiscard]] T* find(key_type const& key) {
        return const_cast<T*>(std::as_const(*this).find(key));
    }

    /// Returns whether `value` is new. Copies or moves it only then.
    bool insert(T const& value) { return place(value).second; }
    bool insert(T&& value) { return place(std::move(value)).second; }

    /// The element with the key of `value`, and whether it is new, a copy of `value`.
    std::pair<T*, bool> find_or_insert(T const& value) { return place(value); }

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
        } else if (!std::includes(begin(), end(), other.begin(), other.end(), is_before)) {
            *this = united(*this, other);
        }
    }

    /// Adds the elements of `other` whose keys are new, after `on_new(theirs)`, and calls
    /// `join(mine, theirs)` for the others. Allocates only if some are new.
    template <class Join, class OnNew>
    void merge(sorted_blocks const& other, Join&& join, OnNew&& on_new) {
        if (this == &other) {
            return;
        }
        std::vector<T> fresh;
        walk(*this, other, [&](T const* mine, T const& theirs) {
            if (mine != nullptr) {
                join(const_cast<T&>(*mine), theirs);
            } else {
                on_new(theirs);
                fresh.push_back(theirs);
            }
        });
        if (fresh.size() < size() / 16) {
            for (auto& value : fresh) {
                insert(std::move(value));
            }
        } else if (!fresh.empty()) {
            interleave(std::move(fresh));
        }
    }

    /// The elements whose keys `other` lacks, and of each other one what `news(mine, theirs)`
    /// returns, if anything: it is an optional element with the same key.
    template <class News>
    [[nodiscard]] sorted_blocks difference(sorted_blocks const& other, News&& news) const {
        sorted_blocks result;
        walk(other, *this, [&](T const* theirs, T const& mine) {
            if (theirs == nullptr) {
                result.append(mine);
            } else if (std::optional<T> part = news(mine, *theirs)) {
                result.append(std::move(*part));
            }
        });
        return result;
    }

    /// Calls `change(element)` for each element, ascending; it does not change the key.
    template <class Change>
    void update(Change&& change) {
        for (auto& one : blocks_) {
            for (auto& value : one) {
                change(value);
            }
        }
    }

    /// Removes the elements of which `is_dead` is true; returns how many. O(n).
    template <class Predicate>
    std::size_t erase_if(Predicate&& is_dead) {
        auto const before = size_;
        for (auto& one : blocks_) {
            size_ -= std::erase_if(one, is_dead);
        }
        if (size_ < before) {
            std::erase_if(blocks_, [](block const& one) { return one.empty(); });
        }
        return before - size_;
    }

    /// Writes the count, then each element by `write(element)`.
    template <class Archive, class Write>
    void save(Archive& archive, Write&& write) const {
        archive(std::uint64_t{size()});
        for (auto const& value : *this) {
            write(value);
        }
    }

    /// Reads what `save` wrote. Stops where `read(element)` returns false or a key does not
    /// ascend; the set is then empty, and the result false.
    template <class Archive, class Read>
    [[nodiscard]] bool load(Archive& archive, Read&& read) {
        *this = {};
        std::uint64_t count = 0;
        archive(count);
        for (; count > 0; --count) {
            T value{};
            auto const is_good = read(value);
            auto const& key = of(value);
            if (!is_good || !detail::is_sole_form(key) || !(empty() || of(back()) < key)) {
                *this = {};
                return false;
            }
            append(std::move(value));
        }
        return true;
    }

    friend bool operator==(sorted_blocks const& a, sorted_blocks const& b) {
        return a.size_ == b.size_ && std::equal(a.begin(), a.end(), b.begin());
    }

private:
    /// Large elements cost more to move than a longer list of blocks costs to search.
    static constexpr std::size_t block_size_max = sizeof(T) <= 16 ? 256 : 128;

    [[nodiscard]] static decltype(auto) of(T const& value) { return detail::key_of<KeyOf>(value); }
    [[nodiscard]] static bool is_before(T const& a, T const& b) { return of(a) < of(b); }

    template <class Value>
    std::pair<T*, bool> place(Value&& value) {
        auto const& key = of(value);
        if (empty() || of(back()) < key) {
            append(std::forward<Value>(value));
            return {&blocks_.back().back(), true};
        }
        auto index = block_for(key);
        auto at = place_for(blocks_[index], key);
        if (!(key < of(*at))) {
            return {&*at, false};
        }
        if (blocks_[index].size() == block_size_max) {
            split(index);
            index += of(blocks_[index].back()) < key ? 1 : 0;
            at = place_for(blocks_[index], key);
        }
        at = blocks_[index].insert(at, std::forward<Value>(value));
        ++size_;
        return {&*at, true};
    }

    [[nodiscard]] static sorted_blocks united(sorted_blocks const& a, sorted_blocks const& b) {
        sorted_blocks result;
        auto theirs = b.begin();
        for (auto const& mine : a) {
            for (; theirs != b.end() && is_before(*theirs, mine); ++theirs) {
                result.append(*theirs);
            }
            if (theirs != b.end() && !is_before(mine, *theirs)) {
                ++theirs;
            }
            result.append(mine);
        }
        for (; theirs != b.end(); ++theirs) {
            result.append(*theirs);
        }
        return result;
    }

    /// Calls `visit(found, wanted)` for each element of `all`, with the element of `in` that has
    /// its key, or null.
    template <class Visit>
    static void walk(sorted_blocks const& in, sorted_blocks const& all, Visit&& visit) {
        if (all.size() < in.size() / 16) {
            for (auto const& wanted : all) {
                visit(in.find(of(wanted)), wanted);
            }
            return;
        }
        auto at = in.begin();
        auto const end = in.end();
        for (auto const& wanted : all) {
            while (at != end && is_before(*at, wanted)) {
                ++at;
            }
            visit(at != end && !is_before(wanted, *at) ? &*at : nullptr, wanted);
        }
    }

    /// Adds new elements, sorted, by a merge into new blocks. Once these are there, elements are
    /// only moved: running out of memory loses nothing.
    void interleave(std::vector<T> fresh) {
        auto const total = size() + fresh.size();
        std::vector<block> blocks((total + block_size_max - 1) / block_size_max);
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            blocks[i].reserve(std::min(block_size_max, total - i * block_size_max));
        }
        std::size_t count = 0;
        auto const put = [&](T& value) {
            blocks[count++ / block_size_max].push_back(std::move(value));
        };
        auto next = fresh.begin();
        for (auto& one : blocks_) {
            for (auto& mine : one) {
                for (; next != fresh.end() && is_before(*next, mine); ++next) {
                    put(*next);
                }
                put(mine);
            }
        }
        for (; next != fresh.end(); ++next) {
            put(*next);
        }
        blocks_ = std::move(blocks);
        size_ = total;
    }

    /// The only block that may hold `key`; the last one if it is greater than all.
    /// Precondition: the set is not empty.
    [[nodiscard]] std::size_t block_for(key_type const& key) const {
        auto const found = std::lower_bound(blocks_.begin(), blocks_.end() - 1, key,
                                            [](block const& candidate, key_type const& wanted) {
                                                return of(candidate.back()) < wanted;
                                            });
        return static_cast<std::size_t>(found - blocks_.begin());
    }

    /// The first place in `block` whose key is not less than `key`.
    template <class Block>
    [[nodiscard]] static auto place_for(Block& block, key_type const& key) {
        return std::lower_bound(
            block.begin(), block.end(), key,
            [](T const& value, key_type const& wanted) { return of(value) < wanted; });
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
