#include <joinery/crdt/max_register.hpp>
#include <joinery/crdt/min_register.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "crdt/plain_checks.hpp"
#include "tape.hpp"

using namespace joinery;

namespace {

/// The longest text, and among equally long ones the last of the alphabet.
struct by_length {
    bool operator()(std::string const& a, std::string const& b) const {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
};

template <class Register>
Register holding(typename Register::value_type value) {
    Register out;
    out.assign(std::move(value));
    return out;
}

} // namespace

TEST_CASE("max_register: a fresh register holds nothing, and any value is more",
          "[crdt][max_register]") {
    max_register<int> state;
    CHECK(state.is_bottom());
    CHECK(state.value() == 0);

    state.assign(-5);

    CHECK_FALSE(state.is_bottom());
    CHECK(state.value() == -5);
    CHECK_FALSE(state == max_register<int>{});
}

TEST_CASE("max_register: of concurrent values the greatest stays", "[crdt][max_register]") {
    auto const three = holding<max_register<int>>(3);
    auto const seven = holding<max_register<int>>(7);

    CHECK(testing::joined(three, seven).value() == 7);
    CHECK(testing::joined(seven, three).value() == 7);
}

TEST_CASE("max_register: a lesser or equal value is no change", "[crdt][max_register]") {
    auto state = holding<max_register<std::string>>("m");

    CHECK(state.assign("a").is_bottom());
    CHECK(state.assign("m").is_bottom());
    CHECK_FALSE(state.assign("z").is_bottom());
    CHECK(state.value() == "z");
}

TEST_CASE("max_register: the user's order decides", "[crdt][max_register]") {
    using longest = max_register<std::string, by_length>;
    auto state = holding<longest>("zz");
    state.assign("y");
    CHECK(state.value() == "zz");
    state.assign("aaa");
    CHECK(state.value() == "aaa");
}

TEST_CASE("min_register: of concurrent values the least stays", "[crdt][min_register]") {
    auto const three = holding<min_register<int>>(3);
    auto const seven = holding<min_register<int>>(7);

    CHECK(testing::joined(three, seven).value() == 3);
    CHECK(testing::joined(seven, three).value() == 3);
    CHECK(testing::joined(min_register<int>{}, seven).value() == 7);
}

TEST_CASE("max_register: a difference is all or nothing", "[crdt][max_register]") {
    auto const three = holding<max_register<int>>(3);
    auto const seven = holding<max_register<int>>(7);

    CHECK(three.difference(seven).is_bottom());
    CHECK(seven.difference(three) == seven);
    CHECK(seven.difference(seven).is_bottom());
    CHECK(decompose(seven) == std::vector{seven});
    CHECK(decompose(max_register<int>{}).empty());
}

TEST_CASE("max_register: both zeros are one value with one encoding", "[crdt][max_register]") {
    using number = max_register<double>;

    CHECK(wire::encode(holding<number>(-0.0)) == wire::encode(holding<number>(0.0)));
    auto negative = wire::encode(holding<number>(0.0));
    negative.back() = std::byte{0x80};
    CHECK_FALSE(wire::decode<number>(negative));
}

TEST_CASE("max_register: a NaN is refused", "[crdt][max_register][hostile]") {
    CHECK_FALSE(tests::read<max_register<double>>({"1", "nan"}).is_canonical());
    CHECK(tests::read<max_register<double>>({"1", "1.5"}).is_canonical());
    CHECK(tests::read<max_register<double>>({"0"}).is_bottom());
}

TEST_CASE("max_register: hostile bytes are refused or canonical", "[crdt][max_register][hostile]") {
    CHECK(tests::broken_codec(max_register<int>{}) == "");
    CHECK(tests::broken_codec(holding<max_register<int>>(-300)) == "");
    CHECK(tests::broken_codec(holding<max_register<std::string>>("text")) == "");
    CHECK(tests::broken_codec(holding<min_register<double>>(2.5)) == "");
}

TEST_CASE("max_register: an editor records what it raises", "[crdt][max_register]") {
    using state_type = max_register<int>;
    state_type state;
    state_type deltas;
    using target = tests::recorder<state_type, author>;
    state_type::editor<target> edit{target{&state, &deltas, author{replica_id{1}, hlc::at(1), 1}}};

    edit.assign(4);
    edit.assign(2);

    CHECK(state.value() == 4);
    CHECK(deltas == state);
}

TEST_CASE("max_register: lattice and delta laws", "[crdt][max_register][laws]") {
    auto const seed = GENERATE(range(0U, 20U));
    auto const assign = [](auto& state, author const&, std::uint64_t bits) {
        return state.assign(static_cast<int>(bits % 7) - 3);
    };
    CHECK(testing::check_laws<max_register<int>>(seed, 100, assign) == "");
    CHECK(testing::check_laws<min_register<int>>(seed, 100, assign) == "");
    CHECK(testing::check_laws<max_register<std::string, by_length>>(
              seed, 100, [](auto& state, author const&, std::uint64_t bits) {
                  return state.assign(std::string(bits % 3, static_cast<char>('a' + bits / 3 % 3)));
              }) == "");
}

TEST_CASE("max_register: five deltas give one value in every delivery",
          "[crdt][max_register][exhaustive]") {
    std::vector<max_register<int>> deltas;
    std::vector<min_register<int>> turned;
    for (auto const value : {3, -1, 4, 4, 0}) {
        deltas.push_back(holding<max_register<int>>(value));
        turned.push_back(holding<min_register<int>>(value));
    }

    CHECK(testing::check_deliveries<max_register<int>>(deltas) == "");
    CHECK(testing::check_deliveries<min_register<int>>(turned) == "");
}
