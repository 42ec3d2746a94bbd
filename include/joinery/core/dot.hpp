#pragma once

#include <joinery/core/replica_id.hpp>

#include <compare>
#include <cstdint>

namespace joinery {

/// The name of one operation: the `sequence`-th one of `replica`.
///
/// Sequences start at 1 and have no holes, so that a replica's first n operations are the interval
/// [1, n].
struct dot {
    replica_id replica;
    std::uint64_t sequence = 0;

    friend constexpr auto operator<=>(dot const&, dot const&) = default;
};

} // namespace joinery
