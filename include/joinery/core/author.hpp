#pragma once

#include <joinery/core/dot.hpp>
#include <joinery/core/hlc.hpp>
#include <joinery/core/replica_id.hpp>

#include <compare>
#include <cstdint>

namespace joinery {

/// Who writes, when, and as which of its operations.
///
/// Authors are totally ordered by (time, replica, sequence): the order of last-writer-wins. No two
/// operations have equal authors, so a tie never has to be broken by "mine".
struct author {
    replica_id replica;
    hlc time;
    std::uint64_t sequence = 0;

    /// The name of the operation.
    [[nodiscard]] constexpr dot id() const { return {replica, sequence}; }

    friend constexpr bool operator==(author const&, author const&) = default;

    friend constexpr std::strong_ordering operator<=>(author const& a, author const& b) {
        if (auto const order = a.time <=> b.time; order != 0) {
            return order;
        }
        if (auto const order = a.replica <=> b.replica; order != 0) {
            return order;
        }
        return a.sequence <=> b.sequence;
    }
};

} // namespace joinery
