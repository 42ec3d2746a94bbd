#include <joinery/crdt/g_set.hpp>
#include <joinery/crdt/lexicographic.hpp>
#include <joinery/crdt/lww_map.hpp>
#include <joinery/crdt/max_register.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "crdt/plain_checks.hpp"
#include "tape.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

using edition = max_register<std::uint64_t>;
using page = lexicographic<edition, g_set<std::string>>;
using standard_pair = lexicographic<std::set<int>, std::set<int>>;
/// The first parts are no chain.
using branching = lexicographic<g_set<std::uint64_t>, pn_counter>;

static_assert(delta_crdt<page>);
static_assert(delta_crdt<standard_pair>);

page of(std::uint64_t number, std::vector<std::string> const& words) {
    page out;
    out.change_first([&](edition& first) { return first.assign(number); });
    for (auto const& word : words) {
        out.change_second([&](g_set<std::string>& second) { return second.insert(word); });
    }
    return out;
}

author at(replica_id who, std::uint64_t time, std::uint64_t sequence) {
    return {who, hlc::at(time), sequence};
}

} // namespace

TEST_CASE("lexicographic: a fresh pair is bottom", "[crdt][lexicographic]") {
    CHECK(page{}.is_bottom());
    CHECK(page{} == page{});
    CHECK(decompose(page{}).empty());
}

TEST_CASE("lexicographic: the greater first part wins with all that is under it",
          "[crdt][lexicographic]") {
    auto const old = of(1, {"a", "b", "c"});
    auto const fresh = of(2, {"x"});

    CHECK(testing::joined(old, fresh) == fresh);
    CHECK(testing::joined(fresh, old) == fresh);
}

TEST_CASE("lexicographic: under equal first parts the second ones join", "[crdt][lexicographic]") {
    CHECK(testing::joined(of(2, {"a"}), of(2, {"b"})) == of(2, {"a", "b"}));
}

TEST_CASE("lexicographic: raising the first part drops the second one", "[crdt][lexicographic]") {
    auto state = of(1, {"a"});

    auto const delta = state.change_first([](edition& first) { return first.assign(4); });

    CHECK(state == of(4, {}));
    CHECK(testing::joined(of(1, {"a", "b"}), delta) == state);
}

TEST_CASE("lexicographic: what changes nothing has nothing to send", "[crdt][lexicographic]") {
    auto state = of(3, {"a"});
    auto const before = state;

    CHECK(state.change_first([](edition& first) { return first.assign(2); }).is_bottom());
    CHECK(state.change_second([](g_set<std::string>& second) { return second.insert("a"); })
              .is_bottom());
    CHECK(state == before);
}

TEST_CASE("lexicographic: a change of the second part arrives under its first part alone",
          "[crdt][lexicographic]") {
    auto state = of(3, {"a"});
    auto const delta =
        state.change_second([](g_set<std::string>& second) { return second.insert("b"); });

    CHECK(delta == of(3, {"b"}));
    CHECK(testing::joined(of(4, {}), delta) == of(4, {}));
    CHECK(testing::joined(of(2, {"z"}), delta) == of(3, {"b"}));
}

TEST_CASE("lexicographic: first parts of which neither is the greater leave nothing under them",
          "[crdt][lexicographic]") {
    branching left;
    branching right;
    left.change_first([](auto& first) { return first.insert(1); });
    left.change_second([](auto& second) { return second.increment(alice, 5); });
    right.change_first([](auto& first) { return first.insert(2); });
    right.change_second([](auto& second) { return second.increment(bob, 7); });

    auto const both = testing::joined(left, right);

    CHECK(both.first().size() == 2);
    CHECK(both.second().is_bottom());
    CHECK(both == testing::joined(right, left));
}

TEST_CASE("lexicographic: a difference is what changes the other", "[crdt][lexicographic]") {
    auto const two = of(2, {"a", "b"});

    CHECK(of(1, {"z"}).difference(two).is_bottom());
    CHECK(two.difference(of(1, {"z"})) == two);
    CHECK(two.difference(of(2, {"a", "c"})) == of(2, {"b"}));
    CHECK(two.difference(two).is_bottom());
    CHECK(decompose(two) == std::vector{of(2, {"a"}), of(2, {"b"})});
    CHECK(decompose(of(2, {})) == std::vector{of(2, {})});

    branching left;
    branching right;
    left.change_first([](auto& first) { return first.insert(1); });
    left.change_second([](auto& second) { return second.increment(alice, 5); });
    right.change_first([](auto& first) { return first.insert(2); });
    auto const news = left.difference(right);
    CHECK(news.first().contains(1));
    CHECK(news.second().is_bottom());
}

TEST_CASE("lexicographic: parts can be standard types", "[crdt][lexicographic]") {
    standard_pair left;
    left.change_first([](std::set<int>& first) { first.insert(1); });
    left.change_second([](std::set<int>& second) {
        second.insert(7);
        return std::set<int>{7};
    });
    auto right = left;
    right.change_first([](std::set<int>& first) { first.insert(2); });

    CHECK(testing::joined(left, right) == right);
    CHECK(right.second().empty());
}

TEST_CASE("lexicographic: forgetting reaches the second part and leaves the first one",
          "[crdt][lexicographic][forget]") {
    using map = lww_map<int, int>;
    lexicographic<map, map> state;
    state.change_first([](map& first) {
        first.assign(at(alice, 1, 1), 1, 1);
        return first.erase(at(alice, 2, 2), 1);
    });
    state.change_second([](map& second) { return second.assign(at(alice, 3, 3), 1, 1); });
    state.change_second([](map& second) { return second.erase(at(alice, 4, 4), 1); });
    stable_cut cut;
    cut.seen_by_all.raise(alice, 4);
    cut.complete_until = hlc::at(4);
    auto const keeping = state;

    state.forget(cut);

    CHECK(state.first().tombstones() == 1);
    CHECK(state.second().tombstones() == 0);
    CHECK(testing::joined(state, keeping).second().value() == keeping.second().value());
}

TEST_CASE("lexicographic: hostile bytes are refused or canonical",
          "[crdt][lexicographic][hostile]") {
    CHECK(tests::broken_codec(page{}) == "");
    CHECK(tests::broken_codec(of(300, {"a", "bc"})) == "");
    // A set whose elements descend, below a first part that is fine.
    CHECK_FALSE(tests::read<page>({"1", "5", "2", "b", "a"}).is_canonical());
    CHECK(tests::read<page>({"1", "5", "2", "a", "b"}).is_canonical());
}

TEST_CASE("lexicographic: an editor reaches both parts", "[crdt][lexicographic]") {
    page state;
    page deltas;
    using target = tests::recorder<page, author>;
    page::editor<target> edit{target{&state, &deltas, at(alice, 1, 1)}};

    edit.first().assign(1);
    edit.second().insert("a");
    edit.first().assign(2);
    edit.second().insert("b");
    edit.second().insert("c");

    CHECK(state == of(2, {"b", "c"}));
    CHECK(deltas == state);
}

TEST_CASE("lexicographic: lattice and delta laws", "[crdt][lexicographic][laws]") {
    auto const seed = GENERATE(range(0U, 20U));
    CHECK(testing::check_laws<page>(seed, 100, [](page& state, author const&, std::uint64_t bits) {
              return bits % 4 == 0 ? state.change_first(
                                         [&](edition& first) { return first.assign(bits / 4 % 4); })
                                   : state.change_second([&](g_set<std::string>& second) {
                                         return second.insert(
                                             std::string(1, static_cast<char>('a' + bits / 4 % 5)));
                                     });
          }) == "");
    CHECK(testing::check_laws<branching>(
              seed, 100, [](branching& state, author const& by, std::uint64_t bits) {
                  return bits % 4 == 0 ? state.change_first([&](auto& first) {
                      return first.insert(bits / 4 % 4);
                  })
                                       : state.change_second([&](auto& second) {
                                             return second.increment(by.replica, bits / 4 % 3);
                                         });
              }) == "");
}

TEST_CASE("lexicographic: five deltas give one value in every delivery",
          "[crdt][lexicographic][exhaustive]") {
    std::vector<page> const deltas{of(1, {"a"}), of(2, {"b"}), of(2, {"c"}), of(1, {"d"}),
                                   of(2, {})};

    CHECK(testing::check_deliveries<page>(deltas) == "");
}
