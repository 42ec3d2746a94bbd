#pragma once

#include <joinery/crdt/marked_store.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery {

/// A removal takes away what it has seen. What was written concurrently stays, so that a value may
/// come back in part.
struct observed_reset {
    static constexpr bool keeps_removed = false;

    template <class Store>
    using entry = Store;
    template <class Location>
    using location = Location;

    template <class Store>
    [[nodiscard]] static Store const* value_of(Store const* found) {
        return found;
    }
    template <class Location>
    [[nodiscard]] static Location at(Location key) {
        return key;
    }

    /// Removes everything seen at `key`; nothing if nothing is there.
    template <class Location>
    static void erase(Location key) {
        using residue = detail::residue<typename Location::store_type>;
        auto* const map = key.parent.find();
        auto const where = detail::place_in(map, key.key, key.writer.root());
        if (!where.is_found() || !residue::is_visible(map->at(where))) {
            return;
        }
        auto& store = map->at(where);
        key.prepare();
        detail::write_resets(key);
        if (auto const dots = detail::dots_of(store); !dots.empty()) {
            write_gone(key, dots);
        }
        residue::clear_seen(store, key.writer.root().hash_seed);
        if (store.is_bottom()) {
            map->erase(where);
            key.parent.prune();
        }
    }

private:
    template <class Location>
    static void write_gone(Location& key, std::vector<local_dot> const& dots) {
        auto& writer = key.writer;
        writer.begin(detail::piece_life::dead, static_cast<std::uint32_t>(dots.size()), key.room());
        for (auto const d : dots) {
            writer.supersede(d);
        }
        auto* const end = key.put(writer.cursor());
        if constexpr (Location::store_type::is_composite) {
            *(end - 1) = std::byte{0}; // where the location says that more follows
        }
        writer.end(end);
    }
};

/// A removal wins over what is written concurrently: the key is absent until somebody writes under
/// it who has seen the removal. That write takes away what it has seen, and starts anew.
struct remove_wins {
    static constexpr bool keeps_removed = true;
    static constexpr bool has_empty_values = false;

    template <class Store>
    using entry = detail::marked_store<remove_wins, Store>;
    template <class Location>
    using location = detail::marked_location<remove_wins, Location>;

    [[nodiscard]] static bool is_alive(detail::dot_set const& removals) {
        return removals.is_bottom();
    }
    template <class Store>
    [[nodiscard]] static Store const* value_of(entry<Store> const* found) {
        return found == nullptr || !found->is_alive() ? nullptr : &found->value;
    }
    template <class Location>
    [[nodiscard]] static location<Location> at(Location key) {
        return {key, key.writer};
    }

    /// Takes effect on concurrent writes as well, so that it is never in vain.
    template <class Location>
    static void erase(Location key) {
        key.prepare();
        std::vector<local_dot> dots;
        if (auto* const store = key.find()) {
            detail::write_resets(key);
            dots = detail::dots_of(*store);
            store->clear_seen(key.writer.root().hash_seed);
        }
        auto const d =
            detail::write_mark(key, detail::piece_life::live, detail::mark_tag::replace, dots);
        key.touch().marks.assign(d, {});
    }

    /// Takes a removal back before something is written under `key`.
    template <class Location>
    static void prepare(Location& key) {
        auto const* const store = key.find();
        if (store != nullptr && !store->is_alive()) {
            detail::write_removal(key);
        }
    }
};

/// A write wins over a concurrent removal, and the value comes back whole: what is under a removed
/// key is kept, unseen. Writing under a key that was seen to be removed takes it away, and starts
/// anew.
struct update_wins_whole {
    static constexpr bool keeps_removed = true;
    static constexpr bool has_empty_values = true;

    template <class Store>
    using entry = detail::marked_store<update_wins_whole, Store>;
    template <class Location>
    using location = detail::marked_location<update_wins_whole, Location>;

    [[nodiscard]] static bool is_alive(detail::dot_set const& updates) {
        return !updates.is_bottom();
    }
    template <class Store>
    [[nodiscard]] static Store const* value_of(entry<Store> const* found) {
        return found == nullptr || !found->is_alive() ? nullptr : &found->value;
    }
    template <class Location>
    [[nodiscard]] static location<Location> at(Location key) {
        return {key, key.writer};
    }

    /// Removes the key, unless somebody writes under it concurrently; nothing if it is absent.
    template <class Location>
    static void erase(Location key) {
        auto* const store = key.find();
        if (store == nullptr || !store->is_alive()) {
            return;
        }
        key.prepare();
        detail::write_mark(key, detail::piece_life::dead, detail::mark_tag::mark,
                           detail::dots_of(store->marks));
        store->marks.clear();
        key.prune();
    }

    /// Says that something is written under `key`, once in an edit.
    template <class Location>
    static void prepare(Location& key) {
        auto* const store = key.find();
        if (store != nullptr && !store->is_alive()) {
            detail::write_resets(key);
            auto const d = detail::write_mark(key, detail::piece_life::live,
                                              detail::mark_tag::replace, detail::dots_of(*store));
            store->clear_seen(key.writer.root().hash_seed);
            store->marks.assign(d, {});
        } else if (store == nullptr || !detail::is_of_this_edit(store->marks, key.writer)) {
            auto const d = detail::write_mark(key, detail::piece_life::live, detail::mark_tag::mark,
                                              store == nullptr ? std::vector<local_dot>{}
                                                               : detail::dots_of(store->marks));
            key.touch().marks.assign(d, {});
        }
    }
};

} // namespace joinery
