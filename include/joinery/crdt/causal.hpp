#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/byte_writer.hpp>
#include <joinery/core/stable_cut.hpp>
#include <joinery/crdt/dot_store_decomposition.hpp>
#include <joinery/crdt/dot_store_difference.hpp>
#include <joinery/crdt/forget_resets.hpp>
#include <joinery/crdt/piece_writer.hpp>
#include <joinery/crdt/state_format.hpp>

#include <cassert>
#include <cstdint>
#include <string>
#include <utility>

namespace joinery {

namespace detail {
struct causal_access;

/// The place of the root store; where every path of an editor starts.
template <class Store>
struct root_location {
    using store_type = Store;
    static constexpr std::uint32_t depth = 1;
    piece_writer& writer;
    Store& store;

    [[nodiscard]] Store* find() const { return &store; }
    [[nodiscard]] std::size_t room() const { return 0; }
    std::byte* put(std::byte* at) { return at; }
    Store& touch() { return store; }
    void prune() {}
    /// What policies above a store have to write before a mutator writes its piece.
    void prepare() {}
};

} // namespace detail

/// The root of a causal CRDT: the one owner of a context, a pool of bytes and a dot store.
///
/// A causal type derives from it and adds how its store is read (`view`) and changed (`editor`).
/// Nested causal values are stores alone, and share the context of their root.
///
/// Concurrent writes   a dot that one side has seen and no longer holds was removed; a dot that it
///                     has not seen is news.
/// State               the dot store, its context, and a pool that the keys and values point into.
///                     Values that were overwritten keep their bytes until `compact`.
/// Complexity          join of a delta O(delta), of a state O(both). `==` and encoding sort:
///                     O(n log n).
/// Reference           Almeida, Shoker, Baquero, "Delta State Replicated Data Types", JPDC 111,
///                     2018, §7 (Causal CRDTs).
template <class Derived, class Store>
class causal {
public:
    using delta_type = Derived;
    using store_type = Store;

    causal() = default;
    causal(causal const& other) { copy_from(other); }
    causal(causal&& other) noexcept = default;
    causal& operator=(causal const& other) {
        causal copy{other};
        return *this = std::move(copy);
    }
    causal& operator=(causal&& other) noexcept = default;

    [[nodiscard]] causal_context const& context() const { return root_.context; }
    [[nodiscard]] bool is_bottom() const { return root_.context.empty() && store_.is_bottom(); }

    /// Whether this is a delta, which speaks only about the keys that it names.
    [[nodiscard]] bool is_partial() const {
        if constexpr (detail::has_partial<Store>) {
            return store_.is_partial();
        } else {
            return false;
        }
    }

    /// How often a dot came with another payload than before: a replica id was used twice. The
    /// greater payload won, so that replicas still agree.
    [[nodiscard]] std::uint64_t equivocations() const { return equivocations_; }

    void join(Derived const& other) {
        causal const& theirs = other;
        if (&theirs == this || theirs.is_bottom()) {
            return;
        }
        auto const slots = root_.context.intern_all(theirs.root_.context);
        auto f = detail::make_state_frame(root_, bytes_owner::somebody_else, slots,
                                          theirs.root_.context);
        store_.join(typename Store::memory_source{theirs.store_, f}, f);
        root_.context.join(theirs.root_.context, slots);
        equivocations_ += f.equivocations;
        compact_if_worth_it();
    }

    void join(Derived&& other) {
        if (is_bottom() && !is_partial() && !other.is_partial()) {
            static_cast<causal&>(*this) = std::move(static_cast<causal&>(other));
        } else {
            join(std::as_const(other));
        }
    }

    /// The smallest delta `d` with `other ⊔ d == other ⊔ *this`; bottom if nothing is new there.
    ///
    /// It speaks only about the keys that it names, unless this is a whole state that has seen dots
    /// come and go which `other` never saw: where these stood is not known, so that whoever joins
    /// it has to look at all keys. Values with equal contexts are compared like others, since an
    /// equivocation does not show in a context.
    ///
    /// Complexity   O(both), O(this) if this is a delta; two copies are compared without hashing.
    ///              Allocates nothing if nothing is new.
    [[nodiscard]] Derived difference(Derived const& other) const {
        causal const& theirs = other;
        Derived out;
        causal& built = out;
        if (&theirs == this || is_bottom() ||
            !detail::difference_of(built.root_, built.store_, root_, store_, theirs.root_,
                                   theirs.store_)) {
            return {};
        }
        return out;
    }

    /// Visits the irredundant parts whose join this is: one for each live dot, with its path and
    /// payload, in the order of keys; then one for each dot that lives no more. O(n log n).
    template <class Visit>
    void decompose(Visit&& visit) const {
        auto const make = [&](auto&& build) {
            Derived part;
            causal& one = part;
            one.root_.hash_seed = root_.hash_seed;
            build(one.root_, one.store_);
            visit(std::move(part));
        };
        detail::decompose_store(root_, store_, make);
    }

    /// Drops what is left of counters that were reset, once every member has seen everything that
    /// this value has. Until then, and for a delta, it does nothing. O(entries).
    ///
    /// The entry of a counter of which every increment was reset has to stay as long as somebody
    /// may hold these increments without the reset: with them, and without the entry, they would
    /// count again. Which operation was the reset is not written down, so that the cut has to cover
    /// all of this value's context. Then every member, the one that incremented included, holds
    /// the reset too, and its next increment begins anew.
    ///
    /// Precondition: what is joined later comes from a state at or past the cut, or was written
    /// behind one. What was sent before, late or twice, has to be kept away, as a replica's
    /// versions do: an old increment alone would count again.
    void forget(stable_cut const& cut) requires(detail::keeps_resets<Store>) {
        if (!is_partial() && detail::is_seen_by_all(root_.context, cut.seen_by_all)) {
            forget_resets(store_, root_.hash_seed);
        }
    }

    /// Changes the value on behalf of `by` and returns the change to send. `change` is called with
    /// the editor of the type; each of its mutators consumes one dot.
    ///
    /// Precondition: `by.replica` is this process's own id and has written no dot elsewhere that
    /// this value has not seen.
    template <class F>
    Derived edit(author const& by, F&& change) {
        auto writer = begin_edit(by);
        change(typename Derived::template editor<detail::root_location<Store>>{
            detail::root_location<Store>{writer, store_}});
        return finish_edit(writer);
    }

    /// Drops every byte that no live key or value needs. O(live).
    void compact() {
        if constexpr (Store::uses_pool) {
            byte_pool fresh;
            store_.rehome(fresh);
            root_.pool = std::move(fresh);
        }
        compact_at_ = std::max(compact_bytes_min, root_.pool.held_bytes() * 4);
    }

    /// An order-free digest of context, dots and payloads: equal states have equal digests.
    /// O(state), no sorting.
    [[nodiscard]] digest128 digest() const { return detail::digest_of(root_, store_); }

    /// The canonical bytes: equal states have equal bytes.
    [[nodiscard]] bytes encode() const {
        byte_writer out;
        detail::write_state(out, root_, store_, is_partial());
        return out.take();
    }

    /// The state or delta that was encoded.
    [[nodiscard]] static result<Derived> decode(byte_view input) {
        Derived out;
        causal& value = out;
        if constexpr (detail::has_partial<Store>) {
            if (!input.empty() && input.front() == std::byte{1}) {
                value.store_.make_partial();
            }
        }
        if (auto const joined = value.join_encoded(input); !joined) {
            return failure(joined.error());
        }
        return out;
    }

    /// Joins encoded bytes; they are checked first, and nothing changes if they are refused.
    [[nodiscard]] result<void> join_encoded(byte_view input) {
        if constexpr (Store::uses_pool) {
            owned_bytes buffer{input.size()};
            if (!input.empty()) {
                std::memcpy(buffer.data(), input.data(), input.size());
            }
            return join_encoded(std::move(buffer), input.size());
        } else {
            return detail::join_state(root_, store_, input, equivocations_);
        }
    }
    /// The same, keeping the buffer instead of copying texts out of it.
    [[nodiscard]] result<void> join_encoded(owned_bytes buffer, std::size_t size) {
        auto const was_empty = root_.context.empty();
        auto joined =
            detail::join_state(root_, store_, byte_view{buffer.data(), size}, equivocations_);
        if (!joined || !Store::uses_pool) {
            return joined;
        }
        root_.pool.adopt(std::move(buffer), size);
        if (was_empty) {
            // All of it is alive, so that there is nothing to gain yet.
            compact_at_ = std::max(compact_at_, root_.pool.held_bytes() * 4);
        } else {
            compact_if_worth_it();
        }
        return joined;
    }

    friend bool operator==(Derived const& a, Derived const& b) {
        causal const& x = a;
        causal const& y = b;
        return x.root_.context == y.root_.context && x.value_bytes() == y.value_bytes();
    }

    template <class Archive>
    void save(Archive& archive) const {
        auto const encoded = encode();
        archive(std::string{as_text(encoded)});
    }
    template <class Archive>
    void load(Archive& archive) {
        std::string encoded;
        archive(encoded);
        auto decoded = decode(as_bytes(encoded));
        auto const is_accepted = decoded.has_value();
        *this = is_accepted ? std::move(static_cast<causal&>(*decoded)) : causal{};
        is_malformed_ = !is_accepted;
    }
    /// Whether the bytes that it was loaded from were accepted.
    [[nodiscard]] bool is_canonical() const { return !is_malformed_; }

protected:
    [[nodiscard]] detail::causal_root const& root() const { return root_; }
    [[nodiscard]] Store const& store() const { return store_; }

private:
    friend struct detail::causal_access;

    static constexpr std::size_t compact_bytes_min = 64 * 1024;

    void copy_from(causal const& other) {
        root_.hash_seed = other.root_.hash_seed;
        if constexpr (detail::has_partial<Store>) {
            if (other.store_.is_partial()) {
                store_.make_partial();
            }
        }
        Derived const& theirs = static_cast<Derived const&>(other);
        join(theirs);
        equivocations_ = other.equivocations_;
    }

    detail::piece_writer begin_edit(author const& by) {
        return detail::piece_writer{root_, root_.context.intern(by.replica), by.time};
    }

    Derived finish_edit(detail::piece_writer& writer) {
        Derived delta;
        if (writer.count() != 0) {
            static_cast<causal&>(delta).apply_as_delta(writer.finish());
        }
        if constexpr (!Store::uses_pool) {
            root_.pool.rewind(writer.open());
        }
        compact_if_worth_it();
        return delta;
    }

    void apply_as_delta(piece_sequence const& pieces) {
        if constexpr (detail::has_partial<Store>) {
            store_.make_partial();
        }
        detail::piece_applier<Store> applier;
        [[maybe_unused]] auto const accepted = applier.check(pieces, root_.hash_seed);
        assert(accepted.has_value() && "an editor wrote a piece that its store does not accept");
        applier.apply(root_, store_, pieces, bytes_owner::somebody_else);
    }

    /// The bytes without names of bottom stores.
    [[nodiscard]] bytes value_bytes() const {
        if (!is_partial()) {
            return encode();
        }
        Derived whole;
        whole.join(static_cast<Derived const&>(*this));
        return whole.encode();
    }

    void compact_if_worth_it() {
        if (root_.pool.held_bytes() > compact_at_) {
            compact();
        }
    }

    detail::causal_root root_;
    Store store_;
    std::uint64_t equivocations_ = 0;
    std::size_t compact_at_ = compact_bytes_min;
    bool is_malformed_ = false;
};

namespace detail {

/// The way in for a replica, whose log lives in the root's pool.
struct causal_access {
    template <class Derived, class Store>
    static causal_root& root(causal<Derived, Store>& value) {
        return value.root_;
    }
    template <class Derived, class Store>
    static causal_root const& root(causal<Derived, Store> const& value) {
        return value.root_;
    }
    template <class Derived, class Store>
    static Store& store(causal<Derived, Store>& value) {
        return value.store_;
    }
    template <class Derived, class Store>
    static Store const& store(causal<Derived, Store> const& value) {
        return value.store_;
    }
    template <class Derived, class Store>
    static piece_writer begin_edit(causal<Derived, Store>& value, author const& by) {
        return value.begin_edit(by);
    }
    template <class Derived, class Store>
    static Derived finish_edit(causal<Derived, Store>& value, piece_writer& writer) {
        return value.finish_edit(writer);
    }
};

} // namespace detail
} // namespace joinery
