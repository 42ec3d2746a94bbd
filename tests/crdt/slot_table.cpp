#include <joinery/crdt/slot_table.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>

#include "tape.hpp"

using namespace joinery;

namespace {

using model = std::map<replica_id, std::uint64_t>;

constexpr auto greatest = std::numeric_limits<std::uint64_t>::max();

void require_same(slot_table const& table, model const& expected) {
    REQUIRE(table.size() == expected.size());
    REQUIRE(table.ids().size() == expected.size());
    REQUIRE(table.totals().size() == expected.size());
    std::size_t at = 0;
    for (auto const& [id, total] : expected) {
        REQUIRE(table.ids()[at] == id);
        REQUIRE(table.totals()[at] == total);
        REQUIRE(table.of(id) == total);
        ++at;
    }
}

void join(model& into, model const& from) {
    for (auto const& [id, total] : from) {
        auto& mine = into[id];
        mine = std::max(mine, total);
    }
}

} // namespace

TEST_CASE("slot_table: behaves as a map from ids to maxima", "[crdt][slot_table]") {
    auto const seed = GENERATE(range(0U, 300U));
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    auto const ids = 1 + random.below(40);

    slot_table tables[2];
    model models[2];
    for (int step = 0; step < 60; ++step) {
        auto const at = random.below(2);
        auto const id = replica_id{random.below(ids), random.below(2)};
        auto const amount = random.below(5);
        switch (random.below(6)) {
        case 0:
            tables[at].join(tables[1 - at]);
            join(models[at], models[1 - at]);
            break;
        case 1:
            tables[at].raise(id, amount);
            if (amount > 0) {
                models[at][id] = std::max(models[at][id], amount);
            }
            break;
        default:
            tables[at].add(id, amount);
            if (amount > 0) {
                models[at][id] += amount;
            }
        }
        require_same(tables[at], models[at]);
        REQUIRE((tables[0] == tables[1]) == (models[0] == models[1]));
    }
    auto const& table = tables[0];
    REQUIRE(tests::read<slot_table>(tests::written(table)) == table);
}

TEST_CASE("slot_table: a replica that has contributed nothing has no entry", "[crdt][slot_table]") {
    slot_table table;
    CHECK(table.add(replica_id{1}, 0) == 0);
    table.raise(replica_id{2}, 0);

    CHECK(table.empty());
    CHECK(table.of(replica_id{1}) == 0);
    CHECK(table == slot_table{});
}

TEST_CASE("slot_table: a table joined with itself stays as it is", "[crdt][slot_table]") {
    slot_table table;
    for (std::uint64_t id = 1; id <= 3; ++id) {
        table.add(replica_id{id}, id);
        auto const before = table;
        table.join(table);
        CHECK(table == before);
    }
}

TEST_CASE("slot_table: the sum is exact above 2^64", "[crdt][slot_table]") {
    slot_table table;
    table.add(replica_id{1}, greatest);
    table.add(replica_id{2}, greatest);
    table.add(replica_id{3}, 5);

    CHECK(table.sum().high == 2);
    CHECK(table.sum().low == 3);
}

TEST_CASE("slot_table: a total that is full stays full", "[crdt][slot_table]") {
    slot_table table;
    table.add(replica_id{1}, greatest - 1);

    CHECK(table.add(replica_id{1}, 1) == greatest);
    CHECK(table.add(replica_id{1}, 7) == greatest);
}

TEST_CASE("slot_table: a moved-from table is empty or whole", "[crdt][slot_table]") {
    slot_table table;
    table.add(replica_id{1}, 1);
    table.add(replica_id{2}, 2);
    auto const taken = std::move(table);
    table = {};

    CHECK(taken.size() == 2);
    CHECK(table.empty());
    CHECK(table.add(replica_id{3}, 1) == 1);
    CHECK(table.of(replica_id{3}) == 1);
}

TEST_CASE("slot_table: entries out of order, twice there or zero are refused",
          "[crdt][slot_table][hostile]") {
    // count, then high, low and total of each entry
    auto const hostile = GENERATE(values<tests::tape>({
        {"2", "0", "2", "1", "0", "1", "1"},
        {"2", "0", "1", "1", "0", "1", "2"},
        {"2", "1", "0", "1", "0", "9", "1"},
        {"1", "0", "1", "0"},
        {"2", "0", "1", "1", "0", "2", "0"},
        {"18446744073709551615", "0", "1", "1", "0", "1", "1"},
    }));
    auto const table = tests::read<slot_table>(hostile);

    CHECK_FALSE(table.is_canonical());
    CHECK(table.empty());
}

TEST_CASE("slot_table: a load that throws leaves a table that can be used",
          "[crdt][slot_table][hostile]") {
    tests::tape_reader reader{{"3", "0", "1", "1", "0", "2", "2"}};
    slot_table table;
    CHECK_THROWS_AS(reader(table), std::out_of_range);

    table.add(replica_id{7}, 1);
    CHECK(table.of(replica_id{7}) == 1);
}

TEST_CASE("slot_table: a good load after a refused one is canonical", "[crdt][slot_table]") {
    auto table = tests::read<slot_table>({"1", "0", "1", "0"});
    REQUIRE_FALSE(table.is_canonical());

    tests::tape_reader reader{{"1", "0", "1", "4"}};
    reader(table);

    CHECK(table.is_canonical());
    CHECK(table.of(replica_id{1}) == 4);
}

TEST_CASE("slot_table: a sum less another one is exact and never below zero",
          "[crdt][slot_table]") {
    using sum = slot_table::wide_sum;

    CHECK(sum{0, 7}.less({0, 3}) == 4);
    CHECK(sum{0, 3}.less({0, 7}) == 0);
    CHECK(sum{0, 7}.less({1, 0}) == 0);
    CHECK(sum{1, 0}.less({0, 1}) == greatest);
    CHECK(sum{1, 5}.less({0, 5}) == greatest);
    CHECK(sum{1, 5}.less({0, 6}) == greatest);
    CHECK(sum{1, 5}.less({0, 7}) == greatest - 1);
    CHECK(sum{2, 0}.less({0, 7}) == greatest);
    sum total{0, greatest};
    total.add(2);
    CHECK(total.high == 1);
    CHECK(total.low == 1);
}

TEST_CASE("slot_table: a difference has the entries that are above", "[crdt][slot_table]") {
    slot_table left;
    slot_table right;
    for (std::uint64_t id = 1; id <= 40; ++id) {
        left.raise(replica_id{id}, id);
        if (id % 3 != 0) {
            right.raise(replica_id{id}, id + (id % 5 == 0 ? 1 : 0) - (id % 7 == 0 ? 1 : 0));
        }
    }

    auto const news = left.difference(right);

    for (std::uint64_t id = 1; id <= 40; ++id) {
        auto const is_above = right.of(replica_id{id}) < id;
        CHECK(news.of(replica_id{id}) == (is_above ? id : 0));
    }
    CHECK(left.difference(left).empty());
}
