#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <random>
#include <vector>

using namespace joinery::testing;

static_assert(std::uniform_random_bit_generator<splitmix64>);

TEST_CASE("random: the sequence is the published one", "[testing][random]") {
    splitmix64 random{1'234'567};

    CHECK(random() == 6'457'827'717'110'365'317U);
    CHECK(random() == 3'203'168'211'198'807'973U);
    CHECK(random() == 9'817'491'932'198'370'423U);
}

TEST_CASE("random: hex writes the same number with sixteen digits", "[testing][random]") {
    splitmix64 numbers{3};
    splitmix64 digits{3};
    for (int i = 0; i < 100; ++i) {
        auto const text = digits.hex();
        REQUIRE(text.size() == 16);
        REQUIRE(std::stoull(text, nullptr, 16) == numbers());
    }
}

TEST_CASE("random: bounded numbers reach every value below the bound", "[testing][random]") {
    splitmix64 random{9};
    std::array<int, 7> seen{};
    for (int i = 0; i < 7'000; ++i) {
        ++seen.at(random.below(7));
    }
    for (auto const count : seen) {
        CHECK(count > 700);
    }
}

TEST_CASE("random: chances are never for 0 and always for 100 percent", "[testing][random]") {
    splitmix64 random{9};
    for (int i = 0; i < 1'000; ++i) {
        CHECK_FALSE(random.chance(0));
        CHECK(random.chance(100));
    }
}

TEST_CASE("random: a pick refers to an element of the container", "[testing][random]") {
    splitmix64 random{2};
    std::vector<int> numbers{1, 2, 3};
    random.pick(numbers) = 9;

    CHECK(std::count(numbers.begin(), numbers.end(), 9) == 1);
}
