#pragma once

#include <joinery/core/dot.hpp>
#include <joinery/core/interval_set.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/core/local_dot.hpp>
#include <joinery/core/replica_id.hpp>
#include <joinery/core/replica_table.hpp>
#include <joinery/core/version_vector.hpp>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery {

/// Which dots a causal value has seen: for each replica a contiguous prefix and the intervals above
/// it.
///
/// It is also the intern table of its root: a replica's position is the slot of its local dots, and
/// it never changes.
///
/// Concurrent writes   a context only grows; join is the union.
/// State               16 bytes of id and a prefix for each replica, 16 bytes for each gap.
/// Complexity          r replicas, g gaps: contains and insert O(log g), find O(log r), join
///                     O(r log r + g).
/// Reference           Almeida, Shoker, Baquero, "Delta State Replicated Data Types", JPDC 111,
///                     2018, §7; intervals instead of a version vector because the latter loses
///                     writes as soon as delivery is not in order.
class causal_context {
public:
    static constexpr replica_slot no_slot = replica_table::no_slot;

    /// Whether no dot was seen; replicas that were only given a slot do not count.
    [[nodiscard]] bool empty() const {
        for (replica_slot slot = 0; slot < seen_.size(); ++slot) {
            if (!seen_[slot].empty()) {
                return false;
            }
        }
        return true;
    }
    [[nodiscard]] replica_slot slot_count() const { return replicas_.size(); }
    [[nodiscard]] replica_id id_of(replica_slot slot) const { return replicas_[slot]; }
    [[nodiscard]] interval_set const& seen_of(replica_slot slot) const { return seen_[slot]; }
    [[nodiscard]] dot global(local_dot d) const { return {id_of(d.slot()), d.sequence()}; }

    [[nodiscard]] bool contains(local_dot d) const {
        return seen_[d.slot()].contains(d.sequence());
    }
    [[nodiscard]] bool contains(dot const& d) const {
        auto const slot = find(d.replica);
        return slot != no_slot && seen_[slot].contains(d.sequence);
    }

    /// What may be acknowledged: the contiguous prefixes, never a gap.
    [[nodiscard]] version_vector prefix() const {
        version_vector out;
        for (replica_slot slot = 0; slot < slot_count(); ++slot) {
            out.raise(id_of(slot), seen_[slot].prefix());
        }
        return out;
    }

    [[nodiscard]] replica_slot find(replica_id id) const { return replicas_.find(id); }

    /// The slot of `id`, which is given one if it has none.
    ///
    /// Precondition: at most `local_dot::slot_max` replicas; decoders refuse more.
    replica_slot intern(replica_id id) {
        auto const slot = replicas_.intern(id);
        if (slot == seen_.size()) [[unlikely]] {
            add_slot();
        }
        return slot;
    }

    /// For each slot of `other`, the slot here.
    slot_list intern_all(causal_context const& other) {
        auto slots = replicas_.intern_all(other.replicas_);
        if (replicas_.size() / 2 > seen_.size()) { // or each new one would move all others
            seen_.reserve(replicas_.size());
        }
        while (seen_.size() < replicas_.size()) {
            add_slot();
        }
        return slots;
    }

    /// Slots in the order of their replica ids, the one order that every replica agrees on.
    [[nodiscard]] std::vector<replica_slot> slots_by_id() const { return replicas_.slots_by_id(); }

    /// Mints the next dot of the replica at `slot`. Precondition: that replica is this process.
    local_dot next(replica_slot slot) { return {slot, seen_[slot].next()}; }

    void insert(local_dot d) { insert(d.slot(), d.sequence(), d.sequence()); }
    void insert(replica_slot slot, std::uint64_t first, std::uint64_t last) {
        seen_[slot].insert(first, last);
    }
    void insert(dot const& d) { insert(intern(d.replica), d.sequence, d.sequence); }

    void join(replica_slot slot, interval_set const& seen) { seen_[slot].join(seen); }
    void join(causal_context const& other) { join(other, intern_all(other)); }

    /// The same with the result of `intern_all(other)`.
    void join(causal_context const& other, slot_list const& slots) {
        for (replica_slot i = 0; i < other.slot_count(); ++i) {
            seen_[slots[i]].join(other.seen_[i]);
        }
    }

    /// The dots that were seen here and not there: the smallest context whose join lifts `other` to
    /// the union. O(r log r + g log g); allocates nothing if there are none.
    [[nodiscard]] causal_context difference(causal_context const& other) const {
        causal_context out;
        for (replica_slot slot = 0; slot < slot_count(); ++slot) {
            auto const theirs = other.find(id_of(slot));
            auto fresh =
                theirs == no_slot ? seen_[slot] : seen_[slot].difference(other.seen_[theirs]);
            if (!fresh.empty()) {
                out.seen_[out.intern(id_of(slot))] = std::move(fresh);
            }
        }
        return out;
    }

    /// How many dots were seen.
    [[nodiscard]] std::uint64_t count() const {
        std::uint64_t sum = 0;
        for (replica_slot slot = 0; slot < seen_.size(); ++slot) {
            sum += seen_[slot].count();
        }
        return sum;
    }

    /// Visits each dot in the order of replica ids and sequences.
    template <class Visit>
    void for_each_dot(Visit&& visit) const {
        for (auto const slot : slots_by_id()) {
            seen_[slot].for_each_interval([&](std::uint64_t first, std::uint64_t last) {
                for (auto sequence = first; sequence <= last; ++sequence) {
                    visit(local_dot{slot, sequence});
                }
            });
        }
    }

    /// Visits a context of one dot for each that was seen, in the order of replica ids and
    /// sequences.
    template <class Visit>
    void decompose(Visit&& visit) const {
        for_each_dot([&](local_dot d) {
            causal_context part;
            part.insert(global(d));
            visit(std::move(part));
        });
    }

    friend bool operator==(causal_context const& a, causal_context const& b) {
        return a.is_within(b) && b.is_within(a);
    }

private:
    [[gnu::noinline]] void add_slot() {
        assert(seen_.size() <= local_dot::slot_max && "too many replicas in one causal context");
        seen_.push_back({});
    }
    [[nodiscard]] bool is_within(causal_context const& other) const {
        for (replica_slot slot = 0; slot < slot_count(); ++slot) {
            auto const theirs = other.find(id_of(slot));
            if (theirs == no_slot ? !seen_[slot].empty() : seen_[slot] != other.seen_[theirs]) {
                return false;
            }
        }
        return true;
    }

    replica_table replicas_;
    small_list<interval_set, 2> seen_; // by slot
};

static_assert(join_semilattice<causal_context>);

} // namespace joinery
