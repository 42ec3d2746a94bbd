#include <joinery/core/decomposition.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <vector>

#include "tape.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};
constexpr auto greatest = std::numeric_limits<std::uint64_t>::max();
using signed_limits = std::numeric_limits<std::int64_t>;

} // namespace

TEST_CASE("pn_counter: a fresh counter reads zero", "[crdt][pn_counter]") {
    CHECK(pn_counter{}.value() == 0);
    CHECK(pn_counter{}.is_bottom());
}

TEST_CASE("pn_counter: concurrent increments and decrements add up", "[crdt][pn_counter]") {
    pn_counter left;
    pn_counter right;
    left.increment(alice, 3);
    right.decrement(bob, 10);
    right.increment(bob, 1);

    left.join(right);

    CHECK(left.value() == -6);
}

TEST_CASE("pn_counter: a decrement is not an increment undone", "[crdt][pn_counter]") {
    pn_counter counter;
    counter.increment(alice, 2);
    counter.decrement(alice, 2);

    CHECK(counter.value() == 0);
    CHECK_FALSE(counter.is_bottom());
}

TEST_CASE("pn_counter: a delta carries exactly its own change", "[crdt][pn_counter]") {
    pn_counter before;
    before.increment(alice, 2);
    before.increment(bob, 3);

    auto after = before;
    auto const delta = after.decrement(alice, 5);

    CHECK(delta.value() == -5);
    before.join(delta);
    CHECK(before == after);
    before.join(delta);
    CHECK(before == after);
}

TEST_CASE("pn_counter: a change by zero is no change", "[crdt][pn_counter]") {
    pn_counter counter;

    CHECK(counter.increment(alice, 0).is_bottom());
    CHECK(counter.decrement(alice, 0).is_bottom());
    CHECK(counter.is_bottom());
}

TEST_CASE("pn_counter: a value that does not fit is the nearest that does",
          "[crdt][pn_counter][hostile]") {
    auto const room = static_cast<std::uint64_t>(signed_limits::max());
    pn_counter counter;

    counter.increment(alice, room);
    CHECK(counter.value() == signed_limits::max());
    counter.increment(alice, 1);
    CHECK(counter.value() == signed_limits::max());
    counter.decrement(bob, 1);
    CHECK(counter.value() == signed_limits::max());
    counter.decrement(bob, 1);
    CHECK(counter.value() == signed_limits::max() - 1);

    pn_counter other;
    other.decrement(alice, room);
    CHECK(other.value() == -signed_limits::max());
    other.decrement(alice, 1);
    CHECK(other.value() == signed_limits::min());
    other.decrement(alice, 1);
    CHECK(other.value() == signed_limits::min());
}

TEST_CASE("pn_counter: sums above 2^64 still give the exact difference",
          "[crdt][pn_counter][hostile]") {
    pn_counter counter;
    for (std::uint64_t id = 1; id <= 3; ++id) {
        counter.increment(replica_id{id}, greatest);
        counter.decrement(replica_id{id + 1}, greatest);
    }
    CHECK(counter.value() == 0);

    counter.increment(replica_id{9}, 7);
    CHECK(counter.value() == 7);
    counter.decrement(replica_id{8}, 20);
    CHECK(counter.value() == -13);

    // 2^64 against 2^64 - 1: the low halves borrow.
    pn_counter borrowing;
    borrowing.increment(alice, greatest);
    borrowing.increment(bob, 1);
    borrowing.decrement(alice, greatest);
    CHECK(borrowing.value() == 1);
}

TEST_CASE("pn_counter: bytes with a repeated replica are refused", "[crdt][pn_counter][hostile]") {
    auto const in_increments = tests::read<pn_counter>({"2", "0", "1", "5", "0", "1", "6", "0"});
    auto const in_decrements = tests::read<pn_counter>({"0", "2", "0", "1", "5", "0", "1", "6"});

    CHECK_FALSE(in_decrements.is_canonical());
    CHECK_FALSE(in_increments.is_canonical());
}

TEST_CASE("pn_counter: what is written is read back", "[crdt][pn_counter]") {
    pn_counter counter;
    CHECK(tests::read<pn_counter>(tests::written(counter)) == counter);
    counter.increment(bob, greatest);
    counter.decrement(alice, 2);

    auto const back = tests::read<pn_counter>(tests::written(counter));

    CHECK(back == counter);
    CHECK(back.is_canonical());
}

TEST_CASE("pn_counter: an editor writes as its target's author", "[crdt][pn_counter]") {
    pn_counter state;
    pn_counter deltas;
    using target = tests::recorder<pn_counter, author>;
    pn_counter::editor<target> edit{target{&state, &deltas, author{bob, hlc::at(1), 1}}};

    edit.increment(4);
    edit.decrement();

    CHECK(state.value() == 3);
    CHECK(deltas == state);
}

TEST_CASE("pn_counter: lattice and delta laws", "[crdt][pn_counter][laws]") {
    auto const seed = GENERATE(range(0U, 20U));
    CHECK(testing::check_laws<pn_counter>(
              seed, 100, [](pn_counter& counter, author const& by, std::uint64_t bits) {
                  return bits % 2 == 0 ? counter.increment(by.replica, bits / 2)
                                       : counter.decrement(by.replica, bits / 2);
              }) == "");
}

TEST_CASE("pn_counter: five deltas give one value in every delivery",
          "[crdt][pn_counter][exhaustive]") {
    pn_counter here;
    pn_counter there;
    std::vector<pn_counter> deltas;
    deltas.push_back(here.increment(alice, 3));
    deltas.push_back(there.decrement(bob, 4));
    deltas.push_back(here.decrement(alice));
    here.join(there);
    deltas.push_back(here.increment(alice, 2));
    deltas.push_back(there.increment(bob, 5));

    CHECK(testing::check_deliveries<pn_counter>(deltas) == "");
}

TEST_CASE("pn_counter: each slot is a part, and a difference has those that are greater",
          "[crdt][pn_counter]") {
    pn_counter left;
    left.increment(alice, 3);
    left.decrement(alice, 2);
    left.decrement(bob, 4);
    pn_counter right;
    right.increment(alice, 5);
    right.decrement(alice, 2);
    right.decrement(bob, 1);

    CHECK(left.difference(right).value() == -4);
    CHECK(right.difference(left).value() == 5);
    CHECK(left.difference(left).is_bottom());
    auto const parts = decompose(left);
    REQUIRE(parts.size() == 3);
    CHECK(parts[0].value() == 3);
    CHECK(parts[1].value() == -2);
    CHECK(parts[2].value() == -4);
}
