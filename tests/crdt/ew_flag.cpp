#include <joinery/crdt/ew_flag.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "causal_history.hpp"
#include "causal_hostile.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

ew_flag random_edit(ew_flag& flag, tests::model_edit& model, testing::splitmix64& random) {
    auto const old = model.state().under({});
    if (random.chance(50)) {
        model.write({}, {}, old);
        return flag.enable(model.by().replica);
    }
    if (!old.empty()) {
        model.remove(old);
    }
    return flag.disable(model.by().replica);
}

std::string view_difference(ew_flag const& flag, tests::causal_model const& model) {
    return flag.value() == !model.live.empty() ? "" : "the value differs";
}

} // namespace

TEST_CASE("ew_flag: a fresh flag is disabled and bottom", "[crdt][ew_flag]") {
    ew_flag const fresh;

    CHECK_FALSE(fresh.value());
    CHECK(fresh.is_bottom());
}

TEST_CASE("ew_flag: an enable wins over a concurrent disable", "[crdt][ew_flag]") {
    ew_flag left;
    left.enable(alice);
    auto right = left;
    left.disable(alice);
    right.enable(bob);
    REQUIRE_FALSE(left.value());

    left.join(right);
    right.join(left);

    CHECK(left.value());
    CHECK(left == right);
}

TEST_CASE("ew_flag: a disable removes the enables that it has seen", "[crdt][ew_flag]") {
    ew_flag left;
    ew_flag right;
    auto const one = left.enable(alice);
    auto const other = right.enable(bob);
    left.join(right);
    auto const disable = left.disable(alice);

    ew_flag late;
    late.join(disable);
    late.join(one);
    late.join(other);

    CHECK_FALSE(late.value());
    CHECK(late == left);
}

TEST_CASE("ew_flag: disabling what is disabled changes nothing", "[crdt][ew_flag]") {
    ew_flag flag;

    CHECK(flag.disable(alice).is_bottom());
    CHECK(flag.is_bottom());
}

TEST_CASE("ew_flag: a disabled flag is no value of a map", "[crdt][ew_flag][or_map]") {
    or_map<int, ew_flag> flags;
    author const by{alice, hlc::at(1), 0};
    flags.edit(by, [](auto map) { map.at(1).enable(); });
    CHECK(flags.at(1).value());

    flags.edit(by, [](auto map) { map.at(1).disable(); });

    CHECK_FALSE(flags.contains(1));
    CHECK_FALSE(flags.at(1).value());
}

TEST_CASE("ew_flag: lattice and delta laws", "[crdt][ew_flag][laws]") {
    CHECK(testing::check_laws<ew_flag>(
              7, tests::rounds(200), [](ew_flag& flag, author const& by, std::uint64_t bits) {
                  return bits % 2 == 0 ? flag.enable(by.replica) : flag.disable(by.replica);
              }) == "");
}

TEST_CASE("ew_flag: random histories agree with the model", "[crdt][ew_flag][model]") {
    CHECK(tests::broken_history<ew_flag>(1, tests::rounds(100), 50, random_edit, view_difference) ==
          "");
}

TEST_CASE("ew_flag: every delivery of five operations gives one value",
          "[crdt][ew_flag][exhaustive]") {
    ew_flag left;
    ew_flag right;
    std::vector<ew_flag> deltas{left.enable(alice), right.enable(bob)};
    left.join(right);
    deltas.push_back(left.disable(alice));
    deltas.push_back(right.enable(bob));
    left.join(right);
    deltas.push_back(left.disable(alice));

    CHECK(testing::check_deliveries<ew_flag>(deltas) == "");
}

TEST_CASE("ew_flag: mutated bytes are refused or canonical", "[crdt][ew_flag][hostile]") {
    CHECK(tests::broken_by_hostile_bytes<ew_flag>([](auto flag) { flag.enable(); },
                                                  [](auto flag) { flag.disable(); },
                                                  tests::hostility::all_values) == "");
}
