#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/lattice.hpp>

#include <concepts>
#include <cstdint>
#include <utility>

namespace joinery {

/// One value: the last write wins.
///
/// Concurrent writes   the greatest author wins, ordered by time, replica and
///                     sequence: the same write on every replica, whoever joins.
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
template <std::regular T>
class lww_register {
public:
    using value_type = T;
    using delta_type = lww_register;

    lww_register() = default;

    /// The winning value; `T{}` if none was ever assigned.
    [[nodiscard]] T const& value() const { return value_; }

    /// Who wrote the value, and when; `author{}` if none was ever assigned.
    [[nodiscard]] author const& written_by() const { return author_; }

    [[nodiscard]] bool is_bottom() const { return author_ == author{}; }

    /// Writes `value` and returns the change to send. An author that is less than
    /// the present one changes nothing, as it would on every other replica: take
    /// the time from a clock that has observed what this replica has joined.
    ///
    /// Precondition: `by` is not `author{}` and was used for no other value.
    delta_type assign(author const& by, T value) {
        delta_type delta;
        delta.author_ = by;
        delta.value_ = std::move(value);
        join(delta);
        return delta;
    }

    void join(lww_register const& other) {
        if (author_ < other.author_) {
            value_ = other.value_;
            author_ = other.author_;
        } else if (equivocates_with(other)) {
            settle(other.value_);
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

} // namespace joinery
