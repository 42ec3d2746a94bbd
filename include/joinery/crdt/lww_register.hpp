#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/bugs.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/crdt/register_policy.hpp>

#include <concepts>
#include <cstdint>
#include <utility>

namespace joinery {

/// One value: the last write wins, or the one that `Policy` prefers.
///
/// Concurrent writes   `newest_wins`: the greatest author wins, ordered by time, replica
///                     and sequence: the same write on every replica, whoever joins.
///                     `first_wins`: the least author. `highest_wins`, `order_wins<Less>`:
///                     the greatest value, among equal ones the greatest author. A write
///                     that loses leaves nothing behind.
/// State               the winning value and its author.
/// Complexity          everything O(1), apart from copying a value.
/// Equivocation        One author with two values is a replica id used twice.
///                     `equivocates_with` tells; a join still gives one result in
///                     any order: the greater value if `T` is ordered, `T{}` if it
///                     is not.
/// Reference           Shapiro et al., "A comprehensive study of Convergent and
///                     Commutative Replicated Data Types", RR-7506, 2011, §3.2.1.
///
/// See also `mv_register`, which keeps concurrent values.
template <std::regular T, register_policy<T> Policy = newest_wins>
class lww_register {
public:
    using value_type = T;
    using delta_type = lww_register;
    using policy_type = Policy;

    lww_register() = default;

    /// The winning value; `T{}` if none was ever assigned.
    [[nodiscard]] T const& value() const { return value_; }

    /// Who wrote the value, and when; `author{}` if none was ever assigned.
    [[nodiscard]] author const& written_by() const { return author_; }

    [[nodiscard]] bool is_bottom() const { return author_ == author{}; }

    /// Writes `value` and returns the change to send. A write that loses against the
    /// present one changes nothing, as it would on every other replica, and its delta
    /// is empty. For `newest_wins`, take the time from a clock that has observed what
    /// this replica has joined, and no write loses.
    ///
    /// Precondition: `by` is not `author{}` and was used for no other value.
    delta_type assign(author const& by, T value) {
        delta_type delta;
        delta.author_ = by;
        delta.value_ = std::move(value);
        if (delta.is_below(*this)) {
            return {};
        }
        join(delta);
        return delta;
    }

    void join(lww_register const& other) {
        if (loses_against(other)) {
            value_ = other.value_;
            author_ = other.author_;
        } else if (equivocates_with(other) && !other.loses_against(*this)) {
            settle(other.value_);
        }
    }

    /// Visits the register itself, unless it is bottom: there is nothing to take apart.
    template <class Visit>
    void decompose(Visit&& visit) const {
        if (!is_bottom()) {
            visit(*this);
        }
    }

    /// The whole of it, or bottom if a join with `other` would keep that as it is.
    [[nodiscard]] delta_type difference(lww_register const& other) const {
        return is_below(other) ? delta_type{} : *this;
    }

    /// Whether `other` joined with this is `other`.
    [[nodiscard]] bool is_below(lww_register const& other) const {
        if (is_bottom() || loses_against(other)) {
            return true;
        }
        if (author_ != other.author_ || other.loses_against(*this)) {
            return false;
        }
        if constexpr (std::totally_ordered<T>) {
            return !(other.value_ < value_);
        } else {
            return value_ == other.value_ || other.value_ == T{};
        }
    }

    /// Whether both were written by the same author, with different values.
    [[nodiscard]] bool equivocates_with(lww_register const& other) const {
        return author_ == other.author_ && !(value_ == other.value_);
    }

    friend bool operator==(lww_register const&, lww_register const&) = default;

    template <class Archive>
    void save(Archive& archive) const {
        archive(author_.time.bits, author_.replica.high(), author_.replica.low(), author_.sequence,
                value_);
    }

    template <class Archive>
    void load(Archive& archive) {
        std::uint64_t high = 0;
        std::uint64_t low = 0;
        lww_register loaded;
        archive(loaded.author_.time.bits, high, low, loaded.author_.sequence, loaded.value_);
        loaded.author_.replica = replica_id{high, low};
        *this = std::move(loaded);
    }

    /// Whether a value without an author is the default one. Bytes that break
    /// this are refused.
    [[nodiscard]] bool is_canonical() const { return !is_bottom() || value_ == T{}; }

    /// The mutators as a replica offers them: identity and recording of the
    /// delta are the target's.
    template <class Target>
    class editor {
    public:
        explicit editor(Target target) : target_{std::move(target)} {}

        void assign(T value) {
            target_.change([&](lww_register& state, author const& by) {
                return state.assign(by, std::move(value));
            });
        }

    private:
        Target target_;
    };

private:
    /// Whether the other write is there and wins; an author that equivocates may win
    /// against itself.
    [[nodiscard]] bool loses_against(lww_register const& other) const {
        auto const is_tie = author_.time == other.author_.time && !is_bottom();
        if (is_tie && bugs::register_tie_keeps_own) {
            return false;
        }
        return !other.is_bottom() &&
               (is_bottom() || Policy::precedes(author_, value_, other.author_, other.value_));
    }

    /// Among the values of one author, all of them different, `T{}` stands above
    /// all if `T` has no order: a lattice, so that every order of joins agrees.
    void settle(T const& theirs) {
        if constexpr (std::totally_ordered<T>) {
            if (value_ < theirs) {
                value_ = theirs;
            }
        } else {
            value_ = T{};
        }
    }

    author author_;
    T value_{};
};

static_assert(delta_crdt<lww_register<int>>);
static_assert(delta_crdt<lww_register<int, highest_wins>>);

} // namespace joinery
