#pragma once

#include <joinery/core/bugs.hpp>
#include <joinery/core/byte_reader.hpp>
#include <joinery/core/result.hpp>
#include <joinery/crdt/join_frame.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery {

/// The join decomposition of one replica's edit: one piece for each of its dots, in dot order, so
/// that the dots themselves cost nothing. A piece that inserts a run of items has a dot for each.
///
///     piece       head superseded* path payload
///     head        varint: superseded count << 1 | whether the dot is live
///     superseded  varint: distance << 1 (same origin), or index in `others` << 1 | 1 and a varint
///                 sequence
///
/// A view: it lives as long as the bytes.
struct piece_sequence {
    replica_id origin;
    std::uint64_t first = 0; ///< Sequence of the first dot.
    std::uint32_t count = 0; ///< Number of dots.
    hlc time;
    byte_view body;   ///< The pieces.
    byte_view others; ///< 16 bytes for each foreign replica that the pieces mention.

    [[nodiscard]] std::uint64_t last() const { return first + count - 1; }
};

namespace detail {

/// Applies piece sequences to one store in two passes: the first accepts every byte and changes
/// nothing, the second joins and cannot fail.
///
/// What the first pass notes for the second lies in memory of the thread, so that ten thousand
/// small documents do not hold ten thousand of them.
template <class Store>
class piece_applier {
public:
    /// The first pass. `hash_seed` is that of the root that will apply the pieces.
    [[nodiscard]] result<void> check(piece_sequence const& in, std::uint64_t hash_seed) {
        auto& notes = scratch().noted;
        notes.clear();
        if (in.count == 0 || in.first == 0 || in.first > local_dot::sequence_max ||
            in.last() > local_dot::sequence_max || in.count > in.body.size() ||
            in.others.size() % replica_bytes != 0) {
            return failure(errc::malformed, "a changeset has no dots, or more than it can hold");
        }
        byte_reader reader{in.body};
        piece_check state{in.first, static_cast<std::uint32_t>(in.others.size() / replica_bytes)};
        for (state.sequence = in.first; state.sequence <= in.last() && reader.ok();) {
            auto const offset = static_cast<std::uint32_t>(reader.offset());
            state.dots = 1;
            check_head(reader, state);
            notes.push_back({check_root(reader, state, hash_seed), offset});
            state.sequence += state.dots;
        }
        if (reader.ok() && state.sequence != in.last() + 1) {
            reader.fail(errc::malformed, "the last piece of a changeset has too many dots");
        }
        if (reader.ok() && !reader.at_end()) {
            reader.fail(errc::malformed, "a changeset has bytes behind its last piece");
        }
        if (!reader.ok()) {
            return failure(reader.error());
        }
        return {};
    }

    /// The second pass. Precondition: `check` has just accepted `in`. Returns the number of dots
    /// that came with another payload than before.
    std::uint32_t apply(causal_root& root, Store& store, piece_sequence const& in,
                        bytes_owner owner) {
        intern_others(root, in);
        auto const& notes = scratch().noted;
        auto const& others = scratch().others;
        auto& implied = scratch().implied;
        auto const slot = root.context.intern(in.origin);
        implied.clear();
        piece_frame f{root, owner, in.time, others, implied};
        prefetch(store, 0, index_ahead);
        auto sequence = in.first;
        for (std::uint32_t i = 0; i < notes.size(); ++i) {
            prefetch(store, i, i + index_ahead + 1);
            byte_reader reader{in.body.subspan(notes[i].offset)};
            f.d = {slot, sequence};
            f.dots = 1;
            read_head(reader, f);
            join_root(store, reader, f, notes[i].hash);
            sequence += f.dots;
        }
        root.context.insert(slot, in.first, in.last());
        if (bugs::removal_forgets_its_dots) {
            implied.clear();
        }
        for (auto const d : implied) {
            root.context.insert(d);
        }
        return f.equivocations;
    }

private:
    static constexpr std::size_t replica_bytes = 16;
    static constexpr std::uint32_t index_ahead = 16;
    static constexpr std::uint32_t entry_ahead = 8;

    struct note {
        std::uint64_t hash; ///< of the root's key, where the root has keys
        std::uint32_t offset;
    };

    static constexpr bool has_keys = requires(Store store) { store.entries(); };

    static void check_head(byte_reader& reader, piece_check& state) {
        auto const head = reader.varint();
        state.is_live = (head & 1) != 0;
        for (auto left = head >> 1; left != 0 && reader.ok(); --left) {
            auto const word = reader.varint();
            auto const is_foreign = (word & 1) != 0;
            auto const sequence = is_foreign ? reader.varint() : state.sequence - (word >> 1);
            if (is_foreign ? word >> 1 >= state.others
                           : word >> 1 == 0 || word >> 1 >= state.sequence) {
                reader.fail(errc::malformed, "a piece supersedes a dot that cannot exist");
            }
            if (sequence == 0 || sequence > local_dot::sequence_max) {
                reader.fail(errc::malformed, "a piece supersedes a dot that cannot exist");
            }
        }
    }

    static std::uint64_t check_root(byte_reader& reader, piece_check& state, std::uint64_t seed) {
        if constexpr (has_keys) {
            using traits = typename Store::traits;
            auto const hash = traits::hash(traits::read(reader), seed);
            Store::store_type::check_piece_child(reader, state);
            return hash;
        } else {
            Store::check_piece(reader, state);
            return 0;
        }
    }

    void prefetch([[maybe_unused]] Store const& store, [[maybe_unused]] std::uint32_t at,
                  [[maybe_unused]] std::uint32_t end) const {
        if constexpr (has_keys) {
            auto const& notes = scratch().noted;
            auto const begin = end <= index_ahead ? 0 : end - 1;
            for (auto i = begin; i < end && i < notes.size(); ++i) {
                store.entries().prefetch_index(notes[i].hash);
            }
            if (at + entry_ahead < notes.size()) {
                store.entries().prefetch_entry(notes[at + entry_ahead].hash);
            }
        }
    }

    static void join_root(Store& store, byte_reader& reader, piece_frame& f, std::uint64_t hash) {
        if constexpr (has_keys) {
            auto const* const encoding = reader.position();
            auto const key = read_again<typename Store::key_type>(reader);
            store.join_key(hash, key, encoding, Store::store_type::piece_child(f, reader), f);
        } else {
            store.join(typename Store::piece_source{f, reader}, f);
        }
    }

    void read_head(byte_reader& reader, piece_frame& f) {
        auto const head = reader.varint();
        f.is_live = (head & 1) != 0;
        f.superseded.clear();
        for (auto left = head >> 1; left != 0; --left) {
            auto const word = reader.varint();
            auto const d = (word & 1) != 0 ? local_dot{f.others[word >> 1], reader.varint()}
                                           : local_dot{f.d.slot(), f.d.sequence() - (word >> 1)};
            f.superseded.push_back(d);
            f.imply(d);
        }
        f.superseded.seal();
    }

    void intern_others(causal_root& root, piece_sequence const& in) {
        auto& others = scratch().others;
        others.clear();
        for (std::size_t at = 0; at < in.others.size(); at += replica_bytes) {
            others.push_back(root.context.intern(
                replica_id::from_bytes(in.others.subspan(at).template first<replica_bytes>())));
        }
    }

    struct scratch_memory {
        std::vector<note> noted;
        std::vector<replica_slot> others;
        std::vector<local_dot> implied; ///< superseded, but not seen before
    };
    static scratch_memory& scratch() {
        thread_local scratch_memory memory;
        return memory;
    }
};

} // namespace detail
} // namespace joinery
