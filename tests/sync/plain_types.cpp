#include <joinery/crdt/bounded_counter.hpp>
#include <joinery/crdt/g_set.hpp>
#include <joinery/crdt/lexicographic.hpp>
#include <joinery/crdt/lww_map.hpp>
#include <joinery/crdt/lww_register.hpp>
#include <joinery/crdt/max_register.hpp>
#include <joinery/crdt/min_register.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/crdt/two_phase_set.hpp>
#include <joinery/crdt/union_by_key.hpp>

#include <catch2/catch.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/set.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "changes.hpp"

using namespace joinery;
using namespace joinery::tests;

namespace {

template <class State>
using replica_of = sync::replica<State, timed_by<set_clock>>;

struct row {
    BOOST_HANA_DEFINE_STRUCT(row, (std::string, id), (pn_counter, stock), (g_set<int>, tags));
};
struct shop {
    using rows = union_by_key<row, &row::id>;
    using plan = lexicographic<max_register<int>, g_set<std::string>>;
    using settings = lww_map<std::string, int>;
    BOOST_HANA_DEFINE_STRUCT(shop, (rows, articles), (plan, todo), (settings, options),
                             (bounded_counter, tickets), (two_phase_set<int>, revoked),
                             (min_register<int>, price));
};

struct standings {
    using scores = std::map<std::string, max_register<int>>;
    using maybe = std::optional<g_set<int>>;
    BOOST_HANA_DEFINE_STRUCT(standings, (scores, best), (std::set<int>, days), (maybe, rest));
};

/// Both edit, exchange what they have, and show the same.
template <class State, class Here, class There>
std::pair<replica_of<State>, replica_of<State>> exchanged(Here&& here, There&& there) {
    std::pair<replica_of<State>, replica_of<State>> both{alice, bob};
    REQUIRE(both.first.edit(here));
    REQUIRE(both.second.edit(there));
    deliver(both.first, both.second);
    deliver(both.second, both.first);
    CHECK(both.first.state() == both.second.state());
    CHECK(both.first.digest() == both.second.digest());
    return both;
}

} // namespace

TEST_CASE("replica: registers with a policy, greatest and least values", "[sync][plain_types]") {
    auto const assign = [](int value) { return [value](auto e) { e.assign(value); }; };

    CHECK(exchanged<max_register<int>>(assign(3), assign(7)).first.state().value() == 7);
    CHECK(exchanged<min_register<int>>(assign(3), assign(7)).first.state().value() == 3);
    CHECK(exchanged<lww_register<int, highest_wins>>(assign(7), assign(3)).first.state().value() ==
          7);
    using first = lww_register<int, first_wins>;
    auto const both = exchanged<first>(assign(7), assign(3));
    CHECK(both.first.state().written_by().replica == alice);
}

TEST_CASE("replica: a two-phase set", "[sync][plain_types]") {
    auto const both = exchanged<two_phase_set<int>>(
        [](auto e) {
            e.insert(1);
            e.insert(2);
        },
        [](auto e) {
            e.insert(2);
            e.erase(2);
        });

    CHECK(both.first.state().value() == std::vector{1});
}

TEST_CASE("replica: a map of last writes", "[sync][plain_types]") {
    using map = lww_map<std::string, int>;
    auto [here, there] =
        exchanged<map>([](auto e) { e.assign("a", 1); }, [](auto e) { e.assign("b", 2); });
    REQUIRE(here.edit([](auto e) { e.erase("b"); }));
    deliver(here, there);

    CHECK(there.state().size() == 1);
    CHECK(there.state().tombstones() == 1);
}

TEST_CASE("replica: a refused decrement fails the edit and leaves nothing of it",
          "[sync][plain_types]") {
    auto [here, there] =
        exchanged<bounded_counter>([](auto e) { e.increment(5); }, [](auto e) { e.increment(1); });
    auto const before = there.state();

    auto const refused = there.edit([](auto e) {
        e.increment(1);
        e.decrement(3);
    });

    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::no_rights);
    CHECK(there.state() == before);
    REQUIRE(here.edit([](auto e) { e.transfer(bob, 2); }));
    deliver(here, there);
    CHECK(there.edit([](auto e) { e.decrement(3); }));
    CHECK(there.state().value() == 3);
}

TEST_CASE("replica: an edit in which everything is refused leaves no changeset",
          "[sync][plain_types]") {
    replica_of<bounded_counter> here{alice};

    CHECK_FALSE(here.edit([](auto e) { e.decrement(); }));
    CHECK(here.version().empty());
    CHECK(here.edit([](auto e) { e.increment(); }));
    CHECK(here.version().of(alice) == 1);
}

TEST_CASE("replica: a record of all of them", "[sync][plain_types]") {
    using shops = product<shop>;
    auto const both = exchanged<shops>(
        [](auto e) {
            e[&shop::articles].at("saw")[&row::stock].increment(3);
            e[&shop::todo].first().assign(1);
            e[&shop::todo].second().insert("open");
            e[&shop::options].assign("tax", 7);
            e[&shop::tickets].increment(5);
            e[&shop::revoked].insert(1);
            e[&shop::price].assign(9);
        },
        [](auto e) {
            e[&shop::articles].at("saw")[&row::stock].decrement(1);
            e[&shop::articles].at("saw")[&row::tags].insert(4);
            e[&shop::todo].first().assign(1);
            e[&shop::todo].second().insert("clean");
            e[&shop::price].assign(8);
        });
    auto const& state = both.first.state();

    CHECK(state[&shop::articles].find("saw")->stock.value() == 2);
    CHECK(state[&shop::articles].find("saw")->tags.contains(4));
    CHECK(state[&shop::todo].second().size() == 2);
    CHECK(*state[&shop::options].find("tax") == 7);
    CHECK(state[&shop::tickets].rights(alice) == 5);
    CHECK(state[&shop::price].value() == 8);
}

TEST_CASE("replica: standard types in a record join what they are given", "[sync][plain_types]") {
    using tables = product<standings>;
    auto const score = [](std::string name, int points) {
        max_register<int> best;
        best.assign(points);
        return standings::scores{{std::move(name), best}};
    };
    auto [here, there] = exchanged<tables>(
        [&](auto e) {
            e[&standings::best].join(score("ada", 3));
            e[&standings::days].join({1, 2});
        },
        [&](auto e) {
            e[&standings::best].join(score("ada", 5));
            e[&standings::best].join(score("bob", 1));
            e[&standings::rest].join(g_set<int>{});
        });
    REQUIRE(here.edit([](auto e) { e[&standings::days].join({2, 3}); }));
    deliver(here, there);

    auto const& state = there.state();
    CHECK(state[&standings::best].at("ada").value() == 5);
    CHECK(state[&standings::best].size() == 2);
    CHECK(state[&standings::days] == std::set<int>{1, 2, 3});
    CHECK(state[&standings::rest].has_value());
}
