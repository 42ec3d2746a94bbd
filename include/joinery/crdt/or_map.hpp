#pragma once

#include <joinery/core/lattice.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/dot_map.hpp>

#include <cstddef>
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
};

} // namespace detail

/// A map from keys to causal values of one type, itself included (through `boxed`).
///
/// A key is present as long as its value is not bottom; changing the value under an absent key
/// makes it.
///
/// Concurrent writes   update ∥ update of one key: the values join. erase ∥ update: what the erase
///                     has seen disappears, what was written concurrently stays, so that a value
///                     may come back in part. erase ∥ erase: gone.
/// State               one entry for each key with its value's dot store; one context for all.
/// Complexity          find O(1) expected; erase O(dots under the key); join of a delta O(delta),
/// of
///                     a state O(both).
/// Reference           Almeida, Shoker, Baquero, "Delta State Replicated Data Types", 2018, §7.4
///                     (ORMap).
template <class Key, class Value>
class or_map : public causal<or_map<Key, Value>,
                             detail::dot_map<Key, typename detail::nested_store<Value>::type>> {
    static_assert(
        !requires { requires !Value::is_nestable; },
        "joinery: a document cannot be a value of or_map; nest a map inside the document");

public:
    using key_type = Key;
    using mapped_type = Value;
    using key_view = held_view<Key>;
    using store_type = detail::dot_map<Key, typename detail::nested_store<Value>::type>;
    using value_view = typename Value::view;

    /// Reads a map anywhere in a causal value. Lives as long as the value is not changed.
    class view {
    public:
        view(store_type const* store, detail::causal_root const& root)
            : store_{store}, root_{&root} {}

        [[nodiscard]] std::size_t size() const {
            return store_ == nullptr ? 0 : store_->entries().size();
        }
        [[nodiscard]] bool empty() const { return size() == 0; }
        [[nodiscard]] bool contains(key_view key) const {
            return store_ != nullptr && store_->find(key, root_->hash_seed) != nullptr;
        }
        /// The value under `key`; an empty one if the key is absent.
        [[nodiscard]] value_view at(key_view key) const {
            return {store_ == nullptr ? nullptr : store_->find(key, root_->hash_seed), *root_};
        }
        /// Visits (key, value) in the canonical order of keys. O(n log n).
        template <class F>
        void for_each(F&& visit) const {
            if (store_ != nullptr) {
                store_->for_each_ordered([&](key_view key, auto const& store) {
                    visit(key, value_view{&store, *root_});
                });
            }
        }
        /// The keys in their canonical order. O(n log n).
        [[nodiscard]] std::vector<key_view> keys() const {
            std::vector<key_view> out;
            out.reserve(size());
            for_each([&](key_view key, auto const&) { out.push_back(key); });
            return out;
        }

    private:
        store_type const* store_;
        detail::causal_root const* root_;
    };

    /// Changes a map anywhere in a causal value; made by `edit`.
    template <class Location>
    class editor {
    public:
        using value_location = detail::key_location<Location, Key>;
        using value_editor = typename Value::template editor<value_location>;

        explicit editor(Location location) : location_{std::move(location)} {}

        /// The editor of the value under `key`. `key` must outlive it.
        [[nodiscard]] value_editor at(key_view key) {
            return value_editor{value_location{location_, location_.writer, key}};
        }

        /// Removes everything seen under `key`; nothing if it is absent.
        void erase(key_view key) {
            auto& writer = location_.writer;
            auto* const store = location_.find();
            auto const where = detail::place_in(store, key, writer.root());
            if (!where.is_found()) {
                return;
            }
            std::vector<local_dot> dots;
            store->at(where).for_each_dot([&](local_dot d) { dots.push_back(d); });
            writer.begin(detail::piece_life::dead, static_cast<std::uint32_t>(dots.size()),
                         location_.room() + held<Key>::room(key) + 1);
            for (auto const d : dots) {
                writer.supersede(d);
            }
            auto* at = held<Key>::put(location_.put(writer.cursor()), key);
            if constexpr (Value::store_type::is_composite) {
                *at++ = std::byte{0};
            }
            writer.end(at);
            store->erase(where);
            location_.prune();
        }

    private:
        Location location_;
    };

    /// Removes everything seen under `key` on behalf of `self` and returns the change to send.
    or_map erase(replica_id self, key_view key) {
        return this->edit(author{self, {}, 0}, [&](auto map) { map.erase(key); });
    }

    [[nodiscard]] view read() const { return {&this->store(), this->root()}; }
    [[nodiscard]] std::size_t size() const { return read().size(); }
    [[nodiscard]] bool empty() const { return read().empty(); }
    [[nodiscard]] bool contains(key_view key) const { return read().contains(key); }
    [[nodiscard]] value_view at(key_view key) const { return read().at(key); }
    [[nodiscard]] std::vector<key_view> keys() const { return read().keys(); }
};

} // namespace joinery
