#pragma once

#include <joinery/crdt/dict.hpp>
#include <joinery/crdt/dot_fun.hpp>
#include <joinery/crdt/join_frame.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery::detail {

/// A map from keys to dot stores; a key whose store is bottom is absent.
///
/// A *partial* map is a delta: it speaks only about the keys that it names, and may name a key
/// whose store is bottom ("something here was removed"), so that joining it costs O(delta). A map
/// that is not partial speaks about every key. The flag is an index and no state: names of bottom
/// stores take no part in comparison, and vanish when a partial map joins a complete one.
///
/// Concurrent writes   key by key, as its store joins.
/// Complexity          join of a delta O(its keys), of a state O(both); lookups O(1) expected.
/// Reference           Almeida, Shoker, Baquero, "Delta State Replicated Data Types", 2018, §7.2
///                     (DotMap).
template <class K, class Store>
class dot_map {
public:
    using key_type = K;
    using store_type = Store;
    using traits = held<K>;
    using key_view = typename traits::view;
    using entries_type = dict<K, Store>;
    using entry = typename entries_type::entry;
    static constexpr bool is_composite = true;
    static constexpr bool uses_pool = traits::uses_pool || Store::uses_pool;

    [[nodiscard]] bool is_bottom() const { return entries_.empty(); }
    [[nodiscard]] bool is_partial() const { return is_partial_; }
    void make_partial() { is_partial_ = true; }
    /// Precondition: no store is bottom.
    void make_complete() { is_partial_ = false; }
    [[nodiscard]] entries_type& entries() { return entries_; }
    [[nodiscard]] entries_type const& entries() const { return entries_; }

    [[nodiscard]] Store const* find(key_view key, std::uint64_t seed) const {
        auto const position = position_of(key, seed);
        return position == entries_type::none ? nullptr : &entries_.at(position).value;
    }
    [[nodiscard]] Store* find(key_view key, std::uint64_t seed) {
        return const_cast<Store*>(std::as_const(*this).find(key, seed));
    }

    /// Where a key is, or would be: good until the map changes.
    struct place {
        std::uint64_t hash = 0;
        std::uint32_t position = entries_type::none;
        [[nodiscard]] bool is_found() const { return position != entries_type::none; }
    };
    [[nodiscard]] place place_of(key_view key, std::uint64_t seed) const {
        auto const hash = traits::hash(key, seed);
        return {hash, entries_.find(hash, key)};
    }
    [[nodiscard]] Store& at(place where) { return entries_.at(where.position).value; }
    [[nodiscard]] Store const& at(place where) const { return entries_.at(where.position).value; }

    /// The store at `where`, made if it is absent; its key then points at `encoding`.
    Store& touch(place where, causal_root& root, key_view key, std::byte const* encoding) {
        if (!where.is_found()) {
            where.position = entries_.insert(
                where.hash, traits::keep(root.pool, key, encoding, bytes_owner::our_pool),
                root.hash_seed);
        }
        return at(where);
    }
    /// The same for a key that is known to be absent.
    Store& add(causal_root& root, key_view key, std::byte const* encoding) {
        auto const hash = entries_.has_index() ? traits::hash(key, root.hash_seed) : 0;
        return touch({hash, entries_type::none}, root, key, encoding);
    }
    void erase(place where) { entries_.erase(where.hash, where.position); }

    void clear() { entries_.clear(); }

    template <class Source>
    void like(Source const& theirs) {
        is_partial_ = !theirs.is_complete();
    }

    template <class Source, class Frame>
    void join(Source const& theirs, Frame& f) {
        if constexpr (requires { theirs.is_gone; }) {
            if (theirs.is_gone) {
                drop_seen(f);
                return;
            }
        }
        if (theirs.is_complete()) {
            join_complete(theirs, f);
            return;
        }
        auto const seed = f.root.hash_seed;
        theirs.for_each([&](key_view key, std::byte const* encoding, auto const& child) {
            join_key(traits::hash(key, seed), key, encoding, child, f);
        });
    }

    /// Joins what a partial source says about one key.
    template <class Source, class Frame>
    void join_key(std::uint64_t hash, key_view key, std::byte const* encoding, Source const& child,
                  Frame& f) {
        join_named(hash, key, encoding, child, f, is_partial_);
    }

    template <class Frame>
    void drop_seen(Frame& f) {
        auto const had_names = std::exchange(is_partial_, false);
        if (!had_names && !f.they_saw_something_of_ours()) {
            return;
        }
        for (std::uint32_t i = 0; i < entries_.position_end(); ++i) {
            if (entries_.is_alive(i)) {
                drop_seen_at(i, f);
            }
        }
    }

    /// Removes the keys whose stores have become bottom.
    void erase_bottoms(std::uint64_t seed) {
        for (std::uint32_t i = 0; i < entries_.position_end(); ++i) {
            if (entries_.is_alive(i) && entries_.at(i).value.is_bottom()) {
                entries_.erase(traits::hash(traits::look(entries_.at(i).key), seed), i);
            }
        }
    }

    template <class F>
    void for_each_dot(F&& visit) const {
        entries_.for_each([&](entry const& e) { e.value.for_each_dot(visit); });
    }

    /// Copies what the store points to into `pool`, so that the old one may go.
    void rehome(byte_pool& pool) {
        entries_.for_each([&](entry& e) {
            e.key = traits::keep(pool, traits::look(e.key), nullptr, bytes_owner::somebody_else);
            e.value.rehome(pool);
        });
    }

    void digest(digest_output& out, std::uint64_t path) const {
        entries_.for_each(
            [&](entry const& e) { e.value.digest(out, traits::hash(traits::look(e.key), path)); });
    }

    /// Visits (key, store) in the canonical order of keys. O(n log n).
    template <class F>
    void for_each_ordered(F&& visit) const {
        std::vector<std::pair<std::uint64_t, entry const*>> order;
        order.reserve(entries_.size());
        entries_.for_each(
            [&](entry const& e) { order.emplace_back(traits::prefix(traits::look(e.key)), &e); });
        std::sort(order.begin(), order.end(), [](auto const& a, auto const& b) {
            return a.first != b.first
                       ? a.first < b.first
                       : traits::less(traits::look(a.second->key), traits::look(b.second->key));
        });
        for (std::size_t i = 0; i < order.size(); ++i) {
            if (i + prefetch_ahead < order.size()) {
                __builtin_prefetch(order[i + prefetch_ahead].second);
            }
            visit(traits::look(order[i].second->key), order[i].second->value);
        }
    }

    struct memory_source {
        dot_map const& store;
        state_frame& f;
        [[nodiscard]] bool is_complete() const { return !store.is_partial(); }
        [[nodiscard]] std::uint32_t size_hint() const { return store.entries().size(); }
        template <class F>
        void for_each(F&& visit) const {
            store.entries().for_each([&](entry const& e) {
                visit(traits::look(e.key), nullptr, typename Store::memory_source{e.value, f});
            });
        }
    };

    /// One key of a piece, or nothing at all where a whole map was removed.
    struct piece_source {
        piece_frame& f;
        byte_reader& reader;
        bool is_gone = false;
        [[nodiscard]] bool is_complete() const { return is_gone; }
        [[nodiscard]] std::uint32_t size_hint() const { return 0; }
        template <class F>
        void for_each(F&& visit) const {
            if (!is_gone) {
                auto const* const encoding = reader.position();
                auto const key = read_again<K>(reader);
                visit(key, encoding, Store::piece_child(f, reader));
            }
        }
    };
    static piece_source piece_child(piece_frame& f, byte_reader& reader) {
        return {f, reader, reader.byte() == 0};
    }
    static void check_piece(byte_reader& reader, piece_check& check) {
        (void)traits::read(reader);
        Store::check_piece_child(reader, check);
    }
    static void check_piece_child(byte_reader& reader, piece_check& check) {
        nesting_guard const guard{check.depth, reader, 1}; // a state counts the root as well
        auto const tag = reader.byte();
        if (tag == 1) {
            check_piece(reader, check);
        } else if (tag != 0 || check.is_live) {
            reader.fail(errc::malformed, "a piece names a map in an unknown way");
        }
    }

    class state_source {
    public:
        explicit state_source(state_input& in) : in_{in} {
            is_complete_ = !in.is_partial || in.reader.byte() == 0;
            count_ = static_cast<std::uint32_t>(in.reader.varint());
        }
        [[nodiscard]] bool is_complete() const { return is_complete_; }
        [[nodiscard]] std::uint32_t size_hint() const { return count_; }
        template <class F>
        void for_each(F&& visit) const {
            for (std::uint32_t i = 0; i < count_; ++i) {
                auto const* const encoding = in_.reader.position();
                auto const key = read_again<K>(in_.reader);
                visit(key, encoding, typename Store::state_source{in_});
            }
        }

    private:
        state_input& in_;
        std::uint32_t count_ = 0;
        bool is_complete_ = true;
    };
    static bool check_state(byte_reader& reader, state_check& check) {
        nesting_guard const guard{check.depth, reader};
        auto const flag = check.is_partial ? reader.byte() : 0;
        auto const count = reader.varint();
        if (flag > 1 || count > reader.remaining()) {
            reader.fail(errc::malformed, "a map holds more entries than bytes");
        }
        if (flag == 1 && check.is_inside_complete) {
            reader.fail(errc::not_canonical, "a complete map holds a partial one");
        }
        if (flag == 0 && check.is_partial && check.is_at_root) {
            reader.fail(errc::not_canonical, "a partial state holds a complete map");
        }
        auto const was_inside = std::exchange(check.is_inside_complete, flag == 0);
        auto const was_at_root = std::exchange(check.is_at_root, false);
        auto last = typename traits::view{};
        for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
            auto const key = traits::read(reader);
            if (i > 0 && !traits::less(last, key)) {
                reader.fail(errc::not_canonical, "keys are not in ascending order");
            }
            last = key;
            if (Store::check_state(reader, check) && flag == 0 && reader.ok()) {
                reader.fail(errc::not_canonical, "a key without a value");
            }
        }
        check.is_inside_complete = was_inside;
        check.is_at_root = was_at_root;
        return count == 0 && flag == 0;
    }

    void write_state(state_output& to) const {
        if (to.is_partial) {
            to.out.byte(is_partial_ ? 1 : 0);
        }
        to.out.varint(entries_.size());
        for_each_ordered([&](key_view key, Store const& store) {
            to.out.commit(traits::put(to.out.reserve(traits::room(key)), key));
            store.write_state(to);
        });
    }

private:
    static constexpr std::size_t prefetch_ahead = 8;

    [[nodiscard]] std::uint32_t position_of(key_view key, std::uint64_t seed) const {
        return entries_.find(entries_.has_index() ? traits::hash(key, seed) : 0, key);
    }

    /// Joins one key and returns its position, or `none` if its store is bottom and not kept.
    template <class Source, class Frame>
    std::uint32_t join_named(std::uint64_t hash, key_view key, std::byte const* encoding,
                             Source const& child, Frame& f, bool keep_bottom) {
        auto const position = entries_.find(hash, key);
        if (position != entries_type::none) {
            auto& store = entries_.at(position).value;
            store.join(child, f);
            if (store.is_bottom() && !keep_bottom) {
                entries_.erase(hash, position);
                return entries_type::none;
            }
            return position;
        }
        return join_absent(hash, key, encoding, child, f, keep_bottom);
    }

    /// The same for a key that is known to be absent.
    template <class Source, class Frame>
    std::uint32_t join_absent(std::uint64_t hash, key_view key, std::byte const* encoding,
                              Source const& child, Frame& f, bool keep_bottom) {
        Store fresh;
        if (keep_bottom) {
            if constexpr (requires { fresh.like(child); }) {
                fresh.like(child);
            }
        }
        fresh.join(child, f);
        if (fresh.is_bottom() && !keep_bottom) {
            return entries_type::none;
        }
        return entries_.insert(hash, traits::keep(f.root.pool, key, encoding, f.owner),
                               f.root.hash_seed, std::move(fresh));
    }

    /// The keys of a source come once each, so that none of them has to be looked for.
    template <class Source, class Frame>
    void fill(Source const& theirs, Frame& f) {
        auto const seed = f.root.hash_seed;
        entries_.reserve(theirs.size_hint(), seed);
        theirs.for_each([&](key_view key, std::byte const* encoding, auto const& child) {
            join_absent(traits::hash(key, seed), key, encoding, child, f, false);
        });
    }

    /// One pass over theirs, then one over ours that drops what they saw and did not name.
    template <class Source, class Frame>
    void join_complete(Source const& theirs, Frame& f) {
        auto const seed = f.root.hash_seed;
        is_partial_ = false;
        if (entries_.empty()) {
            fill(theirs, f);
            return;
        }
        auto const end = entries_.position_end();
        std::vector<bool> named(end);
        theirs.for_each([&](key_view key, std::byte const* encoding, auto const& child) {
            auto const at = join_named(traits::hash(key, seed), key, encoding, child, f, false);
            if (at < named.size()) {
                named[at] = true;
            } else if (at != entries_type::none) {
                named.resize(at + 1);
                named[at] = true;
            }
        });
        for (std::uint32_t i = 0; i < end; ++i) {
            if (!named[i] && entries_.is_alive(i)) {
                drop_seen_at(i, f);
            }
        }
    }

    template <class Frame>
    void drop_seen_at(std::uint32_t position, Frame& f) {
        auto& e = entries_.at(position);
        e.value.drop_seen(f);
        if (e.value.is_bottom()) {
            entries_.erase(traits::hash(traits::look(e.key), f.root.hash_seed), position);
        }
    }

    entries_type entries_;
    bool is_partial_ = false;
};

/// The place of `key` in a map that may not exist.
template <class K, class Store>
[[nodiscard]] typename dot_map<K, Store>::place
place_in(dot_map<K, Store> const* map, held_view<K> key, causal_root const& root) {
    if (map == nullptr) {
        return {held<K>::hash(key, root.hash_seed), dot_map<K, Store>::entries_type::none};
    }
    return map->place_of(key, root.hash_seed);
}

} // namespace joinery::detail
