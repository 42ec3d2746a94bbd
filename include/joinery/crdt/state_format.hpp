#pragma once

#include <joinery/core/bugs.hpp>
#include <joinery/core/byte_pool.hpp>
#include <joinery/core/byte_reader.hpp>
#include <joinery/core/byte_writer.hpp>
#include <joinery/crdt/dot_fun.hpp>
#include <joinery/crdt/join_frame.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace joinery::detail {

inline state_frame make_state_frame(causal_root& root, bytes_owner owner, slot_list const& slots,
                                    causal_context const& theirs) {
    auto const seen = [&](std::size_t i) { return &theirs.seen_of(static_cast<replica_slot>(i)); };
    return {root, owner, slots, {slots, root.context.slot_count(), seen}};
}

/// The bytes of a causal value: a flag (1 if it is partial), its context in ascending order of
/// replica ids, and its store, whose dots name a replica by its rank in that order.
template <class Store>
void write_state(byte_writer& out, causal_root const& root, Store const& store, bool is_partial) {
    auto const& context = root.context;
    auto order = context.slots_by_id();
    if (bugs::replicas_in_order_of_arrival) {
        std::sort(order.begin(), order.end());
    }
    std::vector<std::uint32_t> rank(order.size(), state_output::no_rank);
    std::uint32_t known = 0;
    for (auto const slot : order) {
        if (!context.seen_of(slot).empty()) {
            rank[slot] = known++;
        }
    }
    out.byte(is_partial ? 1 : 0);
    out.varint(known);
    for (auto const slot : order) {
        auto const& seen = context.seen_of(slot);
        if (seen.empty()) {
            continue;
        }
        out.raw(context.id_of(slot).to_bytes());
        out.varint(seen.prefix());
        out.varint(seen.gap_count());
        seen.for_each_gap([&](std::uint64_t first, std::uint64_t last) {
            out.varint(first);
            out.varint(last - first);
        });
    }
    state_output to{out, root, rank, is_partial};
    store.write_state(to);
}

/// A state's context as it was read: the store's bytes follow.
struct state_header {
    bool is_partial = false;
    small_list<replica_id, 2> ids; ///< ascending
    small_list<interval_set, 2> seen;
    std::uint64_t mentioned = 0; ///< see `state_check`
};

/// `seen` is empty before: filled in place, since a delta's bytes are read in few steps.
inline void read_intervals(byte_reader& reader, interval_set& seen) {
    auto last = reader.varint();
    if (last > local_dot::sequence_max) {
        reader.fail(errc::malformed, "a sequence number is out of range");
    }
    if (last != 0 && reader.ok()) {
        seen.insert(1, last);
    }
    auto const count = reader.varint();
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        auto const first = reader.varint();
        auto const length = reader.varint();
        if (first <= last + 1 || first > local_dot::sequence_max ||
            length > local_dot::sequence_max - first) {
            reader.fail(errc::not_canonical, "the intervals of a context overlap or touch");
        } else {
            seen.insert(first, first + length);
            last = first + length;
        }
    }
    if (seen.empty()) {
        reader.fail(errc::not_canonical, "a context names a replica that it has not seen");
    }
}

inline state_header read_state_header(byte_reader& reader) {
    state_header header;
    auto const flag = reader.byte();
    auto const count = reader.varint();
    if (flag > 1 || count > reader.remaining() / 16 || count > local_dot::slot_max) {
        reader.fail(errc::malformed, "this is not a causal state");
    }
    header.is_partial = flag == 1;
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        auto const raw = reader.take(16);
        if (!reader.ok()) {
            break;
        }
        auto const id = replica_id::from_bytes(raw.first<16>());
        if (!header.ids.empty() && !(header.ids[header.ids.size() - 1] < id)) {
            reader.fail(errc::not_canonical, "replica ids are not in ascending order");
        }
        header.ids.push_back(id);
        read_intervals(reader, header.seen.emplace_back());
    }
    return header;
}

/// What the store at the root has read in the checking pass, and need not read again. Most keep
/// nothing.
template <class Store>
struct kept_image {
    struct type {};
};
template <class Store>
concept keeps_image = requires {
    typename Store::image_type;
};
template <keeps_image Store>
struct kept_image<Store> {
    using type = typename Store::image_type;
};

/// A state's bytes as they were accepted: the context, and what the store has kept.
template <class Store>
struct accepted_state {
    state_header header;
    typename kept_image<Store>::type image{};

    /// Accepts or refuses the bytes as a whole. `reader` ends behind the context, or fails.
    explicit accepted_state(byte_reader& reader) : header{read_state_header(reader)} {
        if (header.is_partial && !has_partial<Store>) {
            reader.fail(errc::malformed, "this state cannot be partial");
        }
        auto rest = reader;
        state_check check{header.ids, header.seen, header.is_partial};
        if (rest.ok()) {
            if constexpr (keeps_image<Store>) {
                Store::check_state(rest, check, image);
            } else {
                Store::check_state(rest, check);
            }
        }
        header.mentioned = check.mentioned;
        if (rest.ok() && !rest.at_end()) {
            rest.fail(errc::malformed, "a state has bytes behind its end");
        }
        if (!rest.ok()) {
            reader = rest;
        }
    }
};

template <class Store>
auto source_of(state_input& in, accepted_state<Store>& accepted) {
    if constexpr (keeps_image<Store>) {
        return typename Store::state_source{in, accepted.image};
    } else {
        return typename Store::state_source{in};
    }
}

/// Whether a context can know all of `ids`, and so many replicas more.
inline bool has_room_for(causal_context const& context, small_list<replica_id, 2> const& ids,
                         std::uint64_t more) {
    auto const known = more + context.slot_count();
    if (ids.size() + known <= local_dot::slot_max) [[likely]] {
        return true;
    }
    auto const fresh = std::count_if(ids.begin(), ids.end(), [&](replica_id id) {
        return context.find(id) == causal_context::no_slot;
    });
    return static_cast<std::uint64_t>(fresh) + known <= local_dot::slot_max;
}

/// Joins a state straight from its bytes, which have to become part of the pool if the store uses
/// it.
template <class Store>
[[nodiscard]] result<void> join_state(causal_root& root, Store& store, byte_view input,
                                      std::uint64_t& equivocations) {
    byte_reader reader{input};
    accepted_state<Store> accepted{reader};
    if (!reader.ok()) {
        return failure(reader.error());
    }
    auto const& [is_partial, ids, intervals, mentioned] = accepted.header;
    if (!has_room_for(root.context, ids, mentioned)) {
        return failure(errc::too_large, "a causal value cannot know so many replicas");
    }
    slot_list slots;
    for (auto const id : ids) {
        slots.push_back(root.context.intern(id));
    }
    if constexpr (keeps_image<Store>) {
        if (!store.has_room_for(accepted.image, slots)) {
            return failure(errc::too_large, "a sequence has no room for so many items");
        }
    }
    auto const seen = [&](std::size_t i) { return &intervals[i]; };
    state_frame f{root, bytes_owner::our_pool, slots, {slots, root.context.slot_count(), seen}};
    state_input source{reader, slots, is_partial};
    store.join(source_of<Store>(source, accepted), f);
    for (std::size_t i = 0; i < slots.size(); ++i) {
        root.context.join(slots[i], intervals[i]);
    }
    equivocations += f.equivocations;
    return {};
}

template <class Store>
digest128 digest_of(causal_root const& root, Store const& store) {
    multiset_digest sum;
    digest_output out{sum, root};
    store.digest(out, hash_key_a);
    for (replica_slot slot = 0; slot < root.context.slot_count(); ++slot) {
        auto const id = root.context.id_of(slot);
        auto const add = [&](std::uint64_t first, std::uint64_t last) {
            auto const where = hash_words(hash_key_b, {id.high(), id.low(), first, last});
            sum.add({hash_mix(where, hash_key_a), hash_mix(where, hash_key_b)});
        };
        auto const& seen = root.context.seen_of(slot);
        if (seen.prefix() != 0) {
            add(1, seen.prefix());
        }
        seen.for_each_gap(add);
    }
    return sum.value();
}

} // namespace joinery::detail
