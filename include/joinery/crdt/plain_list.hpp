#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace joinery::detail {

/// A list of trivially copyable elements, the first `N` of which lie in the object itself. Wherever
/// they lie, one pointer leads to them: reading costs what it costs in an array, and a table that
/// mostly has one or two entries takes no memory of its own.
///
/// Complexity   as `std::vector`; no allocation up to `N` elements.
template <class T, std::uint32_t N>
class plain_list {
    static_assert(std::is_trivially_copyable_v<T> && N != 0);
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

public:
    plain_list() = default;
    plain_list(plain_list const& other) {
        reserve(other.size_);
        std::copy_n(other.data_, other.size_, data_);
        size_ = other.size_;
    }
    plain_list(plain_list&& other) noexcept { take(other); }
    plain_list& operator=(plain_list other) noexcept {
        release();
        take(other);
        return *this;
    }
    ~plain_list() { release(); }

    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::uint32_t capacity() const { return capacity_; }
    [[nodiscard]] T* begin() { return data_; }
    [[nodiscard]] T* end() { return data_ + size_; }
    [[nodiscard]] T const* begin() const { return data_; }
    [[nodiscard]] T const* end() const { return data_ + size_; }
    [[nodiscard]] T& operator[](std::size_t i) { return data_[i]; }
    [[nodiscard]] T const& operator[](std::size_t i) const { return data_[i]; }
    [[nodiscard]] T const& back() const { return data_[size_ - 1]; }

    void push_back(T const& value) {
        if (size_ == capacity_) [[unlikely]] {
            auto const kept = value; // it may lie in this list
            reserve(std::max(4U, 2 * size_));
            data_[size_++] = kept;
            return;
        }
        data_[size_++] = value;
    }
    /// Adds copies of `value`. Precondition: the list is not longer.
    void resize(std::uint32_t size, T const& value) {
        assert(size >= size_ && "plain_list: it only grows");
        if (size > capacity_) {
            reserve(std::max(size, 2 * size_));
        }
        std::fill(end(), data_ + size, value);
        size_ = size;
    }
    void reserve(std::uint32_t capacity) {
        if (capacity > capacity_) {
            move_to(capacity);
        }
    }
    void shrink_to_fit() {
        if (size_ != capacity_ && capacity_ > N) {
            move_to(std::max(size_, N));
        }
    }

private:
    [[nodiscard]] bool is_inside() const { return capacity_ == N; }

    void move_to(std::uint32_t capacity) {
        auto* const fresh =
            capacity == N ? few_ : static_cast<T*>(::operator new(capacity * sizeof(T)));
        std::copy_n(data_, size_, fresh);
        release();
        data_ = fresh;
        capacity_ = capacity;
    }
    void release() {
        if (!is_inside()) {
            ::operator delete(data_);
        }
    }
    void take(plain_list& other) {
        if (other.is_inside()) {
            std::copy_n(other.few_, other.size_, few_);
            data_ = few_;
        } else {
            data_ = std::exchange(other.data_, other.few_);
        }
        capacity_ = std::exchange(other.capacity_, N);
        size_ = std::exchange(other.size_, 0);
    }

    T* data_ = few_;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = N; ///< more than `N` where they lie in a block
    T few_[N]{};
};

} // namespace joinery::detail
