#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "causal_history.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

using register_map = or_map<std::string, mv_register<std::string>>;
using nested_map = or_map<int, or_map<std::string, aw_set<int>>>;

author by(replica_id who, std::uint64_t time = 1) {
    return {who, hlc::at(time), 0};
}

register_map assign(register_map& map, author const& who, std::string_view key,
                    std::string_view value) {
    return map.edit(who, [&](auto editor) { editor.at(key).assign(value); });
}

/// Assigns, clears or erases one to three of `keys` registers.
auto edit_registers(std::uint64_t keys) {
    return [keys](register_map& map, tests::model_edit& model, testing::splitmix64& random) {
        return map.edit(model.by(), [&](auto editor) {
            for (auto left = 1 + random.below(3); left > 0; --left) {
                auto const key = "key" + std::to_string(random.below(keys));
                auto const old = model.state().under({key});
                auto const what = random.below(5);
                if (what < 3) {
                    auto const value = std::to_string(random.below(9));
                    editor.at(key).assign(value);
                    model.write({{key}, {}}, value + '@' + std::to_string(model.by().time.bits),
                                old);
                    continue;
                }
                if (what == 3) {
                    editor.at(key).clear();
                } else {
                    editor.erase(key);
                }
                if (!old.empty()) {
                    model.remove(old);
                }
            }
        });
    };
}

/// Inserts or erases an element, or erases a whole inner set or map.
auto edit_nested(std::uint64_t keys) {
    return [keys](nested_map& map, tests::model_edit& model, testing::splitmix64& random) {
        return map.edit(model.by(), [&](auto editor) {
            for (auto left = 1 + random.below(3); left > 0; --left) {
                auto const outer = static_cast<int>(random.below(keys)) - 1;
                auto const inner = std::string(1 + random.below(keys), 'i');
                auto const element = static_cast<int>(random.below(keys));
                tests::model_path path{std::to_string(outer), inner, std::to_string(element)};
                auto const what = random.below(8);
                if (what < 4) {
                    editor.at(outer).at(inner).insert(element);
                    model.write({path, {}}, {}, model.state().under(path));
                    continue;
                }
                if (what < 6) {
                    editor.at(outer).at(inner).erase(element);
                } else if (what == 6) {
                    editor.at(outer).erase(inner);
                    path.pop_back();
                } else {
                    editor.erase(outer);
                    path.resize(1);
                }
                if (auto const old = model.state().under(path); !old.empty()) {
                    model.remove(old);
                }
            }
        });
    };
}

template <class Map>
std::string view_difference(Map const& map, tests::causal_model const& model) {
    std::set<std::string> expected;
    for (auto const& [d, entry] : model.live) {
        expected.insert(entry.place.path.front());
    }
    std::set<std::string> shown;
    for (auto const& key : map.keys()) {
        shown.insert(tests::text_of(key));
        if (!map.contains(key) || map.at(key).empty()) {
            return "a key that is shown has no value";
        }
    }
    return shown == expected && map.size() == expected.size() ? "" : "the keys differ";
}

} // namespace

TEST_CASE("or_map: an absent key reads as an empty value", "[crdt][or_map]") {
    nested_map const map;

    CHECK(map.empty());
    CHECK_FALSE(map.contains(1));
    CHECK(map.at(1).at("inner").value().empty());
}

TEST_CASE("or_map: updates of one key join", "[crdt][or_map]") {
    nested_map left;
    nested_map right;
    left.edit(by(alice), [](auto map) { map.at(1).at("x").insert(10); });
    right.edit(by(bob), [](auto map) { map.at(1).at("x").insert(20); });

    left.join(right);

    CHECK(left.at(1).at("x").value() == std::vector{10, 20});
}

TEST_CASE("or_map: an erase keeps what was written concurrently", "[crdt][or_map]") {
    nested_map left;
    left.edit(by(alice), [](auto map) {
        map.at(1).at("x").insert(10);
        map.at(1).at("y").insert(11);
    });
    auto right = left;
    auto const erase = left.erase(alice, 1);
    right.edit(by(bob), [](auto map) { map.at(1).at("x").insert(20); });

    right.join(erase);

    CHECK(left.empty());
    CHECK(right.at(1).keys() == std::vector<std::string_view>{"x"});
    CHECK(right.at(1).at("x").value() == std::vector{20});
}

TEST_CASE("or_map: a key goes with the last of its value", "[crdt][or_map]") {
    nested_map map;
    map.edit(by(alice), [](auto editor) { editor.at(1).at("x").insert(10); });

    map.edit(by(alice), [](auto editor) { editor.at(1).at("x").erase(10); });

    CHECK(map.empty());
    CHECK_FALSE(map.is_bottom());
}

TEST_CASE("or_map: an erase of an absent key changes nothing", "[crdt][or_map]") {
    register_map map;

    CHECK(map.erase(alice, "absent").is_bottom());
    CHECK(map.edit(by(alice), [](auto editor) { editor.at("absent").clear(); }).is_bottom());
    CHECK(map.is_bottom());
}

TEST_CASE("or_map: keys are visited in their canonical order", "[crdt][or_map]") {
    register_map map;
    for (auto const* key : {"b", "", "aa", "a", "c"}) {
        assign(map, by(alice), key, "v");
    }

    CHECK(map.keys() == std::vector<std::string_view>{"", "a", "aa", "b", "c"});
}

TEST_CASE("or_map: a value may be longer than a chunk of the pool", "[crdt][or_map]") {
    register_map map;
    std::string const large(300'000, 'x');
    auto const delta = map.edit(by(alice), [&](auto editor) {
        for (auto const* key : {"a", "b", "c", "d", "e", "f"}) {
            editor.at(key).assign(large);
        }
    });

    register_map copy;
    copy.join(delta);

    CHECK(copy == map);
    CHECK(copy.at("f").latest() == large);
}

TEST_CASE("or_map: 5,000 keys are written, superseded and erased", "[crdt][or_map]") {
    register_map left;
    register_map right;
    left.edit(by(alice), [](auto editor) {
        for (int i = 0; i < 5'000; ++i) {
            editor.at(std::to_string(i)).assign("old");
        }
    });
    right.join(left);
    right.edit(by(bob), [](auto editor) {
        for (int i = 0; i < 5'000; i += 2) {
            editor.erase(std::to_string(i));
        }
        for (int i = 5'000; i < 7'000; ++i) {
            editor.at(std::to_string(i)).assign("new");
        }
    });
    left.edit(by(alice, 2), [](auto editor) {
        for (int i = 0; i < 5'000; i += 4) {
            editor.at(std::to_string(i)).assign("newer");
        }
    });

    auto joined = left;
    joined.join(right);
    REQUIRE(tests::joins_encoded(right, left));

    CHECK(joined == right);
    CHECK(joined.digest() == right.digest());
    CHECK(joined.size() == 2'500 + 1'250 + 2'000);
    CHECK(joined.at("0").latest() == "newer");
    CHECK_FALSE(joined.contains("2"));
    CHECK(joined.at("1").latest() == "old");
}

TEST_CASE("or_map of registers: random histories agree with the model", "[crdt][or_map][model]") {
    CHECK(tests::broken_history<register_map>(1, tests::rounds(80), 60, edit_registers(3),
                                              view_difference<register_map>) == "");
    CHECK(tests::broken_history<register_map>(1'000, tests::rounds(15), 120, edit_registers(40),
                                              view_difference<register_map>) == "");
}

TEST_CASE("or_map of maps of sets: random histories agree with the model",
          "[crdt][or_map][model]") {
    CHECK(tests::broken_history<nested_map>(1, tests::rounds(80), 60, edit_nested(2),
                                            view_difference<nested_map>) == "");
    CHECK(tests::broken_history<nested_map>(1'000, tests::rounds(15), 120, edit_nested(20),
                                            view_difference<nested_map>) == "");
}

TEST_CASE("or_map: every delivery of five operations gives one value",
          "[crdt][or_map][exhaustive]") {
    nested_map left;
    nested_map right;
    std::vector<nested_map> deltas;
    auto const put = [&](nested_map& map, replica_id who, int outer, char const* inner, int value) {
        deltas.push_back(
            map.edit(by(who), [&](auto editor) { editor.at(outer).at(inner).insert(value); }));
    };
    put(left, alice, 1, "x", 1);
    put(right, bob, 1, "x", 2);
    left.join(right);
    put(right, bob, 1, "y", 3);
    deltas.push_back(left.erase(alice, 1));
    deltas.push_back(right.edit(by(bob), [](auto editor) { editor.at(1).erase("x"); }));

    CHECK(testing::check_deliveries<nested_map>(deltas) == "");
}
