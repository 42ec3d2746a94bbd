#include <joinery/crdt/lww_register.hpp>
#include <joinery/crdt/register_policy.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "crdt/plain_checks.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

/// Can be compared for equality only.
struct colour {
    std::uint64_t code = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(code);
    }
    friend bool operator==(colour const&, colour const&) = default;
};

/// A strict total order of its own for a type without one.
struct darker {
    bool operator()(colour const& a, colour const& b) const { return a.code < b.code; }
};

/// A strict weak order: even numbers come before odd ones, and all even ones are equivalent.
struct odd_last {
    bool operator()(std::uint64_t a, std::uint64_t b) const { return a % 2 < b % 2; }
};

template <class Policy, class T>
lww_register<T, Policy> written(author const& by, T value) {
    lww_register<T, Policy> state;
    state.assign(by, std::move(value));
    return state;
}

author at(replica_id who, std::uint64_t time, std::uint64_t sequence = 1) {
    return {who, hlc::at(time), sequence};
}

template <class Policy, class T>
T winner(author const& a, T x, author const& b, T y) {
    auto const one = written<Policy>(a, std::move(x));
    auto const other = written<Policy>(b, std::move(y));
    auto const both = testing::joined(one, other);
    CHECK(both == testing::joined(other, one));
    return both.value();
}

} // namespace

TEST_CASE("register_policy: it is part of the type, and newest is the default",
          "[crdt][register_policy]") {
    STATIC_REQUIRE(std::is_same_v<lww_register<int>, lww_register<int, newest_wins>>);
    STATIC_REQUIRE_FALSE(std::is_same_v<lww_register<int>, lww_register<int, first_wins>>);
    STATIC_REQUIRE(register_policy<first_wins, colour>);
    STATIC_REQUIRE(register_policy<highest_wins, int>);
    STATIC_REQUIRE_FALSE(register_policy<highest_wins, colour>);
    STATIC_REQUIRE(register_policy<order_wins<darker>, colour>);
    STATIC_REQUIRE_FALSE(register_policy<order_wins<darker>, int>);
}

TEST_CASE("register_policy: the same two writes under each policy", "[crdt][register_policy]") {
    auto const early = at(bob, 1);
    auto const late = at(alice, 2);

    CHECK(winner<newest_wins>(early, 9, late, 4) == 4);
    CHECK(winner<first_wins>(early, 9, late, 4) == 9);
    CHECK(winner<highest_wins>(early, 9, late, 4) == 9);
    CHECK(winner<highest_wins>(early, 4, late, 9) == 9);
    CHECK(winner<order_wins<darker>>(early, colour{9}, late, colour{4}) == colour{9});
}

TEST_CASE("register_policy: at equal times the replica decides", "[crdt][register_policy]") {
    CHECK(winner<newest_wins>(at(alice, 1), 1, at(bob, 1), 2) == 2);
    CHECK(winner<first_wins>(at(alice, 1), 1, at(bob, 1), 2) == 1);
}

TEST_CASE("register_policy: among equally high values the greatest author wins",
          "[crdt][register_policy]") {
    auto const one = written<highest_wins>(at(alice, 1), 7);
    auto const other = written<highest_wins>(at(bob, 1), 7);

    CHECK(testing::joined(one, other).written_by() == at(bob, 1));
    CHECK(testing::joined(other, one).written_by() == at(bob, 1));
    CHECK(winner<order_wins<odd_last>, std::uint64_t>(at(alice, 1), 6, at(bob, 1), 2) == 2);
}

TEST_CASE("register_policy: any write wins over none, a value below the default one, too",
          "[crdt][register_policy]") {
    lww_register<int, highest_wins> state;
    state.assign(at(alice, 1), -5);
    CHECK(state.value() == -5);

    lww_register<int, highest_wins> const fresh;
    CHECK(testing::joined(state, fresh) == state);
    CHECK(testing::joined(fresh, state) == state);
}

TEST_CASE("register_policy: a write that loses changes nothing and has nothing to send",
          "[crdt][register_policy]") {
    auto first = written<first_wins>(at(alice, 1), std::string{"here first"});
    auto highest = written<highest_wins>(at(alice, 1), 8);
    auto newest = written<newest_wins>(at(alice, 5), 8);

    CHECK(first.assign(at(bob, 2), "late").is_bottom());
    CHECK(highest.assign(at(bob, 2), 3).is_bottom());
    CHECK(newest.assign(at(bob, 2), 3).is_bottom());
    CHECK(first.value() == "here first");
    CHECK(highest.value() == 8);
    CHECK(newest.value() == 8);
}

TEST_CASE("register_policy: the first write by its time replaces one that arrived before it",
          "[crdt][register_policy]") {
    auto state = written<first_wins>(at(alice, 5), 1);
    state.join(written<first_wins>(at(bob, 3), 2));
    CHECK(state.value() == 2);
}

TEST_CASE("register_policy: a difference is the whole write or nothing",
          "[crdt][register_policy]") {
    auto const early = written<first_wins>(at(alice, 1), 1);
    auto const late = written<first_wins>(at(bob, 2), 2);

    CHECK(late.difference(early).is_bottom());
    CHECK(early.difference(late) == early);
    CHECK(early.difference(early).is_bottom());
    CHECK(decompose(late) == std::vector{late});
}

TEST_CASE("register_policy: hostile bytes are refused or canonical",
          "[crdt][register_policy][hostile]") {
    CHECK(tests::broken_codec(written<first_wins>(at(alice, 3), std::string{"ab"})) == "");
    CHECK(tests::broken_codec(written<highest_wins>(at(alice, 3), -7)) == "");
    CHECK(tests::broken_codec(lww_register<int, highest_wins>{}) == "");
}

TEMPLATE_TEST_CASE("register_policy: lattice and delta laws", "[crdt][register_policy][laws]",
                   (lww_register<std::uint64_t, newest_wins>),
                   (lww_register<std::uint64_t, first_wins>),
                   (lww_register<std::uint64_t, highest_wins>),
                   (lww_register<std::uint64_t, order_wins<odd_last>>),
                   (lww_register<colour, first_wins>), (lww_register<colour, order_wins<darker>>)) {
    auto const seed = GENERATE(range(0U, 20U));
    auto const assign = [](auto& state, author const& by, std::uint64_t bits) {
        return state.assign(by, {bits % 4});
    };
    // A hostile world: the author is made of the bits, so that one author writes many values.
    auto const equivocate = [](auto& state, author const&, std::uint64_t bits) {
        return state.assign(at(replica_id{bits % 2}, bits / 2 % 2), {bits / 4 % 4});
    };

    CHECK(testing::check_laws<TestType>(seed, 60, assign) == "");
    CHECK(testing::check_laws<TestType>(seed, 60, equivocate) == "");
}

TEMPLATE_TEST_CASE("register_policy: five deltas give one value in every delivery",
                   "[crdt][register_policy][exhaustive]", newest_wins, first_wins, highest_wins,
                   order_wins<odd_last>) {
    std::vector<lww_register<std::uint64_t, TestType>> deltas;
    for (std::uint64_t i = 0; i < 4; ++i) {
        deltas.push_back(written<TestType>(at(replica_id{i % 2}, 1 + i / 2, 1 + i), 7 - i));
    }
    deltas.push_back(deltas[3]);
    deltas.back().assign(at(bob, 2, 4), 4);

    CHECK(testing::check_deliveries<lww_register<std::uint64_t, TestType>>(deltas) == "");
}
