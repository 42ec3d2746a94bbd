#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

namespace joinery {

/// A list whose first `N` elements lie in the object itself, so that ten thousand small lists are
/// not twenty thousand places in memory. With more than that, all of them move into one array.
/// `T{}` costs nothing.
///
/// Complexity   as `std::vector`; no allocation up to `N` elements.
template <class T, std::size_t N>
class small_list {
public:
    small_list() = default;
    small_list(small_list const&) = default;
    small_list(small_list&& other) noexcept
        : few_{std::move(other.few_)},
          many_{std::move(other.many_)},
          size_{std::exchange(other.size_, 0)} {}
    small_list& operator=(small_list other) noexcept {
        few_ = std::move(other.few_);
        many_ = std::move(other.many_);
        size_ = other.size_;
        return *this;
    }

    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] T* data() { return size_ <= N ? few_.data() : many_.data(); }
    [[nodiscard]] T const* data() const { return size_ <= N ? few_.data() : many_.data(); }
    [[nodiscard]] T* begin() { return data(); }
    [[nodiscard]] T* end() { return data() + size_; }
    [[nodiscard]] T const* begin() const { return data(); }
    [[nodiscard]] T const* end() const { return data() + size_; }
    [[nodiscard]] T& operator[](std::size_t i) {
        assert(i < size_ && "small_list: there is no such element");
        return data()[i];
    }
    [[nodiscard]] T const& operator[](std::size_t i) const {
        assert(i < size_ && "small_list: there is no such element");
        return data()[i];
    }

    /// Makes room for so many elements, those that are here included.
    void reserve(std::size_t size) {
        if (size > N) {
            many_.reserve(size);
        }
    }
    void push_back(T value) {
        if (size_ < N) {
            few_[size_++] = std::move(value);
        } else {
            push_back_many(std::move(value));
        }
    }
    /// Appends `T{}`. Precondition: the list was not moved from.
    T& emplace_back() {
        if (size_ >= N) {
            push_back_many(T{});
        } else {
            ++size_;
        }
        return data()[size_ - 1];
    }

private:
    [[gnu::noinline]] void push_back_many(T value) {
        if (size_ == N) {
            many_.reserve(2 * N);
            many_.assign(std::move_iterator{few_.begin()}, std::move_iterator{few_.end()});
        }
        many_.push_back(std::move(value));
        ++size_;
    }

    std::array<T, N> few_{};
    std::vector<T> many_; ///< all of them, if they are too many
    std::uint32_t size_ = 0;
};

} // namespace joinery
