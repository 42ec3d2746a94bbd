#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/rw_set.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "causal_history.hpp"
#include "causal_hostile.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};
constexpr replica_id carol{3};

using string_set = rw_set<std::string>;
using strings = std::vector<std::string_view>;

auto random_edit(std::uint64_t keys) {
    return [keys](string_set& set, tests::model_edit& model, testing::splitmix64& random) {
        return set.edit(model.by(), [&](auto editor) {
            for (auto left = 1 + random.below(3); left > 0; --left) {
                auto const chosen = std::to_string(random.below(keys));
                auto const is_here = random.chance(60);
                tests::model_path const path{chosen};
                if (is_here) {
                    editor.insert(chosen);
                } else {
                    editor.erase(chosen);
                }
                model.write({path, {}}, is_here ? "on" : "off", model.state().under(path));
            }
        });
    };
}

std::string view_difference(string_set const& set, tests::causal_model const& model) {
    std::map<std::string, bool> is_here;
    for (auto const& [d, entry] : model.live) {
        auto const& element = entry.place.path.front();
        auto const is_on = entry.payload == "on";
        is_here[element] = is_on && (is_here.count(element) == 0 || is_here[element]);
    }
    std::set<std::string> expected;
    for (auto const& [element, here] : is_here) {
        if (here) {
            expected.insert(element);
        }
        if (set.contains(element) != here) {
            return "an element is found that is not there, or the other way round";
        }
    }
    std::set<std::string> shown;
    for (auto const& one : set.value()) {
        shown.emplace(one);
    }
    return shown == expected && set.size() == expected.size() && set.empty() == expected.empty()
               ? ""
               : "the elements differ";
}

stable_cut everything(string_set const& set) {
    return {.seen_by_all = set.context().prefix()};
}

} // namespace

TEST_CASE("rw_set: a fresh set is empty and bottom", "[crdt][rw_set]") {
    string_set const fresh;

    CHECK(fresh.is_bottom());
    CHECK(fresh.empty());
    CHECK_FALSE(fresh.contains("pear"));
}

TEST_CASE("rw_set: an erase wins over a concurrent insert", "[crdt][rw_set]") {
    string_set left;
    left.insert(alice, "pear");
    auto right = left;
    left.erase(alice, "pear");
    right.insert(bob, "pear");
    REQUIRE(right.value() == strings{"pear"});

    left.join(right);
    right.join(left);

    CHECK(left.empty());
    CHECK(left.size() == 0);
    CHECK(left == right);
}

TEST_CASE("rw_set: an erase of what was never seen still wins", "[crdt][rw_set]") {
    string_set left;
    string_set right;
    auto const erase = left.erase(alice, "pear");
    right.insert(bob, "pear");
    CHECK_FALSE(erase.is_bottom());

    right.join(erase);

    CHECK(right.empty());
}

TEST_CASE("rw_set: an insert that has seen the erase brings the element back", "[crdt][rw_set]") {
    string_set left;
    auto const old = left.insert(alice, "pear");
    auto const erase = left.erase(alice, "pear");
    string_set right;
    right.join(erase);
    auto const insert = right.insert(bob, "pear");

    string_set late;
    late.join(insert);
    late.join(old);
    late.join(erase);

    CHECK(late.value() == strings{"pear"});
    CHECK(late == right);
}

TEST_CASE("rw_set: of two erases each has to be seen", "[crdt][rw_set]") {
    string_set left;
    string_set right;
    auto const one = left.erase(alice, "pear");
    right.erase(bob, "pear");
    string_set late;
    late.join(one);
    late.insert(carol, "pear");
    REQUIRE(late.contains("pear"));

    late.join(right);
    CHECK_FALSE(late.contains("pear"));
    late.insert(carol, "pear");
    CHECK(late.contains("pear"));
}

TEST_CASE("rw_set: an element has one dot after it was inserted again", "[crdt][rw_set]") {
    string_set set;
    for (int i = 0; i < 50; ++i) {
        set.insert(alice, "pear");
        set.erase(alice, "pear");
    }
    string_set once;
    once.insert(alice, "pear");
    once.erase(alice, "pear");

    CHECK(set.encode().size() == once.encode().size());
}

TEST_CASE("rw_set: a sweep removes stable tombstones and no value", "[crdt][rw_set]") {
    string_set left;
    left.insert(alice, "pear");
    left.insert(alice, "plum");
    left.erase(alice, "pear");
    auto right = left;
    auto const cut = everything(left);
    right.erase(bob, "fig"); // behind the cut

    auto const swept = left.sweep(alice, cut);
    right.join(swept);

    CHECK(left.value() == strings{"plum"});
    CHECK(detail::causal_access::store(left).entries().size() == 1);
    CHECK(detail::causal_access::store(right).entries().size() == 2);
    CHECK(left.sweep(alice, cut).is_bottom());
    right.insert(bob, "pear");
    CHECK(right.contains("pear"));
}

// A tombstone that is dropped silently still wins elsewhere over the next insert.
TEST_CASE("rw_set: an insert behind a sweep is seen where the tombstone still is",
          "[crdt][rw_set][museum]") {
    string_set left;
    left.erase(alice, "pear");
    auto right = left;
    auto const swept = left.sweep(alice, everything(left));
    auto const insert = left.insert(alice, "pear");

    right.join(insert);
    right.join(swept);

    CHECK(right.contains("pear"));
    CHECK(left == right);
}

TEST_CASE("rw_set: a tombstone that somebody has not seen is not swept", "[crdt][rw_set]") {
    string_set left;
    left.erase(alice, "pear");
    stable_cut cut;
    cut.seen_by_all.raise(bob, 9);

    CHECK(left.sweep(alice, cut).is_bottom());
    CHECK(detail::causal_access::store(left).entries().size() == 1);
}

TEST_CASE("rw_set: a set of tombstones is no value of a map, and wins in it",
          "[crdt][rw_set][or_map]") {
    or_map<int, string_set> left;
    auto right = left;
    left.edit({alice, hlc::at(1), 0}, [](auto map) { map.at(1).erase("pear"); });
    right.edit({bob, hlc::at(1), 0}, [](auto map) { map.at(1).insert("pear"); });
    CHECK_FALSE(left.contains(1));
    CHECK(left.keys().empty());

    left.join(right);
    CHECK(left.empty());

    auto const cut = stable_cut{.seen_by_all = left.context().prefix()};
    left.edit({alice, hlc::at(2), 0}, [&](auto map) { map.at(1).sweep(cut); });
    CHECK(detail::causal_access::store(left).is_bottom());
}

TEST_CASE("rw_set: random histories agree with the model", "[crdt][rw_set][model]") {
    CHECK(tests::broken_history<string_set>(1, tests::rounds(80), 60, random_edit(3),
                                            view_difference) == "");
    CHECK(tests::broken_history<string_set>(1'000, tests::rounds(15), 120, random_edit(40),
                                            view_difference) == "");
}

TEST_CASE("rw_set: every delivery of five operations gives one value",
          "[crdt][rw_set][exhaustive]") {
    string_set left;
    string_set right;
    std::vector<string_set> deltas{left.insert(alice, "a"), right.erase(bob, "a")};
    left.join(right);
    deltas.push_back(left.insert(alice, "a"));
    deltas.push_back(right.insert(bob, "a"));
    left.join(right);
    deltas.push_back(left.erase(carol, "b"));

    CHECK(testing::check_deliveries<string_set>(deltas) == "");
}

TEST_CASE("rw_set: mutated bytes are refused or canonical", "[crdt][rw_set][hostile]") {
    CHECK(tests::broken_by_hostile_bytes<rw_set<int>>(
              [](auto set) {
                  set.insert(-70);
                  set.erase(2);
              },
              [](auto set) {
                  set.erase(-70);
                  set.insert(1'000);
              },
              tests::hostility::all_values) == "");
}
