#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/boxed.hpp>
#include <joinery/crdt/document.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "causal_history.hpp"
#include "causal_hostile.hpp"
#include "document_model.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

using documents = or_map<std::string, document>;

author by(replica_id who, std::uint64_t time = 1) {
    return {who, hlc::at(time), 0};
}

/// Resets the counters that the model holds at `prefix` and below it.
void reset_below(tests::model_edit& model, tests::model_path const& prefix) {
    for (auto const& [path, value] : model.state().counters()) {
        if (path.size() >= prefix.size() &&
            std::equal(prefix.begin(), prefix.end(), path.begin())) {
            model.reset(path);
        }
    }
}

void remove_below(tests::model_edit& model, tests::model_path const& prefix) {
    reset_below(model, prefix);
    if (auto const old = model.state().under(prefix); !old.empty()) {
        model.remove(old);
    }
}

/// Writes a scalar, counts, erases a place, or erases a whole document.
documents random_edit(documents& map, tests::model_edit& model, testing::splitmix64& random) {
    return map.edit(model.by(), [&](auto editor) {
        for (auto left = 1 + random.below(3); left > 0; --left) {
            auto const key = std::string(1 + random.below(2), 'd');
            auto const number = static_cast<std::int64_t>(random.below(5));
            auto const scalar_key = "s" + std::to_string(random.below(2));
            auto const counter_key = "c" + std::to_string(random.below(2));
            switch (random.below(8)) {
            case 0:
            case 1:
                editor.at(key).set(scalar_key, number);
                model.write({{key, scalar_key}, "scalar"},
                            tests::text_of(scalar{number}) + '@' +
                                std::to_string(model.by().time.bits),
                            model.state().under({key, scalar_key}));
                break;
            case 2:
            case 3:
            case 4:
                editor.at(key).increment(counter_key, number);
                model.increment({key, counter_key}, number);
                break;
            case 5:
                editor.at(key).erase(counter_key);
                if (model.state().counters().count({key, counter_key}) != 0) {
                    reset_below(model, {key, counter_key});
                    model.remove({}); // a document says that a place is gone in any case
                }
                break;
            default:
                editor.erase(key);
                remove_below(model, {key});
            }
        }
    });
}

std::string view_difference(documents const& map, tests::causal_model const& model) {
    std::map<tests::model_path, std::int64_t> counted;
    std::set<std::string> shown;
    map.read().for_each([&](std::string_view key, auto const& doc) {
        shown.emplace(key);
        for (auto const* name : {"c0", "c1"}) {
            if (doc.at(name).exists()) {
                counted[{std::string{key}, name}] = doc.at(name).counter();
            }
        }
    });
    std::set<std::string> expected;
    for (auto const& [path, value] : model.counters()) {
        expected.insert(path.front());
    }
    for (auto const& [d, entry] : model.live) {
        expected.insert(entry.place.path.front());
    }
    if (map.size() != expected.size() || map.empty() != expected.empty()) {
        return "the number of documents differs";
    }
    return counted == model.counters() && shown == expected ? "" : "the values differ";
}

struct page {
    BOOST_HANA_DEFINE_STRUCT(page, (document, body), (aw_set<int>, tags));
};
static_assert(detail::causal_record<page>);

} // namespace

TEST_CASE("document in or_map: updates of one document join", "[crdt][document][or_map]") {
    documents left;
    documents right;
    left.edit(by(alice), [](auto map) { map.at("a").set({"owner", "name"}, "Ada"); });
    right.edit(by(bob), [](auto map) { map.at("a").insert("tags", "new"); });

    left.join(right);
    right.join(left);

    CHECK(left.at("a").find({"owner", "name"}).value() == scalar{"Ada"});
    CHECK(left.at("a").at("tags").contains("new"));
    CHECK(left == right);
}

TEST_CASE("document in or_map: erasing the key resets the counters in it exactly",
          "[crdt][document][or_map]") {
    documents left;
    left.edit(by(alice), [](auto map) {
        map.at("a").set("title", "old");
        map.at("a").increment({"count", "views"}, 5);
    });
    auto right = left;
    left.erase(alice, "a");
    right.edit(by(bob), [](auto map) { map.at("a").increment({"count", "views"}, 2); });
    REQUIRE(left.empty());
    REQUIRE_FALSE(left.contains("a"));

    left.join(right);
    right.join(left);

    CHECK(left.at("a").find({"count", "views"}).counter() == 2);
    CHECK_FALSE(left.at("a").at("title").exists());
    CHECK(left == right);
}

TEST_CASE("document in or_map: a document that was emptied is no value",
          "[crdt][document][or_map]") {
    documents map;
    map.edit(by(alice), [](auto editor) {
        editor.at("a").increment("n", 1);
        editor.at("a").erase("n");
    });

    CHECK(map.empty());
    CHECK(map.size() == 0);
    CHECK(map.keys().empty());
    CHECK(map.erase(alice, "a").is_bottom());
}

TEST_CASE("document in or_map: a path is as deep as bytes can be", "[crdt][document][or_map]") {
    std::vector<std::string_view> const keys(path_keys_max, "k");
    std::span<std::string_view const> const all{keys};
    or_map<int, or_map<int, documents>> map;
    std::string refused;
    map.edit(by(alice), [&](auto editor) {
        editor.at(1).at(2).at("a").set(all.first(path_keys_max - 3), 1);
        auto doc = editor.at(1).at(2).at("b");
        doc.set(all.first(path_keys_max - 2), 1);
        refused = doc.outcome() ? "" : doc.outcome().error().message;
    });

    CHECK(refused.find("deeper") != std::string::npos);
    auto const decoded = or_map<int, or_map<int, documents>>::decode(map.encode());
    REQUIRE(decoded);
    CHECK(*decoded == map);
    CHECK(decoded->at(1).at(2).at("a").find(all.first(path_keys_max - 3)).value() == scalar{1});
}

TEST_CASE("document in a product: a record of a document has one context",
          "[crdt][document][product]") {
    or_map<int, product<page>> left;
    left.edit(by(alice), [](auto map) {
        map.at(1)[&page::body].increment("views", 5);
        map.at(1)[&page::tags].insert(7);
    });
    auto right = left;
    left.erase(alice, 1);
    right.edit(by(bob), [](auto map) { map.at(1)[&page::body].increment("views", 1); });

    left.join(right);
    right.join(left);

    CHECK(left.at(1)[&page::body].at("views").counter() == 1);
    CHECK(left.at(1)[&page::tags].empty());
    CHECK(left == right);
}

TEST_CASE("document in or_map: random histories agree with the model",
          "[crdt][document][or_map][model]") {
    CHECK(tests::broken_history<documents>(1, tests::rounds(100), 60, random_edit,
                                           view_difference) == "");
}

TEST_CASE("document in or_map: every delivery of five operations gives one value",
          "[crdt][document][or_map][exhaustive]") {
    documents left;
    documents right;
    std::vector<documents> deltas;
    deltas.push_back(left.edit(by(alice), [](auto map) { map.at("a").increment({"b", "n"}, 1); }));
    right.join(left);
    deltas.push_back(left.erase(alice, "a"));
    deltas.push_back(right.edit(by(bob), [](auto map) { map.at("a").increment({"b", "n"}, 2); }));
    left.join(right);
    deltas.push_back(left.edit(by(alice), [](auto map) { map.at("a").set("b", "text"); }));
    deltas.push_back(right.erase(bob, "a"));

    CHECK(testing::check_deliveries<documents>(deltas) == "");
}

TEST_CASE("document in or_map: mutated bytes are refused or canonical",
          "[crdt][document][or_map][hostile]") {
    CHECK(tests::broken_by_hostile_bytes<documents>(
              [](auto map) {
                  map.at("a").set({"b", "x"}, 1);
                  map.at("a").increment("n", -3);
              },
              [](auto map) {
                  map.erase("a");
                  map.at("c").insert("s", true);
              },
              tests::hostility::bit_flips) == "");
}
