#pragma once

#include <joinery/crdt/dict_table.hpp>
#include <joinery/crdt/held.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace joinery::detail {

/// A dictionary of dense entries in insertion order with an index of 4 bytes a slot.
///
/// Up to 12 entries it has no index and scans. Above, an open-addressing index holds (fingerprint |
/// position + 1) at a load of at most 3/4. Positions are stable: erasing puts a place on a free
/// list, so that erasing while iterating is safe. The insertion order is never visible in bytes.
/// Without entries it is one null pointer: documents are full of maps that stay empty.
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

    void swap(dict& other) noexcept { table_.swap(other.table_); }

    [[nodiscard]] std::uint32_t size() const { return head().live; }
    [[nodiscard]] bool empty() const { return size() == 0; }
    /// Every position ever used is below it.
    [[nodiscard]] std::uint32_t position_end() const { return head().used; }
    [[nodiscard]] bool has_index() const { return head().index != nullptr; }
    [[nodiscard]] entry& at(std::uint32_t position) { return table_[position]; }
    [[nodiscard]] entry const& at(std::uint32_t position) const { return table_[position]; }
    [[nodiscard]] bool is_alive(std::uint32_t position) const {
        return head().free == none || !head().is_dead(position);
    }
    [[nodiscard]] std::size_t held_bytes() const {
        return table_.held_bytes() + (has_index() ? std::size_t{4} << head().index_log2 : 0);
    }

    /// Two steps that hide the cache misses of a later `find`.
    void prefetch_index(std::uint64_t hash) const {
        if (has_index()) {
            __builtin_prefetch(&head().index[hash & head().mask()]);
        }
    }
    void prefetch_entry(std::uint64_t hash) const {
        if (!has_index()) {
            return;
        }
        auto const m = head().mask();
        auto const slot = head().index[hash & m];
        if ((slot & m) != 0 && ((slot ^ head().fingerprint(hash)) & ~m) == 0) {
            __builtin_prefetch(&table_[(slot & m) - 1]);
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
        ::new (static_cast<void*>(&table_[position]))
            entry{std::move(key), V(std::forward<Arguments>(arguments)...)};
        auto& h = table_.head();
        ++h.live;
        if (h.index == nullptr) {
            if (h.used > scan_max) {
                rebuild_index(h.live, seed);
            }
        } else if (std::uint64_t{h.live + h.stale} * 4 > (std::uint64_t{3} << h.index_log2)) {
            rebuild_index(h.live, seed);
        } else {
            h.place(hash, position);
        }
        return position;
    }

    void erase(std::uint64_t hash, std::uint32_t position) {
        if (has_index()) {
            table_.head().unplace(hash, position);
        }
        table_[position].~entry();
        free_place(position);
        --table_.head().live;
    }

    template <class F>
    void for_each(F&& visit) const {
        for (std::uint32_t i = 0; i < position_end(); ++i) {
            if (is_alive(i)) {
                visit(at(i));
            }
        }
    }
    template <class F>
    void for_each(F&& visit) {
        for (std::uint32_t i = 0; i < position_end(); ++i) {
            if (is_alive(i)) {
                visit(at(i));
            }
        }
    }

    /// For so many entries in all.
    void reserve(std::uint32_t count, std::uint64_t seed) {
        table_.reserve(count);
        auto const holds = has_index() ? std::uint64_t{3} << head().index_log2 : 0;
        if (count > scan_max && std::uint64_t{count} * 4 > holds) {
            rebuild_index(count, seed);
        }
    }

    void clear() {
        if (!table_.is_null()) {
            for_each([](entry& e) { e.~entry(); });
            table_.release();
        }
    }

private:
    static_assert(sizeof(entry) >= sizeof(std::uint32_t));

    [[nodiscard]] dict_head const& head() const { return table_.head(); }
    [[nodiscard]] std::uint64_t hash_of(entry const& e, std::uint64_t seed) const {
        return traits::hash(traits::look(e.key), seed);
    }

    [[nodiscard]] std::uint32_t find_scanning(key_view key) const {
        for (std::uint32_t i = 0, end = position_end(); i < end; ++i) {
            if (is_alive(i) && traits::equal(at(i).key, key)) {
                return i;
            }
        }
        return none;
    }

    [[nodiscard]] std::uint32_t find_indexed(std::uint64_t hash, key_view key) const {
        auto const& h = head();
        auto const m = h.mask();
        auto const tag = h.fingerprint(hash);
        for (auto i = static_cast<std::uint32_t>(hash) & m;; i = (i + 1) & m) {
            auto const slot = h.index[i];
            if (slot == 0) {
                return none;
            }
            if (((slot ^ tag) & ~m) == 0 && (slot & m) != 0 &&
                traits::equal(at((slot & m) - 1).key, key)) {
                return (slot & m) - 1;
            }
        }
    }

    /// Slots hold positions, so that dead places count as well.
    void rebuild_index(std::uint32_t count, std::uint64_t seed) {
        auto& h = table_.head();
        h.make_index(count < h.used ? h.used : count);
        for (std::uint32_t i = 0; i < h.used; ++i) {
            if (is_alive(i)) {
                h.place(hash_of(at(i), seed), i);
            }
        }
    }

    std::uint32_t take_place() {
        if (head().free == none) {
            if (head().used == head().capacity) {
                table_.grow();
            }
            return table_.head().used++;
        }
        auto& h = table_.head();
        auto const position = h.free;
        std::memcpy(&h.free, static_cast<void const*>(&table_[position]), sizeof h.free);
        h.mark_alive(position);
        return position;
    }

    /// A dead place holds the position of the next one.
    void free_place(std::uint32_t position) {
        auto& h = table_.head();
        h.mark_dead(position);
        std::memcpy(static_cast<void*>(&table_[position]), &h.free, sizeof h.free);
        h.free = position;
    }

    dict_table<entry> table_;
};

} // namespace joinery::detail
