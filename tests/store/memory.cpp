#include <joinery/store/memory.hpp>

#include <catch2/catch.hpp>

#include <array>

using namespace joinery;

namespace {

constexpr replica_id alice{1};

} // namespace

TEST_CASE("memory: a copy is a backup that later commits do not reach", "[store][memory]") {
    store::memory original;
    std::array const entries{store::entry_view{"identity", as_bytes("alice")}};
    REQUIRE(original.commit({.entries = entries}));
    auto const backup = original;

    std::array const changesets{store::changeset_view{alice, 1, 1, as_bytes("body")}};
    REQUIRE(original.commit({.changesets = changesets}));

    CHECK(backup.origins().value().empty());
    CHECK(original != backup);
    original = backup;
    CHECK(original == backup);
    CHECK(as_text(original.entry("identity").value().value()) == "alice");
}

TEST_CASE("memory: a refused commit leaves an equal store", "[store][memory]") {
    store::memory store;
    std::array const stored{store::changeset_view{alice, 1, 1, as_bytes("body")}};
    REQUIRE(store.commit({.changesets = stored}));
    auto const before = store;

    std::array const refused{store::changeset_view{replica_id{2}, 1, 1, as_bytes("fine")},
                             store::changeset_view{alice, 1, 1, as_bytes("clash")}};
    CHECK_FALSE(store.commit({.changesets = refused}));

    CHECK(store == before);
}
