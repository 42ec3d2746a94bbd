#include <joinery/crdt/sorted_blocks.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

using namespace joinery;

namespace {

template <class T>
void require_same(sorted_blocks<T> const& blocks, std::set<T> const& expected) {
    REQUIRE(blocks.size() == expected.size());
    REQUIRE(blocks.empty() == expected.empty());
    REQUIRE(std::equal(blocks.begin(), blocks.end(), expected.begin(), expected.end()));
}

} // namespace

TEST_CASE("sorted_blocks: behaves as std::set through many splits", "[crdt][sorted_blocks]") {
    auto const seed = GENERATE(range(0U, 20U));
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    auto const bound = 1 + random.below(6'000);

    sorted_blocks<std::uint64_t> blocks;
    std::set<std::uint64_t> expected;
    for (int step = 0; step < 3'000; ++step) {
        auto const value = random.below(bound);
        REQUIRE(blocks.insert(value) == expected.insert(value).second);
        auto const wanted = random.below(bound);
        REQUIRE(blocks.contains(wanted) == expected.contains(wanted));
    }
    require_same(blocks, expected);
}

TEST_CASE("sorted_blocks: ascending, descending and alternating inserts stay sorted",
          "[crdt][sorted_blocks]") {
    auto const count = GENERATE(as<std::uint64_t>{}, 1, 2, 255, 256, 257, 512, 513, 2'000);
    CAPTURE(count);
    sorted_blocks<std::uint64_t> up;
    sorted_blocks<std::uint64_t> down;
    sorted_blocks<std::uint64_t> inward;
    std::set<std::uint64_t> expected;
    for (std::uint64_t i = 0; i < count; ++i) {
        up.insert(i);
        down.insert(count - 1 - i);
        inward.insert(i % 2 == 0 ? i / 2 : count - 1 - i / 2);
        expected.insert(i);
    }

    require_same(up, expected);
    require_same(down, expected);
    require_same(inward, expected);
    CHECK(up == down);
    CHECK(up == inward);
}

TEST_CASE("sorted_blocks: a merge is the union, for every pair of sizes", "[crdt][sorted_blocks]") {
    auto const mine = GENERATE(as<std::uint64_t>{}, 0, 1, 15, 256, 700, 2'000);
    auto const theirs = GENERATE(as<std::uint64_t>{}, 0, 1, 15, 256, 700, 2'000);
    CAPTURE(mine, theirs);
    testing::splitmix64 random{mine * 10'000 + theirs};
    sorted_blocks<std::string> a;
    sorted_blocks<std::string> b;
    std::set<std::string> expected;
    auto const fill = [&](auto& blocks, std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            auto const value = std::to_string(random.below(3'000));
            blocks.insert(value);
            expected.insert(value);
        }
    };
    fill(a, mine);
    fill(b, theirs);

    auto forth = a;
    forth.merge(b);
    auto back = b;
    back.merge(a);

    require_same(forth, expected);
    CHECK(forth == back);
    forth.merge(b);
    require_same(forth, expected);
    forth.merge(forth);
    require_same(forth, expected);
}

TEST_CASE("sorted_blocks: iterators follow the forward protocol", "[crdt][sorted_blocks]") {
    static_assert(std::forward_iterator<sorted_blocks<int>::const_iterator>);
    sorted_blocks<int> blocks;
    CHECK(blocks.begin() == blocks.end());
    for (int i = 0; i < 600; ++i) {
        blocks.insert(i);
    }

    CHECK(std::distance(blocks.begin(), blocks.end()) == 600);
    auto at = blocks.begin();
    CHECK(*at++ == 0);
    CHECK(*at == 1);
}

namespace {

struct row {
    std::uint64_t key = 0;
    std::string text{};

    friend bool operator==(row const&, row const&) = default;
};
using rows = sorted_blocks<row, &row::key>;

struct parity_of {
    std::uint64_t operator()(row const& one) const { return one.key / 2; }
};

rows some_rows(testing::splitmix64& random, std::uint64_t count, char mark) {
    rows out;
    for (; count > 0; --count) {
        out.insert({random.below(3'000), std::string(1, mark)});
    }
    return out;
}

} // namespace

TEST_CASE("sorted_blocks: elements are found by their keys", "[crdt][sorted_blocks]") {
    rows all;
    CHECK(all.find(1) == nullptr);
    CHECK(all.insert({1, "one"}));
    CHECK_FALSE(all.insert({1, "uno"}));
    CHECK(all.insert({0, "zero"}));

    REQUIRE(all.find(1) != nullptr);
    CHECK(*all.find(1) == row{1, "one"});
    all.find(1)->text = "changed";
    CHECK(all.back().text == "changed");
    CHECK(all.find(2) == nullptr);

    sorted_blocks<row, parity_of{}> halves;
    CHECK(halves.insert({4, ""}));
    CHECK_FALSE(halves.insert({5, ""}));
    CHECK(halves.contains(2));
}

TEST_CASE("sorted_blocks: a merge joins what both have and adds the rest",
          "[crdt][sorted_blocks]") {
    auto const seed = GENERATE(range(0U, 30U));
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    auto mine = some_rows(random, random.below(2'000), 'm');
    auto const theirs = some_rows(random, random.below(seed % 2 == 0 ? 2'000 : 60), 't');
    std::map<std::uint64_t, std::string> expected;
    for (auto const& one : mine) {
        expected[one.key] += one.text;
    }
    for (auto const& one : theirs) {
        expected[one.key] += one.text;
    }

    std::size_t fresh = 0;
    mine.merge(
        theirs, [](row& x, row const& y) { x.text += y.text; }, [&](row const&) { ++fresh; });

    CHECK(std::equal(
        mine.begin(), mine.end(), expected.begin(), expected.end(),
        [](row const& x, auto const& y) { return x.key == y.first && x.text == y.second; }));
    auto const both = static_cast<std::size_t>(
        std::count_if(mine.begin(), mine.end(), [](row const& one) { return one.text == "mt"; }));
    CHECK(fresh == theirs.size() - both);
    CHECK(mine.size() == expected.size());
}

TEST_CASE("sorted_blocks: a difference has new keys and what is news of others",
          "[crdt][sorted_blocks]") {
    auto const seed = GENERATE(range(0U, 30U));
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    auto const mine = some_rows(random, random.below(seed % 2 == 0 ? 2'000 : 60), 'm');
    auto const theirs = some_rows(random, random.below(2'000), 't');

    auto const news = mine.difference(theirs, [](row const& x, row const&) {
        return x.key % 5 == 0 ? std::optional<row>{{x.key, "news"}} : std::nullopt;
    });

    for (auto const& one : mine) {
        auto const* const found = news.find(one.key);
        if (!theirs.contains(one.key)) {
            REQUIRE(found != nullptr);
            CHECK(found->text == "m");
        } else if (one.key % 5 == 0) {
            REQUIRE(found != nullptr);
            CHECK(found->text == "news");
        } else {
            CHECK(found == nullptr);
        }
    }
}

TEST_CASE("sorted_blocks: what is erased is gone, and blocks without elements with it",
          "[crdt][sorted_blocks]") {
    sorted_blocks<std::uint64_t> all;
    for (std::uint64_t i = 0; i < 3'000; ++i) {
        all.append(i);
    }

    CHECK(all.erase_if([](std::uint64_t i) { return i >= 500 && i < 2'000; }) == 1'500);
    CHECK(all.size() == 1'500);
    CHECK(static_cast<std::size_t>(std::distance(all.begin(), all.end())) == all.size());
    CHECK_FALSE(all.contains(1'000));
    CHECK(all.insert(1'000));
    CHECK(all.erase_if([](std::uint64_t) { return true; }) == 1'501);
    CHECK(all.empty());
    CHECK(all.begin() == all.end());
    CHECK(all.insert(4));
}
