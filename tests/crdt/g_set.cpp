#include <joinery/core/decomposition.hpp>
#include <joinery/crdt/g_set.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tape.hpp"

using namespace joinery;

namespace {

template <class T>
g_set<T> of(std::vector<T> const& elements) {
    g_set<T> set;
    for (auto const& element : elements) {
        set.insert(element);
    }
    return set;
}

} // namespace

TEST_CASE("g_set: a fresh set is empty", "[crdt][g_set]") {
    g_set<int> const fresh;

    CHECK(fresh.is_bottom());
    CHECK(fresh.size() == 0);
    CHECK(fresh.value().empty());
    CHECK(fresh.begin() == fresh.end());
    CHECK_FALSE(fresh.contains(1));
}

TEST_CASE("g_set: a join is the union", "[crdt][g_set]") {
    auto left = of<std::string>({"a", "c"});
    left.join(of<std::string>({"b", "c"}));

    CHECK(left.value() == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("g_set: elements are visited in ascending order", "[crdt][g_set]") {
    testing::splitmix64 random{1};
    g_set<std::uint64_t> set;
    for (int i = 0; i < 5'000; ++i) {
        set.insert(random.below(4'000));
    }

    CHECK(std::is_sorted(set.begin(), set.end()));
    CHECK(std::adjacent_find(set.begin(), set.end()) == set.end());
    CHECK(set.value().size() == set.size());
}

TEST_CASE("g_set: a delta carries exactly its own element", "[crdt][g_set]") {
    auto before = of<int>({1, 5});
    auto after = before;

    auto const delta = after.insert(3);

    CHECK(delta.value() == std::vector{3});
    before.join(delta);
    CHECK(before == after);
}

TEST_CASE("g_set: inserting what is there is no change", "[crdt][g_set]") {
    auto set = of<int>({1, 5});

    CHECK(set.insert(5).is_bottom());
    CHECK(set == of<int>({5, 1}));
}

TEST_CASE("g_set: equal sets write equal bytes whatever their history", "[crdt][g_set]") {
    g_set<std::uint64_t> up;
    g_set<std::uint64_t> down;
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        up.insert(i);
        down.insert(999 - i);
    }

    CHECK(tests::written(up) == tests::written(down));
}

TEST_CASE("g_set: what is written is read back", "[crdt][g_set]") {
    auto const size = GENERATE(0, 1, 256, 257, 1'000);
    g_set<std::string> set;
    for (int i = 0; i < size; ++i) {
        set.insert(std::to_string(i));
    }

    auto const back = tests::read<g_set<std::string>>(tests::written(set));

    CHECK(back == set);
    CHECK(back.is_canonical());
}

TEST_CASE("g_set: elements out of order or twice there are refused", "[crdt][g_set][hostile]") {
    auto const hostile = GENERATE(values<tests::tape>({
        {"2", "5", "4"},
        {"2", "5", "5"},
        {"18446744073709551615", "5", "5"},
    }));
    auto const set = tests::read<g_set<int>>(hostile);

    CHECK_FALSE(set.is_canonical());
    CHECK(set.is_bottom());
}

TEST_CASE("g_set: a NaN is refused", "[crdt][g_set][hostile]") {
    auto const hostile =
        GENERATE(values<tests::tape>({{"1", "nan"}, {"2", "1.5", "nan"}, {"2", "nan", "1.5"}}));

    CHECK_FALSE(tests::read<g_set<double>>(hostile).is_canonical());
    CHECK(tests::read<g_set<double>>({"2", "1.5", "2.5"}).is_canonical());
}

TEST_CASE("g_set: an editor records what it inserts", "[crdt][g_set]") {
    g_set<std::string> state;
    g_set<std::string> deltas;
    using target = tests::recorder<g_set<std::string>, author>;
    g_set<std::string>::editor<target> edit{
        target{&state, &deltas, author{replica_id{1}, hlc::at(1), 1}}};

    edit.insert("b");
    edit.insert("a");

    CHECK(state.value() == std::vector<std::string>{"a", "b"});
    CHECK(deltas == state);
}

TEST_CASE("g_set: lattice and delta laws", "[crdt][g_set][laws]") {
    auto const seed = GENERATE(range(0U, 20U));
    CHECK(testing::check_laws<g_set<std::uint64_t>>(
              seed, 100, [](g_set<std::uint64_t>& set, author const&, std::uint64_t bits) {
                  return set.insert(bits % 32);
              }) == "");
}

TEST_CASE("g_set: five deltas give one value in every delivery", "[crdt][g_set][exhaustive]") {
    std::vector<g_set<int>> const deltas{of<int>({3}), of<int>({1}), of<int>({3, 4}), of<int>({}),
                                         of<int>({2, 1})};

    CHECK(testing::check_deliveries<g_set<int>>(deltas) == "");
}

TEST_CASE("g_set: each element is a part, and a difference has those that the other lacks",
          "[crdt][g_set]") {
    auto const left = of<int>({1, 2, 3});
    auto const right = of<int>({2, 4});

    CHECK(left.difference(right) == of<int>({1, 3}));
    CHECK(right.difference(left) == of<int>({4}));
    CHECK(left.difference(left).is_bottom());
    CHECK(decompose(left) == std::vector{of<int>({1}), of<int>({2}), of<int>({3})});
}

TEST_CASE("g_set: a difference of small and large sets", "[crdt][g_set]") {
    auto const seed = GENERATE(range(0U, 20U));
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    g_set<std::uint64_t> large;
    g_set<std::uint64_t> small;
    for (int i = 0; i < 2'000; ++i) {
        large.insert(random.below(4'000));
    }
    for (auto count = random.below(200); count > 0; --count) {
        small.insert(random.below(4'000));
    }

    auto const news = small.difference(large);

    CHECK(testing::joined(large, news) == testing::joined(large, small));
    CHECK(std::none_of(news.begin(), news.end(),
                       [&](std::uint64_t element) { return large.contains(element); }));
    auto const rest = large.difference(small);
    CHECK(testing::joined(small, rest) == testing::joined(small, large));
    CHECK(rest.size() == testing::joined(small, large).size() - small.size());
}

TEST_CASE("g_set: both zeros are one element with one encoding", "[crdt][g_set]") {
    CHECK(tests::written(of<double>({-0.0})) == tests::written(of<double>({0.0})));
    CHECK_FALSE(tests::read<g_set<double>>({"1", "-0.0"}).is_canonical());
    CHECK(tests::read<g_set<double>>({"1", "0.0"}).is_canonical());
}
