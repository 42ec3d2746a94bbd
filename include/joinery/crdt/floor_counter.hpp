#pragma once

#include <joinery/core/bugs.hpp>
#include <joinery/crdt/dot_fun.hpp>
#include <joinery/crdt/dot_store_decomposition.hpp>
#include <joinery/crdt/forget_resets.hpp>
#include <joinery/crdt/join_frame.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

namespace joinery::detail {

/// A counter that can be reset, as a store inside a causal value: floor vectors with epochs.
///
/// For each replica: the sum of its increments since `start`, up to its dot `count`; and the
/// largest prefix of them, `floor`, that any reset has observed. Both halves are written by a total
/// function of their dot, so the greater dot wins.
///
/// Concurrent writes   increments add up; a reset removes exactly those that it has seen, and a
///                     concurrent increment survives exactly.
/// State               one entry for each replica that ever incremented; an entry that was reset
///                     stays, since forgetting it would let old increments come back.
/// Complexity          r replicas: increment O(r), join O(r log r).
/// Reference           Baquero, Almeida, Lerche, "The Problem with Embedded CRDT Counters and a
///                     Solution", PaPoC 2016, for the anomaly; floors bound to dots avoid it
///                     without a reset taking increments that it has not seen.
class floor_counter {
public:
    struct entry {
        replica_slot slot = 0;
        std::uint64_t count = 0; ///< Sequence of the last increment, 0 if none is known.
        std::uint64_t start = 0; ///< Sequence of the first increment in `total`.
        std::int64_t total = 0;
        std::uint64_t floor = 0; ///< Sequence of the last increment that a reset has seen.
        std::int64_t floor_total = 0;

        [[nodiscard]] bool is_live() const { return count > floor; }
    };

    [[nodiscard]] bool is_bottom() const { return entries_.empty(); }
    [[nodiscard]] bool is_live() const {
        return std::any_of(entries_.begin(), entries_.end(),
                           [](entry const& e) { return e.is_live(); });
    }
    [[nodiscard]] std::vector<entry> const& entries() const { return entries_; }

    /// The sum of all increments that no reset has seen; it stays at the ends of its range.
    [[nodiscard]] std::int64_t value() const {
        __extension__ using wide = __int128;
        wide sum = 0;
        for (auto const& e : entries_) {
            sum += e.total;
            sum -= e.floor >= e.start ? e.floor_total : 0;
        }
        using limits = std::numeric_limits<std::int64_t>;
        return static_cast<std::int64_t>(std::clamp<wide>(sum, limits::min(), limits::max()));
    }

    /// The entry as it will be after the replica at `slot` adds `amount` with sequence `sequence`.
    [[nodiscard]] entry incremented(replica_slot slot, std::uint64_t sequence,
                                    std::int64_t amount) const {
        auto e = of(slot);
        if (!e.is_live()) {
            e.start = sequence;
            e.total = 0;
        }
        e.slot = slot;
        e.count = sequence;
        e.total = saturating_add(e.total, amount);
        return e;
    }

    /// Every live entry as it will be after a reset that has seen all of this; the others have been
    /// reset before.
    [[nodiscard]] std::vector<entry> floored() const {
        std::vector<entry> out;
        for (auto e : entries_) {
            if (e.is_live() && !bugs::reset_forgets_floors) {
                std::tie(e.floor, e.floor_total) = std::tie(e.count, e.total);
                out.push_back(e);
            }
        }
        return out;
    }

    /// The entry of the replica at `slot`; null if there is none.
    [[nodiscard]] entry const* find(replica_slot slot) const {
        auto const at = std::lower_bound(entries_.begin(), entries_.end(), slot, is_before);
        return at == entries_.end() || at->slot != slot ? nullptr : &*at;
    }

    /// Drops the entries of which a reset has seen every increment. See `document::forget`.
    void forget_resets() { std::erase_if(entries_, can_forget); }

    void join(entry const& theirs) {
        auto const at = std::lower_bound(entries_.begin(), entries_.end(), theirs.slot, is_before);
        if (at == entries_.end() || at->slot != theirs.slot) {
            entries_.insert(at, theirs);
            return;
        }
        if (std::tie(at->count, at->total, at->start) <
            std::tie(theirs.count, theirs.total, theirs.start)) {
            at->count = theirs.count;
            at->start = theirs.start;
            at->total = theirs.total;
        }
        auto const ours = std::tie(at->floor, at->floor_total);
        if (ours < std::tie(theirs.floor, theirs.floor_total)) {
            at->floor = theirs.floor;
            at->floor_total = theirs.floor_total;
        }
    }

    template <class Source>
    void join(Source const& theirs) {
        theirs.for_each([&](entry const& e) { join(e); });
    }

    /// What `forget_resets` drops takes no part, nor do floors of what was counted before a reset.
    void digest(digest_output& out, std::uint64_t path) const {
        for (auto e : entries_) {
            if (can_forget(e)) {
                continue;
            }
            if (e.floor < e.start) {
                e.floor = 0;
                e.floor_total = 0;
            }
            auto const id = out.root.context.id_of(e.slot);
            auto const where =
                hash_words(path ^ hash_key_a, {id.high(), id.low(), e.count, e.start,
                                               zigzag(e.total), e.floor, zigzag(e.floor_total)});
            out.sum.add({hash_mix(where, hash_key_a), where});
        }
    }

    struct memory_source {
        floor_counter const* store; ///< may be null
        state_frame& f;
        template <class F>
        void for_each(F&& visit) const {
            if (store != nullptr) {
                for (auto e : store->entries_) {
                    e.slot = f.slots[e.slot];
                    visit(e);
                }
            }
        }
    };

    // In a state: count, then for each entry in order of rank: rank, count, count - start, total,
    // floor, floor total.
    void write_state(state_output& to) const {
        auto order = entries_;
        std::sort(order.begin(), order.end(), [&](entry const& a, entry const& b) {
            return to.rank[a.slot] < to.rank[b.slot];
        });
        to.out.varint(order.size());
        for (auto const& e : order) {
            to.out.varint(to.rank[e.slot]);
            write_increments(to.out, e);
            to.out.varint(e.floor);
            to.out.varint(zigzag(e.floor_total));
        }
    }
    static void check_state(byte_reader& reader, state_check& check) {
        auto const size = reader.varint();
        std::uint64_t next_rank = 0;
        for (std::uint64_t i = 0; i < size && reader.ok(); ++i) {
            auto const rank = reader.varint();
            entry const e = read_increments(reader);
            auto const floor = reader.varint();
            (void)reader.varint();
            if (rank < next_rank || !check.contains(rank, e.count) || floor > e.count) {
                reader.fail(errc::malformed, "a counter holds what nobody can have counted");
            }
            next_rank = rank + 1;
        }
        if (size == 0) {
            reader.fail(errc::not_canonical, "a counter without entries");
        }
    }
    struct state_source {
        state_input* in; ///< null: there is no counter
        template <class F>
        void for_each(F&& visit) const {
            for (auto left = in == nullptr ? 0 : in->reader.varint(); left != 0; --left) {
                auto const slot = in->slots[in->reader.varint()];
                auto e = read_increments(in->reader);
                e.slot = slot;
                e.floor = in->reader.varint();
                e.floor_total = unzigzag(in->reader.varint());
                visit(e);
            }
        }
    };

    static void write_increments(byte_writer& out, entry const& e) {
        out.varint(e.count);
        out.varint(e.count - e.start);
        out.varint(zigzag(e.total));
    }
    /// Checks as it reads: an increment exists, and began at a sequence that exists.
    static entry read_increments(byte_reader& reader) {
        entry e;
        e.count = reader.varint();
        auto const distance = reader.varint();
        e.total = unzigzag(reader.varint());
        if (e.count == 0 || e.count > local_dot::sequence_max || distance >= e.count) {
            reader.fail(errc::malformed, "a counter holds what nobody can have counted");
            return {};
        }
        e.start = e.count - distance;
        return e;
    }

private:
    static bool can_forget(entry const& e) { return !e.is_live() && e.total == e.floor_total; }
    static bool is_before(entry const& e, replica_slot slot) { return e.slot < slot; }

    [[nodiscard]] entry of(replica_slot slot) const {
        auto const* const e = find(slot);
        return e == nullptr ? entry{} : *e;
    }

    static std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
        std::int64_t sum = 0;
        if (__builtin_add_overflow(a, b, &sum)) {
            return b > 0 ? std::numeric_limits<std::int64_t>::max()
                         : std::numeric_limits<std::int64_t>::min();
        }
        return sum;
    }

    std::vector<entry> entries_; // by slot
};

/// Visits the parts of one entry. The increments are one, and what a reset has seen of them is
/// another if it can be told without them: the total at the floor, as the entry stood then.
template <class Visit>
void for_each_part(floor_counter::entry const& e, causal_context const& seen, Visit&& visit) {
    auto const is_apart = e.floor >= e.start && e.floor < e.count && e.floor != 0 &&
                          seen.contains(local_dot{e.slot, e.floor});
    auto increments = e;
    if (is_apart) {
        increments.floor = 0;
        increments.floor_total = 0;
    }
    visit(std::as_const(increments));
    if (is_apart) {
        visit(
            floor_counter::entry{e.slot, e.floor, e.start, e.floor_total, e.floor, e.floor_total});
    }
}

/// Whether joining `part` into an entry of the same replica changes nothing.
[[nodiscard]] inline bool is_part_of(floor_counter::entry const& part,
                                     floor_counter::entry const* whole) {
    return whole != nullptr &&
           std::tie(part.count, part.total, part.start) <=
               std::tie(whole->count, whole->total, whole->start) &&
           std::tie(part.floor, part.floor_total) <= std::tie(whole->floor, whole->floor_total);
}

inline bool subtract(floor_counter& out, floor_counter const* ours, floor_counter const* theirs,
                     difference_frame& f) {
    auto is_new = false;
    if (ours != nullptr) {
        for (auto const& e : ours->entries()) {
            auto const slot = f.to_theirs[e.slot];
            auto const* const other = theirs == nullptr ? nullptr : theirs->find(slot);
            for_each_part(e, f.ours.context, [&](floor_counter::entry part) {
                if (!is_part_of(part, other)) {
                    part.slot = f.give({e.slot, part.count}).slot();
                    out.join(part);
                    is_new = true;
                }
            });
        }
    }
    return is_new;
}

inline void speak_for(floor_counter&, floor_counter const*, causal_root&) {}

inline void decompose_at(floor_counter const& store, part_place<floor_counter>& at,
                         decomposition& f) {
    std::vector<floor_counter::entry> order{store.entries()};
    auto const& context = f.whole.context;
    std::sort(order.begin(), order.end(), [&](auto const& a, auto const& b) {
        return context.id_of(a.slot) < context.id_of(b.slot);
    });
    for (auto const& e : order) {
        for_each_part(e, context, [&](floor_counter::entry part) {
            auto put = [&](local_dot here) {
                part.slot = here.slot();
                at.touch().join(part);
            };
            f.make({e.slot, part.count}, put);
        });
    }
}

template <counter_holder Store>
bool subtract(Store& out, Store const* ours, Store const* theirs, difference_frame& f) {
    return subtract(out.counter(), ours == nullptr ? nullptr : &ours->counter(),
                    theirs == nullptr ? nullptr : &theirs->counter(), f);
}
template <counter_holder Store>
void speak_for(Store&, Store const*, causal_root&) {}

template <counter_holder Store>
class counter_place final : public part_place<floor_counter> {
public:
    explicit counter_place(part_place<Store>& at) : at_{at} {}
    floor_counter& touch() override { return at_.touch().counter(); }

private:
    part_place<Store>& at_;
};
template <counter_holder Store>
void decompose_at(Store const& store, part_place<Store>& at, decomposition& f) {
    counter_place<Store> place{at};
    decompose_at(store.counter(), place, f);
}

} // namespace joinery::detail
