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
