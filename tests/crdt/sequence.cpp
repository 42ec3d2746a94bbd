#include <joinery/crdt/product.hpp>
#include <joinery/crdt/sequence.hpp>
#include <joinery/crdt/text.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/codec_laws.hpp>

#include <boost/hana/define_struct.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

using numbers = sequence<std::uint32_t>;
using words = sequence<std::string>;

struct note {
    BOOST_HANA_DEFINE_STRUCT(note, (text, body), (words, tags));
};

} // namespace

TEST_CASE("sequence: items are where they were inserted", "[crdt][sequence]") {
    words list;
    (void)list.insert(alice, 0, "b");
    (void)list.insert(alice, 0, "a");
    (void)list.insert(alice, 2, "c");

    CHECK(list.value() == std::vector<std::string_view>{"a", "b", "c"});
    CHECK(list[1] == "b");
    (void)list.erase(alice, 1);
    CHECK(list.value() == std::vector<std::string_view>{"a", "c"});
}

TEST_CASE("sequence: many values at once stay together", "[crdt][sequence]") {
    numbers left;
    numbers right;
    std::vector<std::uint32_t> const ones(1'000, 1);
    std::vector<std::uint32_t> const twos(1'000, 2);
    (void)left.insert(alice, 0, ones);
    (void)right.insert(bob, 0, twos);

    left.join(right);
    right.join(left);

    REQUIRE(left == right);
    CHECK(left.size() == 2'000);
    auto const all = left.value();
    CHECK(std::is_sorted(all.begin(), all.end()) != std::is_sorted(all.rbegin(), all.rend()));
}

TEST_CASE("sequence: strings survive a compaction and a copy", "[crdt][sequence]") {
    words list;
    for (int i = 0; i < 200; ++i) {
        (void)list.insert(alice, list.size() / 2, std::to_string(i));
    }
    (void)list.erase(alice, 10, 100);
    auto copy = list;
    list.compact();

    CHECK(list == copy);
    CHECK(list.value() == copy.value());
    CHECK(words::decode(list.encode()).value().value() == copy.value());
}

TEST_CASE("sequence: a large state and a small one join into the same", "[crdt][sequence]") {
    numbers large;
    (void)large.insert(alice, 0, std::vector<std::uint32_t>(5'000, 7));
    (void)large.erase(alice, 100, 50);
    numbers small;
    (void)small.insert(bob, 0, 1);
    auto other = large;

    other.join(small);
    small.join(large);

    CHECK(other == small);
    CHECK(small.size() == 4'951);
}

TEST_CASE("sequence: its laws hold for random edits", "[crdt][sequence]") {
    auto const seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    CHECK(testing::check_laws<words>(seed, 150, testing::random_edits<words>{},
                                     testing::codec_laws) == "");
}

TEST_CASE("sequence: the laws hold for lists and text in a record", "[crdt][sequence][product]") {
    auto const seed = GENERATE(1U, 2U);
    CAPTURE(seed);
    CHECK(testing::check_laws<product<note>>(seed, 100, testing::random_edits<product<note>>{},
                                             testing::codec_laws) == "");
}
