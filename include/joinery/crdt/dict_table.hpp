#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace joinery::detail {

/// What a dictionary counts, and its index. It lies in front of the entries.
struct dict_head {
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    std::uint32_t* index = nullptr; ///< null: the entries are few
    std::uint64_t* dead = nullptr;  ///< a bit for each place, once one was erased
    std::uint32_t dead_words = 0;
    std::uint32_t capacity = 0; ///< in places
    std::uint32_t live = 0;
    std::uint32_t used = 0; ///< places that hold or held an entry
    std::uint32_t free = none;
    std::uint32_t stale = 0;
    std::uint8_t index_log2 = 0;

    [[nodiscard]] std::uint32_t mask() const { return (std::uint32_t{1} << index_log2) - 1; }
    [[nodiscard]] std::uint32_t fingerprint(std::uint64_t hash) const {
        return static_cast<std::uint32_t>(hash >> 32) & ~mask();
    }

    [[nodiscard]] bool is_dead(std::uint32_t position) const {
        return position / 64 < dead_words && (dead[position / 64] >> (position % 64) & 1) != 0;
    }
    void mark_alive(std::uint32_t position) {
        dead[position / 64] &= ~(std::uint64_t{1} << (position % 64));
    }
    void mark_dead(std::uint32_t position) {
        if (position / 64 >= dead_words) {
            auto const words = std::max(position / 64 + 1, 2 * dead_words);
            auto* const wider = new std::uint64_t[words]();
            std::copy_n(dead, dead_words, wider);
            delete[] std::exchange(dead, wider);
            dead_words = words;
        }
        dead[position / 64] |= std::uint64_t{1} << (position % 64);
    }

    /// An empty one, for `count` entries.
    void make_index(std::uint32_t count) {
        std::uint8_t log2 = 5;
        while (std::uint64_t{count} * 4 >= (std::uint64_t{3} << log2)) {
            ++log2;
        }
        delete[] std::exchange(index, nullptr);
        index = new std::uint32_t[std::size_t{1} << log2]();
        index_log2 = log2;
        stale = 0;
    }
    void place(std::uint64_t hash, std::uint32_t position) {
        auto const m = mask();
        auto i = static_cast<std::uint32_t>(hash) & m;
        while (index[i] != 0) {
            i = (i + 1) & m;
        }
        index[i] = fingerprint(hash) | (position + 1);
    }
    void unplace(std::uint64_t hash, std::uint32_t position) {
        auto const m = mask();
        auto i = static_cast<std::uint32_t>(hash) & m;
        while ((index[i] & m) != position + 1) {
            i = (i + 1) & m;
        }
        if (index[(i + 1) & m] == 0) {
            index[i] = 0;
        } else {
            index[i] = ~m; // a fingerprint without a position keeps later probes going
            ++stale;
        }
    }
};

/// Uninitialised places for the entries of a dictionary, behind its head: nothing but a null
/// pointer until there are some.
///
/// The first block grows from 4 to 1024 places by moving; after that blocks of 1024 are added and
/// no entry moves again. The owner constructs and destroys the entries.
template <class Entry>
class dict_table {
public:
    static constexpr std::uint32_t block_places = 1024;

    dict_table() = default;
    dict_table(dict_table const&) = delete;
    dict_table& operator=(dict_table const&) = delete;
    /// Precondition: it is null.
    ~dict_table() = default;

    void swap(dict_table& other) noexcept { std::swap(first_, other.first_); }

    [[nodiscard]] bool is_null() const { return first_ == nullptr; }
    [[nodiscard]] dict_head const& head() const {
        static constexpr dict_head nothing{};
        return first_ == nullptr ? nothing : *first_;
    }
    /// Precondition: it is not null.
    [[nodiscard]] dict_head& head() { return *first_; }
    [[nodiscard]] std::size_t held_bytes() const {
        return is_null() ? 0 : first_offset + std::size_t{first_->capacity} * sizeof(Entry);
    }

    [[nodiscard]] Entry& operator[](std::uint32_t i) {
        return i < block_places ? places()[i] : first_->blocks[i / block_places][i % block_places];
    }
    [[nodiscard]] Entry const& operator[](std::uint32_t i) const {
        return const_cast<dict_table&>(*this)[i];
    }

    /// Adds places. Precondition: all places below the capacity hold entries, alive or dead.
    void grow() {
        auto const capacity = is_null() ? 0 : first_->capacity;
        if (capacity < block_places) {
            grow_first(capacity == 0 ? 4 : std::min(2 * capacity, block_places));
            return;
        }
        auto const count = capacity / block_places;
        if (std::has_single_bit(count)) {
            widen_table(count);
        }
        first_->blocks[count] = static_cast<Entry*>(allocate(block_places * sizeof(Entry)));
        first_->capacity += block_places;
    }
    /// Makes the first block large enough for `count` places, or as large as it gets. Whoever
    /// reserves exactly loses nothing but what doubling would have left empty.
    void reserve(std::uint32_t count) {
        auto const capacity = is_null() ? 0 : first_->capacity;
        if (capacity < count && capacity < block_places) {
            grow_first(std::min(count, block_places));
        }
    }

    /// Precondition: no entry is alive.
    void release() {
        for (std::uint32_t block = 1; block * block_places < first_->capacity; ++block) {
            deallocate(first_->blocks[block]);
        }
        delete[] first_->blocks;
        delete[] first_->dead;
        delete[] first_->index;
        deallocate(std::exchange(first_, nullptr));
    }

private:
    struct block_head : dict_head {
        Entry** blocks = nullptr; ///< by number, once there are several; the first one as well
    };

    static constexpr std::size_t alignment = std::max(alignof(block_head), alignof(Entry));
    static constexpr std::size_t first_offset =
        (sizeof(block_head) + alignof(Entry) - 1) / alignof(Entry) * alignof(Entry);

    static void* allocate(std::size_t size) {
        return ::operator new (size, std::align_val_t{alignment});
    }
    static void deallocate(void* block) { ::operator delete (block, std::align_val_t{alignment}); }
    [[nodiscard]] static Entry* places_of(block_head* head) {
        return reinterpret_cast<Entry*>(reinterpret_cast<std::byte*>(head) + first_offset);
    }
    [[nodiscard]] Entry* places() const { return places_of(first_); }

    void grow_first(std::uint32_t capacity) {
        auto* const fresh = ::new (allocate(first_offset + capacity * sizeof(Entry)))
            block_head{first_ == nullptr ? block_head{} : *first_};
        for (std::uint32_t i = 0; i < fresh->used; ++i) {
            move_place(i, places_of(fresh) + i);
        }
        fresh->capacity = capacity;
        deallocate(std::exchange(first_, fresh));
    }
    /// What is dead is bytes that say which place is free next.
    void move_place(std::uint32_t from, Entry* to) {
        auto* const entry = places() + from;
        if (std::is_trivially_copyable_v<Entry> || first_->is_dead(from)) {
            std::memcpy(static_cast<void*>(to), static_cast<void const*>(entry), sizeof *entry);
        } else {
            ::new (static_cast<void*>(to)) Entry(std::move(*entry));
            entry->~Entry();
        }
    }

    /// The table of blocks has room for a power of two of them.
    void widen_table(std::uint32_t count) {
        auto** const wider = new Entry*[std::size_t{count} * 2];
        if (first_->blocks != nullptr) {
            std::memcpy(wider, first_->blocks, count * sizeof(Entry*));
        } else {
            wider[0] = places();
        }
        delete[] std::exchange(first_->blocks, wider);
    }

    block_head* first_ = nullptr;
};

} // namespace joinery::detail
