#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>

namespace joinery::sync {

/// Says how long to wait before attempt `attempt` (1, 2, …).
///
/// A policy is a value and a pure function: the caller brings the entropy, so that a simulation can
/// replay every delay from its seed.
///
/// Models: `exponential_backoff`.
template <class P>
concept retry_policy = std::regular<P> &&
    requires(P const& policy, unsigned attempt, std::uint64_t entropy) {
    { policy.delay(attempt, entropy) } -> std::same_as<std::chrono::milliseconds>;
};

/// Doubles the ceiling at each attempt and picks uniformly between its half and the whole.
struct exponential_backoff {
    std::chrono::milliseconds first{200};
    std::chrono::milliseconds ceiling{10'000};

    [[nodiscard]] constexpr std::chrono::milliseconds delay(unsigned attempt,
                                                            std::uint64_t entropy) const {
        auto limit = first;
        while (attempt-- > 1 && limit < ceiling) {
            limit *= 2;
        }
        auto const whole = static_cast<std::uint64_t>(std::min(limit, ceiling).count());
        auto const half = whole / 2;
        return std::chrono::milliseconds{
            static_cast<std::int64_t>(half + entropy % (whole - half + 1))};
    }

    friend bool operator==(exponential_backoff const&, exponential_backoff const&) = default;
};

static_assert(retry_policy<exponential_backoff>);

} // namespace joinery::sync
