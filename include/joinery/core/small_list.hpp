#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery {

/// A list whose first `N` elements lie in the object itself, so that ten thousand small lists are
/// not twenty thousand places in memory. Elements are in no one array, and `T{}` costs nothing.
///
/// Complexity   as `std::vector`; no allocation up to `N` elements.
template <class T, std::size_t N>
class small_list {
public:
    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] T& operator[](std::size_t i) { return at(*this, i); }
    [[nodiscard]] T const& operator[](std::size_t i) const { return at(*this, i); }

    void push_back(T value) {
        if (size_ < N) {
            first_[size_] = std::move(value);
        } else {
            more_.push_back(std::move(value));
        }
        ++size_;
    }

private:
    template <class Self>
    static auto& at(Self& self, std::size_t i) {
        assert(i < self.size_ && "small_list: there is no such element");
        return i < N ? self.first_[i] : self.more_[i - N];
    }

    std::array<T, N> first_{};
    std::vector<T> more_;
    std::uint32_t size_ = 0;
};

} // namespace joinery
