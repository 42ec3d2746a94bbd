#include <joinery/store/memory.hpp>
#include <joinery/store/sqlite.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <map>
#include <random>
#include <tuple>

#include "scratch_directory.hpp"

using namespace joinery;

// The laws of the concept, run for every model.

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};
constexpr std::uint64_t everything = 0;

class a_memory_store {
public:
    store::memory& operator*() { return store_; }

private:
    store::memory store_;
};

class a_sqlite_store {
public:
    store::sqlite& operator*() { return store_; }

private:
    test::scratch_directory directory_;
    store::sqlite store_ = store::sqlite::open(directory_ / "store.joinery").value();
};

/// A changeset that owns its body.
struct changeset {
    replica_id origin;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::string body;

    [[nodiscard]] store::changeset_view view() const {
        return {origin, first, last, as_bytes(body)};
    }
    friend bool operator==(changeset const&, changeset const&) = default;
};

std::ostream& operator<<(std::ostream& out, changeset const& printed) {
    return out << printed.origin.to_string() << ' ' << printed.first << ".." << printed.last << ' '
               << printed.body;
}

template <store::store Store>
result<void> append(Store& target, std::vector<changeset> const& changesets) {
    std::vector<store::changeset_view> views;
    for (auto const& each : changesets) {
        views.push_back(each.view());
    }
    return target.commit({.changesets = views});
}

template <store::store Store>
result<void> forget(Store& target, replica_id origin, std::uint64_t upto) {
    std::array const forgets{store::forgotten{origin, upto}};
    return target.commit({.forgets = forgets});
}

template <store::store Store>
std::vector<changeset> all_of(Store const& source, replica_id origin,
                              std::uint64_t after = everything) {
    std::vector<changeset> found;
    auto const done = source.read(origin, after, [&](store::changeset_view const& each) {
        found.push_back({each.origin, each.first, each.last, std::string{as_text(each.body)}});
        return true;
    });
    REQUIRE(done);
    return found;
}

template <store::store Store>
std::optional<std::string> entry_text(Store const& source, std::string_view key) {
    auto const found = source.entry(key).value();
    return found ? std::optional{std::string{as_text(*found)}} : std::nullopt;
}

template <store::store Store>
std::optional<std::string> snapshot_text(Store const& source) {
    auto const found = source.snapshot().value();
    return found ? std::optional{std::string{as_text(*found)}} : std::nullopt;
}

using models = std::tuple<a_memory_store, a_sqlite_store>;

} // namespace

TEMPLATE_LIST_TEST_CASE("store: a fresh store holds nothing", "[store]", models) {
    TestType fixture;
    auto& store = *fixture;

    CHECK(store.origins().value().empty());
    CHECK(all_of(store, alice).empty());
    CHECK(store.entry("identity").value() == std::nullopt);
    CHECK(store.snapshot().value() == std::nullopt);
}

TEMPLATE_LIST_TEST_CASE("store: an empty commit succeeds and changes nothing", "[store]", models) {
    TestType fixture;
    auto& store = *fixture;

    CHECK(store.commit({}));

    CHECK(store.origins().value().empty());
}

TEMPLATE_LIST_TEST_CASE("store: read returns changesets of one origin by sequence", "[store]",
                        models) {
    TestType fixture;
    auto& store = *fixture;
    changeset const late{alice, 7, 9, "late"};
    changeset const early{alice, 1, 3, "early"};
    changeset const other{bob, 1, 1, "other"};

    REQUIRE(append(store, {late, other, early}));

    CHECK(all_of(store, alice) == std::vector{early, late});
    CHECK(all_of(store, bob) == std::vector{other});
    CHECK(store.origins().value() == std::vector{alice, bob});
}

TEMPLATE_LIST_TEST_CASE("store: read begins with the changeset that ends after its argument",
                        "[store]", models) {
    TestType fixture;
    auto& store = *fixture;
    changeset const first{alice, 1, 3, "first"};
    changeset const second{alice, 4, 6, "second"};
    changeset const third{alice, 9, 9, "third"};
    REQUIRE(append(store, {first, second, third}));

    CHECK(all_of(store, alice, 2) == std::vector{first, second, third});
    CHECK(all_of(store, alice, 3) == std::vector{second, third});
    CHECK(all_of(store, alice, 5) == std::vector{second, third});
    CHECK(all_of(store, alice, 6) == std::vector{third});
    CHECK(all_of(store, alice, 8) == std::vector{third});
    CHECK(all_of(store, alice, 9).empty());
    CHECK(all_of(store, alice, std::numeric_limits<std::uint64_t>::max()).empty());
}

TEMPLATE_LIST_TEST_CASE("store: a visit that returns false is the last one", "[store]", models) {
    TestType fixture;
    auto& store = *fixture;
    REQUIRE(append(store, {{alice, 1, 1, "a"}, {alice, 2, 2, "b"}, {alice, 3, 3, "c"}}));
    auto visits = 0;

    auto const done =
        store.read(alice, everything, [&](store::changeset_view const&) { return ++visits < 2; });

    CHECK(done);
    CHECK(visits == 2);
    CHECK(all_of(store, alice).size() == 3);
}

TEMPLATE_LIST_TEST_CASE("store: the same changeset again is accepted", "[store]", models) {
    TestType fixture;
    auto& store = *fixture;
    changeset const again{alice, 1, 2, "same"};

    CHECK(append(store, {again, again}));
    CHECK(append(store, {again, {alice, 3, 3, "more"}}));

    CHECK(all_of(store, alice) == std::vector{again, changeset{alice, 3, 3, "more"}});
}

TEMPLATE_LIST_TEST_CASE("store: an overlapping changeset is an equivocation", "[store]", models) {
    TestType fixture;
    auto& store = *fixture;
    changeset const stored{alice, 10, 20, "stored"};
    REQUIRE(append(store, {stored}));
    auto const refused = GENERATE(changeset{alice, 10, 20, "others"}, // other bytes
                                  changeset{alice, 10, 20, ""},       //
                                  changeset{alice, 10, 19, "stored"}, // a prefix
                                  changeset{alice, 10, 21, "stored"}, // longer
                                  changeset{alice, 11, 20, "stored"}, // a suffix
                                  changeset{alice, 5, 10, "stored"},  // touches the beginning
                                  changeset{alice, 20, 25, "stored"}, // touches the end
                                  changeset{alice, 12, 13, "stored"}, // inside
                                  changeset{alice, 1, 30, "stored"}); // around

    auto const done = append(store, {refused});

    REQUIRE_FALSE(done);
    CHECK(done.error().code == errc::equivocation);
    CHECK_THAT(done.error().message, Catch::Contains(alice.to_string()));
    CHECK_THAT(done.error().message, Catch::Contains("10 to 20"));
    CHECK(all_of(store, alice) == std::vector{stored});
}

TEMPLATE_LIST_TEST_CASE("store: neighbours and other origins are no equivocation", "[store]",
                        models) {
    TestType fixture;
    auto& store = *fixture;
    REQUIRE(append(store, {{alice, 10, 20, "stored"}}));

    CHECK(append(store, {{alice, 9, 9, "before"}, {alice, 21, 21, "after"}, {bob, 10, 20, "bob"}}));
}

TEMPLATE_LIST_TEST_CASE("store: nothing of a refused batch is read", "[store]", models) {
    TestType fixture;
    auto& store = *fixture;
    changeset const stored{alice, 1, 1, "stored"};
    std::array const old_entries{store::entry_view{"clock", as_bytes("old")}};
    REQUIRE(store.commit({.entries = old_entries, .snapshot = as_bytes("old")}));
    REQUIRE(append(store, {stored}));

    changeset const fine{alice, 2, 2, "fine"};
    changeset const stranger{bob, 1, 1, "fine"};
    changeset const clash{alice, 1, 1, "clash"};
    std::array const changesets{fine.view(), stranger.view(), clash.view()};
    std::array const entries{store::entry_view{"clock", as_bytes("new")},
                             store::entry_view{"more", as_bytes("new")}};
    std::array const forgets{store::forgotten{alice, 1}};
    auto const done = store.commit({.changesets = changesets,
                                    .entries = entries,
                                    .snapshot = as_bytes("new"),
                                    .forgets = forgets});

    REQUIRE_FALSE(done);
    CHECK(done.error().code == errc::equivocation);
    CHECK(all_of(store, alice) == std::vector{stored});
    CHECK(store.origins().value() == std::vector{alice});
    CHECK(entry_text(store, "clock") == "old");
    CHECK(entry_text(store, "more") == std::nullopt);
    CHECK(snapshot_text(store) == "old");
    CHECK(append(store, {fine, stranger}));
}

TEMPLATE_LIST_TEST_CASE("store: a clash inside of one batch refuses it", "[store]", models) {
    TestType fixture;
    auto& store = *fixture;

    auto const done = append(store, {{alice, 1, 2, "a"}, {alice, 2, 3, "b"}});

    REQUIRE_FALSE(done);
    CHECK(done.error().code == errc::equivocation);
    CHECK(store.origins().value().empty());
}

TEMPLATE_LIST_TEST_CASE("store: a range outside of 1 to 2^63 - 1 is refused", "[store]", models) {
    TestType fixture;
    auto& store = *fixture;
    auto const refused = GENERATE(changeset{alice, 0, 1, "starts at zero"},
                                  changeset{alice, 2, 1, "ends before it starts"},
                                  changeset{alice, 1, store::sequence_max + 1, "too long"},
                                  changeset{alice, ~std::uint64_t{0}, ~std::uint64_t{0}, "far"});

    auto const done = append(store, {{alice, 5, 5, "fine"}, refused});

    REQUIRE_FALSE(done);
    CHECK(done.error().code == errc::invalid_argument);
    CHECK(all_of(store, alice).empty());
}

TEMPLATE_LIST_TEST_CASE("store: the greatest sequence number can be used", "[store]", models) {
    TestType fixture;
    auto& store = *fixture;
    changeset const last{alice, store::sequence_max, store::sequence_max, "last"};

    REQUIRE(append(store, {last}));

    CHECK(all_of(store, alice, store::sequence_max - 1) == std::vector{last});
    CHECK(all_of(store, alice, store::sequence_max).empty());
    CHECK(forget(store, alice, ~std::uint64_t{0}));
    CHECK(all_of(store, alice).empty());
}

TEMPLATE_LIST_TEST_CASE("store: bodies, keys and values are any bytes, or none", "[store]",
                        models) {
    TestType fixture;
    auto& store = *fixture;
    std::string const odd{"\0\xff'\";\n", 6};
    std::array const entries{store::entry_view{odd, as_bytes(odd)}, store::entry_view{"", {}}};
    changeset const empty{alice, 1, 1, ""};
    changeset const binary{replica_id{~std::uint64_t{0}, 0}, 1, 1, odd};

    REQUIRE(append(store, {empty, binary}));
    REQUIRE(store.commit({.entries = entries, .snapshot = byte_view{}}));

    CHECK(all_of(store, alice) == std::vector{empty});
    CHECK(all_of(store, binary.origin) == std::vector{binary});
    CHECK(entry_text(store, odd) == odd);
    CHECK(entry_text(store, "") == "");
    CHECK(entry_text(store, odd.substr(0, 1)) == std::nullopt);
    CHECK(snapshot_text(store) == "");
}

TEMPLATE_LIST_TEST_CASE("store: a later entry or snapshot replaces the earlier", "[store]",
                        models) {
    TestType fixture;
    auto& store = *fixture;
    std::array const entries{store::entry_view{"clock", as_bytes("1")},
                             store::entry_view{"clock", as_bytes("22")}};
    std::array const later{store::entry_view{"clock", as_bytes("3")}};

    REQUIRE(store.commit({.entries = entries, .snapshot = as_bytes("a long snapshot")}));
    CHECK(entry_text(store, "clock") == "22");
    CHECK(snapshot_text(store) == "a long snapshot");

    REQUIRE(store.commit({.entries = later}));
    CHECK(entry_text(store, "clock") == "3");
    CHECK(snapshot_text(store) == "a long snapshot");

    REQUIRE(store.commit({.snapshot = as_bytes("short")}));
    CHECK(snapshot_text(store) == "short");
}

TEMPLATE_LIST_TEST_CASE("store: forgetting drops what ends by then and keeps the rest whole",
                        "[store]", models) {
    TestType fixture;
    auto& store = *fixture;
    changeset const across{alice, 3, 6, "across"};
    changeset const other{bob, 1, 1, "other"};
    REQUIRE(append(store, {{alice, 1, 2, "covered"}, across, other}));

    REQUIRE(forget(store, alice, 5));
    CHECK(all_of(store, alice) == std::vector{across});
    CHECK(all_of(store, bob) == std::vector{other});

    REQUIRE(forget(store, alice, 6));
    CHECK(all_of(store, alice).empty());
    CHECK(store.origins().value() == std::vector{bob});
    CHECK(forget(store, replica_id{99}, 6));
}

TEMPLATE_LIST_TEST_CASE("store: a batch forgets last, so that a snapshot may cover all of it",
                        "[store]", models) {
    TestType fixture;
    auto& store = *fixture;
    changeset const covered{alice, 1, 1, "covered"};
    std::array const changesets{covered.view()};
    std::array const forgets{store::forgotten{alice, 1}};

    REQUIRE(store.commit(
        {.changesets = changesets, .snapshot = as_bytes("with it"), .forgets = forgets}));

    CHECK(all_of(store, alice).empty());
    CHECK(snapshot_text(store) == "with it");
}

// The oracle is a list of every accepted changeset, searched from end to end.
TEMPLATE_LIST_TEST_CASE("store: agrees with a naive list under random commits", "[store]", models) {
    auto const seed = GENERATE(take(20, random(0U, 1'000'000U)));
    CAPTURE(seed);
    std::mt19937 random{seed};
    TestType fixture;
    auto& store = *fixture;
    std::vector<changeset> naive;

    for (auto step = 0; step < 60; ++step) {
        auto proposed = naive;
        auto accepted = true;
        std::vector<changeset> batch;
        for (auto n = random() % 4; n > 0; --n) {
            auto const first = std::uint64_t{1} + random() % 40;
            changeset const next{random() % 2 != 0 ? alice : bob, first, first + random() % 3,
                                 std::string(random() % 2, 'x')};
            batch.push_back(next);
            auto const same = std::ranges::find(proposed, next) != proposed.end();
            auto const overlaps = std::ranges::any_of(proposed, [&](changeset const& stored) {
                return stored.origin == next.origin && stored.first <= next.last &&
                       next.first <= stored.last;
            });
            accepted = accepted && (same || !overlaps);
            if (!same) {
                proposed.push_back(next);
            }
        }
        CHECK(append(store, batch).has_value() == accepted);
        naive = accepted ? proposed : naive;
        if (random() % 8 == 0) {
            auto const upto = random() % 40;
            REQUIRE(forget(store, alice, upto));
            std::erase_if(naive, [&](changeset const& stored) {
                return stored.origin == alice && stored.last <= upto;
            });
        }
        for (auto const origin : {alice, bob}) {
            auto const after = random() % 42;
            std::vector<changeset> expected;
            std::ranges::copy_if(naive, std::back_inserter(expected), [&](changeset const& stored) {
                return stored.origin == origin && stored.last > after;
            });
            std::ranges::sort(expected, {}, &changeset::first);
            CHECK(all_of(store, origin, after) == expected);
        }
    }
}
