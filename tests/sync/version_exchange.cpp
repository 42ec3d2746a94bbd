#include <joinery/sync/version_exchange.hpp>

#include <catch2/catch.hpp>

#include "../wire/hostile.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};
constexpr replica_id carol{3};
constexpr sync::document_id document{0x1122334455667788};

sync::log histories(std::uint64_t of_alice, std::uint64_t of_bob) {
    sync::log changes;
    if (of_alice != 0) {
        changes.resume(changes.intern(alice), of_alice, of_alice * 1000, hlc{1});
    }
    changes.intern(carol); // never wrote
    if (of_bob != 0) {
        changes.resume(changes.intern(bob), of_bob, of_bob * 2000, hlc{1});
    }
    return changes;
}

sync::hello said(sync::log const& changes) {
    byte_writer out;
    sync::write_hello(out, changes, document, 9);
    sync::hello heard;
    REQUIRE(sync::read_hello(out.view(), heard, {}));
    return heard;
}

bytes answers(std::vector<std::pair<replica_id, std::size_t>> const& all, byte_view body) {
    byte_writer out;
    for (auto const& [origin, place] : all) {
        sync::write_answer(out, {origin, 7, 1, hlc{5}, body, {}}, place);
    }
    return out.take();
}

} // namespace

TEST_CASE("version_exchange: a hello names the histories that exist", "[sync][version_exchange]") {
    auto const heard = said(histories(10, 300));

    CHECK(heard.document == document);
    CHECK(heard.number == 9);
    REQUIRE(heard.histories.size() == 2);
    CHECK(sync::find_history(heard, alice).last == 10);
    CHECK(sync::find_history(heard, alice).head == 10'000);
    CHECK(sync::find_history(heard, alice).place == 1);
    CHECK(sync::find_history(heard, bob).place == 2);
    CHECK(sync::find_history(heard, carol).place == 0);
}

TEST_CASE("version_exchange: short ids that collide read as unknown", "[sync][version_exchange]") {
    auto heard = said(histories(10, 300));
    heard.histories[1].id = heard.histories[0].id;

    CHECK(sync::find_history(heard, alice).place == 0);
    CHECK(sync::find_history(heard, alice).last == 0);
}

TEST_CASE("version_exchange: short ids of neighbours differ", "[sync][version_exchange]") {
    CHECK(sync::short_id(replica_id{1}) != sync::short_id(replica_id{2}));
    CHECK(sync::short_id(replica_id{0, 1}) != sync::short_id(replica_id{1, 0}));
    CHECK(sync::short_id(replica_id{}) != 0);
}

TEST_CASE("version_exchange: versions are compared both ways", "[sync][version_exchange]") {
    auto const compare = [](sync::log const& ours, sync::log const& theirs) {
        auto const out = sync::compare_versions(ours, said(theirs));
        return std::pair{out.peer_has_more, out.peer_lacks_some};
    };

    CHECK(compare(histories(1, 1), histories(1, 1)) == std::pair{false, false});
    CHECK(compare(histories(2, 1), histories(1, 1)) == std::pair{false, true});
    CHECK(compare(histories(1, 1), histories(1, 2)) == std::pair{true, false});
    CHECK(compare(histories(2, 1), histories(1, 2)) == std::pair{true, true});
    CHECK(compare(histories(1, 0), histories(0, 1)) == std::pair{true, true});
    CHECK(compare(histories(0, 0), histories(0, 1)) == std::pair{true, false});
    CHECK(compare(histories(0, 0), histories(0, 0)) == std::pair{false, false});
}

TEST_CASE("version_exchange: another head at the same place is an equivocation",
          "[sync][version_exchange]") {
    auto const ours = histories(10, 300);
    auto theirs = said(ours);
    CHECK(sync::check_histories(ours, theirs));

    theirs.histories[1].head ^= 1;

    auto const checked = sync::check_histories(ours, theirs);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == errc::equivocation);
    CHECK_THAT(checked.error().message, Catch::Contains(bob.to_string()));
}

TEST_CASE("version_exchange: what lies ahead or out of memory cannot be compared",
          "[sync][version_exchange]") {
    auto const theirs = said(histories(10, 300));

    CHECK(sync::check_histories(histories(9, 300), theirs));
    CHECK(sync::check_histories(histories(11, 301), theirs));
}

TEST_CASE("version_exchange: answers name origins by place or whole", "[sync][version_exchange]") {
    bytes const body{std::byte{1}, std::byte{2}};
    auto const message = answers({{bob, 2}, {carol, 0}}, body);
    byte_reader reader{message};
    std::vector<replica_id> origins;

    auto const read = sync::read_answers(reader, {alice, bob}, {}, [&](sync::changeset const& in) {
        origins.push_back(in.origin);
        CHECK(in.first == 7);
        CHECK(in.body.size() == 2);
    });

    CHECK(read);
    CHECK(origins == std::vector{bob, carol});
}

TEST_CASE("version_exchange: a place that does not exist is refused", "[sync][version_exchange]") {
    auto const message = answers({{bob, 3}}, {});
    byte_reader reader{message};

    auto const read = sync::read_answers(reader, {alice, bob}, {}, [](auto const&) {});

    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::malformed);
}

TEST_CASE("version_exchange: more changesets than the limit are refused",
          "[sync][version_exchange]") {
    auto const message = answers({{bob, 2}, {bob, 2}, {bob, 2}}, {});
    auto const read = [&](std::uint64_t changesets_max) {
        byte_reader reader{message};
        return sync::read_answers(reader, {alice, bob},
                                  {.changesets_per_message_max = changesets_max},
                                  [](auto const&) {});
    };

    CHECK(read(3));
    CHECK_FALSE(read(2));
}

TEST_CASE("version_exchange: damaged messages are refused or read within their bounds",
          "[sync][version_exchange][hostile]") {
    byte_writer out;
    sync::write_hello(out, histories(10, 300), document, 9);
    testing::for_each_damage(out.view(), [](bytes const& damaged) {
        sync::hello heard;
        (void)sync::read_hello(damaged, heard, {});
        CHECK(heard.histories.size() <= damaged.size());
    });
    bytes const body(3, std::byte{1});
    testing::for_each_damage(answers({{bob, 2}, {carol, 0}}, body), [](bytes const& damaged) {
        byte_reader reader{damaged};
        (void)sync::read_answers(reader, {alice, bob}, {}, [&](sync::changeset const& in) {
            CHECK(in.body.size() + in.others.size() <= damaged.size());
        });
    });
}
