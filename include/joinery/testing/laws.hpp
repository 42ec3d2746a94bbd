#pragma once

#include <joinery/core/lattice.hpp>

#include <optional>
#include <string_view>
#include <utility>

namespace joinery::testing {

template <join_semilattice T>
[[nodiscard]] T joined(T a, T const& b) {
    a.join(b);
    return a;
}

/// Returns the name of the first law that `a`, `b`, `c` break, if any.
///
/// It knows no test framework: call it from yours, with values from your own
/// generator, for every lattice that you write. `check_laws` makes the values
/// from random operations.
template <join_semilattice T>
[[nodiscard]] std::optional<std::string_view> broken_lattice_law(T const& a, T const& b,
                                                                 T const& c) {
    if (joined(a, a) != a) {
        return "idempotent: a ⊔ a == a";
    }
    if (joined(a, b) != joined(b, a)) {
        return "commutative: a ⊔ b == b ⊔ a";
    }
    if (joined(joined(a, b), c) != joined(a, joined(b, c))) {
        return "associative: (a ⊔ b) ⊔ c == a ⊔ (b ⊔ c)";
    }
    if (joined(T{}, a) != a) {
        return "bottom: T{} ⊔ a == a";
    }
    return std::nullopt;
}

/// Returns the name of the first law of order that `a`, `b`, `c` break, if any, where x ⊑ y says
/// that x ⊔ y == y: it is a partial order, and the join is the least upper bound in it.
template <join_semilattice T>
[[nodiscard]] std::optional<std::string_view> broken_order_law(T const& a, T const& b, T const& c) {
    auto const is_below = [](T const& x, T const& y) { return joined(x, y) == y; };
    auto const ab = joined(a, b);
    auto const abc = joined(ab, c);
    if (!is_below(a, a)) {
        return "reflexive: a ⊑ a";
    }
    if (is_below(a, b) && is_below(b, a) && a != b) {
        return "antisymmetric: a ⊑ b and b ⊑ a only if a == b";
    }
    if (!is_below(a, ab) || !is_below(b, ab)) {
        return "upper bound: a ⊑ a ⊔ b and b ⊑ a ⊔ b";
    }
    if ((is_below(a, b) && is_below(b, c) && !is_below(a, c)) || !is_below(a, abc)) {
        return "transitive: a ⊑ c if a ⊑ b and b ⊑ c";
    }
    if (is_below(a, c) && is_below(b, c) && !is_below(ab, c)) {
        return "least: a ⊔ b ⊑ c if a ⊑ c and b ⊑ c";
    }
    return std::nullopt;
}

/// Returns the name of the first law that the mutator `mutate` breaks at
/// `before`, if any. `mutate(state)` changes the state and returns the delta.
template <delta_crdt T, class Mutate>
[[nodiscard]] std::optional<std::string_view> broken_delta_law(T const& before, Mutate&& mutate) {
    auto after = before;
    typename T::delta_type const delta = std::forward<Mutate>(mutate)(after);
    auto replayed = before;
    replayed.join(delta);
    if (replayed != after) {
        return "delta: before ⊔ delta == after";
    }
    replayed.join(delta);
    if (replayed != after) {
        return "duplicate delta: after ⊔ delta == after";
    }
    if (joined(before, after) != after) {
        return "inflation: before ⊔ after == after";
    }
    return std::nullopt;
}

} // namespace joinery::testing
