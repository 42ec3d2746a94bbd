#include <joinery/crdt/dw_flag.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "causal_history.hpp"
#include "causal_hostile.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

dw_flag random_edit(dw_flag& flag, tests::model_edit& model, testing::splitmix64& random) {
    auto const is_on = random.chance(60);
    model.write({}, is_on ? "on" : "off", model.state().under({}));
    return is_on ? flag.enable(model.by().replica) : flag.disable(model.by().replica);
}

std::string view_difference(dw_flag const& flag, tests::causal_model const& model) {
    auto const is_on = std::all_of(model.live.begin(), model.live.end(),
                                   [](auto const& one) { return one.second.payload == "on"; });
    return flag.value() == (is_on && !model.live.empty()) ? "" : "the value differs";
}

} // namespace

TEST_CASE("dw_flag: a fresh flag is disabled and bottom", "[crdt][dw_flag]") {
    dw_flag const fresh;

    CHECK_FALSE(fresh.value());
    CHECK(fresh.is_bottom());
}

TEST_CASE("dw_flag: a disable wins over a concurrent enable", "[crdt][dw_flag]") {
    dw_flag left;
    left.enable(alice);
    auto right = left;
    left.disable(alice);
    right.enable(bob);
    REQUIRE(right.value());

    left.join(right);
    right.join(left);

    CHECK_FALSE(left.value());
    CHECK(left == right);
}

TEST_CASE("dw_flag: a disable of what was never enabled still wins", "[crdt][dw_flag]") {
    dw_flag left;
    dw_flag right;
    left.disable(alice);
    right.enable(bob);

    left.join(right);

    CHECK_FALSE(left.value());
}

TEST_CASE("dw_flag: an enable that has seen the disable enables again", "[crdt][dw_flag]") {
    dw_flag left;
    auto const old = left.enable(alice);
    dw_flag right;
    auto const disable = right.disable(bob);
    left.join(disable);
    REQUIRE_FALSE(left.value());
    auto const enable = left.enable(alice);

    dw_flag late;
    late.join(enable);
    late.join(disable);
    late.join(old);

    CHECK(late.value());
    CHECK(late == left);
}

TEST_CASE("dw_flag: a disabled flag is no value of a map, and still wins",
          "[crdt][dw_flag][or_map]") {
    or_map<int, dw_flag> left;
    auto right = left;
    left.edit({alice, hlc::at(1), 0}, [](auto map) { map.at(1).disable(); });
    right.edit({bob, hlc::at(1), 0}, [](auto map) { map.at(1).enable(); });
    CHECK_FALSE(left.contains(1));
    CHECK(left.empty());
    CHECK(right.contains(1));

    left.join(right);

    CHECK_FALSE(left.contains(1));
    CHECK(left.keys().empty());
}

TEST_CASE("dw_flag: lattice and delta laws", "[crdt][dw_flag][laws]") {
    CHECK(testing::check_laws<dw_flag>(
              7, tests::rounds(200), [](dw_flag& flag, author const& by, std::uint64_t bits) {
                  return bits % 2 == 0 ? flag.enable(by.replica) : flag.disable(by.replica);
              }) == "");
}

TEST_CASE("dw_flag: random histories agree with the model", "[crdt][dw_flag][model]") {
    CHECK(tests::broken_history<dw_flag>(1, tests::rounds(100), 50, random_edit, view_difference) ==
          "");
}

TEST_CASE("dw_flag: every delivery of five operations gives one value",
          "[crdt][dw_flag][exhaustive]") {
    dw_flag left;
    dw_flag right;
    std::vector<dw_flag> deltas{left.enable(alice), right.disable(bob)};
    left.join(right);
    deltas.push_back(left.enable(alice));
    deltas.push_back(right.enable(bob));
    left.join(right);
    deltas.push_back(left.disable(alice));

    CHECK(testing::check_deliveries<dw_flag>(deltas) == "");
}

TEST_CASE("dw_flag: mutated bytes are refused or canonical", "[crdt][dw_flag][hostile]") {
    CHECK(tests::broken_by_hostile_bytes<dw_flag>([](auto flag) { flag.enable(); },
                                                  [](auto flag) { flag.disable(); },
                                                  tests::hostility::all_values) == "");
}

// One dot with two payloads: a replica id was used twice.
TEST_CASE("dw_flag: an equivocation is counted, and every side is disabled",
          "[crdt][dw_flag][museum]") {
    dw_flag left;
    dw_flag right;
    auto const on = left.enable(alice);
    auto const off = right.disable(alice);

    left.join(off);
    right.join(on);

    CHECK(left.equivocations() == 1);
    CHECK(left == right);
    CHECK_FALSE(left.value());
}
