#pragma once

#include <joinery/core/bugs.hpp>
#include <joinery/core/hlc.hpp>
#include <joinery/core/result.hpp>

#include <cstdint>
#include <string>

namespace joinery {

/// Makes the time stamps of one replica: close to the wall clock, and never going back.
///
/// It reads no clock: the caller passes the wall time, in milliseconds since 1970-01-01 UTC. When
/// the wall clock stands still or goes back, stamps go on from the last one, and a full counter
/// borrows the next millisecond. They run at most `drift_ms_max` ahead of the wall clock; beyond
/// that there is an error instead of a stamp.
///
/// Restarts. A clock is resumed from its `ceiling()`, which no stamp that it gave or observed
/// exceeds; all stamps of the resumed clock are greater. So after each `now` and `observe`, compare
/// `ceiling()` with the value that is durable, and if it differs write it in the same durable batch
/// as the change that carries the stamp, before the change leaves the process. It rises by
/// `reserve_ms` at a time, so that this is rare.
///
/// Complexity   every member O(1); 32 bytes.
/// Reference    Kulkarni et al., "Logical Physical Clocks", OPODIS 2014, §3.
class hybrid_clock {
public:
    struct options {
        /// How far stamps, own or remote, may be ahead of the wall clock.
        std::uint64_t drift_ms_max = 60'000;
        /// How much time one durable write of the ceiling covers. Capped by the drift bound, so
        /// that a clock which is resumed at once is not ahead of what it may give.
        std::uint64_t reserve_ms = 10'000;
    };

    hybrid_clock() = default;
    /// A clock that never ran. Precondition: no stamp was ever given under this replica id.
    explicit hybrid_clock(options limits) : limits_{limits} {}
    /// A clock that ran until `durable_ceiling`.
    hybrid_clock(options limits, hlc durable_ceiling)
        : limits_{limits}, last_{durable_ceiling}, ceiling_{durable_ceiling} {}

    /// A stamp greater than every one given or observed before.
    ///
    /// Errors, which leave the clock as it was: `clock_exhausted` if the stamp would be more than
    /// `drift_ms_max` ahead of `wall_ms` (wait, or mend the wall clock), or beyond the last `hlc`.
    [[nodiscard]] result<hlc> now(std::uint64_t wall_ms) {
        if (wall_ms > hlc::milliseconds_max || last_.bits == ~std::uint64_t{0}) {
            return failure(errc::clock_exhausted,
                           "the time is past the last one that an hlc can hold");
        }
        // Adding one to the packed value carries a full counter into the milliseconds.
        auto const next = wall_ms > last_.milliseconds() ? hlc::at(wall_ms) : hlc{last_.bits + 1};
        if (auto const ahead = ms_ahead(next, wall_ms); ahead > limits_.drift_ms_max) {
            return failure(errc::clock_exhausted,
                           "the clock is " + std::to_string(ahead) + " ms ahead of the wall clock");
        }
        advance_to(next, wall_ms);
        return next;
    }

    /// Makes every later stamp greater than `remote`.
    ///
    /// Error, which leaves the clock as it was: `clock_drift` if `remote` is more than
    /// `drift_ms_max` ahead of `wall_ms`. The change that carries it must then be neither dropped
    /// nor stamped anew by one replica alone, for replicas would diverge: hold it back until the
    /// wall clock has caught up, or refuse it where it enters.
    [[nodiscard]] result<void> observe(hlc remote, std::uint64_t wall_ms) {
        if (auto const ahead = ms_ahead(remote, wall_ms); ahead > limits_.drift_ms_max) {
            return failure(errc::clock_drift, "a remote time is " + std::to_string(ahead) +
                                                  " ms ahead of the wall clock");
        }
        if (remote > last_ && !bugs::clock_ignores_remote_times) {
            advance_to(remote, wall_ms);
        }
        return {};
    }

    /// The greatest stamp given or observed; the ceiling it was resumed from before there is one.
    [[nodiscard]] hlc last() const { return last_; }

    /// What to resume from. No stamp given or observed is greater.
    [[nodiscard]] hlc ceiling() const { return ceiling_; }

private:
    [[nodiscard]] static std::uint64_t ms_ahead(hlc time, std::uint64_t wall_ms) {
        return time.milliseconds() > wall_ms ? time.milliseconds() - wall_ms : 0;
    }

    void advance_to(hlc time, std::uint64_t wall_ms) {
        last_ = time;
        if (time <= ceiling_) {
            return;
        }
        // One below the bound: the first stamp of a resumed clock is above its ceiling.
        auto const from = time.milliseconds();
        auto const room = hlc::milliseconds_max - from;
        auto const ahead = ms_ahead(time, wall_ms);
        auto const allowed = limits_.drift_ms_max > ahead ? limits_.drift_ms_max - ahead - 1 : 0;
        auto step = limits_.reserve_ms;
        step = step > allowed ? allowed : step;
        step = step > room ? room : step;
        ceiling_ = hlc::at(from + step, hlc::counter_max);
    }

    options limits_;
    hlc last_;
    hlc ceiling_;
};

} // namespace joinery
