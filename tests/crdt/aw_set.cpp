#include <joinery/crdt/aw_set.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "causal_history.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};
constexpr replica_id carol{3};

using string_set = aw_set<std::string>;
using int_set = aw_set<int>;
using strings = std::vector<std::string_view>;

std::string element(string_set const&, std::uint64_t number) {
    // Some elements are longer than a byte can count.
    return number % 7 == 0 ? std::string(130, 'x') + std::to_string(number)
                           : std::to_string(number);
}
int element(int_set const&, std::uint64_t number) {
    return static_cast<int>(number) - 20;
}

/// Inserts or erases one to three of `keys` elements.
template <class Set>
auto random_edit(std::uint64_t keys) {
    return [keys](Set& set, tests::model_edit& model, testing::splitmix64& random) {
        return set.edit(model.by(), [&](auto editor) {
            for (auto left = 1 + random.below(3); left > 0; --left) {
                auto const chosen = element(set, random.below(keys));
                tests::model_path const path{tests::text_of(chosen)};
                auto const old = model.state().under(path);
                if (random.chance(60)) {
                    editor.insert(chosen);
                    model.write({path, {}}, {}, old);
                } else {
                    editor.erase(chosen);
                    if (!old.empty()) {
                        model.remove(old);
                    }
                }
            }
        });
    };
}

template <class Set>
std::string view_difference(Set const& set, tests::causal_model const& model) {
    std::set<std::string> expected;
    for (auto const& [d, entry] : model.live) {
        expected.insert(entry.place.path.front());
    }
    std::set<std::string> shown;
    for (auto const& one : set.value()) {
        shown.insert(tests::text_of(one));
        if (!set.contains(one)) {
            return "an element that is shown cannot be found";
        }
    }
    return shown == expected && set.size() == expected.size() ? "" : "the elements differ";
}

} // namespace

TEST_CASE("aw_set: a fresh set is empty and bottom", "[crdt][aw_set]") {
    string_set const fresh;

    CHECK(fresh.is_bottom());
    CHECK(fresh.empty());
    CHECK_FALSE(fresh.contains("a"));
}

TEST_CASE("aw_set: an insert wins over a concurrent erase", "[crdt][aw_set]") {
    string_set left;
    left.insert(alice, "pear");
    auto right = left;
    left.erase(alice, "pear");
    right.insert(bob, "pear");

    left.join(right);
    right.join(left);

    CHECK(left.value() == strings{"pear"});
    CHECK(left == right);
}

TEST_CASE("aw_set: an erase removes the inserts that it has seen", "[crdt][aw_set]") {
    string_set left;
    auto const insert = left.insert(alice, "pear");
    auto right = left;
    auto const erase = right.erase(bob, "pear");

    left.join(erase);
    left.join(insert);

    CHECK(left.empty());
    CHECK(left == right);
}

TEST_CASE("aw_set: an erase that overtakes its insert still removes it", "[crdt][aw_set]") {
    string_set left;
    auto const insert = left.insert(alice, "pear");
    auto const erase = left.erase(alice, "pear");

    string_set late;
    late.join(erase);
    late.join(insert);

    CHECK(late.empty());
    CHECK(late == left);
}

TEST_CASE("aw_set: an erase of an absent element changes nothing", "[crdt][aw_set]") {
    string_set set;

    auto const delta = set.erase(alice, "pear");

    CHECK(delta.is_bottom());
    CHECK(set.is_bottom());
}

TEST_CASE("aw_set: elements are shown in their canonical order", "[crdt][aw_set]") {
    int_set set;
    for (auto const number : {3, -1, 100, -50, 0}) {
        set.insert(alice, number);
    }

    CHECK(set.value() == std::vector{-50, -1, 0, 3, 100});
}

// A context that is a version vector would say after the second insert that the first was seen.
TEST_CASE("aw_set: a hole in the context does not act as a delete", "[crdt][aw_set][museum]") {
    string_set source;
    auto const first = source.insert(alice, "a");
    auto const second = source.insert(alice, "b");

    string_set target;
    target.join(second);
    CHECK(target.value() == strings{"b"});
    target.join(first);

    CHECK(target.value() == strings{"a", "b"});
    CHECK(target.context().prefix().of(alice) == 2);
}

TEST_CASE("aw_set: many inserts and erases reuse places", "[crdt][aw_set]") {
    int_set set;
    std::set<int> expected;
    testing::splitmix64 random{7};
    for (int i = 0; i < 12'000; ++i) {
        auto const number = static_cast<int>(random.below(3'000));
        if (random.chance(i < 6'000 ? 80 : 30)) {
            set.insert(alice, number);
            expected.insert(number);
        } else {
            set.erase(alice, number);
            expected.erase(number);
        }
    }

    CHECK(set.value() == std::vector<int>(expected.begin(), expected.end()));
    int_set decoded;
    CHECK(tests::joins_encoded(decoded, set));
    CHECK(decoded == set);
    CHECK(decoded.digest() == set.digest());
}

TEST_CASE("aw_set<std::string>: random histories agree with the model", "[crdt][aw_set][model]") {
    CHECK(tests::broken_history<string_set>(1, tests::rounds(80), 60, random_edit<string_set>(3),
                                            view_difference<string_set>) == "");
    CHECK(tests::broken_history<string_set>(1'000, tests::rounds(15), 120,
                                            random_edit<string_set>(40),
                                            view_difference<string_set>) == "");
}

TEST_CASE("aw_set<int>: random histories agree with the model", "[crdt][aw_set][model]") {
    CHECK(tests::broken_history<int_set>(1, tests::rounds(80), 60, random_edit<int_set>(3),
                                         view_difference<int_set>) == "");
    CHECK(tests::broken_history<int_set>(1'000, tests::rounds(15), 120, random_edit<int_set>(40),
                                         view_difference<int_set>) == "");
}

TEST_CASE("aw_set: every delivery of five operations gives one value",
          "[crdt][aw_set][exhaustive]") {
    string_set left;
    string_set right;
    std::vector<string_set> deltas{left.insert(alice, "a"), right.insert(bob, "a")};
    left.join(right);
    deltas.push_back(left.erase(alice, "a"));
    deltas.push_back(right.insert(bob, "a"));
    left.join(right);
    deltas.push_back(left.insert(carol, "b"));

    CHECK(testing::check_deliveries<string_set>(deltas) == "");
}
