#include <joinery/crdt/two_phase_set.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crdt/plain_checks.hpp"
#include "tape.hpp"

using namespace joinery;

namespace {

using words = two_phase_set<std::string>;

template <class T>
two_phase_set<T> of(std::vector<T> const& present, std::vector<T> const& erased = {}) {
    two_phase_set<T> set;
    for (auto const& element : present) {
        set.insert(element);
    }
    for (auto const& element : erased) {
        set.insert(element);
        set.erase(element);
    }
    return set;
}

} // namespace

TEST_CASE("two_phase_set: a fresh set is empty", "[crdt][two_phase_set]") {
    two_phase_set<int> const fresh;

    CHECK(fresh.is_bottom());
    CHECK(fresh.size() == 0);
    CHECK_FALSE(fresh.contains(1));
    CHECK_FALSE(fresh.was_erased(1));
}

TEST_CASE("two_phase_set: what was erased never returns", "[crdt][two_phase_set]") {
    auto set = of<std::string>({"a", "b"});

    CHECK_FALSE(set.erase("a").is_bottom());
    CHECK(set.insert("a").is_bottom());

    CHECK(set.value() == std::vector<std::string>{"b"});
    CHECK(set.was_erased("a"));
    CHECK(set.size() == 1);
    CHECK_FALSE(set.is_bottom());
}

TEST_CASE("two_phase_set: an erase wins over a concurrent insert", "[crdt][two_phase_set]") {
    auto const erasing = of<int>({}, {1});
    auto const inserting = of<int>({1, 2});

    CHECK(testing::joined(erasing, inserting).value() == std::vector{2});
    CHECK(testing::joined(inserting, erasing).value() == std::vector{2});
}

TEST_CASE("two_phase_set: only what is there can be erased", "[crdt][two_phase_set]") {
    auto set = of<int>({1}, {2});

    CHECK(set.erase(3).is_bottom());
    CHECK(set.erase(2).is_bottom());
    CHECK_FALSE(set.was_erased(3));
    set.insert(3);
    CHECK(set.contains(3));
}

TEST_CASE("two_phase_set: a delta carries exactly its own change", "[crdt][two_phase_set]") {
    auto before = of<int>({1, 5}, {3});
    auto after = before;

    auto const delta = after.erase(5);

    CHECK(delta == of<int>({}, {5}));
    CHECK(testing::joined(before, delta) == after);
    CHECK(after.insert(9) == of<int>({9}));
}

TEST_CASE("two_phase_set: it behaves as two sets", "[crdt][two_phase_set]") {
    auto const seed = GENERATE(range(0U, 10U));
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    two_phase_set<std::uint64_t> states[2];
    std::set<std::uint64_t> added[2];
    std::set<std::uint64_t> removed[2];
    for (int step = 0; step < 3'000; ++step) {
        auto const at = random.below(2);
        auto const value = random.below(700);
        auto& state = states[at];
        if (random.chance(1)) {
            state.join(states[1 - at]);
            added[at].insert(added[1 - at].begin(), added[1 - at].end());
            removed[at].insert(removed[1 - at].begin(), removed[1 - at].end());
        } else if (random.chance(70)) {
            state.insert(value);
            added[at].insert(value);
        } else if (added[at].contains(value)) {
            state.erase(value);
            removed[at].insert(value);
        }
        REQUIRE(state.contains(value) ==
                (added[at].contains(value) && !removed[at].contains(value)));
        REQUIRE(state.size() == added[at].size() - removed[at].size());
    }
    CHECK(states[0].value().size() == states[0].size());
}

TEST_CASE("two_phase_set: a difference has new elements and new erasures",
          "[crdt][two_phase_set]") {
    auto const left = of<int>({1, 2}, {3, 4});
    auto const right = of<int>({2, 3, 5}, {1});

    CHECK(left.difference(right) == of<int>({}, {3, 4}));
    CHECK(right.difference(left) == of<int>({5}, {1}));
    CHECK(left.difference(left).is_bottom());
    CHECK(decompose(left) ==
          std::vector{of<int>({1}), of<int>({2}), of<int>({}, {3}), of<int>({}, {4})});
}

TEST_CASE("two_phase_set: elements out of order or twice there are refused",
          "[crdt][two_phase_set][hostile]") {
    auto const hostile = GENERATE(values<tests::tape>({
        {"2", "5", "0", "4", "0"},
        {"2", "5", "0", "5", "1"},
        {"18446744073709551615", "5", "1", "5", "1"},
    }));
    auto const set = tests::read<two_phase_set<int>>(hostile);

    CHECK_FALSE(set.is_canonical());
    CHECK(set.is_bottom());
    CHECK(set.size() == 0);
    CHECK_FALSE(tests::read<two_phase_set<double>>({"1", "nan", "0"}).is_canonical());
    CHECK_FALSE(tests::read<two_phase_set<double>>({"1", "-0.0", "0"}).is_canonical());
}

TEST_CASE("two_phase_set: hostile bytes are refused or canonical",
          "[crdt][two_phase_set][hostile]") {
    CHECK(tests::broken_codec(two_phase_set<int>{}) == "");
    CHECK(tests::broken_codec(of<int>({-4, 70'000}, {5})) == "");
    CHECK(tests::broken_codec(of<std::string>({"a", "bc"}, {"", "d"})) == "");
}

TEST_CASE("two_phase_set: an editor records what it changes", "[crdt][two_phase_set]") {
    words state;
    words deltas;
    using target = tests::recorder<words, author>;
    words::editor<target> edit{target{&state, &deltas, author{replica_id{1}, hlc::at(1), 1}}};

    edit.insert("b");
    edit.insert("a");
    edit.erase("b");

    CHECK(state.value() == std::vector<std::string>{"a"});
    CHECK(deltas == state);
}

TEST_CASE("two_phase_set: lattice and delta laws", "[crdt][two_phase_set][laws]") {
    auto const seed = GENERATE(range(0U, 20U));
    CHECK(testing::check_laws<two_phase_set<std::uint64_t>>(
              seed, 100, [](auto& set, author const&, std::uint64_t bits) {
                  return bits % 3 == 0 ? set.erase(bits / 3 % 8) : set.insert(bits / 3 % 8);
              }) == "");
}

TEST_CASE("two_phase_set: five deltas give one value in every delivery",
          "[crdt][two_phase_set][exhaustive]") {
    std::vector<two_phase_set<int>> const deltas{of<int>({1}), of<int>({2, 3}), of<int>({}, {1}),
                                                 of<int>({}, {4}), of<int>({4}, {2})};

    CHECK(testing::check_deliveries<two_phase_set<int>>(deltas) == "");
}
