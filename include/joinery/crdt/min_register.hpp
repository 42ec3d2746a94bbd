#pragma once

#include <joinery/crdt/max_register.hpp>

#include <concepts>

namespace joinery {

namespace detail {
struct value_greater {
    template <std::totally_ordered T>
    constexpr bool operator()(T const& a, T const& b) const {
        return b < a;
    }
};
} // namespace detail

/// The least value that was ever assigned: a `max_register` whose order is turned around.
///
/// Concurrent writes   the least wins; who wrote it, and when, does not matter.
template <class T>
using min_register = max_register<T, detail::value_greater>;

static_assert(delta_crdt<min_register<int>>);

} // namespace joinery
