#pragma once

#include <concepts>

namespace joinery {

/// A value that only ever moves up: merging any two replicas' values gives their least upper bound.
///
/// Minimal complete definition
///   `a.join(b)` and `==`.
///
/// Laws, for all `a`, `b`, `c` (checked by `testing::broken_lattice_law`)
///   a ⊔ a       == a             idempotent:  duplicates are harmless
///   a ⊔ b       == b ⊔ a         commutative: order is harmless
///   (a ⊔ b) ⊔ c == a ⊔ (b ⊔ c)   associative: batching is harmless
///   T{} ⊔ a     == a             a fresh value is the bottom element
///
/// Models: `g_counter`, `aw_set`, `version_vector`, `interval_set`.
template <class T>
concept join_semilattice = std::regular<T> && requires(T a, T const& b) {
    a.join(b);
};

/// A lattice whose mutators return the small part that changed.
///
/// Laws, for every mutator `m` of `x`
///   auto d = x.m(...);   x_before ⊔ d == x_after
template <class T>
concept delta_crdt = join_semilattice<T> && join_semilattice<typename T::delta_type> &&
    requires(T a, typename T::delta_type const& d) {
    a.join(d);
};

} // namespace joinery
