#include <chrono>
#include <cstdint>
#include <cstdio>

#include "exhaustive/scope.hpp"
#include "support/sequence_schedule.hpp"

using namespace joinery;
using namespace joinery::tests;

// Every history of a list is out of reach: random ones, a million of them in a thorough run.
TEST_CASE("exhaustive: text has the order of both naive models", "[exhaustive]") {
    auto const count = std::uint64_t{is_thorough() ? 1'000'000U : 20'000U};
    auto const start = std::chrono::steady_clock::now();
    for (std::uint64_t seed = 1'000'000; seed < 1'000'000 + count; ++seed) {
        auto const broken =
            seed % 4 == 0 ? broken_schedule<text>(seed) : broken_schedule<narrow_text>(seed);
        INFO(broken);
        REQUIRE(broken.empty());
    }
    auto const seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("%-32s %llu random schedules, %.1f s\n", "text",
                static_cast<unsigned long long>(count), seconds);
    std::fflush(stdout);
}
