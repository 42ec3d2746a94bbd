#include <joinery/crdt/g_set.hpp>
#include <joinery/crdt/lww_map.hpp>
#include <joinery/crdt/max_register.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/crdt/union_by_key.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crdt/plain_checks.hpp"
#include "tape.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

struct item {
    BOOST_HANA_DEFINE_STRUCT(item, (std::string, id), (pn_counter, stock),
                             (g_set<std::string>, tags), (int, revision));
};
using items = union_by_key<item, &item::id>;

struct position {
    BOOST_HANA_DEFINE_STRUCT(position, (int, row), (int, column), (max_register<int>, best));
};
struct place_of {
    std::pair<int, int> operator()(position const& one) const { return {one.row, one.column}; }
};
using board = union_by_key<position, place_of{}>;

struct measured {
    BOOST_HANA_DEFINE_STRUCT(measured, (double, at), (max_register<int>, best));
};

struct shelf {
    using table = lww_map<int, int>;
    BOOST_HANA_DEFINE_STRUCT(shelf, (int, id), (table, slots));
};

static_assert(delta_crdt<items>);
static_assert(delta_crdt<board>);
static_assert(decomposable<items>);

item with(std::string id, std::uint64_t stock, std::string tag = "", int revision = 0) {
    item one;
    one.id = std::move(id);
    one.stock.increment(alice, stock);
    if (!tag.empty()) {
        one.tags.insert(std::move(tag));
    }
    one.revision = revision;
    return one;
}

items of(std::vector<item> const& all) {
    items out;
    for (auto const& one : all) {
        out.insert(one);
    }
    return out;
}

items change_items(items& all, author const& by, std::uint64_t bits) {
    auto const key = std::string(1, static_cast<char>('a' + bits / 4 % 3));
    switch (bits % 4) {
    case 0:
        return all.change(key, &item::stock, [&](pn_counter& stock) {
            return stock.increment(by.replica, bits / 16 % 3);
        });
    case 1:
        return all.change(key, &item::tags, [&](g_set<std::string>& tags) {
            return tags.insert(std::to_string(bits / 16 % 3));
        });
    default:
        return all.insert(with(key, 0, "", static_cast<int>(bits / 16 % 4)));
    }
}

} // namespace

TEST_CASE("union_by_key: a fresh set is empty", "[crdt][union_by_key]") {
    items const fresh;

    CHECK(fresh.is_bottom());
    CHECK(fresh.size() == 0);
    CHECK(fresh.find("a") == nullptr);
    CHECK(fresh.begin() == fresh.end());
}

TEST_CASE("union_by_key: records with one key join, others stand beside them",
          "[crdt][union_by_key]") {
    auto left = of({with("a", 3, "left"), with("b", 1)});
    auto right = of({with("a", 0, "right"), with("c", 2)});
    right.change("a", &item::stock, [](pn_counter& stock) { return stock.decrement(bob, 1); });

    auto const both = testing::joined(left, right);

    CHECK(both == testing::joined(right, left));
    REQUIRE(both.size() == 3);
    CHECK(both.find("a")->stock.value() == 2);
    CHECK(both.find("a")->tags.value() == std::vector<std::string>{"left", "right"});
    CHECK(both.find("b")->stock.value() == 1);
    CHECK(both.value().back().id == "c");
}

TEST_CASE("union_by_key: of a field that is no lattice the greater value stays",
          "[crdt][union_by_key]") {
    auto const both = testing::joined(of({with("a", 1, "", 4)}), of({with("a", 1, "", 9)}));

    CHECK(both.find("a")->revision == 9);
}

TEST_CASE("union_by_key: an insert sends what is new of it", "[crdt][union_by_key]") {
    auto all = of({with("a", 3, "x", 5)});

    CHECK(all.insert(with("a", 3, "x", 5)).is_bottom());
    CHECK(all.insert(with("a", 2, "x", 1)).is_bottom());
    auto const delta = all.insert(with("a", 3, "y", 5));

    REQUIRE(delta.size() == 1);
    CHECK(delta.begin()->stock.is_bottom());
    CHECK(delta.begin()->tags.value() == std::vector<std::string>{"y"});
    CHECK(all.find("a")->tags.size() == 2);
}

TEST_CASE("union_by_key: a change names the key and the changed field alone",
          "[crdt][union_by_key]") {
    auto all = of({with("a", 3, "x")});
    auto const before = all;

    auto const delta =
        all.change("a", &item::stock, [](pn_counter& stock) { return stock.decrement(bob); });

    REQUIRE(delta.size() == 1);
    CHECK(delta.begin()->id == "a");
    CHECK(delta.begin()->tags.is_bottom());
    CHECK(delta.begin()->stock.value() == -1);
    CHECK(testing::joined(before, delta) == all);
}

TEST_CASE("union_by_key: a change adds the record that is not there, unless nothing was changed",
          "[crdt][union_by_key]") {
    items all;
    auto const none =
        all.change("a", &item::stock, [](pn_counter& stock) { return stock.increment(bob, 0); });
    CHECK(none.is_bottom());
    CHECK(all.is_bottom());

    auto const delta =
        all.change("a", &item::stock, [](pn_counter& stock) { return stock.increment(bob, 2); });
    CHECK(delta == all);
    CHECK(all.find("a")->stock.value() == 2);
}

TEST_CASE("union_by_key: the key can be computed", "[crdt][union_by_key]") {
    board left;
    board right;
    position one;
    one.row = 2;
    one.column = 3;
    one.best.assign(7);
    left.insert(one);
    one.best.assign(9);
    right.insert(one);
    one.column = 4;
    right.insert(one);

    left.join(right);

    CHECK(left.size() == 2);
    CHECK(left.find({2, 3})->best.value() == 9);
}

TEST_CASE("union_by_key: a difference has new records and the news of others",
          "[crdt][union_by_key]") {
    auto const left = of({with("a", 3, "x"), with("b", 1), with("c", 1, "", 2)});
    auto const right = of({with("a", 3, "y"), with("b", 1), with("c", 1, "", 1)});

    auto const news = left.difference(right);

    REQUIRE(news.size() == 2);
    CHECK(news.find("a")->stock.is_bottom());
    CHECK(news.find("a")->tags.value() == std::vector<std::string>{"x"});
    CHECK(news.find("c")->revision == 2);
    CHECK(left.difference(left).is_bottom());
    CHECK(testing::joined(right, news) == testing::joined(right, left));
}

TEST_CASE("union_by_key: parts are records with a part of one field", "[crdt][union_by_key]") {
    auto const parts = decompose(of({with("a", 3, "x"), with("b", 0)}));

    REQUIRE(parts.size() == 3);
    CHECK(parts[0] == of({with("a", 3)}));
    CHECK(parts[1] == of({with("a", 0, "x")}));
    CHECK(parts[2] == of({with("b", 0)}));
}

TEST_CASE("union_by_key: forgetting reaches into the records", "[crdt][union_by_key][forget]") {
    union_by_key<shelf, &shelf::id> all;
    all.change(1, &shelf::slots, [](shelf::table& slots) {
        return slots.assign({alice, hlc::at(1), 1}, 1, 1);
    });
    all.change(1, &shelf::slots, [](shelf::table& slots) {
        return slots.erase({alice, hlc::at(2), 2}, 1);
    });
    stable_cut cut;
    cut.seen_by_all.raise(alice, 2);
    cut.complete_until = hlc::at(2);

    all.forget(cut);

    REQUIRE(all.contains(1));
    CHECK(all.find(1)->slots.is_bottom());
}

TEST_CASE("union_by_key: both zeros are one key, a NaN is refused",
          "[crdt][union_by_key][hostile]") {
    using measures = union_by_key<measured, &measured::at>;
    measures negative;
    measures positive;
    negative.insert({-0.0, {}});
    positive.insert({0.0, {}});

    CHECK(wire::encode(negative) == wire::encode(positive));
    CHECK_FALSE(tests::read<measures>({"1", "nan", "0"}).is_canonical());
    CHECK_FALSE(tests::read<measures>({"1", "-0.0", "0"}).is_canonical());
    CHECK(tests::read<measures>({"1", "0.0", "0"}).is_canonical());
}

TEST_CASE("union_by_key: hostile bytes are refused or canonical", "[crdt][union_by_key][hostile]") {
    CHECK(tests::broken_codec(items{}) == "");
    CHECK(tests::broken_codec(of({with("a", 3, "x", -4), with("bc", 1)})) == "");
    CHECK_FALSE(tests::read<board>({"2", "1", "2", "0", "1", "2", "0"}).is_canonical());
    CHECK_FALSE(tests::read<board>({"2", "1", "2", "0", "1", "1", "0"}).is_canonical());
    CHECK(tests::read<board>({"2", "1", "2", "0", "1", "3", "0"}).is_canonical());
}

TEST_CASE("union_by_key: an editor reaches the fields of a record", "[crdt][union_by_key]") {
    items state;
    items deltas;
    using target = tests::recorder<items, author>;
    items::editor<target> edit{target{&state, &deltas, author{bob, hlc::at(1), 1}}};

    edit.at("a")[&item::stock].increment(4);
    edit.at("a")[&item::tags].insert("x");
    edit.insert(with("b", 2));

    CHECK(state.find("a")->stock.value() == 4);
    CHECK(state.find("a")->tags.contains("x"));
    CHECK(state.size() == 2);
    CHECK(deltas == state);
}

TEST_CASE("union_by_key: lattice and delta laws", "[crdt][union_by_key][laws]") {
    auto const seed = GENERATE(range(0U, 20U));
    CHECK(testing::check_laws<items>(seed, 60, change_items) == "");
}

TEST_CASE("union_by_key: five deltas give one value in every delivery",
          "[crdt][union_by_key][exhaustive]") {
    items here;
    items there;
    author const by{alice, hlc::at(1), 1};
    std::vector<items> deltas;
    deltas.push_back(change_items(here, by, 16));
    deltas.push_back(change_items(there, {bob, hlc::at(1), 1}, 32));
    deltas.push_back(change_items(here, by, 17));
    here.join(there);
    deltas.push_back(change_items(here, by, 50));
    deltas.push_back(change_items(there, by, 36));

    CHECK(testing::check_deliveries<items>(deltas) == "");
}
