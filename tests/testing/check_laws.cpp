#include <joinery/testing/check_laws.hpp>

#include <catch2/catch.hpp>

#include "broken_lattices.hpp"

using namespace joinery;
using namespace joinery::testing;
using namespace joinery::tests;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

auto const raise = [](auto& state, author const&, std::uint64_t bits) {
    using type = std::remove_reference_t<decltype(state)>;
    type delta{};
    static_cast<maximum&>(delta) = state.maximum::raise(bits % 50);
    return delta;
};

std::size_t lines(std::string const& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

TEST_CASE("check_laws: a lattice that keeps the laws gives an empty report",
          "[testing][check_laws]") {
    auto const seed = GENERATE(range(0U, 20U));
    CHECK(check_laws<maximum>(seed, 50, raise) == "");
}

TEST_CASE("check_laws: a join that adds is found with one operation", "[testing][check_laws]") {
    auto const report = check_laws<adds_twice>(7, 50, raise);

    CHECK_THAT(report, Contains("seed 7, round "));
    CHECK_THAT(report, Contains("shrunk to 1 of "));
    CHECK(lines(report) == 7); // the law, the seed, three lanes
}

TEST_CASE("check_laws: a tie that keeps mine is found with two operations",
          "[testing][check_laws]") {
    auto const assign = [](keeps_mine& state, author const& by, std::uint64_t bits) {
        keeps_mine const delta{by.time.bits, bits};
        state.join(delta);
        return delta;
    };
    auto const report = check_laws<keeps_mine>(7, 200, assign);

    CHECK_THAT(report, StartsWith("commutative: a ⊔ b == b ⊔ a"));
    CHECK_THAT(report, Contains("shrunk to 2 of "));
}

TEST_CASE("check_laws: a delta that forgets is found with its bits", "[testing][check_laws]") {
    auto const report = check_laws<forgetful_delta>(
        3, 200, [](forgetful_delta& state, author const&, std::uint64_t bits) {
            return state.raise(bits % 256);
        });

    CHECK_THAT(report, StartsWith("delta: before ⊔ delta == after"));
    CHECK_THAT(report, Contains("shrunk to 1 of "));
    CHECK_THAT(report, Contains("--mutate(0x"));
}

TEST_CASE("check_laws: deltas that need an order are found by the fold", "[testing][check_laws]") {
    auto const report =
        check_laws<needs_order>(1, 200, [](needs_order& state, author const&, std::uint64_t bits) {
            needs_order::step const delta{state.value, state.value + 1 + bits % 3};
            state.join(delta);
            return delta;
        });

    CHECK_THAT(report, StartsWith("fold: ⊔ deltas == ⊔ states"));
    CHECK_THAT(report, Contains("shrunk to 3 of 3 operations:"));
}

TEST_CASE("check_laws: the same seed gives the same report", "[testing][check_laws]") {
    CHECK(check_laws<adds_twice>(11, 50, raise) == check_laws<adds_twice>(11, 50, raise));
}

TEST_CASE("check_laws: random histories never join a replica with itself",
          "[testing][check_laws]") {
    splitmix64 random{5};
    auto joins = 0;
    for (auto const& step : random_history(random, 1'000)) {
        CHECK(step.replica < 3);
        CHECK(step.from < 3);
        CHECK(step.from != step.replica);
        joins += step.what == operation::kind::join ? 1 : 0;
    }
    CHECK(joins > 200);
    CHECK(joins < 500);
}

TEST_CASE("check_laws: a history is drawn with the names that the mutator gives",
          "[testing][check_laws]") {
    struct named {
        keeps_mine operator()(keeps_mine& state, author const& by, std::uint64_t bits) const {
            keeps_mine const delta{by.time.bits, bits % 2};
            state.join(delta);
            return delta;
        }
        [[nodiscard]] std::string name(std::uint64_t bits) const {
            return "assign(" + std::to_string(bits % 2) + ')';
        }
    };

    auto const report = check_laws<keeps_mine>(7, 200, named{});

    CHECK(report == R"(commutative: a ⊔ b == b ⊔ a
seed 7, round 2, shrunk to 2 of 3 operations:
alice  --assign(0)-- 0

bob    --assign(1)-- 1

carol  ------------- 0
)");
}

TEST_CASE("check_laws: a caller's own law is named", "[testing][check_laws]") {
    auto const stays_small = [](maximum const& a, maximum const&,
                                maximum const&) -> std::optional<std::string_view> {
        return a.value < 10 ? std::nullopt : std::optional<std::string_view>{"small: a < 10"};
    };

    CHECK_THAT(check_laws<maximum>(1, 200, raise, stays_small), StartsWith("small: a < 10\n"));
}

TEST_CASE("check_laws: laws of decomposition are tried where there is one",
          "[testing][check_laws]") {
    auto const insert = [](auto& state, author const&, std::uint64_t bits) {
        auto const bit = static_cast<unsigned>(bits % 5);
        return bits % 3 == 0 ? state.remove(bit) : state.insert(bit);
    };

    CHECK(check_laws<bit_set<flaw::none>>(2, 200, insert) == "");
    CHECK_THAT(check_laws<bit_set<flaw::part_is_lost>>(2, 200, insert),
               StartsWith("decomposition: ⊔ parts == a"));
    CHECK_THAT(check_laws<bit_set<flaw::news_are_known>>(2, 200, insert),
               StartsWith("smallest difference"));
}
