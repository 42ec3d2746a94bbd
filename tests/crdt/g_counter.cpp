#include <joinery/core/decomposition.hpp>
#include <joinery/crdt/g_counter.hpp>
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

} // namespace

TEST_CASE("g_counter: a fresh counter reads zero", "[crdt][g_counter]") {
    CHECK(g_counter{}.value() == 0);
    CHECK(g_counter{}.is_bottom());
}

TEST_CASE("g_counter: concurrent increments add up", "[crdt][g_counter]") {
    g_counter left;
    g_counter right;
    left.increment(alice, 3);
    right.increment(bob, 4);

    left.join(right);

    CHECK(left.value() == 7);
}

TEST_CASE("g_counter: a delta carries exactly its own change", "[crdt][g_counter]") {
    g_counter before;
    before.increment(alice, 2);
    before.increment(bob, 3);

    auto after = before;
    auto const delta = after.increment(alice, 5);

    CHECK(delta.slots().size() == 1);
    CHECK(delta.slots().of(alice) == 7);
    before.join(delta);
    CHECK(before == after);
    before.join(delta);
    CHECK(before == after);
}

TEST_CASE("g_counter: an increment by zero changes nothing", "[crdt][g_counter]") {
    g_counter counter;

    CHECK(counter.increment(alice, 0).is_bottom());
    CHECK(counter == g_counter{});
}

TEST_CASE("g_counter: one replica's slot stays at the greatest value", "[crdt][g_counter]") {
    g_counter counter;
    counter.increment(alice, greatest - 1);

    counter.increment(alice, 5);

    CHECK(counter.value() == greatest);
}

TEST_CASE("g_counter: hostile slots cannot wrap the value", "[crdt][g_counter][hostile]") {
    g_counter counter;
    g_counter hostile;
    counter.increment(alice, 10);
    hostile.increment(bob, greatest);

    counter.join(hostile);
    CHECK(counter.value() == greatest);

    counter.increment(alice);
    CHECK(counter.value() == greatest);
}

TEST_CASE("g_counter: bytes with a repeated replica are refused", "[crdt][g_counter][hostile]") {
    auto const counter = tests::read<g_counter>({"2", "0", "1", "5", "0", "1", "6"});

    CHECK_FALSE(counter.is_canonical());
    CHECK(counter.is_bottom());
}

TEST_CASE("g_counter: what is written is read back", "[crdt][g_counter]") {
    g_counter counter;
    CHECK(tests::read<g_counter>(tests::written(counter)) == counter);
    counter.increment(bob, greatest);
    counter.increment(alice, 2);

    auto const back = tests::read<g_counter>(tests::written(counter));

    CHECK(back == counter);
    CHECK(back.is_canonical());
}

TEST_CASE("g_counter: equal states write equal bytes whatever their history", "[crdt][g_counter]") {
    g_counter forth;
    g_counter back;
    forth.increment(alice, 1);
    forth.increment(bob, 2);
    back.increment(bob, 2);
    back.increment(alice, 1);

    CHECK(tests::written(forth) == tests::written(back));
}

TEST_CASE("g_counter: an editor writes as its target's author", "[crdt][g_counter]") {
    g_counter state;
    g_counter deltas;
    using target = tests::recorder<g_counter, author>;
    g_counter::editor<target> edit{target{&state, &deltas, author{bob, hlc::at(1), 1}}};

    edit.increment();
    edit.increment(4);

    CHECK(state.slots().of(bob) == 5);
    CHECK(deltas == state);
}

TEST_CASE("g_counter: lattice and delta laws", "[crdt][g_counter][laws]") {
    auto const seed = GENERATE(range(0U, 20U));
    CHECK(testing::check_laws<g_counter>(
              seed, 100, [](g_counter& counter, author const& by, std::uint64_t bits) {
                  return counter.increment(by.replica, bits);
              }) == "");
}

TEST_CASE("g_counter: five deltas give one value in every delivery",
          "[crdt][g_counter][exhaustive]") {
    g_counter here;
    g_counter there;
    std::vector<g_counter> deltas;
    deltas.push_back(here.increment(alice, 3));
    deltas.push_back(there.increment(bob, 4));
    deltas.push_back(here.increment(alice));
    here.join(there);
    deltas.push_back(here.increment(replica_id{3}, 2));
    deltas.push_back(there.increment(bob, 5));

    CHECK(testing::check_deliveries<g_counter>(deltas) == "");
}

TEST_CASE("g_counter: each slot is a part, and a difference has those that are greater",
          "[crdt][g_counter]") {
    g_counter left;
    left.increment(alice, 3);
    left.increment(bob, 4);
    left.increment(replica_id{3}, 1);
    g_counter right;
    right.increment(alice, 5);
    right.increment(bob, 2);

    auto const news = left.difference(right);

    CHECK(news.slots().size() == 2);
    CHECK(news.slots().of(bob) == 4);
    CHECK(news.slots().of(replica_id{3}) == 1);
    CHECK(testing::joined(right, news) == testing::joined(right, left));
    CHECK(left.difference(left).is_bottom());
    CHECK(g_counter{}.difference(left).is_bottom());
    CHECK(left.difference({}) == left);
    CHECK(decompose(left).size() == 3);
    CHECK(decompose(left)[1].slots().of(bob) == 4);
}
