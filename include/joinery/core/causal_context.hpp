#pragma once

#include <joinery/core/dot.hpp>
#include <joinery/core/interval_set.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/core/local_dot.hpp>
#include <joinery/core/replica_id.hpp>
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
    static constexpr replica_slot no_slot = ~replica_slot{0};

    struct replica_entry {
        replica_id id;
        interval_set seen;
    };

    [[nodiscard]] bool empty() const { return replicas_.empty(); }
    [[nodiscard]] replica_slot slot_count() const {
        return static_cast<replica_slot>(replicas_.size());
    }
    [[nodiscard]] replica_id id_of(replica_slot slot) const { return replicas_[slot].id; }
    [[nodiscard]] interval_set const& seen_of(replica_slot slot) const {
        return replicas_[slot].seen;
    }
    [[nodiscard]] dot global(local_dot d) const { return {id_of(d.slot()), d.sequence()}; }

    [[nodiscard]] bool contains(local_dot d) const {
        return replicas_[d.slot()].seen.contains(d.sequence());
    }
    [[nodiscard]] bool contains(dot const& d) const {
        auto const slot = find(d.replica);
        return slot != no_slot && replicas_[slot].seen.contains(d.sequence);
    }

    /// What may be acknowledged: the contiguous prefixes, never a gap.
    [[nodiscard]] version_vector prefix() const {
        version_vector out;
        for (auto const& replica : replicas_) {
            out.raise(replica.id, replica.seen.prefix());
        }
        return out;
    }

    [[nodiscard]] replica_slot find(replica_id id) const {
        if (replicas_.size() <= linear_max) {
            for (replica_slot slot = 0; slot < replicas_.size(); ++slot) {
                if (replicas_[slot].id == id) {
                    return slot;
                }
            }
            return no_slot;
        }
        auto const at = lower_bound(id);
        return at != order_.end() && replicas_[*at].id == id ? *at : no_slot;
    }

    /// The slot of `id`, which is given one if it has none.
    ///
    /// Precondition: at most `local_dot::slot_max` replicas; decoders refuse more.
    replica_slot intern(replica_id id) {
        if (auto const slot = find(id); slot != no_slot) {
            return slot;
        }
        assert(replicas_.size() < local_dot::slot_max && "too many replicas in one causal context");
        auto const slot = slot_count();
        replicas_.push_back({id, {}});
        if (replicas_.size() == linear_max + 1) {
            order_ = slots_by_id();
        } else if (replicas_.size() > linear_max + 1) {
            order_.insert(lower_bound(id), slot);
        }
        return slot;
    }

    /// For each slot of `other`, the slot here.
    std::vector<replica_slot> intern_all(causal_context const& other) {
        std::vector<replica_slot> slots(other.replicas_.size());
        for (replica_slot i = 0; i < slots.size(); ++i) {
            slots[i] = intern(other.replicas_[i].id);
        }
        return slots;
    }

    /// Slots in the order of their replica ids, the one order that every replica agrees on.
    [[nodiscard]] std::vector<replica_slot> slots_by_id() const {
        std::vector<replica_slot> order(replicas_.size());
        for (replica_slot i = 0; i < order.size(); ++i) {
            order[i] = i;
        }
        std::sort(order.begin(), order.end(), [&](replica_slot a, replica_slot b) {
            return replicas_[a].id < replicas_[b].id;
        });
        return order;
    }

    /// Mints the next dot of the replica at `slot`. Precondition: that replica is this process.
    local_dot next(replica_slot slot) { return {slot, replicas_[slot].seen.next()}; }

    void insert(local_dot d) { insert(d.slot(), d.sequence(), d.sequence()); }
    void insert(replica_slot slot, std::uint64_t first, std::uint64_t last) {
        replicas_[slot].seen.insert(first, last);
    }
    void insert(dot const& d) { insert(intern(d.replica), d.sequence, d.sequence); }

    void join(replica_slot slot, interval_set const& seen) { replicas_[slot].seen.join(seen); }
    void join(causal_context const& other) { join(other, intern_all(other)); }

    /// The same with the result of `intern_all(other)`.
    void join(causal_context const& other, std::vector<replica_slot> const& slots) {
        for (replica_slot i = 0; i < other.replicas_.size(); ++i) {
            replicas_[slots[i]].seen.join(other.replicas_[i].seen);
        }
    }

    friend bool operator==(causal_context const& a, causal_context const& b) {
        return a.is_within(b) && b.is_within(a);
    }

private:
    static constexpr std::size_t linear_max = 8;

    [[nodiscard]] bool is_within(causal_context const& other) const {
        return std::all_of(replicas_.begin(), replicas_.end(), [&](replica_entry const& replica) {
            auto const slot = other.find(replica.id);
            return slot == no_slot ? replica.seen.empty()
                                   : replica.seen == other.replicas_[slot].seen;
        });
    }

    [[nodiscard]] std::vector<replica_slot>::const_iterator lower_bound(replica_id id) const {
        return std::lower_bound(
            order_.begin(), order_.end(), id,
            [&](replica_slot slot, replica_id wanted) { return replicas_[slot].id < wanted; });
    }

    std::vector<replica_entry> replicas_;
    std::vector<replica_slot> order_; // by id; kept only above `linear_max` replicas
};

static_assert(join_semilattice<causal_context>);

} // namespace joinery
