#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/core/replica_id.hpp>
#include <joinery/crdt/slot_table.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace joinery {

/// A counter that only grows.
///
/// Each replica owns one slot and raises it; the value is the sum of the slots.
///
/// Concurrent writes   add up; none is lost.
/// State               one slot for each replica that ever incremented.
/// Overflow            a slot and the value stay at 2^64 - 1 once they get there.
///                     This holds for slots from hostile peers as well.
/// Forgetting          nothing: the slot of a retired replica is part of the sum.
/// Complexity          n slots: value O(n), increment O(log n), O(1) when repeated;
///                     join O(n), of a delta O(log n).
/// Reference           Shapiro et al., "A comprehensive study of Convergent and
///                     Commutative Replicated Data Types", RR-7506, 2011, §3.1.2.
///
/// See also `pn_counter`, which can also be decremented.
class g_counter {
public:
    using value_type = std::uint64_t;
    using delta_type = g_counter;

    g_counter() = default;

    [[nodiscard]] value_type value() const {
        auto const sum = slots_.sum();
        return sum.high == 0 ? sum.low : std::numeric_limits<value_type>::max();
    }

    [[nodiscard]] bool is_bottom() const { return slots_.empty(); }

    /// What each replica has contributed.
    [[nodiscard]] slot_table const& slots() const { return slots_; }

    /// Adds `amount` on behalf of `self` and returns the change to send, which
    /// is empty if `amount` is 0.
    ///
    /// Precondition: `self` is this replica's own id.
    delta_type increment(replica_id self, value_type amount = 1) {
        return delta_type{slot_table{self, amount > 0 ? slots_.add(self, amount) : 0}};
    }

    void join(g_counter const& other) { slots_.join(other.slots_); }

    /// Visits each replica's slot as a counter of its own, in the order of the ids.
    template <class Visit>
    void decompose(Visit&& visit) const {
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            visit(delta_type{slot_table{slots_.ids()[i], slots_.totals()[i]}});
        }
    }

    /// The slots that are above those of `other`. O(n + m).
    [[nodiscard]] delta_type difference(g_counter const& other) const {
        return delta_type{slots_.difference(other.slots_)};
    }

    friend bool operator==(g_counter const&, g_counter const&) = default;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(slots_);
    }

    /// Whether the bytes that this counter was loaded from were acceptable.
    [[nodiscard]] bool is_canonical() const { return slots_.is_canonical(); }

    /// The mutators as a replica offers them: identity and recording of the
    /// delta are the target's.
    template <class Target>
    class editor {
    public:
        explicit editor(Target target) : target_{std::move(target)} {}

        void increment(value_type amount = 1) {
            target_.change([&](g_counter& counter, author const& by) {
                return counter.increment(by.replica, amount);
            });
        }

    private:
        Target target_;
    };

private:
    explicit g_counter(slot_table slots) : slots_{std::move(slots)} {}

    slot_table slots_;
};

static_assert(delta_crdt<g_counter>);

} // namespace joinery
