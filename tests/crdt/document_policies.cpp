#include <joinery/crdt/document.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

#include "causal_history.hpp"
#include "causal_hostile.hpp"
#include "document_model.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

template <class Policy>
using doc_with = basic_document<deep_merge, Policy>;
using rw_document = doc_with<remove_wins>;
using uww_document = doc_with<update_wins_whole>;

static_assert(std::is_same_v<doc_with<observed_reset>, document>);
static_assert(delta_crdt<rw_document>);

author by(replica_id who, std::uint64_t time = 1) {
    return {who, hlc::at(time), 0};
}

template <class Document>
Document set(Document& doc, replica_id who, path_view path, scalar const& value) {
    return doc.edit(by(who), [&](auto editor) { editor.set(path, value); });
}
template <class Document>
Document erase(Document& doc, replica_id who, path_view path) {
    return doc.edit(by(who), [&](auto editor) { editor.erase(path); });
}

/// A map with a title and a counter, which one replica has erased and the other has counted in.
template <class Policy>
struct erased_and_updated {
    doc_with<Policy> left;
    doc_with<Policy> right;

    erased_and_updated() {
        left.edit(by(alice), [](auto doc) {
            doc.set({"page", "title"}, "old");
            doc.increment({"page", "views"}, 5);
        });
        right = left;
        auto const erased = erase(left, alice, "page");
        auto const updated = right.edit(by(bob), [](auto doc) {
            doc.increment({"page", "views"}, 2);
        });
        left.join(updated);
        right.join(erased);
    }
};

/// What each policy does, told of the dots of a model.
template <class Policy>
class document_model {
public:
    explicit document_model(tests::model_edit& model) : model_{model} {
        for (auto const& d : model.state().seen) {
            last_ = d.replica == model.by().replica ? std::max(last_, d.sequence) : last_;
        }
    }

    void set(tests::model_path const& path, std::string const& value) {
        enter(path);
        auto old = model_.state().under(path);
        for (auto const& d : at(path, "update")) {
            old.erase(d);
        }
        model_.write({path, "scalar"}, value + '@' + std::to_string(model_.by().time.bits), old);
    }
    void increment(tests::model_path const& path, std::int64_t amount) {
        enter(path);
        model_.increment(path, amount);
    }
    void erase(tests::model_path const& path) {
        if (!is_reachable(model_.state(), path)) {
            return;
        }
        if constexpr (std::is_same_v<Policy, update_wins_whole>) {
            for (std::size_t keys = 1; keys < path.size(); ++keys) {
                announce(first(path, keys));
            }
            model_.write({path, "removal"}, {}, marks(path));
        } else {
            reset_below(path);
            auto const old = model_.state().under(path);
            if constexpr (std::is_same_v<Policy, remove_wins>) {
                model_.write({path, "removal"}, {}, old);
            } else {
                model_.remove(old);
            }
        }
    }

    [[nodiscard]] static bool is_removed(tests::causal_model const& state,
                                         tests::model_path const& path) {
        return !state.at({path, "removal"}).empty() && state.at({path, "update"}).empty();
    }
    /// Whether something is seen at `path`.
    [[nodiscard]] static bool is_visible(tests::causal_model const& state,
                                         tests::model_path const& path) {
        if (is_removed(state, path)) {
            return false;
        }
        for (auto const* part : {"scalar", "map"}) {
            if (!state.at({path, part}).empty()) {
                return true;
            }
        }
        auto const keys = below(state, path);
        return state.counters().count(path) != 0 ||
               std::any_of(keys.begin(), keys.end(),
                           [&](auto const& child) { return is_visible(state, child); });
    }
    [[nodiscard]] static bool is_reachable(tests::causal_model const& state,
                                           tests::model_path const& path) {
        for (std::size_t keys = 1; keys <= path.size(); ++keys) {
            if (!is_visible(state, first(path, keys))) {
                return false;
            }
        }
        return true;
    }

private:
    [[nodiscard]] static tests::model_path first(tests::model_path path, std::size_t keys) {
        path.resize(keys);
        return path;
    }
    [[nodiscard]] static std::set<tests::model_path> below(tests::causal_model const& state,
                                                           tests::model_path const& path) {
        std::set<tests::model_path> out;
        auto const add = [&](tests::model_path const& other) {
            if (other.size() > path.size() && std::equal(path.begin(), path.end(), other.begin())) {
                out.insert(first(other, path.size() + 1));
            }
        };
        for (auto const& [d, entry] : state.live) {
            add(entry.place.path);
        }
        for (auto const& [counter, value] : state.counters()) {
            add(counter);
        }
        return out;
    }
    [[nodiscard]] std::set<dot> at(tests::model_path const& path, char const* part) const {
        return model_.state().at({path, part});
    }
    [[nodiscard]] std::set<dot> marks(tests::model_path const& path) const {
        auto out = at(path, "removal");
        out.merge(at(path, "update"));
        return out;
    }
    void reset_below(tests::model_path const& prefix) {
        for (auto const& [path, value] : model_.state().counters()) {
            if (path.size() >= prefix.size() &&
                std::equal(prefix.begin(), prefix.end(), path.begin())) {
                model_.reset(path);
            }
        }
    }
    void announce(tests::model_path const& path) {
        auto constexpr has_updates = std::is_same_v<Policy, update_wins_whole>;
        auto const updates = at(path, "update");
        if (is_removed(model_.state(), path)) {
            reset_below(path);
            auto const old = model_.state().under(path);
            if (has_updates) {
                model_.write({path, "update"}, {}, old);
            } else {
                model_.remove(old);
            }
        } else if (has_updates &&
                   (updates.size() != 1 || updates.begin()->replica != model_.by().replica ||
                    updates.begin()->sequence <= last_)) {
            model_.write({path, "update"}, {}, marks(path));
        }
    }
    void enter(tests::model_path const& path) {
        for (std::size_t keys = 1; keys <= path.size(); ++keys) {
            auto const prefix = first(path, keys);
            announce(prefix);
            if (keys < path.size() && !is_visible(model_.state(), prefix)) {
                model_.write({prefix, "map"}, {}, {});
            }
        }
    }

    tests::model_edit& model_;
    std::uint64_t last_ = 0; // of this replica before the edit
};

/// Writes a scalar, counts, or erases a place, at the ends of paths of two keys or three.
template <class Policy>
doc_with<Policy> random_edit(doc_with<Policy>& doc, tests::model_edit& model,
                             testing::splitmix64& random) {
    document_model<Policy> expected{model};
    return doc.edit(model.by(), [&](auto editor) {
        for (auto left = 1 + random.below(3); left > 0; --left) {
            tests::model_path path{"m" + std::to_string(random.below(2))};
            if (random.chance(40)) {
                path.push_back("m");
            }
            auto const what = random.below(8);
            auto const leaf = std::to_string(random.below(2));
            auto const number = static_cast<std::int64_t>(random.below(5));
            if (what < 6) {
                path.push_back((what < 3 ? "s" : "c") + leaf);
            } else if (what == 6) {
                path.push_back("c" + leaf);
            }
            std::vector<std::string_view> const keys(path.begin(), path.end());
            std::span<std::string_view const> const at{keys};
            if (what < 3) {
                editor.set(at, number);
                expected.set(path, tests::text_of(scalar{number}));
            } else if (what < 6) {
                editor.increment(at, number);
                expected.increment(path, number);
            } else {
                editor.erase(at);
                expected.erase(path);
            }
        }
    });
}

template <class Policy>
std::string view_difference(doc_with<Policy> const& doc, tests::causal_model const& model) {
    for (auto const* map : {"m0", "m1"}) {
        std::vector<tests::model_path> const paths{
            {map},      {map, "s0"},      {map, "s1"},      {map, "c0"},      {map, "c1"},
            {map, "m"}, {map, "m", "s0"}, {map, "m", "s1"}, {map, "m", "c0"}, {map, "m", "c1"}};
        for (auto const& path : paths) {
            std::vector<std::string_view> const keys(path.begin(), path.end());
            auto const place = doc.find(std::span<std::string_view const>{keys});
            auto const is_there = document_model<Policy>::is_reachable(model, path);
            auto const counters = model.counters();
            auto const counted = counters.find(path);
            if (place.exists() != is_there) {
                return "a place is shown that is not there, or the other way round: " + path.back();
            }
            if (is_there && counted != counters.end() && place.counter() != counted->second) {
                return "a counter differs";
            }
        }
    }
    return {};
}

template <class Policy>
void check_deliveries() {
    doc_with<Policy> left;
    doc_with<Policy> right;
    std::vector<doc_with<Policy>> deltas;
    deltas.push_back(set(left, alice, {"m", "x"}, 1));
    right.join(left);
    deltas.push_back(erase(left, alice, "m"));
    deltas.push_back(right.edit(by(bob), [](auto doc) { doc.increment({"m", "n"}, 2); }));
    left.join(right);
    deltas.push_back(set(left, alice, {"m", "y"}, 3));
    deltas.push_back(erase(right, bob, {"m", "x"}));

    CHECK(testing::check_deliveries<doc_with<Policy>>(deltas) == "");
}

template <class Policy>
std::string broken_bytes() {
    return tests::broken_by_hostile_bytes<doc_with<Policy>>(
        [](auto doc) {
            doc.set({"m", "x"}, 1);
            doc.increment("n", -3);
        },
        [](auto doc) {
            doc.erase("m");
            doc.erase("n");
            doc.set({"m", "x"}, 2);
            doc.erase({"m", "x"});
        },
        tests::hostility::bit_flips);
}

} // namespace

TEST_CASE("document: by default an erase takes what it has seen", "[crdt][document][policy]") {
    erased_and_updated<observed_reset> const replicas;

    CHECK(replicas.left == replicas.right);
    CHECK(replicas.left.find({"page", "views"}).counter() == 2);
    CHECK_FALSE(replicas.left.find({"page", "title"}).exists());
}

TEST_CASE("document, remove_wins: an erase wins over a concurrent write below",
          "[crdt][document][policy]") {
    erased_and_updated<remove_wins> const replicas;

    CHECK(replicas.left == replicas.right);
    CHECK(replicas.left.size() == 0);
    CHECK_FALSE(replicas.left.at("page").exists());
    CHECK_FALSE(replicas.left.find({"page", "views"}).exists());
    CHECK(replicas.left.at("page").conflicts().empty());
}

TEST_CASE("document, remove_wins: a write that has seen the erase starts anew",
          "[crdt][document][policy]") {
    erased_and_updated<remove_wins> replicas;

    replicas.right.join(set(replicas.left, alice, {"page", "title"}, "new"));

    CHECK(replicas.right.find({"page", "title"}).value() == scalar{"new"});
    CHECK_FALSE(replicas.right.find({"page", "views"}).exists());
    CHECK(replicas.left == replicas.right);
}

TEST_CASE("document, remove_wins: erasing in a removed map does nothing",
          "[crdt][document][policy]") {
    erased_and_updated<remove_wins> replicas;

    CHECK(erase(replicas.left, alice, {"page", "views"}).is_bottom());
    CHECK(erase(replicas.left, alice, "page").is_bottom());
}

TEST_CASE("document, update_wins_whole: a map comes back whole", "[crdt][document][policy]") {
    erased_and_updated<update_wins_whole> const replicas;

    CHECK(replicas.left == replicas.right);
    CHECK(replicas.left.find({"page", "views"}).counter() == 7);
    CHECK(replicas.left.find({"page", "title"}).value() == scalar{"old"});
}

TEST_CASE("document, update_wins_whole: an erase that everybody has seen erases",
          "[crdt][document][policy]") {
    erased_and_updated<update_wins_whole> replicas;

    replicas.right.join(erase(replicas.left, alice, "page"));

    CHECK(replicas.right.size() == 0);
    CHECK(replicas.left == replicas.right);
    replicas.right.join(set(replicas.left, alice, {"page", "title"}, "new"));
    CHECK(replicas.right.find({"page", "title"}).value() == scalar{"new"});
    CHECK_FALSE(replicas.right.find({"page", "views"}).exists());
}

TEST_CASE("document, update_wins_whole: an overwritten scalar keeps winning",
          "[crdt][document][policy]") {
    uww_document left;
    set(left, alice, "x", 1);
    auto right = left;
    erase(left, alice, "x");
    set(right, bob, "x", 2);

    left.join(right);
    right.join(left);

    CHECK(left.at("x").value() == scalar{2});
    CHECK(left == right);
}

TEST_CASE("document, update_wins_whole: a mutator that cannot be carried out changes nothing",
          "[crdt][document][policy]") {
    uww_document doc;
    set(doc, alice, {"a", "b"}, 1);
    auto const before = doc.encode();

    auto const made = doc.try_edit(by(alice), [](auto& editor) {
        editor.increment({"a", "b"}, 1);
    });

    CHECK_FALSE(made.outcome);
    CHECK(made.delta.is_bottom());
    CHECK(doc.encode() == before);
}

TEMPLATE_TEST_CASE("document: random histories agree with the model under each policy",
                   "[crdt][document][policy][model]", observed_reset, remove_wins,
                   update_wins_whole) {
    CHECK(tests::broken_history<doc_with<TestType>>(1, tests::rounds(80), 60, random_edit<TestType>,
                                                    view_difference<TestType>) == "");
}

TEST_CASE("document: every delivery of five operations gives one value under each policy",
          "[crdt][document][policy][exhaustive]") {
    check_deliveries<remove_wins>();
    check_deliveries<update_wins_whole>();
}

TEST_CASE("document: mutated bytes are refused or canonical under each policy",
          "[crdt][document][policy][hostile]") {
    CHECK(broken_bytes<remove_wins>() == "");
    CHECK(broken_bytes<update_wins_whole>() == "");
}
