#pragma once

#include <joinery/core/lattice.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/dot_map.hpp>
#include <joinery/crdt/map_policies.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery {

namespace detail {

template <class Value>
inline constexpr bool is_nested_value = false;
template <class Value>
requires requires {
    typename Value::store_type;
}
inline constexpr bool is_nested_value<Value> = true;

/// The store of a map's values. Not a constraint, since a map may stand inside of its own value.
template <class Value>
struct nested_store {
    static_assert(
        is_nested_value<Value>,
        "joinery: a value of or_map has to be a complete causal type: aw_set, mv_register, "
        "or_map, a product of such, or a boxed of what is not complete yet");
    using type = typename Value::store_type;
};

/// The store of one key of a map that is itself somewhere in a causal value.
template <class Parent, class K>
struct key_location {
    using map_type = typename Parent::store_type;
    using store_type = typename map_type::store_type;
    using traits = held<K>;
    static constexpr std::uint32_t depth = level_below<Parent, store_type>::depth;
    static_assert(depth <= nesting_max);

    Parent parent;
    piece_writer& writer;
    typename traits::view key;
    std::byte* encoding = nullptr;

    [[nodiscard]] store_type* find() const {
        auto* const map = parent.find();
        auto const where = place_in(map, key, writer.root());
        return where.is_found() ? &map->at(where) : nullptr;
    }
    [[nodiscard]] std::size_t room() const { return parent.room() + traits::room(key) + 1; }
    std::byte* put(std::byte* at) {
        encoding = parent.put(at);
        at = traits::put(encoding, key);
        if constexpr (store_type::is_composite) {
            *at++ = std::byte{1};
        }
        return at;
    }
    /// Precondition: `put` has written the key.
    store_type& touch() {
        auto& map = parent.touch();
        auto const where = place_in(&map, key, writer.root());
        return map.touch(where, writer.root(), key, encoding);
    }
    /// Removes the key if nothing is left in its store.
    void prune() {
        auto* const map = parent.find();
        auto const where = place_in(map, key, writer.root());
        if (where.is_found() && map->at(where).is_bottom()) {
            map->erase(where);
            parent.prune();
        }
    }
    void prepare() { parent.prepare(); }
};

} // namespace detail

/// A map from keys to causal values of one type, itself included (through `boxed`).
///
/// A key is present as long as a reader sees something of its value; changing the value under an
/// absent key makes it.
///
/// Concurrent writes   update ∥ update of one key: the values join. erase ∥ erase: gone. erase ∥
///                     update, by `Policy`, which is part of the type:
///                     `observed_reset`: what the erase has seen disappears, what was written
///                     concurrently stays, so that a value may come back in part.
///                     `remove_wins`: the key is absent until somebody writes under it who has
///                     seen the erase.
///                     `update_wins_whole`: the key stays, with all of its value. It is present
///                     from the first write under it until it is erased, its value empty or not.
/// State               one entry for each key with its value's dot store; one context for all.
///                     `remove_wins` keeps an entry for each erased key, `update_wins_whole` what
///                     was under it, until `sweep` removes them.
/// Complexity          find O(1) expected; erase O(dots under the key); join of a delta O(delta),
///                     of a state O(both). size O(1), but O(n) if values can keep what is not seen
///                     or the policy does.
/// Reference           Almeida, Shoker, Baquero, "Delta State Replicated Data Types", 2018, §7.4
///                     (ORMap).
template <class Key, class Value, class Policy = observed_reset>
class or_map
    : public causal<or_map<Key, Value, Policy>,
                    detail::dot_map<Key, typename Policy::template entry<
                                             typename detail::nested_store<Value>::type>>> {
public:
    using key_type = Key;
    /// Not `mapped_type`: by that cereal would take this for a standard map.
    using inner_type = Value;
    using policy_type = Policy;
    using key_view = held_view<Key>;
    using store_type = detail::dot_map<
        Key, typename Policy::template entry<typename detail::nested_store<Value>::type>>;
    using value_view = typename Value::view;

    /// Reads a map anywhere in a causal value. Lives as long as the value is not changed.
    class view {
    public:
        view(store_type const* store, detail::causal_root const& root)
            : store_{store}, root_{&root} {}

        [[nodiscard]] std::size_t size() const {
            if (store_ == nullptr) {
                return 0;
            }
            if constexpr (!detail::residue<entry>::is_possible) {
                return store_->entries().size();
            } else {
                std::size_t count = 0;
                store_->entries().for_each([&](auto const& e) { count += is_seen(e.value); });
                return count;
            }
        }
        [[nodiscard]] bool empty() const {
            return store_ == nullptr || !detail::residue<store_type>::is_visible(*store_);
        }
        [[nodiscard]] bool contains(key_view key) const {
            auto const* const found = find(key);
            return found != nullptr && is_seen(*found);
        }
        /// The value under `key`; an empty one if the key is absent.
        [[nodiscard]] value_view at(key_view key) const {
            return {Policy::value_of(find(key)), *root_};
        }
        /// Visits (key, value) in the canonical order of keys. O(n log n).
        template <class F>
        void for_each(F&& visit) const {
            if (store_ != nullptr) {
                store_->for_each_ordered([&](key_view key, entry const& found) {
                    if (is_seen(found)) {
                        visit(key, value_view{Policy::value_of(&found), *root_});
                    }
                });
            }
        }
        /// The keys in their canonical order. O(n log n).
        [[nodiscard]] std::vector<key_view> keys() const {
            std::vector<key_view> out;
            out.reserve(store_ == nullptr ? 0 : store_->entries().size());
            for_each([&](key_view key, auto const&) { out.push_back(key); });
            return out;
        }

    private:
        using entry = typename store_type::store_type;

        [[nodiscard]] entry const* find(key_view key) const {
            return store_ == nullptr ? nullptr : store_->find(key, root_->hash_seed);
        }
        [[nodiscard]] static bool is_seen([[maybe_unused]] entry const& found) {
            if constexpr (detail::residue<entry>::is_possible) {
                return detail::residue<entry>::is_visible(found);
            } else {
                return true;
            }
        }

        store_type const* store_;
        detail::causal_root const* root_;
    };

    /// Changes a map anywhere in a causal value; made by `edit`.
    template <class Location>
    class editor {
        using key_location = detail::key_location<Location, Key>;

    public:
        using value_location = typename Policy::template location<key_location>;
        using value_editor = typename Value::template editor<value_location>;

        explicit editor(Location location) : location_{std::move(location)} {}

        /// The editor of the value under `key`. `key` must outlive it.
        [[nodiscard]] value_editor at(key_view key) { return value_editor{Policy::at(place(key))}; }

        /// Removes what is under `key`, as the policy says.
        void erase(key_view key) { Policy::erase(place(key)); }

        /// Removes what is kept of the removed keys whose removal every member has seen, with a dot
        /// for each. It changes no value. It is an operation, since what went silently here would
        /// still count elsewhere when somebody writes under the key again.
        ///
        /// Precondition: what was written before its author had seen the removal has arrived.
        void sweep(stable_cut const& cut) requires(Policy::keeps_removed) {
            auto* const store = location_.find();
            if (store == nullptr) {
                return;
            }
            auto& entries = store->entries();
            for (std::uint32_t i = 0; i < entries.position_end(); ++i) {
                if (entries.is_alive(i) && !entries.at(i).value.is_alive() &&
                    detail::is_stable(entries.at(i).value, location_.writer.root(), cut)) {
                    auto key = place(held<Key>::look(entries.at(i).key));
                    key.prepare();
                    detail::write_removal(key);
                }
            }
            store->erase_bottoms(location_.writer.root().hash_seed);
            location_.prune();
        }

    private:
        [[nodiscard]] key_location place(key_view key) {
            (void)location_.writer.template accepts<Key>(key);
            return {location_, location_.writer, key};
        }

        Location location_;
    };

    /// Removes what is under `key`, as the policy says, on behalf of `self` and returns the change
    /// to send.
    or_map erase(replica_id self, key_view key) {
        return this->edit(author{self, {}, 0}, [&](auto map) { map.erase(key); });
    }

    /// Removes what is kept of removed keys and stable, on behalf of `self`, and returns the change
    /// to send. See `editor::sweep`.
    or_map sweep(replica_id self, stable_cut const& cut) requires(Policy::keeps_removed) {
        return this->edit(author{self, {}, 0}, [&](auto map) { map.sweep(cut); });
    }

    [[nodiscard]] view read() const { return {&this->store(), this->root()}; }
    [[nodiscard]] std::size_t size() const { return read().size(); }
    [[nodiscard]] bool empty() const { return read().empty(); }
    [[nodiscard]] bool contains(key_view key) const { return read().contains(key); }
    [[nodiscard]] value_view at(key_view key) const { return read().at(key); }
    [[nodiscard]] std::vector<key_view> keys() const { return read().keys(); }
};

} // namespace joinery
