#include <joinery/crdt/document.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "causal_history.hpp"
#include "document_model.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};
constexpr replica_id carol{3};

author by(replica_id who, std::uint64_t time = 1) {
    return {who, hlc::at(time), 0};
}

std::string random_key(testing::splitmix64& random, std::uint64_t keys) {
    auto const number = random.below(keys);
    return number == 1 ? std::string(140, 'k') : "k" + std::to_string(number);
}

/// A scalar; texts live in `text`.
scalar random_scalar(testing::splitmix64& random, std::string& text) {
    text = "t" + std::to_string(random.below(5));
    switch (random.below(6)) {
    case 0:
        return {};
    case 1:
        return random.chance(50);
    case 2:
        return static_cast<std::int64_t>(random()) >> random.below(64);
    case 3:
        return static_cast<double>(random.below(9)) / 4;
    case 4:
        return timestamp{static_cast<std::int64_t>(random.below(1'000))};
    default:
        return std::string_view{text};
    }
}

struct random_edit {
    std::uint64_t keys;
    std::size_t depth;

    document operator()(document& doc, tests::model_edit& model,
                        testing::splitmix64& random) const {
        tests::document_model_edit expected{model};
        auto const made = doc.try_edit(model.by(), [&](auto& editor) {
            for (auto left = 1 + random.below(3); left > 0; --left) {
                mutate(editor, expected, random);
            }
        });
        if (made.outcome.has_value() != expected.ok()) {
            model.remove({}); // the model and the document disagree from here on
        }
        return made.delta;
    }

    template <class Editor>
    void mutate(Editor& editor, tests::document_model_edit& expected,
                testing::splitmix64& random) const {
        if (!expected.ok()) {
            return;
        }
        tests::model_path path;
        do {
            path.push_back(random_key(random, keys));
        } while (path.size() < depth && random.chance(55));
        std::vector<std::string_view> const views{path.begin(), path.end()};
        path_view const where{std::span<std::string_view const>{views}};
        std::string text;
        auto const value = random_scalar(random, text);
        auto const amount = static_cast<std::int64_t>(random.below(9)) - 4;
        switch (random.below(12)) {
        case 0:
        case 1:
        case 2:
            editor.set(where, value);
            expected.set(path, value);
            break;
        case 3:
        case 4:
        case 5:
            editor.increment(where, amount);
            expected.increment(path, amount);
            break;
        case 6:
        case 7:
            editor.insert(where, value);
            expected.insert(path, value);
            break;
        case 8:
            editor.erase(where, value);
            expected.erase(path, value);
            break;
        case 9:
            editor.make_map(where);
            expected.make(path, value_kind::map);
            break;
        case 10:
            editor.make_set(where);
            expected.make(path, value_kind::set);
            break;
        default:
            editor.erase(where);
            expected.erase(path);
            break;
        }
    }
};

std::string view_difference(document const& doc, tests::causal_model const& model) {
    auto const expected = tests::document_reading{model}.show();
    auto const got = tests::shown(doc.read());
    return got == expected ? "" : "expected " + expected + ", got " + got;
}

std::string broken(std::uint64_t first_seed, unsigned count, unsigned steps, random_edit edit) {
    return tests::broken_history<document>(first_seed, count, steps, edit, view_difference);
}

} // namespace

TEST_CASE("document: random histories agree with the model", "[crdt][document][model]") {
    CHECK(broken(1, tests::rounds(60), 40, {2, 2}) == "");
    CHECK(broken(10'000, tests::rounds(40), 60, {3, 4}) == "");
    CHECK(broken(20'000, tests::rounds(8), 80, {30, 2}) == "");
}

TEST_CASE("document: every delivery of five operations gives one value",
          "[crdt][document][exhaustive]") {
    document left;
    document right;
    std::vector<document> deltas;
    auto const edit = [&](document& doc, replica_id who, auto change) {
        deltas.push_back(doc.edit(by(who, deltas.size()), change));
    };

    SECTION("maps and scalars") {
        edit(left, alice, [](auto editor) { editor.set({"a", "x"}, 1); });
        edit(right, bob, [](auto editor) { editor.set("a", 2); });
        left.join(right);
        edit(left, alice, [](auto editor) { editor.set({"a", "y"}, 3); });
        edit(right, bob, [](auto editor) { editor.make_map("a"); });
        edit(left, alice, [](auto editor) { editor.erase("a"); });
    }
    SECTION("counters and erases") {
        edit(left, alice, [](auto editor) { editor.increment({"a", "n"}, 1); });
        right.join(left);
        edit(left, alice, [](auto editor) { editor.increment({"a", "n"}, 3); });
        edit(right, bob, [](auto editor) { editor.erase("a"); });
        edit(right, bob, [](auto editor) { editor.increment({"a", "n"}, 10); });
        left.join(right);
        edit(left, alice, [](auto editor) { editor.set({"a", "n"}, "done"); });
    }
    SECTION("resets by two replicas") {
        edit(left, alice, [](auto editor) { editor.increment("n", 1); });
        right.join(left);
        edit(right, bob, [](auto editor) { editor.erase("n"); });
        edit(left, alice, [](auto editor) { editor.erase("n"); });
        edit(left, alice, [](auto editor) { editor.increment("n", 5); });
        right.join(left);
        edit(right, carol, [](auto editor) { editor.erase("n"); });
    }
    SECTION("sets") {
        edit(left, alice, [](auto editor) { editor.insert("s", 1); });
        edit(right, bob, [](auto editor) { editor.insert("s", 1); });
        left.join(right);
        edit(left, alice, [](auto editor) { editor.erase("s"); });
        edit(right, bob, [](auto editor) { editor.insert("s", 2); });
        edit(right, bob, [](auto editor) { editor.erase("s", 1); });
    }

    CHECK(testing::check_deliveries<document>(deltas) == "");
}
