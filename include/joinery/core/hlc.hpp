#pragma once

#include <cassert>
#include <compare>
#include <cstdint>

namespace joinery {

/// One reading of a hybrid logical clock: 48 bits of milliseconds, then 16 bits of counter.
///
/// Values of one `hybrid_clock` strictly increase, and a value that was made after another one was
/// observed is greater than it. It orders writes for last-writer-wins and shows when they happened;
/// it does not say what caused what, dots do.
///
/// Reference   Kulkarni et al., "Logical Physical Clocks", OPODIS 2014, §3 and §6.2.
struct hlc {
    static constexpr std::uint64_t milliseconds_max = (std::uint64_t{1} << 48) - 1;
    static constexpr std::uint64_t counter_max = 0xffff;

    std::uint64_t bits = 0;

    /// Precondition: neither argument exceeds its maximum.
    [[nodiscard]] static constexpr hlc at(std::uint64_t milliseconds, std::uint64_t counter = 0) {
        assert(milliseconds <= milliseconds_max && "an hlc holds 48 bits of milliseconds");
        assert(counter <= counter_max && "an hlc holds 16 bits of counter");
        return {milliseconds << 16 | counter};
    }

    /// Milliseconds since 1970-01-01 UTC, if the wall clocks are right; lasts until the year 10889.
    [[nodiscard]] constexpr std::uint64_t milliseconds() const { return bits >> 16; }
    [[nodiscard]] constexpr std::uint64_t counter() const { return bits & counter_max; }

    friend constexpr auto operator<=>(hlc const&, hlc const&) = default;
};

} // namespace joinery
