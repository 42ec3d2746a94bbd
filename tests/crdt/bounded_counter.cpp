#include <joinery/core/decomposition.hpp>
#include <joinery/crdt/bounded_counter.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "crdt/plain_checks.hpp"
#include "tape.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};
constexpr replica_id carol{3};
constexpr auto greatest = std::numeric_limits<std::uint64_t>::max();

bounded_counter holding(replica_id id, std::uint64_t amount) {
    bounded_counter counter;
    REQUIRE(counter.increment(id, amount));
    return counter;
}

stable_cut retiring(std::vector<replica_id> ids) {
    stable_cut cut;
    cut.retired = std::move(ids);
    return cut;
}

bounded_counter change(bounded_counter& counter, author const& by, std::uint64_t bits) {
    auto const amount = bits / 4 % 4;
    auto const other = replica_id{1 + (by.replica.low() + bits / 16 % 2) % 3};
    auto delta = bits % 4 < 2    ? counter.increment(by.replica, amount)
                 : bits % 4 == 2 ? counter.decrement(by.replica, amount)
                                 : counter.transfer(by.replica, other, amount);
    return delta ? *delta : bounded_counter{};
}

} // namespace

TEST_CASE("bounded_counter: a fresh counter reads zero and gives no rights",
          "[crdt][bounded_counter]") {
    bounded_counter counter;

    CHECK(counter.value() == 0);
    CHECK(counter.is_bottom());
    CHECK(counter.rights(alice) == 0);
    CHECK_FALSE(counter.decrement(alice));
}

TEST_CASE("bounded_counter: who increments may decrement as much", "[crdt][bounded_counter]") {
    auto counter = holding(alice, 10);

    CHECK(counter.rights(alice) == 10);
    REQUIRE(counter.decrement(alice, 4));
    CHECK(counter.value() == 6);
    CHECK(counter.rights(alice) == 6);
}

TEST_CASE("bounded_counter: a decrement without rights is refused with a sentence",
          "[crdt][bounded_counter]") {
    auto counter = holding(alice, 3);
    auto const before = counter;

    auto const refused = counter.decrement(bob, 2);
    auto const too_much = counter.decrement(alice, 4);

    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::no_rights);
    CHECK(refused.error().message ==
          "replica 00000000000000000000000000000002 holds rights to 0 and needs 2");
    REQUIRE_FALSE(too_much);
    CHECK(too_much.error().code == errc::no_rights);
    CHECK(counter == before);
    CHECK(counter.decrement(alice, 3));
    CHECK(counter.value() == 0);
}

TEST_CASE("bounded_counter: concurrent decrements never take more than there is",
          "[crdt][bounded_counter]") {
    auto left = holding(alice, 1);
    auto right = left;

    CHECK(left.decrement(alice));
    CHECK_FALSE(right.decrement(bob));

    left.join(right);
    CHECK(left.value() == 0);
}

TEST_CASE("bounded_counter: rights can be handed on, and the value stays",
          "[crdt][bounded_counter]") {
    auto counter = holding(alice, 5);

    REQUIRE(counter.transfer(alice, bob, 3));
    CHECK(counter.value() == 5);
    CHECK(counter.rights(alice) == 2);
    CHECK(counter.rights(bob) == 3);
    REQUIRE(counter.decrement(bob, 3));
    CHECK(counter.value() == 2);
    CHECK_FALSE(counter.decrement(bob));
    REQUIRE(counter.transfer(alice, bob, 1));
    CHECK(counter.decrement(bob));

    auto const too_much = counter.transfer(alice, bob, 2);
    REQUIRE_FALSE(too_much);
    CHECK(too_much.error().code == errc::no_rights);
    auto const to_oneself = counter.transfer(alice, alice, 1);
    REQUIRE_FALSE(to_oneself);
    CHECK(to_oneself.error().code == errc::invalid_argument);
}

TEST_CASE("bounded_counter: a change by zero is no change", "[crdt][bounded_counter]") {
    auto counter = holding(alice, 5);
    auto const before = counter;

    CHECK(counter.increment(bob, 0)->is_bottom());
    CHECK(counter.decrement(bob, 0)->is_bottom());
    CHECK(counter.transfer(bob, carol, 0)->is_bottom());
    CHECK(counter == before);
}

TEST_CASE("bounded_counter: numbers that would not fit are refused",
          "[crdt][bounded_counter][hostile]") {
    auto counter = holding(alice, greatest);
    auto const more = counter.increment(alice, 1);
    REQUIRE_FALSE(more);
    CHECK(more.error().code == errc::full);

    REQUIRE(counter.increment(bob, 10));
    CHECK(counter.value() == greatest);
    REQUIRE(counter.decrement(alice, greatest));
    CHECK(counter.value() == 10);
    REQUIRE(counter.transfer(bob, alice, 5));
    CHECK(counter.rights(alice) == 5);
    auto const spent = counter.decrement(alice, 1);
    REQUIRE_FALSE(spent);
    CHECK(spent.error().code == errc::full);
    CHECK(counter.value() == 10);
}

TEST_CASE("bounded_counter: what was spent may arrive before what it was spent from",
          "[crdt][bounded_counter]") {
    bounded_counter here;
    auto const gained = *here.increment(alice, 5);
    auto const spent = *here.decrement(alice, 2);

    bounded_counter there;
    there.join(spent);
    CHECK(there.value() == 0);
    CHECK(there.rights(alice) == 0);
    there.join(gained);
    CHECK(there.value() == 3);
}

TEST_CASE("bounded_counter: the rights of a retired replica are handed to an heir",
          "[crdt][bounded_counter][forget]") {
    auto counter = holding(carol, 10);
    REQUIRE(counter.decrement(carol, 3));
    REQUIRE(counter.transfer(carol, bob, 2));

    auto const before = counter;
    auto const delta = counter.reclaim(retiring({carol}), carol, alice);

    REQUIRE(delta);
    CHECK(counter.value() == 7);
    CHECK(counter.rights(alice) == 5);
    CHECK(counter.rights(carol) == 0);
    CHECK(testing::joined(before, *delta) == counter);
    CHECK(counter.reclaim(retiring({carol}), carol, alice)->is_bottom());
}

TEST_CASE("bounded_counter: two members that reclaim for one heir hand the rights over once",
          "[crdt][bounded_counter][forget]") {
    auto left = holding(carol, 10);
    auto right = left;
    REQUIRE(right.increment(bob, 4));
    REQUIRE(right.transfer(bob, carol, 4)); // sent before bob knew that carol is retired

    REQUIRE(left.reclaim(retiring({carol}), carol, alice));
    REQUIRE(right.reclaim(retiring({carol}), carol, alice));
    CHECK(left.rights(alice) == 10);
    CHECK(right.rights(alice) == 14);

    auto const both = testing::joined(left, right);
    CHECK(both == testing::joined(right, left));
    CHECK(both.rights(alice) == 14);
    CHECK(both.rights(carol) == 0);
    CHECK(both.value() == 14);
}

TEST_CASE("bounded_counter: only a retired replica's rights are reclaimed, for one that is not",
          "[crdt][bounded_counter][forget]") {
    auto counter = holding(carol, 10);

    auto const early = counter.reclaim(retiring({}), carol, alice);
    auto const to_itself = counter.reclaim(retiring({carol}), carol, carol);
    auto const to_retired = counter.reclaim(retiring({bob, carol}), carol, bob);

    for (auto const* const refused : {&early, &to_itself, &to_retired}) {
        REQUIRE_FALSE(*refused);
        CHECK(refused->error().code == errc::invalid_argument);
    }
    CHECK(counter == holding(carol, 10));
}

// The deltas of three replicas come in any order, some twice. Whatever each of them sees, all
// writes together never take more than there is, and everybody's own rights are exact.
TEST_CASE("bounded_counter: no history takes the value below zero",
          "[crdt][bounded_counter][simulation]") {
    auto const seed = GENERATE(range(0U, 300U));
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    std::array<bounded_counter, 3> states;
    std::vector<bounded_counter> sent;
    bounded_counter everything;
    std::uint64_t expected = 0;
    std::uint64_t refused = 0;
    for (int step = 0; step < 150; ++step) {
        auto const self = static_cast<std::size_t>(random.below(3));
        auto& state = states[self];
        replica_id const id{self + 1};
        auto const amount = 1 + random.below(5);
        if (random.chance(40) && !sent.empty()) {
            state.join(random.pick(sent));
            continue;
        }
        auto const what = random.below(4);
        auto const other = replica_id{1 + (self + 1 + random.below(2)) % 3};
        auto const delta = what == 0   ? state.increment(id, amount)
                           : what == 1 ? state.transfer(id, other, amount)
                                       : state.decrement(id, amount);
        if (!delta) {
            REQUIRE(delta.error().code == errc::no_rights);
            ++refused;
            continue;
        }
        expected += what == 0 ? amount : 0;
        REQUIRE(expected >= (what > 1 ? amount : 0));
        expected -= what > 1 ? amount : 0;
        sent.push_back(*delta);
        everything.join(*delta);
        REQUIRE(everything.value() == expected);
        REQUIRE(everything.rights(alice) + everything.rights(bob) + everything.rights(carol) ==
                expected);
        REQUIRE(state.rights(id) <= everything.rights(id));
    }
    CHECK(refused > 0);
}

TEST_CASE("bounded_counter: each number is a part, and a difference has those that are greater",
          "[crdt][bounded_counter]") {
    auto left = holding(alice, 5);
    REQUIRE(left.decrement(alice, 1));
    REQUIRE(left.transfer(alice, bob, 2));
    auto const right = holding(alice, 7);

    auto const news = left.difference(right);

    CHECK(decompose(left).size() == 3);
    CHECK(decompose(news).size() == 2);
    CHECK(testing::joined(right, news) == testing::joined(right, left));
    CHECK(left.difference(left).is_bottom());
    CHECK(right.difference(left) == right);
}

TEST_CASE("bounded_counter: handovers out of order, to oneself or of nothing are refused",
          "[crdt][bounded_counter][hostile]") {
    auto const hostile = GENERATE(values<tests::tape>({
        {"0", "0", "1", "0", "1", "0", "1", "5"},
        {"0", "0", "1", "0", "1", "0", "2", "0"},
        {"0", "0", "2", "0", "1", "0", "2", "5", "0", "1", "0", "2", "6"},
        {"0", "0", "2", "0", "2", "0", "1", "5", "0", "1", "0", "2", "6"},
        {"2", "0", "1", "5", "0", "1", "6", "0", "0"},
    }));

    CHECK_FALSE(tests::read<bounded_counter>(hostile).is_canonical());
}

TEST_CASE("bounded_counter: hostile bytes are refused or canonical",
          "[crdt][bounded_counter][hostile]") {
    auto counter = holding(alice, 300);
    CHECK(tests::broken_codec(bounded_counter{}) == "");
    CHECK(tests::broken_codec(counter) == "");
    REQUIRE(counter.decrement(alice, 1));
    REQUIRE(counter.transfer(alice, replica_id{5, 6}, 200));
    REQUIRE(counter.transfer(alice, bob, 2));
    CHECK(tests::broken_codec(counter) == "");
}

TEST_CASE("bounded_counter: an editor tells its target what was refused",
          "[crdt][bounded_counter]") {
    bounded_counter state;
    bounded_counter deltas;
    std::optional<error> failed;
    using target = tests::replica_target<bounded_counter>;
    bounded_counter::editor<target> edit{
        target{&state, &deltas, &failed, author{bob, hlc::at(1), 1}}};

    edit.increment(4);
    edit.decrement();
    edit.transfer(alice, 1);
    edit.reclaim(retiring({carol}), carol, bob);
    CHECK_FALSE(failed.has_value());
    CHECK(state.value() == 3);
    CHECK(state.rights(alice) == 1);
    CHECK(deltas == state);

    edit.decrement(9);
    REQUIRE(failed.has_value());
    CHECK(failed->code == errc::no_rights);
    CHECK(deltas == state);
}

TEST_CASE("bounded_counter: an editor whose target cannot fail does nothing if refused",
          "[crdt][bounded_counter]") {
    bounded_counter state;
    bounded_counter deltas;
    using target = tests::recorder<bounded_counter, author>;
    bounded_counter::editor<target> edit{target{&state, &deltas, author{bob, hlc::at(1), 1}}};

    edit.increment(2);
    edit.decrement(3);

    CHECK(state.value() == 2);
    CHECK(deltas == state);
}

TEST_CASE("bounded_counter: lattice and delta laws", "[crdt][bounded_counter][laws]") {
    auto const seed = GENERATE(range(0U, 20U));
    CHECK(testing::check_laws<bounded_counter>(seed, 100, change) == "");
}

TEST_CASE("bounded_counter: five deltas give one value in every delivery",
          "[crdt][bounded_counter][exhaustive]") {
    bounded_counter here;
    bounded_counter there;
    std::vector<bounded_counter> deltas;
    deltas.push_back(*here.increment(alice, 9));
    deltas.push_back(*here.transfer(alice, bob, 4));
    there.join(here);
    deltas.push_back(*there.decrement(bob, 3));
    deltas.push_back(*here.decrement(alice, 2));
    deltas.push_back(*there.increment(bob, 1));

    CHECK(testing::check_deliveries<bounded_counter>(deltas) == "");
}
