#pragma once

#include <joinery/core/author.hpp>

#include <concepts>

namespace joinery {

/// Which of two writes of a register wins: part of the register's type, never of a session, since
/// two replicas that decide differently do not converge.
///
/// Minimal complete definition
///   `P::precedes(a, x, b, y)`: whether the write of `x` by `a` loses against that of `y` by `b`.
///
/// Laws
///   `precedes` is a strict weak order of the writes, and two writes of different authors are never
///   equivalent. It depends on nothing but its arguments.
///
/// Models: `newest_wins`, `first_wins`, `highest_wins`, `order_wins<Less>`.
template <class P, class T>
concept register_policy = requires(author const& by, T const& value) {
    { P::precedes(by, value, by, value) } -> std::convertible_to<bool>;
};

/// The greatest author wins: the last write, by time, then replica, then sequence.
struct newest_wins {
    template <class T>
    static constexpr bool precedes(author const& a, T const&, author const& b, T const&) {
        return a < b;
    }
};

/// The least author wins: the first write. A write with an earlier time that arrives late still
/// replaces one that was seen before.
struct first_wins {
    template <class T>
    static constexpr bool precedes(author const& a, T const&, author const& b, T const&) {
        return b < a;
    }
};

/// The greatest value by `Less` wins; among equivalent values the greatest author does.
///
/// `Less` is a strict weak order, default constructible and without state. Unless `T` is totally
/// ordered by itself, values that are equivalent by `Less` have to be equal.
template <class Less>
struct order_wins {
    template <class T>
    requires std::predicate<Less, T const&, T const&>
    static constexpr bool precedes(author const& a, T const& x, author const& b, T const& y) {
        Less const less{};
        return less(x, y) || (!less(y, x) && a < b);
    }
};

namespace detail {
struct value_less {
    template <std::totally_ordered T>
    constexpr bool operator()(T const& a, T const& b) const {
        return a < b;
    }
};
} // namespace detail

/// The greatest value wins; among equal ones the greatest author.
using highest_wins = order_wins<detail::value_less>;

} // namespace joinery
