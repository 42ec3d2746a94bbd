#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/core/replica_id.hpp>
#include <joinery/crdt/g_counter.hpp>

#include <cstdint>
#include <limits>
#include <utility>

namespace joinery {

/// A counter that can be incremented and decremented.
///
/// Two grow-only counters: the value is the sum of the increments less the sum
/// of the decrements.
///
/// Concurrent writes   add up; none is lost.
/// State               up to two slots for each replica that ever wrote.
/// Overflow            the value is the exact difference, brought to the nearest
///                     `int64_t` if it does not fit; never undefined. A replica's
///                     increments stay at 2^64 - 1 once they get there, and so do
///                     its decrements.
/// Forgetting          nothing: the slots of a retired replica are part of the sum.
/// Complexity          n slots: value O(n), increment O(log n), O(1) when repeated;
///                     join O(n), of a delta O(log n).
/// Reference           Shapiro et al., "A comprehensive study of Convergent and
///                     Commutative Replicated Data Types", RR-7506, 2011, §3.1.3.
class pn_counter {
public:
    using value_type = std::int64_t;
    using delta_type = pn_counter;

    [[nodiscard]] value_type value() const {
        auto const up = increments_.slots().sum();
        auto const down = decrements_.slots().sum();
        auto const is_negative = up.high < down.high || (up.high == down.high && up.low < down.low);
        auto const distance = is_negative ? less_by(down, up) : less_by(up, down);
        return saturated(is_negative, distance);
    }

    [[nodiscard]] bool is_bottom() const {
        return increments_.is_bottom() && decrements_.is_bottom();
    }

    /// Adds `amount` on behalf of `self` and returns the change to send, which
    /// is empty if `amount` is 0.
    ///
    /// Precondition: `self` is this replica's own id.
    delta_type increment(replica_id self, std::uint64_t amount = 1) {
        delta_type delta;
        delta.increments_ = increments_.increment(self, amount);
        return delta;
    }

    /// Subtracts `amount`; otherwise as `increment`.
    delta_type decrement(replica_id self, std::uint64_t amount = 1) {
        delta_type delta;
        delta.decrements_ = decrements_.increment(self, amount);
        return delta;
    }

    void join(pn_counter const& other) {
        increments_.join(other.increments_);
        decrements_.join(other.decrements_);
    }

    /// Visits each slot as a counter of its own: increments, then decrements, by the ids.
    template <class Visit>
    void decompose(Visit&& visit) const {
        increments_.decompose([&](g_counter slot) {
            delta_type part;
            part.increments_ = std::move(slot);
            visit(std::move(part));
        });
        decrements_.decompose([&](g_counter slot) {
            delta_type part;
            part.decrements_ = std::move(slot);
            visit(std::move(part));
        });
    }

    /// The slots that are above those of `other`. O(n + m).
    [[nodiscard]] delta_type difference(pn_counter const& other) const {
        delta_type news;
        news.increments_ = increments_.difference(other.increments_);
        news.decrements_ = decrements_.difference(other.decrements_);
        return news;
    }

    friend bool operator==(pn_counter const&, pn_counter const&) = default;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(increments_, decrements_);
    }

    /// Whether the bytes that this counter was loaded from were acceptable.
    [[nodiscard]] bool is_canonical() const {
        return increments_.is_canonical() && decrements_.is_canonical();
    }

    /// The mutators as a replica offers them: identity and recording of the
    /// delta are the target's.
    template <class Target>
    class editor {
    public:
        explicit editor(Target target) : target_{std::move(target)} {}

        void increment(std::uint64_t amount = 1) {
            target_.change([&](pn_counter& counter, author const& by) {
                return counter.increment(by.replica, amount);
            });
        }

        void decrement(std::uint64_t amount = 1) {
            target_.change([&](pn_counter& counter, author const& by) {
                return counter.decrement(by.replica, amount);
            });
        }

    private:
        Target target_;
    };

private:
    /// Precondition: `greater` is not less than `lesser`.
    [[nodiscard]] static slot_table::wide_sum less_by(slot_table::wide_sum greater,
                                                      slot_table::wide_sum lesser) {
        auto const borrow = greater.low < lesser.low ? std::uint64_t{1} : std::uint64_t{0};
        return {greater.high - lesser.high - borrow, greater.low - lesser.low};
    }

    [[nodiscard]] static value_type saturated(bool is_negative, slot_table::wide_sum distance) {
        using limits = std::numeric_limits<value_type>;
        auto const room = static_cast<std::uint64_t>(limits::max());
        if (distance.high > 0 || distance.low > room) {
            return is_negative ? limits::min() : limits::max();
        }
        auto const magnitude = static_cast<value_type>(distance.low);
        return is_negative ? -magnitude : magnitude;
    }

    g_counter increments_;
    g_counter decrements_;
};

static_assert(delta_crdt<pn_counter>);

} // namespace joinery
