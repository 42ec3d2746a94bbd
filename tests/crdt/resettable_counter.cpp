#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/crdt/resettable_counter.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "causal_history.hpp"
#include "causal_hostile.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

using counters = or_map<std::string, resettable_counter>;
using nested_counters = or_map<int, or_map<std::string, resettable_counter>>;

author by(replica_id who, std::uint64_t time = 1) {
    return {who, hlc::at(time), 0};
}

resettable_counter random_edit(resettable_counter& counter, tests::model_edit& model,
                               testing::splitmix64& random) {
    return counter.edit(model.by(), [&](auto editor) {
        for (auto left = 1 + random.below(3); left > 0; --left) {
            if (random.chance(30)) {
                editor.reset();
                if (!model.state().counters().empty()) {
                    model.reset({});
                }
            } else {
                auto const amount = static_cast<std::int64_t>(random.below(20)) - 5;
                editor.increment(amount);
                model.increment({}, amount);
            }
        }
    });
}

std::string view_difference(resettable_counter const& counter, tests::causal_model const& model) {
    auto const expected = model.counters();
    auto const value = expected.empty() ? 0 : expected.begin()->second;
    return counter.value() == value && counter.empty() == expected.empty() ? ""
                                                                           : "the value differs";
}

/// Increments, resets, or erases a counter, or a map of them.
nested_counters random_nested_edit(nested_counters& map, tests::model_edit& model,
                                   testing::splitmix64& random) {
    auto const reset = [&](tests::model_path const& prefix) {
        for (auto const& [path, value] : model.state().counters()) {
            if (std::equal(prefix.begin(), prefix.end(), path.begin())) {
                model.reset(path);
            }
        }
    };
    return map.edit(model.by(), [&](auto editor) {
        for (auto left = 1 + random.below(3); left > 0; --left) {
            auto const outer = static_cast<int>(random.below(2));
            auto const inner = std::string(1 + random.below(2), 'i');
            auto const what = random.below(10);
            if (what < 6) {
                auto const amount = static_cast<std::int64_t>(random.below(20)) - 5;
                editor.at(outer).at(inner).increment(amount);
                model.increment({std::to_string(outer), inner}, amount);
            } else if (what == 6) {
                editor.at(outer).at(inner).reset();
                reset({std::to_string(outer), inner});
            } else if (what == 7) {
                editor.at(outer).erase(inner);
                reset({std::to_string(outer), inner});
            } else {
                editor.erase(outer);
                reset({std::to_string(outer)});
            }
        }
    });
}

std::string nested_difference(nested_counters const& map, tests::causal_model const& model) {
    std::map<tests::model_path, std::int64_t> shown;
    map.read().for_each([&](int outer, auto const& inner) {
        inner.for_each([&](std::string_view key, auto const& counter) {
            shown[{std::to_string(outer), std::string{key}}] = counter.value();
        });
        if (inner.empty() || inner.size() == 0) {
            shown[{"an empty map is shown"}] = 0;
        }
    });
    return shown == model.counters() ? "" : "the values differ";
}

struct article {
    BOOST_HANA_DEFINE_STRUCT(article, (mv_register<std::string>, title),
                             (resettable_counter, views));
};
using articles = or_map<int, product<article>>;

} // namespace

TEST_CASE("resettable_counter: a fresh counter is 0 and bottom", "[crdt][resettable_counter]") {
    resettable_counter const fresh;

    CHECK(fresh.value() == 0);
    CHECK(fresh.empty());
    CHECK(fresh.is_bottom());
}

TEST_CASE("resettable_counter: increments of all replicas add up", "[crdt][resettable_counter]") {
    resettable_counter left;
    resettable_counter right;
    left.increment(alice, 5);
    left.decrement(alice, 7);
    right.increment(bob);

    left.join(right);

    CHECK(left.value() == -1);
}

TEST_CASE("resettable_counter: a reset removes what it has seen, a concurrent increment survives",
          "[crdt][resettable_counter]") {
    resettable_counter left;
    left.increment(alice, 5);
    auto right = left;
    left.increment(alice, 7);
    right.reset(bob);
    REQUIRE(right.value() == 0);
    REQUIRE(right.empty());

    left.join(right);
    right.join(left);

    CHECK(left.value() == 7);
    CHECK(left == right);
}

TEST_CASE("resettable_counter: resetting what is reset changes nothing",
          "[crdt][resettable_counter]") {
    resettable_counter counter;
    CHECK(counter.reset(alice).is_bottom());
    counter.increment(alice);
    counter.reset(alice);

    CHECK(counter.reset(alice).is_bottom());
    CHECK(counter.context().prefix().of(alice) == 2);
}

TEST_CASE("resettable_counter: a sum stays at the ends of its range",
          "[crdt][resettable_counter]") {
    using limits = std::numeric_limits<std::int64_t>;
    resettable_counter counter;
    counter.increment(alice, limits::max());
    counter.increment(alice, limits::max());
    CHECK(counter.value() == limits::max());
    counter.reset(alice);
    counter.decrement(alice, limits::min());
    CHECK(counter.value() == limits::max());
}

// A replica's dot that absorbs its older increments brings them back after a reset that it has not
// seen: 2:inc 1; 1 <- 2; 2:inc 3; 1:reset; 2 <- 1 reads 4.
TEST_CASE("resettable_counter: an increment after an unseen reset does not bring back old ones",
          "[crdt][resettable_counter][museum]") {
    resettable_counter one;
    resettable_counter two;
    two.increment(bob, 1);
    one.join(two);
    two.increment(bob, 3);
    one.reset(alice);

    two.join(one);
    one.join(two);

    CHECK(two.value() == 3);
    CHECK(one == two);
}

// Dropping a floor before everybody has seen it: 2:inc; 1 <- 2; 2:reset; 2:forget; 2 <- 1 reads 1.
TEST_CASE("resettable_counter: floors are not forgotten before they are stable",
          "[crdt][resettable_counter][museum]") {
    resettable_counter one;
    resettable_counter two;
    two.increment(bob);
    one.join(two);
    two.reset(bob);
    stable_cut cut;
    cut.seen_by_all.raise(bob, 1); // the first replica has not seen the reset

    two.forget(cut);
    two.join(one);

    CHECK(two.value() == 0);
}

TEST_CASE("resettable_counter: forgetting stable floors changes neither value nor digest",
          "[crdt][resettable_counter]") {
    resettable_counter one;
    resettable_counter two;
    two.increment(bob);
    two.reset(bob);
    one.join(two);
    auto const digest = two.digest();
    stable_cut cut;
    cut.seen_by_all.raise(bob, 2);

    two.forget(cut);

    CHECK(two.value() == 0);
    CHECK(two.digest() == digest);
    CHECK(two.encode().size() < one.encode().size());
    two.join(one);
    one.join(two.increment(bob, 4));
    CHECK(one.value() == 4);
    two.join(one);
    CHECK(two.value() == 4);
}

TEST_CASE("resettable_counter: erasing a key of a map resets its counter exactly",
          "[crdt][resettable_counter][or_map]") {
    counters left;
    left.edit(by(alice), [](auto map) { map.at("a").increment(5); });
    auto right = left;
    auto const erase = left.erase(alice, "a");
    right.edit(by(bob), [](auto map) { map.at("a").increment(2); });
    right.edit(by(alice), [](auto) {});
    REQUIRE_FALSE(left.contains("a"));
    REQUIRE(left.empty());
    REQUIRE(left.size() == 0);

    right.join(erase);
    left.join(right);

    CHECK(right.at("a").value() == 2);
    CHECK(left.keys() == std::vector<std::string_view>{"a"});
    CHECK(left == right);
}

// The same anomaly through a map: the key is erased instead of reset.
TEST_CASE("resettable_counter: an erased key does not bring back old increments",
          "[crdt][resettable_counter][or_map][museum]") {
    counters one;
    counters two;
    two.edit(by(bob), [](auto map) { map.at("a").increment(1); });
    one.join(two);
    two.edit(by(bob), [](auto map) { map.at("a").increment(3); });
    one.erase(alice, "a");

    two.join(one);

    CHECK(two.at("a").value() == 3);
}

TEST_CASE("resettable_counter: a record comes back with what was counted concurrently",
          "[crdt][resettable_counter][product]") {
    articles left;
    left.edit(by(alice), [](auto map) {
        map.at(1)[&article::title].assign("old");
        map.at(1)[&article::views].increment(10);
    });
    auto right = left;
    left.erase(alice, 1);
    right.edit(by(bob), [](auto map) { map.at(1)[&article::views].increment(1); });
    REQUIRE_FALSE(left.contains(1));

    left.join(right);
    right.join(left);

    CHECK(left.at(1)[&article::views].value() == 1);
    CHECK(left.at(1)[&article::title].empty());
    CHECK(left == right);
    left.erase(alice, 1);
    CHECK(left.empty());
}

TEST_CASE("resettable_counter: lattice and delta laws", "[crdt][resettable_counter][laws]") {
    CHECK(testing::check_laws<resettable_counter>(
              7, tests::rounds(200),
              [](resettable_counter& counter, author const& who, std::uint64_t bits) {
                  return bits % 3 == 0
                             ? counter.reset(who.replica)
                             : counter.increment(who.replica, static_cast<std::int64_t>(bits % 9));
              }) == "");
}

TEST_CASE("resettable_counter: random histories agree with the model",
          "[crdt][resettable_counter][model]") {
    CHECK(tests::broken_history<resettable_counter>(1, tests::rounds(150), 50, random_edit,
                                                    view_difference) == "");
}

TEST_CASE("resettable_counter: random histories of nested maps agree with the model",
          "[crdt][resettable_counter][or_map][model]") {
    CHECK(tests::broken_history<nested_counters>(1, tests::rounds(80), 60, random_nested_edit,
                                                 nested_difference) == "");
}

TEST_CASE("resettable_counter: every delivery of five operations gives one value",
          "[crdt][resettable_counter][exhaustive]") {
    resettable_counter left;
    resettable_counter right;
    std::vector<resettable_counter> deltas{left.increment(alice, 1), right.increment(bob, 2)};
    left.join(right);
    deltas.push_back(left.reset(alice));
    deltas.push_back(right.increment(bob, 4));
    left.join(right);
    deltas.push_back(left.increment(alice, 8));

    CHECK(testing::check_deliveries<resettable_counter>(deltas) == "");
    CHECK(left.value() == 12);
}

TEST_CASE("resettable_counter: mutated bytes are refused or canonical",
          "[crdt][resettable_counter][hostile]") {
    CHECK(tests::broken_by_hostile_bytes<resettable_counter>(
              [](auto counter) { counter.increment(-70); },
              [](auto counter) {
                  counter.reset();
                  counter.increment(300);
              },
              tests::hostility::all_values) == "");
    CHECK(tests::broken_by_hostile_bytes<nested_counters>(
              [](auto map) {
                  map.at(1).at("a").increment(5);
                  map.at(-2).at("").increment(-1);
              },
              [](auto map) {
                  map.erase(1);
                  map.at(1).at("a").increment(300);
              },
              tests::hostility::bit_flips) == "");
}
