#include <joinery/sync/retry_policy.hpp>

#include <catch2/catch.hpp>

using namespace joinery;
using std::chrono::milliseconds;

TEST_CASE("retry_policy: the delay is between half of a ceiling that doubles and the whole",
          "[sync][retry_policy]") {
    sync::exponential_backoff const policy{.first = milliseconds{200},
                                           .ceiling = milliseconds{1'000}};
    for (auto const& [attempt, whole] : {std::pair{1U, 200},
                                         {2U, 400},
                                         {3U, 800},
                                         {4U, 1'000},
                                         {5U, 1'000},
                                         {4'000'000'000U, 1'000}}) {
        CAPTURE(attempt);
        auto const half = milliseconds{whole / 2};
        CHECK(policy.delay(attempt, 0) == half);
        CHECK(policy.delay(attempt, static_cast<std::uint64_t>(whole / 2)) == milliseconds{whole});
        for (std::uint64_t entropy = 0; entropy < 3'000; entropy += 7) {
            CHECK(policy.delay(attempt, entropy) >= half);
            CHECK(policy.delay(attempt, entropy) <= milliseconds{whole});
        }
    }
}

TEST_CASE("retry_policy: a ceiling below the first delay wins", "[sync][retry_policy]") {
    sync::exponential_backoff const policy{.first = milliseconds{200}, .ceiling = milliseconds{50}};

    CHECK(policy.delay(1, 12345) <= milliseconds{50});
}

TEST_CASE("retry_policy: no delay at all is a delay too", "[sync][retry_policy]") {
    sync::exponential_backoff const policy{.first = milliseconds{0}, .ceiling = milliseconds{0}};

    CHECK(policy.delay(3, 12345) == milliseconds{0});
}
