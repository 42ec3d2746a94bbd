#include <joinery/core/hybrid_clock.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace joinery;

namespace {

constexpr std::uint64_t noon = 1'700'000'000'000;

hlc stamp(hybrid_clock& clock, std::uint64_t wall_ms) {
    auto const time = clock.now(wall_ms);
    REQUIRE(time);
    return *time;
}

} // namespace

TEST_CASE("hybrid_clock: follows the wall clock", "[core][hybrid_clock]") {
    hybrid_clock clock;

    CHECK(stamp(clock, noon) == hlc::at(noon, 0));
    CHECK(stamp(clock, noon + 5) == hlc::at(noon + 5, 0));
}

TEST_CASE("hybrid_clock: counts within one millisecond", "[core][hybrid_clock]") {
    hybrid_clock clock;

    CHECK(stamp(clock, noon) == hlc::at(noon, 0));
    CHECK(stamp(clock, noon) == hlc::at(noon, 1));
}

TEST_CASE("hybrid_clock: goes on when the wall clock goes back", "[core][hybrid_clock]") {
    hybrid_clock clock;
    auto const before = stamp(clock, noon);

    CHECK(stamp(clock, noon - 30'000) == hlc::at(noon, before.counter() + 1));
    CHECK(stamp(clock, noon - 29'000) > before);
    CHECK(stamp(clock, noon + 1) == hlc::at(noon + 1, 0));
}

TEST_CASE("hybrid_clock: a full counter borrows the next millisecond", "[core][hybrid_clock]") {
    hybrid_clock clock;
    REQUIRE(clock.observe(hlc::at(noon, hlc::counter_max), noon));

    CHECK(stamp(clock, noon) == hlc::at(noon + 1, 0));
    CHECK(stamp(clock, noon) == hlc::at(noon + 1, 1));
    CHECK(stamp(clock, noon + 1) == hlc::at(noon + 1, 2));
}

TEST_CASE("hybrid_clock: gives an error instead of running away from the wall clock",
          "[core][hybrid_clock]") {
    hybrid_clock clock{{.drift_ms_max = 3, .reserve_ms = 1}};
    std::uint64_t given = 0;
    while (given < 1'000'000 && clock.now(noon)) {
        ++given;
    }
    auto const last = clock.last();

    CHECK(given == 4 * 65'536);
    CHECK(last == hlc::at(noon + 3, hlc::counter_max));
    CHECK(clock.now(noon).error().code == errc::clock_exhausted);
    CHECK(clock.last() == last);
    CHECK(stamp(clock, noon + 1) == hlc::at(noon + 4, 0));
}

TEST_CASE("hybrid_clock: a wall clock set back beyond the drift bound is an error until mended",
          "[core][hybrid_clock]") {
    hybrid_clock clock;
    stamp(clock, noon);

    CHECK(clock.now(noon - 60'001).error().code == errc::clock_exhausted);
    CHECK(clock.now(noon - 60'000));
}

TEST_CASE("hybrid_clock: what was observed is exceeded", "[core][hybrid_clock]") {
    hybrid_clock clock;
    auto const remote = hlc::at(noon + 2'000, 9);
    REQUIRE(clock.observe(remote, noon));

    CHECK(stamp(clock, noon) == hlc::at(noon + 2'000, 10));
}

TEST_CASE("hybrid_clock: an old remote time changes nothing", "[core][hybrid_clock]") {
    hybrid_clock clock;
    auto const own = stamp(clock, noon);

    REQUIRE(clock.observe(hlc::at(noon - 1, 7), noon));

    CHECK(clock.last() == own);
}

TEST_CASE("hybrid_clock: a far future is refused and leaves the clock as it was",
          "[core][hybrid_clock]") {
    hybrid_clock clock;
    auto const own = stamp(clock, noon);
    auto const ceiling = clock.ceiling();
    auto const remote = GENERATE(hlc::at(noon + 60'001), hlc{~0ULL});

    auto const observed = clock.observe(remote, noon);

    REQUIRE_FALSE(observed);
    CHECK(observed.error().code == errc::clock_drift);
    CHECK(clock.last() == own);
    CHECK(clock.ceiling() == ceiling);
    CHECK(stamp(clock, noon) == hlc::at(noon, 1));
}

TEST_CASE("hybrid_clock: the drift bound itself is accepted", "[core][hybrid_clock]") {
    hybrid_clock clock;

    CHECK(clock.observe(hlc::at(noon + 60'000, hlc::counter_max), noon));
    CHECK(clock.now(noon).error().code == errc::clock_exhausted);
    CHECK(stamp(clock, noon + 1) == hlc::at(noon + 60'001, 0));
}

TEST_CASE("hybrid_clock: the ceiling rises once for many stamps", "[core][hybrid_clock]") {
    hybrid_clock clock;
    unsigned writes = 0;
    auto durable = clock.ceiling();
    for (std::uint64_t ms = 0; ms < 60'000; ms += 10) {
        auto const time = stamp(clock, noon + ms);
        if (clock.ceiling() != durable) {
            durable = clock.ceiling();
            ++writes;
        }
        REQUIRE(time <= durable);
    }

    CHECK(writes == 6);
}

TEST_CASE("hybrid_clock: a resumed clock exceeds every stamp of the one before",
          "[core][hybrid_clock]") {
    auto const seed = GENERATE(range(0U, 200U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    hybrid_clock::options const limits{.drift_ms_max = 1 + random() % 100,
                                       .reserve_ms = random() % 200};
    hybrid_clock clock{limits};
    auto durable = clock.ceiling();
    hlc greatest;
    auto wall = noon;
    for (unsigned step = 0; step < 400; ++step) {
        wall += random() % 6;
        wall -= random() % 3;
        if (random() % 10 == 0) {
            clock = hybrid_clock{limits, durable};
        }
        if (random() % 3 == 0) {
            auto const remote = hlc::at(wall - 50 + random() % 200, random() % 65'536);
            auto const far = remote.milliseconds() > wall + limits.drift_ms_max;
            REQUIRE(clock.observe(remote, wall).has_value() != far);
            greatest = far ? greatest : std::max(greatest, remote);
        } else if (auto const time = clock.now(wall)) {
            REQUIRE(*time > greatest);
            REQUIRE(time->milliseconds() <= wall + limits.drift_ms_max);
            greatest = *time;
        } else {
            REQUIRE(clock.last().milliseconds() + 1 >= wall + limits.drift_ms_max);
        }
        durable = clock.ceiling();
        REQUIRE(durable >= greatest);
    }
}

TEST_CASE("hybrid_clock: restarting again and again does not lock the clock",
          "[core][hybrid_clock]") {
    hybrid_clock clock;
    hlc before;
    for (std::uint64_t restart = 0; restart < 50; ++restart) {
        auto const time = stamp(clock, noon + restart);
        REQUIRE(time > before);
        before = time;
        clock = hybrid_clock{{}, clock.ceiling()};
    }
}

TEST_CASE("hybrid_clock: the reserve leaves room for a stamp at once after a restart",
          "[core][hybrid_clock]") {
    hybrid_clock::options const limits{.drift_ms_max = 10, .reserve_ms = 100};
    hybrid_clock clock{limits};
    stamp(clock, noon);

    hybrid_clock resumed{limits, clock.ceiling()};

    CHECK(stamp(resumed, noon) == hlc::at(noon + 10, 0));
}

TEST_CASE("hybrid_clock: after an orderly stop the last stamp is ceiling enough",
          "[core][hybrid_clock]") {
    hybrid_clock clock;
    auto const last = stamp(clock, noon);

    hybrid_clock resumed{{}, clock.last()};

    CHECK(stamp(resumed, noon) == hlc::at(noon, last.counter() + 1));
}

TEST_CASE("hybrid_clock: the end of 48 bits is an error", "[core][hybrid_clock]") {
    hybrid_clock clock;
    CHECK(clock.now(hlc::milliseconds_max + 1).error().code == errc::clock_exhausted);

    CHECK(stamp(clock, hlc::milliseconds_max) == hlc::at(hlc::milliseconds_max));
    CHECK(clock.ceiling() == hlc{~0ULL});
    CHECK(clock.observe(hlc{~0ULL}, hlc::milliseconds_max));
    CHECK(clock.now(hlc::milliseconds_max).error().code == errc::clock_exhausted);
}
