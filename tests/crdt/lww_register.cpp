#include <joinery/core/decomposition.hpp>
#include <joinery/crdt/lww_register.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tape.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

/// A value that can be compared for equality only.
struct colour {
    std::uint64_t code = 0;
    friend bool operator==(colour const&, colour const&) = default;
};
static_assert(!std::totally_ordered<colour>);

template <class T>
lww_register<T> written(author const& by, T value) {
    lww_register<T> state;
    state.assign(by, std::move(value));
    return state;
}

} // namespace

TEST_CASE("lww_register: a fresh register holds the default value", "[crdt][lww_register]") {
    lww_register<std::string> const fresh;

    CHECK(fresh.value().empty());
    CHECK(fresh.is_bottom());
    CHECK(fresh.written_by() == author{});
}

TEST_CASE("lww_register: the later write wins whoever joins", "[crdt][lww_register]") {
    auto const early = written<std::string>({bob, hlc::at(1), 9}, "early");
    auto const late = written<std::string>({alice, hlc::at(2), 1}, "late");

    CHECK(testing::joined(early, late).value() == "late");
    CHECK(testing::joined(late, early).value() == "late");
}

TEST_CASE("lww_register: at equal times the greater replica wins whoever joins",
          "[crdt][lww_register]") {
    auto const from_alice = written<std::string>({alice, hlc::at(5), 9}, "alice");
    auto const from_bob = written<std::string>({bob, hlc::at(5), 1}, "bob");

    CHECK(testing::joined(from_alice, from_bob).value() == "bob");
    CHECK(testing::joined(from_bob, from_alice).value() == "bob");
}

TEST_CASE("lww_register: at equal times of one replica the later sequence wins",
          "[crdt][lww_register]") {
    lww_register<int> state;
    state.assign({alice, hlc::at(5), 1}, 10);
    state.assign({alice, hlc::at(5), 2}, 3);

    CHECK(state.value() == 3);
}

TEST_CASE("lww_register: the default value can be assigned", "[crdt][lww_register]") {
    auto state = written<int>({alice, hlc::at(1), 1}, 7);
    state.assign({alice, hlc::at(2), 2}, 0);

    CHECK(state.value() == 0);
    CHECK_FALSE(state.is_bottom());
}

TEST_CASE("lww_register: a write with an old time loses, and its delta says so everywhere",
          "[crdt][lww_register]") {
    auto state = written<int>({bob, hlc::at(9), 1}, 1);
    auto const before = state;

    auto const delta = state.assign({alice, hlc::at(3), 1}, 2);

    CHECK(state.value() == 1);
    CHECK(testing::joined(before, delta) == state);
}

TEST_CASE("lww_register: an author with two ordered values gives the greater one",
          "[crdt][lww_register][hostile]") {
    author const by{alice, hlc::at(1), 1};
    auto const two = written(by, 2);
    auto const seven = written(by, 7);

    CHECK(two.equivocates_with(seven));
    CHECK_FALSE(two.equivocates_with(two));
    CHECK(testing::joined(two, seven).value() == 7);
    CHECK(testing::joined(seven, two).value() == 7);
}

TEST_CASE("lww_register: an author with two values without order gives the default one",
          "[crdt][lww_register][hostile]") {
    author const by{alice, hlc::at(1), 1};
    auto const red = written(by, colour{1});
    auto const blue = written(by, colour{2});
    auto const none = written(by, colour{});

    CHECK(testing::joined(red, blue).value() == colour{});
    CHECK(testing::joined(blue, red).value() == colour{});
    CHECK(testing::broken_lattice_law(red, blue, none) == std::nullopt);
    CHECK(testing::broken_lattice_law(none, blue, red) == std::nullopt);
    CHECK(testing::joined(red, blue).written_by() == by);
}

TEST_CASE("lww_register: a value without an author is refused", "[crdt][lww_register][hostile]") {
    auto const good = tests::read<lww_register<int>>({"0", "0", "0", "0", "0"});
    auto const bad = tests::read<lww_register<int>>({"0", "0", "0", "0", "5"});

    CHECK(good.is_canonical());
    CHECK_FALSE(bad.is_canonical());
}

TEST_CASE("lww_register: what is written is read back", "[crdt][lww_register]") {
    auto const state = written<std::string>({replica_id{3, 4}, hlc::at(17, 2), 5}, "text");
    auto const back = tests::read<lww_register<std::string>>(tests::written(state));

    CHECK(back == state);
    CHECK(back.written_by() == author{replica_id{3, 4}, hlc::at(17, 2), 5});
    CHECK(back.is_canonical());
}

TEST_CASE("lww_register: a load that throws leaves the register as it was",
          "[crdt][lww_register][hostile]") {
    auto state = written<int>({alice, hlc::at(1), 1}, 7);
    auto const before = state;
    tests::tape_reader reader{{"99", "0", "1", "1"}};

    CHECK_THROWS(reader(state));
    CHECK(state == before);
}

TEST_CASE("lww_register: an editor writes as its target's author", "[crdt][lww_register]") {
    using reg = lww_register<std::string>;
    reg state;
    reg deltas;
    author const by{bob, hlc::at(1), 1};
    using target = tests::recorder<reg, author>;
    reg::editor<target> edit{target{&state, &deltas, by}};

    edit.assign("text");

    CHECK(state.value() == "text");
    CHECK(state.written_by() == by);
    CHECK(deltas == state);
}

TEST_CASE("lww_register: lattice and delta laws", "[crdt][lww_register][laws]") {
    auto const seed = GENERATE(range(0U, 20U));
    auto const assign = [](auto& state, author const& by, std::uint64_t bits) {
        return state.assign(by, {bits % 4});
    };
    // A hostile world: the author is made of the bits, so that authors repeat.
    auto const equivocate = [](auto& state, author const&, std::uint64_t bits) {
        return state.assign({replica_id{bits % 2}, hlc::at(bits / 2 % 2), 1}, {bits / 4 % 4});
    };

    CHECK(testing::check_laws<lww_register<std::uint64_t>>(seed, 100, assign) == "");
    CHECK(testing::check_laws<lww_register<colour>>(seed, 100, assign) == "");
    CHECK(testing::check_laws<lww_register<std::uint64_t>>(seed, 100, equivocate) == "");
    CHECK(testing::check_laws<lww_register<colour>>(seed, 100, equivocate) == "");
}

TEST_CASE("lww_register: five deltas give one value in every delivery",
          "[crdt][lww_register][exhaustive]") {
    std::vector<lww_register<int>> const deltas{
        written({alice, hlc::at(1), 1}, 1), written({bob, hlc::at(1), 1}, 2),
        written({alice, hlc::at(2), 2}, 3), written({bob, hlc::at(2), 2}, 4),
        written({bob, hlc::at(2), 2}, 5),
    };

    CHECK(testing::check_deliveries<lww_register<int>>(deltas) == "");
}

TEST_CASE("lww_register: it is its only part, and a difference is all of it or nothing",
          "[crdt][lww_register]") {
    auto const early = written<int>({bob, hlc::at(1), 1}, 1);
    auto const late = written<int>({alice, hlc::at(2), 1}, 2);

    CHECK(early.difference(late).is_bottom());
    CHECK(late.difference(early) == late);
    CHECK(late.difference(late).is_bottom());
    CHECK(decompose(late) == std::vector{late});
    CHECK(decompose(lww_register<int>{}).empty());
}
