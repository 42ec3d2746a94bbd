#include <joinery/sync/waiting_room.hpp>

#include <catch2/catch.hpp>

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

bytes const content(100, std::byte{1});

sync::changeset at(replica_id origin, std::uint64_t first, std::uint32_t count = 1) {
    return {origin, first, count, hlc{first}, content, {}};
}

} // namespace

TEST_CASE("waiting_room: it gives out the run that continues a history", "[sync][waiting_room]") {
    sync::waiting_room room{10'000};
    for (auto const first : {5U, 3U, 2U, 8U}) {
        CHECK(room.keep(at(alice, first)));
    }
    CHECK(room.keep(at(bob, 2)));

    auto const run = room.take(alice, 1);

    REQUIRE(run.size() == 2);
    CHECK(run[0].in.first == 2);
    CHECK(run[1].in.first == 3);
    CHECK(run[0].in.body.size() == 100);
    CHECK(run[0].in.body.data() != content.data()); // a copy
    CHECK(room.size() == 3);
    CHECK(room.take(alice, 3).empty());
    CHECK(room.take(bob, 1).size() == 1);
}

TEST_CASE("waiting_room: what is obsolete is dropped", "[sync][waiting_room]") {
    sync::waiting_room room{10'000};
    CHECK(room.keep(at(alice, 2)));
    CHECK(room.keep(at(alice, 4, 3)));

    CHECK(room.take(alice, 5).empty());

    CHECK(room.size() == 0);
}

TEST_CASE("waiting_room: a changeset is kept once", "[sync][waiting_room]") {
    sync::waiting_room room{10'000};
    CHECK(room.keep(at(alice, 2)));
    CHECK(room.keep(at(alice, 2)));

    CHECK(room.size() == 1);
}

TEST_CASE("waiting_room: it is bounded, and room is given back", "[sync][waiting_room]") {
    sync::waiting_room room{1'000};
    std::uint64_t kept = 0;
    while (room.keep(at(alice, kept + 2))) {
        ++kept;
    }

    CHECK(kept > 1);
    CHECK(kept < 10);
    CHECK(room.keep(at(alice, 2))); // it is here already
    CHECK_FALSE(room.keep(at(bob, 2)));
    CHECK(room.take(alice, 1).size() == kept);
    CHECK(room.keep(at(bob, 2)));
}

TEST_CASE("waiting_room: without any bytes it keeps nothing", "[sync][waiting_room]") {
    sync::waiting_room room;

    CHECK_FALSE(room.keep(at(alice, 2)));
}
