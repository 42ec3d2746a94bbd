#include <joinery/crdt/document.hpp>
#include <joinery/crdt/dw_flag.hpp>
#include <joinery/crdt/ew_flag.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/crdt/resettable_counter.hpp>
#include <joinery/crdt/rw_set.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "changes.hpp"

using namespace joinery;
using namespace joinery::tests;

namespace {

template <class State>
using replica_of = sync::replica<State, timed_by<set_clock>>;

struct page {
    BOOST_HANA_DEFINE_STRUCT(page, (document, body), (resettable_counter, views), (ew_flag, shown));
};

/// Both make the first edit known to each other, then edit concurrently, and exchange what they
/// have.
template <class State, class First, class Here, class There>
State exchanged(First&& first, Here&& here, There&& there) {
    replica_of<State> left{alice};
    replica_of<State> right{bob};
    REQUIRE(left.edit(first));
    deliver(left, right);
    REQUIRE(left.edit(here));
    REQUIRE(right.edit(there));
    deliver(left, right);
    deliver(right, left);
    CHECK(left.state() == right.state());
    CHECK(left.digest() == right.digest());
    return left.state();
}

template <class Policy>
std::int64_t views_of_an_erased_page() {
    using pages = or_map<int, product<page>, Policy>;
    auto const state = exchanged<pages>(
        [](auto map) {
            map.at(1)[&page::views].increment(5);
            map.at(1)[&page::body].increment({"count", "n"}, 50);
        },
        [](auto map) { map.erase(1); },
        [](auto map) {
            map.at(1)[&page::views].increment(2);
            map.at(1)[&page::body].increment({"count", "n"}, 20);
        });
    auto const one = state.at(1);
    CHECK(one[&page::body].find({"count", "n"}).counter() == 10 * one[&page::views].value());
    return one[&page::views].value();
}

} // namespace

TEST_CASE("replica: flags", "[sync][causal_types]") {
    auto const enable = [](auto flag) { flag.enable(); };
    auto const disable = [](auto flag) { flag.disable(); };

    CHECK(exchanged<ew_flag>(enable, enable, disable).value());
    CHECK_FALSE(exchanged<dw_flag>(enable, enable, disable).value());
}

TEST_CASE("replica: a set in which an erase wins", "[sync][causal_types]") {
    auto const set = exchanged<rw_set<std::string>>(
        [](auto e) {
            e.insert("pear");
            e.insert("plum");
        },
        [](auto e) { e.erase("pear"); }, [](auto e) { e.insert("pear"); });

    CHECK(set.value() == std::vector<std::string_view>{"plum"});
}

TEST_CASE("replica: a counter that is reset", "[sync][causal_types]") {
    auto const counter = exchanged<resettable_counter>(
        [](auto e) { e.increment(5); }, [](auto e) { e.reset(); }, [](auto e) { e.increment(2); });

    CHECK(counter.value() == 2);
}

TEST_CASE("replica: records of documents and counters under each policy", "[sync][causal_types]") {
    CHECK(views_of_an_erased_page<observed_reset>() == 2);
    CHECK(views_of_an_erased_page<remove_wins>() == 0);
    CHECK(views_of_an_erased_page<update_wins_whole>() == 7);
}

TEST_CASE("replica: a document in which an erase wins", "[sync][causal_types]") {
    auto const doc = exchanged<basic_document<deep_merge, remove_wins>>(
        [](auto e) {
            e.set({"a", "b"}, 1);
        },
        [](auto e) { e.erase("a"); },
        [](auto e) {
            e.set({"a", "c"}, 2);
        });

    CHECK(doc.size() == 0);
}

TEST_CASE("replica: an edit that fails takes the marks of a policy with it",
          "[sync][causal_types]") {
    replica_of<or_map<int, document, update_wins_whole>> replica{alice};
    REQUIRE(replica.edit([](auto map) { map.at(1).set("a", 1); }));
    auto const before = replica.state().encode();

    CHECK_FALSE(replica.edit([](auto map) {
        map.at(1).set("b", 1);
        map.at(2).set("c", 1);
        map.at(1).increment("a", 1);
    }));

    CHECK(replica.state().encode() == before);
}
