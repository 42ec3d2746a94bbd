#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace joinery::detail {

/// Uninitialised places for `T` at stable positions 0, 1, 2, …, without a doubling copy.
///
/// The first block grows from 4 places, or from one large one, to 1024 by moving; after that blocks
/// of 1024 are added and nothing moves again. The owner constructs and destroys the elements.
template <class T>
class block_array {
public:
    static constexpr std::uint32_t block_places = 1024;

    block_array() = default;
    block_array(block_array&& other) noexcept { swap(other); }
    block_array& operator=(block_array&& other) noexcept {
        swap(other);
        return *this;
    }
    /// Precondition: no element is alive.
    ~block_array() { release(); }

    void swap(block_array& other) noexcept {
        std::swap(first_, other.first_);
        std::swap(blocks_, other.blocks_);
        std::swap(capacity_, other.capacity_);
    }

    [[nodiscard]] std::uint32_t capacity() const { return capacity_; }
    [[nodiscard]] std::size_t held_bytes() const { return std::size_t{capacity_} * sizeof(T); }

    [[nodiscard]] T& operator[](std::uint32_t i) {
        return i < block_places ? first_[i] : blocks_[i / block_places][i % block_places];
    }
    [[nodiscard]] T const& operator[](std::uint32_t i) const {
        return i < block_places ? first_[i] : blocks_[i / block_places][i % block_places];
    }

    /// Adds places. Precondition: all places below `capacity()` hold live elements or
    /// `capacity() >= block_places`.
    void grow() {
        if (capacity_ < block_places) {
            grow_first(capacity_ == 0 ? places_min : capacity_ * 2);
            return;
        }
        auto const count = capacity_ / block_places;
        if (std::has_single_bit(count)) {
            widen_table(count);
        }
        blocks_[count] = allocate(block_places);
        capacity_ += block_places;
    }

private:
    static constexpr std::uint32_t places_min = sizeof(T) > 256 ? 1 : 4;

    static T* allocate(std::uint32_t places) {
        return static_cast<T*>(::operator new (places * sizeof(T), std::align_val_t{alignof(T)}));
    }
    static void deallocate(T* block) { ::operator delete (block, std::align_val_t{alignof(T)}); }

    void grow_first(std::uint32_t places) {
        auto* const fresh = allocate(places);
        if constexpr (std::is_trivially_copyable_v<T>) {
            if (capacity_ != 0) {
                std::memcpy(static_cast<void*>(fresh), first_, capacity_ * sizeof(T));
            }
        } else {
            for (std::uint32_t i = 0; i < capacity_; ++i) {
                ::new (static_cast<void*>(&fresh[i])) T(std::move(first_[i]));
                first_[i].~T();
            }
        }
        deallocate(first_);
        first_ = fresh;
        capacity_ = places;
    }

    /// The table of blocks has room for a power of two of them.
    void widen_table(std::uint32_t count) {
        auto** const wider = new T*[std::size_t{count} * 2];
        if (blocks_ != nullptr) {
            std::memcpy(wider, blocks_, count * sizeof(T*));
        } else {
            wider[0] = first_;
        }
        delete[] blocks_;
        blocks_ = wider;
    }

    void release() {
        for (std::uint32_t block = 1; block * block_places < capacity_; ++block) {
            deallocate(blocks_[block]);
        }
        deallocate(first_);
        delete[] blocks_;
    }

    T* first_ = nullptr;
    T** blocks_ = nullptr;
    std::uint32_t capacity_ = 0;
};

} // namespace joinery::detail
