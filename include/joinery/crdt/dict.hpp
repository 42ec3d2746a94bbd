#pragma once

#include <joinery/crdt/block_array.hpp>
#include <joinery/crdt/held.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

namespace joinery::detail {

/// A dictionary of dense entries in insertion order with an index of 4 bytes a slot.
///
/// Up to 12 entries it has no index and scans. Above, an open-addressing index holds (fingerprint |
/// position + 1) at a load of at most 3/4. Positions are stable: erasing puts a place on a free
/// list, so that erasing while iterating is safe. The insertion order is never visible in bytes.
///
/// The caller computes `hash = held<K>::hash(key, seed)` once and uses it for every step.
///
/// Complexity   find, insert, erase: O(1) expected. Memory: the entry and 5 to 8 bytes of index;
///              no doubling copy of the entries.
template <class K, class V>
class dict {
public:
    using traits = held<K>;
    using key_view = typename traits::view;

    struct entry {
        typename traits::type key;
        V value;
    };
    static constexpr std::uint32_t none = ~std::uint32_t{0};
    static constexpr std::uint32_t scan_max = 12;

    dict() = default;
    dict(dict&& other) noexcept { swap(other); }
    dict& operator=(dict&& other) noexcept {
        dict taken{std::move(other)};
        swap(taken);
        return *this;
    }
    dict(dict const&) = delete;
    dict& operator=(dict const&) = delete;
    ~dict() { clear(); }

    void swap(dict& other) noexcept {
        entries_.swap(other.entries_);
        dead_.swap(other.dead_);
        std::swap(index_, other.index_);
        std::swap(live_, other.live_);
        std::swap(used_, other.used_);
        std::swap(free_, other.free_);
        std::swap(stale_, other.stale_);
        std::swap(index_log2_, other.index_log2_);
    }

    [[nodiscard]] std::uint32_t size() const { return live_; }
    [[nodiscard]] bool empty() const { return live_ == 0; }
    /// Every position ever used is below it.
    [[nodiscard]] std::uint32_t position_end() const { return used_; }
    [[nodiscard]] bool has_index() const { return index_log2_ != 0; }
    [[nodiscard]] entry& at(std::uint32_t position) { return entries_[position]; }
    [[nodiscard]] entry const& at(std::uint32_t position) const { return entries_[position]; }
    [[nodiscard]] bool is_alive(std::uint32_t position) const {
        return free_ == none || dead_.size() <= position / 64 ||
               (dead_[position / 64] >> (position % 64) & 1) == 0;
    }
    [[nodiscard]] std::size_t held_bytes() const {
        return entries_.held_bytes() + (has_index() ? std::size_t{4} << index_log2_ : 0);
    }

    /// Two steps that hide the cache misses of a later `find`.
    void prefetch_index(std::uint64_t hash) const {
        if (has_index()) {
            __builtin_prefetch(&index_[hash & mask()]);
        }
    }
    void prefetch_entry(std::uint64_t hash) const {
        if (!has_index()) {
            return;
        }
        auto const slot = index_[hash & mask()];
        if ((slot & mask()) != 0 && ((slot ^ fingerprint(hash)) & ~mask()) == 0) {
            __builtin_prefetch(&entries_[(slot & mask()) - 1]);
        }
    }

    [[nodiscard]] std::uint32_t find(std::uint64_t hash, key_view key) const {
        return has_index() ? find_indexed(hash, key) : find_scanning(key);
    }

    /// Precondition: `key` is absent. Returns the position of the new entry, whose value is made of
    /// `arguments`.
    template <class... Arguments>
    std::uint32_t insert(std::uint64_t hash, typename traits::type key, std::uint64_t seed,
                         Arguments&&... arguments) {
        auto const position = take_place();
        ::new (static_cast<void*>(&entries_[position]))
            entry{std::move(key), V(std::forward<Arguments>(arguments)...)};
        ++live_;
        if (!has_index()) {
            if (used_ > scan_max) {
                rebuild_index(live_, seed);
            }
        } else if (std::uint64_t{live_ + stale_} * 4 > (std::uint64_t{3} << index_log2_)) {
            rebuild_index(live_, seed);
        } else {
            place(hash, position);
        }
        return position;
    }

    void erase(std::uint64_t hash, std::uint32_t position) {
        if (has_index()) {
            unplace(hash, position);
        }
        entries_[position].~entry();
        free_place(position);
        --live_;
    }

    template <class F>
    void for_each(F&& visit) const {
        for (std::uint32_t i = 0; i < used_; ++i) {
            if (is_alive(i)) {
                visit(entries_[i]);
            }
        }
    }
    template <class F>
    void for_each(F&& visit) {
        for (std::uint32_t i = 0; i < used_; ++i) {
            if (is_alive(i)) {
                visit(entries_[i]);
            }
        }
    }

    void reserve(std::uint32_t count, std::uint64_t seed) {
        auto const holds = has_index() ? std::uint64_t{3} << index_log2_ : 0;
        if (count > scan_max && std::uint64_t{count} * 4 > holds) {
            rebuild_index(count, seed);
        }
    }

    void clear() {
        for_each([](entry& e) { e.~entry(); });
        delete[] index_;
        index_ = nullptr;
        entries_ = block_array<entry>{};
        dead_.clear();
        live_ = used_ = stale_ = 0;
        free_ = none;
        index_log2_ = 0;
    }

private:
    static_assert(sizeof(entry) >= sizeof(std::uint32_t));

    [[nodiscard]] std::uint32_t mask() const { return (std::uint32_t{1} << index_log2_) - 1; }
    [[nodiscard]] std::uint32_t fingerprint(std::uint64_t hash) const {
        return static_cast<std::uint32_t>(hash >> 32) & ~mask();
    }
    [[nodiscard]] std::uint64_t hash_of(entry const& e, std::uint64_t seed) const {
        return traits::hash(traits::look(e.key), seed);
    }

    [[nodiscard]] std::uint32_t find_scanning(key_view key) const {
        for (std::uint32_t i = 0; i < used_; ++i) {
            if (is_alive(i) && traits::equal(entries_[i].key, key)) {
                return i;
            }
        }
        return none;
    }

    [[nodiscard]] std::uint32_t find_indexed(std::uint64_t hash, key_view key) const {
        auto const m = mask();
        auto const tag = fingerprint(hash);
        for (auto i = static_cast<std::uint32_t>(hash) & m;; i = (i + 1) & m) {
            auto const slot = index_[i];
            if (slot == 0) {
                return none;
            }
            if (((slot ^ tag) & ~m) == 0 && (slot & m) != 0 &&
                traits::equal(entries_[(slot & m) - 1].key, key)) {
                return (slot & m) - 1;
            }
        }
    }

    void place(std::uint64_t hash, std::uint32_t position) {
        auto const m = mask();
        auto i = static_cast<std::uint32_t>(hash) & m;
        while (index_[i] != 0) {
            i = (i + 1) & m;
        }
        index_[i] = fingerprint(hash) | (position + 1);
    }

    void unplace(std::uint64_t hash, std::uint32_t position) {
        auto const m = mask();
        auto i = static_cast<std::uint32_t>(hash) & m;
        while ((index_[i] & m) != position + 1) {
            i = (i + 1) & m;
        }
        if (index_[(i + 1) & m] == 0) {
            index_[i] = 0;
        } else {
            index_[i] = ~m; // a fingerprint without a position keeps later probes going
            ++stale_;
        }
    }

    /// Slots hold positions, so that dead places count as well.
    void rebuild_index(std::uint32_t count, std::uint64_t seed) {
        count = count < used_ ? used_ : count;
        std::uint8_t log2 = 5;
        while (std::uint64_t{count} * 4 >= (std::uint64_t{3} << log2)) {
            ++log2;
        }
        delete[] index_;
        index_ = new std::uint32_t[std::size_t{1} << log2]();
        index_log2_ = log2;
        stale_ = 0;
        for (std::uint32_t i = 0; i < used_; ++i) {
            if (is_alive(i)) {
                place(hash_of(entries_[i], seed), i);
            }
        }
    }

    std::uint32_t take_place() {
        if (free_ == none) {
            if (used_ == entries_.capacity()) {
                entries_.grow();
            }
            return used_++;
        }
        auto const position = free_;
        std::memcpy(&free_, static_cast<void const*>(&entries_[position]), sizeof free_);
        dead_[position / 64] &= ~(std::uint64_t{1} << (position % 64));
        return position;
    }

    /// A dead place holds the position of the next one; the bitmap exists after a first erase.
    void free_place(std::uint32_t position) {
        std::memcpy(static_cast<void*>(&entries_[position]), &free_, sizeof free_);
        free_ = position;
        if (dead_.size() <= position / 64) {
            dead_.resize(position / 64 + 1);
        }
        dead_[position / 64] |= std::uint64_t{1} << (position % 64);
    }

    block_array<entry> entries_;
    std::vector<std::uint64_t> dead_;
    std::uint32_t* index_ = nullptr;
    std::uint32_t live_ = 0;
    std::uint32_t used_ = 0;
    std::uint32_t free_ = none;
    std::uint32_t stale_ = 0;
    std::uint8_t index_log2_ = 0;
};

} // namespace joinery::detail
