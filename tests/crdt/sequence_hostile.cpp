#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/hostile_siblings.hpp"
#include "support/sequence_twin.hpp"

// Many authors at one place: the order must be right, and the time must not be quadratic.

using namespace joinery;
using namespace joinery::tests;

namespace {

#ifdef NDEBUG
constexpr std::size_t siblings = 100'000;
#else
constexpr std::size_t siblings = 10'000;
#endif

/// The order that the models say, for few siblings.
item_order modelled(sibling_order order, std::size_t count) {
    scanned_list list;
    for_each_sibling(order, count, [&](sibling const& one) {
        list.insert({one.id, one.left, one.right, "x"});
    });
    return order_of(list.items());
}

item_order real(sibling_order order, std::size_t count) {
    text replica;
    for_each_sibling(order, count, [&](sibling const& one) { replica.join(delta_of(one)); });
    REQUIRE(replica.waiting() == 0);
    return order_of(replica);
}

item_order expected(sibling_order order, std::size_t count) {
    item_order out;
    for (auto const& id : siblings_in_order(order, count)) {
        out.push_back({id, true});
    }
    return out;
}

} // namespace

TEST_CASE("text: many siblings at one place stand in order", "[crdt][text]") {
    auto const order = GENERATE(from_range(all_sibling_orders));
    CAPTURE(name_of(order));

    CHECK((modelled(order, 60) == expected(order, 60)));
    CHECK((real(order, 60) == expected(order, 60)));
    CHECK((real(order, siblings) == expected(order, siblings)));
}

TEST_CASE("text: many siblings arrive before what they stand beside", "[crdt][text]") {
    auto const order = GENERATE(from_range(all_sibling_orders));
    CAPTURE(name_of(order));
    constexpr std::size_t count = 2'000;
    std::vector<text> deltas;
    for_each_sibling(order, count, [&](sibling const& one) { deltas.push_back(delta_of(one)); });

    text backwards;
    std::for_each(deltas.rbegin(), deltas.rend(), [&](text const& d) { backwards.join(d); });

    CHECK(backwards.waiting() == 0);
    CHECK((order_of(backwards) == expected(order, count)));
}
