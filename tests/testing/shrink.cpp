#include <joinery/testing/random.hpp>
#include <joinery/testing/shrink.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

using namespace joinery::testing;

namespace {

std::vector<int> numbers(int count) {
    std::vector<int> list(static_cast<std::size_t>(count));
    std::iota(list.begin(), list.end(), 0);
    return list;
}

bool has(std::vector<int> const& list, int wanted) {
    return std::find(list.begin(), list.end(), wanted) != list.end();
}

} // namespace

TEST_CASE("shrink: one culprit among many remains alone", "[testing][shrink]") {
    auto const culprit = GENERATE(0, 1, 511, 512, 998, 999);
    auto calls = 0;
    auto const minimal = shrunk(numbers(1'000), [&](std::vector<int> const& list) {
        ++calls;
        return has(list, culprit);
    });

    CHECK(minimal == std::vector{culprit});
    CHECK(calls < 60);
}

TEST_CASE("shrink: culprits that need each other remain in order", "[testing][shrink]") {
    auto const minimal = shrunk(numbers(100), [](std::vector<int> const& list) {
        return has(list, 3) && has(list, 50) && has(list, 98);
    });

    CHECK(minimal == std::vector{3, 50, 98});
}

TEST_CASE("shrink: the result fails, and fails no more without any one operation",
          "[testing][shrink]") {
    auto const seed = GENERATE(range(0U, 200U));
    CAPTURE(seed);
    splitmix64 random{seed};
    auto const modulus = 2 + random.below(20);
    // Not monotone: removing operations may turn success into failure and back.
    auto const fails = [&](std::vector<int> const& list) {
        return list.size() % modulus == 1 || std::accumulate(list.begin(), list.end(), 0) % 7 == 3;
    };
    auto const start = numbers(static_cast<int>(1 + modulus * random.below(4)));
    REQUIRE(fails(start));

    auto const minimal = shrunk(start, fails);

    CHECK(fails(minimal));
    for (std::size_t i = 0; i < minimal.size(); ++i) {
        auto without = minimal;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        CHECK_FALSE(fails(without));
    }
}

TEST_CASE("shrink: a list that does not fail comes back as it is", "[testing][shrink]") {
    CHECK(shrunk(numbers(5), [](auto const&) { return false; }) == numbers(5));
}

TEST_CASE("shrink: what fails without any operation shrinks to nothing", "[testing][shrink]") {
    CHECK(shrunk(numbers(5), [](auto const&) { return true; }).empty());
}
