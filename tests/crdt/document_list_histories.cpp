#include <joinery/crdt/document.hpp>
#include <joinery/crdt/json_export.hpp>
#include <joinery/testing/decomposition_laws.hpp>
#include <joinery/testing/laws.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <tuple>
#include <vector>

#include "causal_hostile.hpp"
#include "document_edits.hpp"
#include "document_model.hpp"

using namespace joinery;

namespace {

author by(replica_id who, std::uint64_t time = 1) {
    return {who, hlc::at(time), 0};
}
template <class Document>
std::string text_of(Document const& doc) {
    return json::export_text(doc.read());
}
std::array<scalar, 3> const three{scalar{1}, scalar{2}, scalar{3}};

template <class Document>
struct replicas {
    std::vector<Document> states{3};
    std::vector<Document> deltas{};

    Document edit(std::size_t who, testing::splitmix64& random, std::uint64_t time) {
        return states[who]
            .try_edit(by(replica_id{who + 1, 7 - who}, time),
                      [&](auto& editor) {
                          for (auto left = 1 + random.below(3); left > 0 && editor.ok(); --left) {
                              tests::mutate_lists(editor, random);
                          }
                      })
            .delta;
    }
};

} // namespace

TEMPLATE_TEST_CASE("document_lists: random histories converge under every law",
                   "[crdt][document][list][laws]", observed_reset, remove_wins, update_wins_whole) {
    using type = basic_document<deep_merge, TestType>;
    for (std::uint64_t seed = 1; seed <= 120; ++seed) {
        CAPTURE(seed);
        testing::splitmix64 random{seed};
        replicas<type> all;
        for (std::uint64_t step = 1; step <= 24; ++step) {
            auto const who = random.below(3);
            auto& state = all.states[who];
            CAPTURE(step, who);
            auto const before = state;
            auto const choice = random.below(4);
            if (choice < 2) {
                auto const delta = all.edit(who, random, step / 3);
                REQUIRE(testing::joined(before, delta) == state);
                auto const read = type::decode(delta.encode());
                REQUIRE(read);
                REQUIRE(read->encode() == delta.encode());
                all.deltas.push_back(delta);
            } else if (choice == 2) {
                state.join(all.states[random.below(3)]);
            } else if (!all.deltas.empty()) {
                auto const& delta = random.pick(all.deltas);
                REQUIRE(state.join_encoded(delta.encode()));
            }
            auto const decoded = type::decode(state.encode());
            REQUIRE(decoded);
            REQUIRE(*decoded == state);
            REQUIRE(decoded->digest() == state.digest());
            REQUIRE(text_of(*decoded) == text_of(state));
        }
        auto const& [a, b, c] = std::tie(all.states[0], all.states[1], all.states[2]);
        REQUIRE(testing::broken_lattice_law(a, b, c).value_or("") == "");
        REQUIRE(testing::broken_decomposition_law(a).value_or("") == "");
        REQUIRE(testing::broken_difference_law(a, b).value_or("") == "");
        auto const whole = testing::joined(testing::joined(a, b), c);
        type by_deltas;
        for (auto delta = all.deltas.rbegin(); delta != all.deltas.rend(); ++delta) {
            by_deltas.join(*delta);
        }
        REQUIRE(by_deltas == whole);
        REQUIRE(text_of(by_deltas) == text_of(whole));
        REQUIRE(by_deltas.digest() == whole.digest());
    }
}

TEST_CASE("document_lists: mutated bytes are refused or canonical",
          "[crdt][document][list][hostile]") {
    auto const first = [](auto doc) {
        doc.insert("l", 0, three);
        doc.make_map({"l", "-"});
        doc.set({"l", "0"}, "x");
        doc.splice("t", 0, 0, "ab\u00e9");
    };
    auto const second = [](auto doc) {
        doc.set({"l", "1"}, true);
        doc.make_list({"l", "1"});
        doc.erase("l", 0, 1);
        doc.splice("t", 1, 1, "z");
        doc.erase("t");
    };

    CHECK(tests::broken_by_hostile_bytes<document>(first, second, tests::hostility::bit_flips) ==
          "");
}
