#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/boxed.hpp>
#include <joinery/crdt/document.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/resettable_counter.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <type_traits>
#include <vector>

#include "causal_history.hpp"
#include "causal_hostile.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};
constexpr replica_id carol{3};

author by(replica_id who, std::uint64_t time = 1) {
    return {who, hlc::at(time), 0};
}

template <class Policy>
using sets = or_map<int, aw_set<int>, Policy>;
template <class Policy>
using nested_sets = or_map<int, or_map<int, aw_set<int>, Policy>, Policy>;
template <class Policy>
using counters = or_map<int, resettable_counter, Policy>;

static_assert(delta_crdt<sets<remove_wins>>);
static_assert(delta_crdt<sets<update_wins_whole>>);
static_assert(std::is_same_v<or_map<int, aw_set<int>>, sets<observed_reset>>);
static_assert(!std::is_same_v<sets<remove_wins>, sets<update_wins_whole>>);

/// A set of 10 and 11 under the key 1, which one replica has erased and the other has added 20 to.
template <class Policy>
struct erased_and_updated {
    sets<Policy> left;
    sets<Policy> right;
    sets<Policy> erase;
    sets<Policy> update;

    erased_and_updated() {
        left.edit(by(alice), [](auto map) {
            map.at(1).insert(10);
            map.at(1).insert(11);
        });
        right = left;
        erase = left.erase(alice, 1);
        update = right.edit(by(bob), [](auto map) { map.at(1).insert(20); });
    }
};

/// What the policies do, told of the dots of a model; see `map_policies.hpp`.
template <class Policy>
class policy_model {
public:
    static constexpr bool keeps_value = std::is_same_v<Policy, update_wins_whole>;

    explicit policy_model(tests::model_edit& model) : model_{model} {
        for (auto const& d : model.state().seen) {
            last_ = d.replica == model.by().replica ? std::max(last_, d.sequence) : last_;
        }
    }

    void insert(tests::model_path const& path) {
        prepare(path, 2);
        model_.write({path, {}}, {}, under(path));
    }
    void erase_element(tests::model_path const& path) {
        if (is_alive(path, 2) && !under(path).empty()) {
            prepare(path, 2);
            model_.remove(under(path));
        }
    }
    void erase(tests::model_path const& key) {
        auto const outer = key.size() - 1;
        if constexpr (!keeps_value) {
            prepare(key, outer);
            model_.write({key, "mark"}, {}, under(key));
        } else if (is_alive(key, key.size())) {
            prepare(key, outer);
            model_.remove(marks(key));
        }
    }

private:
    [[nodiscard]] std::set<dot> under(tests::model_path const& path) const {
        return model_.state().under(path);
    }
    [[nodiscard]] std::set<dot> marks(tests::model_path const& key) const {
        return model_.state().at({key, "mark"});
    }
    [[nodiscard]] bool is_alive(tests::model_path key, std::size_t keys) const {
        for (key.resize(keys); !key.empty(); key.pop_back()) {
            if (marks(key).empty() == keeps_value) {
                return false;
            }
        }
        return true;
    }
    void prepare(tests::model_path const& path, std::size_t keys) {
        for (std::size_t size = 1; size <= keys; ++size) {
            auto const key =
                tests::model_path(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(size));
            auto const old = marks(key);
            if constexpr (!keeps_value) {
                if (!old.empty()) {
                    model_.remove(under(key));
                }
            } else if (old.size() != 1 || old.begin()->replica != model_.by().replica ||
                       old.begin()->sequence <= last_) {
                model_.write({key, "mark"}, {}, old.empty() ? under(key) : old);
            }
        }
    }

    tests::model_edit& model_;
    std::uint64_t last_ = 0; // of this replica before the edit
};

template <class Policy>
auto random_edit(std::uint64_t keys) {
    return [keys](nested_sets<Policy>& map, tests::model_edit& model, testing::splitmix64& random) {
        policy_model<Policy> expected{model};
        return map.edit(model.by(), [&](auto editor) {
            for (auto left = 1 + random.below(3); left > 0; --left) {
                auto const outer = static_cast<int>(random.below(keys));
                auto const inner = static_cast<int>(random.below(keys));
                auto const element = static_cast<int>(random.below(keys));
                tests::model_path path{std::to_string(outer), std::to_string(inner),
                                       std::to_string(element)};
                auto const what = random.below(8);
                if (what < 4) {
                    editor.at(outer).at(inner).insert(element);
                    expected.insert(path);
                } else if (what < 6) {
                    editor.at(outer).at(inner).erase(element);
                    expected.erase_element(path);
                } else if (what == 6) {
                    editor.at(outer).erase(inner);
                    path.pop_back();
                    expected.erase(path);
                } else {
                    editor.erase(outer);
                    path.resize(1);
                    expected.erase(path);
                }
            }
        });
    };
}

/// The elements, and the keys that are shown, as the model has them.
template <class Policy>
std::set<tests::model_path> visible(tests::causal_model const& model) {
    std::set<tests::model_path> out;
    std::set<tests::model_path> marked;
    for (auto const& [d, entry] : model.live) {
        if (entry.place.part == "mark") {
            marked.insert(entry.place.path);
        }
    }
    auto constexpr has_marks = std::is_same_v<Policy, update_wins_whole>;
    auto const is_alive = [&](tests::model_path path, std::size_t keys) {
        for (path.resize(keys); !path.empty(); path.pop_back()) {
            if ((marked.count(path) != 0) != has_marks) {
                return false;
            }
        }
        return true;
    };
    for (auto const& [d, entry] : model.live) {
        auto const is_mark = entry.place.part == "mark";
        auto path = entry.place.path;
        if ((is_mark && !has_marks) || !is_alive(path, is_mark ? path.size() : 2)) {
            continue;
        }
        for (; !path.empty(); path.pop_back()) {
            out.insert(path);
        }
    }
    return out;
}

template <class Policy>
std::string view_difference(nested_sets<Policy> const& map, tests::causal_model const& model) {
    std::set<tests::model_path> shown;
    map.read().for_each([&](int outer, auto const& inner) {
        shown.insert({std::to_string(outer)});
        inner.for_each([&](int key, auto const& set) {
            shown.insert({std::to_string(outer), std::to_string(key)});
            for (auto const element : set.value()) {
                shown.insert({std::to_string(outer), std::to_string(key), std::to_string(element)});
            }
        });
    });
    if (map.size() != map.keys().size() || map.empty() != map.keys().empty()) {
        return "the size differs from the number of keys";
    }
    return shown == visible<Policy>(model) ? "" : "the values differ";
}

template <class Policy>
void check_deliveries() {
    nested_sets<Policy> left;
    nested_sets<Policy> right;
    std::vector<nested_sets<Policy>> deltas;
    deltas.push_back(left.edit(by(alice), [](auto map) { map.at(1).at(1).insert(1); }));
    right.join(left);
    deltas.push_back(left.erase(alice, 1));
    deltas.push_back(right.edit(by(bob), [](auto map) { map.at(1).at(2).insert(2); }));
    left.join(right);
    deltas.push_back(left.edit(by(alice), [](auto map) { map.at(1).at(1).insert(3); }));
    deltas.push_back(right.edit(by(carol), [](auto map) { map.at(1).erase(2); }));

    CHECK(testing::check_deliveries<nested_sets<Policy>>(deltas) == "");
}

template <class Policy>
std::string broken_bytes() {
    return tests::broken_by_hostile_bytes<or_map<int, counters<Policy>, Policy>>(
        [](auto map) {
            map.at(1).at(2).increment(3);
            map.at(2).at(-1).increment(1);
        },
        [](auto map) {
            map.at(1).erase(2);
            map.erase(2);
            map.at(2).at(-1).increment(300);
        },
        tests::hostility::bit_flips);
}

template <class Map>
std::size_t entries_of(Map const& map) {
    return detail::causal_access::store(map).entries().size();
}

} // namespace

TEST_CASE("or_map: by default a removal takes what it has seen", "[crdt][or_map][policy]") {
    erased_and_updated<observed_reset> replicas;

    replicas.left.join(replicas.update);
    replicas.right.join(replicas.erase);

    CHECK(replicas.left.at(1).value() == std::vector{20});
    CHECK(replicas.left == replicas.right);
}

TEST_CASE("or_map, remove_wins: a removal wins over a concurrent update",
          "[crdt][or_map][policy]") {
    erased_and_updated<remove_wins> replicas;

    replicas.left.join(replicas.update);
    replicas.right.join(replicas.erase);

    CHECK(replicas.left.empty());
    CHECK(replicas.left.size() == 0);
    CHECK_FALSE(replicas.right.contains(1));
    CHECK(replicas.right.at(1).value().empty());
    CHECK(replicas.left == replicas.right);
}

TEST_CASE("or_map, remove_wins: a removal of what was never seen still wins",
          "[crdt][or_map][policy]") {
    sets<remove_wins> left;
    sets<remove_wins> right;
    auto const erase = left.erase(alice, 1);
    right.edit(by(bob), [](auto map) { map.at(1).insert(20); });

    right.join(erase);

    CHECK(right.empty());
}

TEST_CASE("or_map, remove_wins: a write that has seen the removal starts anew",
          "[crdt][or_map][policy]") {
    erased_and_updated<remove_wins> replicas;
    replicas.left.join(replicas.update);

    auto const again = replicas.left.edit(by(alice), [](auto map) { map.at(1).insert(30); });
    replicas.right.join(again);
    replicas.right.join(replicas.erase);

    CHECK(replicas.left.at(1).value() == std::vector{30});
    CHECK(replicas.right.at(1).value() == std::vector{30});
    CHECK(replicas.left == replicas.right);
}

TEST_CASE("or_map, remove_wins: erasing from a removed value does not bring it back",
          "[crdt][or_map][policy]") {
    erased_and_updated<remove_wins> replicas;
    replicas.left.join(replicas.update);

    CHECK(replicas.left.edit(by(alice), [](auto map) { map.at(1).erase(20); }).is_bottom());
    CHECK(replicas.left.empty());
}

TEST_CASE("or_map, remove_wins: a sweep removes stable removals with what they hide",
          "[crdt][or_map][policy]") {
    erased_and_updated<remove_wins> replicas;
    replicas.left.join(replicas.update);
    replicas.left.erase(alice, 2);
    REQUIRE(entries_of(replicas.left) == 2);
    stable_cut cut{.seen_by_all = replicas.right.context().prefix()};
    CHECK(replicas.left.sweep(alice, cut).is_bottom());

    cut.seen_by_all = replicas.left.context().prefix();
    replicas.right.join(replicas.left);
    replicas.right.join(replicas.left.sweep(alice, cut));

    CHECK(entries_of(replicas.left) == 0);
    CHECK(entries_of(replicas.right) == 0);
    CHECK(replicas.left.empty());
}

TEST_CASE("or_map, remove_wins: a nested map goes with the last removal that is swept",
          "[crdt][or_map][policy]") {
    or_map<int, sets<remove_wins>> map;
    map.edit(by(alice), [](auto editor) {
        editor.at(1).erase(1);
        editor.at(1).erase(2);
        editor.at(2).at(3).insert(4);
    });
    REQUIRE(map.keys() == std::vector{2});
    stable_cut const cut{.seen_by_all = map.context().prefix()};

    map.edit(by(alice), [&](auto editor) { editor.at(1).sweep(cut); });

    CHECK(entries_of(map) == 1);
    CHECK(map.at(2).at(3).value() == std::vector{4});
}

TEST_CASE("or_map, update_wins_whole: a value comes back whole", "[crdt][or_map][policy]") {
    erased_and_updated<update_wins_whole> replicas;
    REQUIRE_FALSE(replicas.left.contains(1));
    REQUIRE(replicas.left.at(1).empty());

    replicas.left.join(replicas.update);
    replicas.right.join(replicas.erase);

    CHECK(replicas.left.at(1).value() == std::vector{10, 11, 20});
    CHECK(replicas.left == replicas.right);
}

TEST_CASE("or_map, update_wins_whole: a removal that everybody has seen removes",
          "[crdt][or_map][policy]") {
    erased_and_updated<update_wins_whole> replicas;
    replicas.left.join(replicas.update);
    auto const erase = replicas.left.erase(alice, 1);

    replicas.right.join(erase);

    CHECK(replicas.right.empty());
    CHECK(replicas.right.at(1).empty());
    CHECK(replicas.right.erase(bob, 1).is_bottom());
}

TEST_CASE("or_map, update_wins_whole: a write that has seen the removal starts anew",
          "[crdt][or_map][policy]") {
    sets<update_wins_whole> map;
    map.edit(by(alice), [](auto editor) {
        editor.at(1).insert(10);
        editor.erase(1);
        editor.at(1).insert(20);
    });

    CHECK(map.at(1).value() == std::vector{20});
}

TEST_CASE("or_map, update_wins_whole: a key with an empty value is present",
          "[crdt][or_map][policy]") {
    sets<update_wins_whole> map;
    map.edit(by(alice), [](auto editor) {
        editor.at(1).insert(10);
        editor.at(1).erase(10);
    });

    CHECK(map.contains(1));
    CHECK(map.at(1).empty());
    CHECK_FALSE(map.erase(alice, 1).is_bottom());
    CHECK(map.empty());
}

TEST_CASE("or_map, update_wins_whole: an edit says only once that it writes under a key",
          "[crdt][or_map][policy]") {
    sets<update_wins_whole> map;
    auto const delta = map.edit(by(alice), [](auto editor) {
        for (int i = 0; i < 5; ++i) {
            editor.at(1).insert(i);
        }
    });

    CHECK(delta.context().prefix().of(alice) == 6);
}

TEST_CASE("or_map, update_wins_whole: a sweep removes what is kept of removed keys",
          "[crdt][or_map][policy]") {
    counters<update_wins_whole> left;
    left.edit(by(alice), [](auto map) { map.at(1).increment(5); });
    left.erase(alice, 1);
    auto right = left;

    right.join(left.sweep(alice, {.seen_by_all = left.context().prefix()}));
    right.edit(by(bob), [](auto map) { map.at(1).increment(2); });
    left.join(right);

    CHECK(left.at(1).value() == 2);
    CHECK(left == right);
}

TEST_CASE("or_map: counters under each policy", "[crdt][or_map][policy][resettable_counter]") {
    auto const run = []<class Policy>(Policy) {
        counters<Policy> left;
        left.edit(by(alice), [](auto map) { map.at(1).increment(5); });
        auto right = left;
        left.erase(alice, 1);
        right.edit(by(bob), [](auto map) { map.at(1).increment(2); });
        left.join(right);
        right.join(left);
        REQUIRE(left == right);
        auto const merged = left.at(1).value();
        left.edit(by(alice), [](auto map) { map.at(1).increment(100); });
        return std::pair{merged, left.at(1).value()};
    };

    CHECK(run(observed_reset{}) == std::pair<std::int64_t, std::int64_t>{2, 102});
    CHECK(run(remove_wins{}) == std::pair<std::int64_t, std::int64_t>{0, 100});
    CHECK(run(update_wins_whole{}) == std::pair<std::int64_t, std::int64_t>{7, 107});
}

TEST_CASE("or_map: documents under each policy", "[crdt][or_map][policy][document]") {
    auto const run = []<class Policy>(Policy) {
        or_map<int, document, Policy> left;
        left.edit(by(alice), [](auto map) {
            map.at(1).set("title", "old");
            map.at(1).increment({"count", "views"}, 5);
        });
        auto right = left;
        left.erase(alice, 1);
        REQUIRE_FALSE(left.contains(1));
        right.edit(by(bob), [](auto map) { map.at(1).increment({"count", "views"}, 2); });
        left.join(right);
        right.join(left);
        REQUIRE(left == right);
        REQUIRE(left.at(1).at("title").exists() == std::is_same_v<Policy, update_wins_whole>);
        auto const decoded = or_map<int, document, Policy>::decode(left.encode());
        REQUIRE(decoded);
        REQUIRE(*decoded == left);
        return left.at(1).find({"count", "views"}).counter();
    };

    CHECK(run(observed_reset{}) == 2);
    CHECK(run(remove_wins{}) == 0);
    CHECK(run(update_wins_whole{}) == 7);
}

TEST_CASE("or_map, remove_wins: random histories agree with the model",
          "[crdt][or_map][policy][model]") {
    CHECK(tests::broken_history<nested_sets<remove_wins>>(1, tests::rounds(80), 60,
                                                          random_edit<remove_wins>(2),
                                                          view_difference<remove_wins>) == "");
    CHECK(tests::broken_history<nested_sets<remove_wins>>(1'000, tests::rounds(15), 120,
                                                          random_edit<remove_wins>(9),
                                                          view_difference<remove_wins>) == "");
}

TEST_CASE("or_map, update_wins_whole: random histories agree with the model",
          "[crdt][or_map][policy][model]") {
    CHECK(tests::broken_history<nested_sets<update_wins_whole>>(
              1, tests::rounds(80), 60, random_edit<update_wins_whole>(2),
              view_difference<update_wins_whole>) == "");
    CHECK(tests::broken_history<nested_sets<update_wins_whole>>(
              1'000, tests::rounds(15), 120, random_edit<update_wins_whole>(9),
              view_difference<update_wins_whole>) == "");
}

TEST_CASE("or_map: every delivery of five operations gives one value under each policy",
          "[crdt][or_map][policy][exhaustive]") {
    check_deliveries<remove_wins>();
    check_deliveries<update_wins_whole>();
}

TEST_CASE("or_map: mutated bytes are refused or canonical under each policy",
          "[crdt][or_map][policy][hostile]") {
    CHECK(broken_bytes<remove_wins>() == "");
    CHECK(broken_bytes<update_wins_whole>() == "");
}

namespace {

struct folder {
    BOOST_HANA_DEFINE_STRUCT(folder, (mv_register<std::string>, title),
                             (resettable_counter, visits),
                             (or_map<std::string, boxed<folder>, remove_wins>, children));
};

} // namespace

TEST_CASE("or_map, remove_wins: a type may hold itself", "[crdt][or_map][policy][boxed]") {
    product<folder> left;
    left.edit(by(alice), [](auto root) {
        root[&folder::children].at("a")[&folder::children].at("b")[&folder::visits].increment(3);
    });
    auto right = left;
    left.edit(by(alice), [](auto root) { root[&folder::children].erase("a"); });
    right.edit(by(bob),
               [](auto root) { root[&folder::children].at("a")[&folder::title].assign("late"); });

    left.join(right);
    right.join(left);

    CHECK(left == right);
    CHECK(left[&folder::children].empty());
    left.edit(by(alice),
              [](auto root) { root[&folder::children].at("a")[&folder::visits].increment(1); });
    auto const again = left[&folder::children].at("a");
    CHECK(again[&folder::visits].value() == 1);
    CHECK(again[&folder::title].empty());
    CHECK(again[&folder::children].empty());
    auto const decoded = product<folder>::decode(left.encode());
    REQUIRE(decoded);
    CHECK(*decoded == left);
}
