#include <joinery/crdt/sorted_blocks.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
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
