#include <joinery/crdt/pn_counter.hpp>
#include <joinery/store/sqlite.hpp>

#include <catch2/catch.hpp>

#include "../store/scratch_directory.hpp"
#include "changes.hpp"
#include "faulty_store.hpp"

using namespace joinery;
using namespace joinery::tests;
using sync::verdict_kind;

namespace {

using filed_documents = stored_documents<store::sqlite>;

/// A place where a replica's store outlives the replica.
struct in_memory {
    using replica = kept_documents;
    store::memory kept;
    [[nodiscard]] replica open() { return replica::open(kept, alice).value(); }
    void close(replica gone) { kept = std::move(gone.store()); }
};
struct in_a_file {
    using replica = filed_documents;
    test::scratch_directory directory;
    [[nodiscard]] replica open() {
        return replica::open(store::sqlite::open(directory / "a.joinery").value(), alice).value();
    }
    void close(replica) {}
};

/// The other replicas' edits and one's own, until `step` is 30.
template <class Replica>
void work(Replica& r, documents& other, testing::splitmix64& random) {
    for (auto step = 0; step < 30; ++step) {
        (void)random_edit(r, random);
        (void)random_edit(other, random);
        if (random.chance(30)) {
            deliver(r, other);
            deliver(other, r);
        }
    }
    deliver(r, other);
    deliver(other, r);
}

errc code_of(auto const& outcome) {
    REQUIRE_FALSE(outcome);
    return outcome.error().code;
}

} // namespace

TEMPLATE_TEST_CASE("replica_open: a stored replica opens again with everything",
                   "[sync][replica_open]", in_memory, in_a_file) {
    auto const seed = GENERATE(take(4, random(0, 1'000'000'000)));
    CAPTURE(seed);
    testing::splitmix64 random{static_cast<std::uint64_t>(seed)};
    TestType place;
    documents other{bob, {.document = sync::document_id{7}}};
    std::uint64_t next = 1;

    for (auto round = 0; round < 6; ++round) {
        CAPTURE(round);
        auto r = place.open();
        CHECK(r.id() == alice);
        if (round > 0) {
            CHECK(is_equal(r, other));
            CHECK(r.document() == sync::document_id{7});
        }
        REQUIRE(r.join_document(sync::document_id{7}));
        auto const first = r.edit([](auto doc) { doc.set("mine", "again"); });
        REQUIRE(first);
        CHECK(first->first == next);
        work(r, other, random);
        if (round % 3 == 1) {
            REQUIRE(r.checkpoint());
        }
        if (round % 3 == 2) {
            REQUIRE(r.checkpoint());
            work(r, other, random);
        }
        next = r.version().of(alice) + 1;
        place.close(std::move(r));
    }
}

TEMPLATE_TEST_CASE("replica_open: changes that only the store has are visited from anywhere",
                   "[sync][replica_open]", in_memory, in_a_file) {
    TestType place;
    {
        auto r = place.open();
        for (auto i = 0; i < 10; ++i) {
            REQUIRE(r.edit([&](auto doc) { doc.set(std::to_string(i), i); }));
        }
        REQUIRE(r.checkpoint());
        place.close(std::move(r));
    }
    auto r = place.open();
    for (auto i = 10; i < 15; ++i) {
        REQUIRE(r.edit([&](auto doc) { doc.set(std::to_string(i), i); }));
    }

    for (std::uint64_t known = 0; known <= 15; ++known) {
        version_vector from;
        from.raise(alice, known);
        auto expected = known;
        auto const read = r.for_each_change(from, [&](sync::changeset const& in) {
            CHECK(in.first == ++expected);
            return true;
        });
        CHECK(read);
        CHECK(expected == 15);
    }
    std::uint64_t visited = 0;
    CHECK(
        r.for_each_change(version_vector{}, [&](sync::changeset const&) { return ++visited < 3; }));
    CHECK(visited == 3);
    documents other{bob};
    deliver(r, other);
    CHECK(is_equal(r, other));
}

TEST_CASE("replica_open: what waits is not kept, and comes again", "[sync][replica_open]") {
    documents source{bob};
    REQUIRE(source.edit([](auto doc) { doc.set("a", 1); }));
    REQUIRE(source.edit([](auto doc) { doc.set("a", 2); }));
    auto r = kept_documents::open({}, alice).value();
    REQUIRE(r.receive(changes_of(source)[1].view()).is(verdict_kind::waiting));

    r = kept_documents::open(r.store(), alice).value();

    CHECK(r.waiting_count() == 0);
    CHECK(r.version().empty());
    deliver(source, r);
    CHECK(is_equal(r, source));
}

TEST_CASE("replica_open: a store with a hole in a history is refused", "[sync][replica_open]") {
    documents source{bob};
    store::memory broken;
    for (auto i = 0; i < 3; ++i) {
        REQUIRE(source.edit([&](auto doc) { doc.set("a", i); }));
    }
    for (auto const& in : changes_of(source)) {
        byte_writer body;
        sync::write_changeset(body, in.view());
        store::changeset_view const view{bob, in.view().first, in.view().last(), body.view()};
        if (in.view().first != 2) {
            REQUIRE(broken.commit({.changesets = {&view, 1}}));
        }
    }

    CHECK(code_of(kept_documents::open(broken, alice)) == errc::gap);
}

TEST_CASE("replica_open: a store with other content is refused", "[sync][replica_open]") {
    auto r = kept_documents::open({}, alice).value();
    REQUIRE(r.edit([](auto doc) { doc.set("a", 1); }));
    auto const with = [&](store::batch const& changes) {
        auto damaged = r.store();
        REQUIRE(damaged.commit(changes));
        return code_of(kept_documents::open(damaged, alice));
    };
    store::entry_view const identity{"identity", as_bytes("short")};
    store::changeset_view const changeset{bob, 1, 1, as_bytes("no changeset")};

    CHECK(with({.entries = {&identity, 1}}) == errc::malformed);
    CHECK(with({.changesets = {&changeset, 1}}) == errc::malformed);
    CHECK(with({.snapshot = as_bytes(std::string_view{"\x02", 1})}) == errc::newer_file);
    CHECK(with({.snapshot = as_bytes(std::string_view{"\x01\x05", 2})}) == errc::truncated);
    using counters = sync::replica<pn_counter, stored_in<store::memory>, timed_by<set_clock>>;
    CHECK_FALSE(counters::open(r.store(), alice));
}

TEST_CASE("replica_open: a store that cannot keep the identity is refused",
          "[sync][replica_open]") {
    auto const control = std::make_shared<faulty_store::control>();
    control->failing_from = 1;
    auto const opened = stored_documents<faulty_store>::open(faulty_store{control}, alice);

    CHECK(code_of(opened) == errc::full);
}

TEST_CASE("replica_open: a failing commit leaves the document unset", "[sync][replica_open]") {
    auto const control = std::make_shared<faulty_store::control>();
    auto r = stored_documents<faulty_store>::open(faulty_store{control}, alice).value();
    control->failing_from = 1;

    CHECK(code_of(r.join_document(sync::document_id{7})) == errc::full);
    CHECK(r.document() == sync::document_id::unset);
    control->failing_from = 0;
    CHECK(r.join_document(sync::document_id{7}));
    CHECK(r.join_document(sync::document_id{7}));
    CHECK(code_of(r.join_document(sync::document_id{8})) == errc::wrong_document);
}

TEST_CASE("replica_open: a restored backup is found when its own operations come back",
          "[sync][replica_open]") {
    auto r = kept_documents::open({}, alice).value();
    REQUIRE(r.edit([](auto doc) { doc.set("a", 1); }));
    auto const backup = r.store();
    REQUIRE(r.edit([](auto doc) { doc.set("a", 2); }));
    documents peer{bob};
    deliver(r, peer);

    auto restored = kept_documents::open(backup, alice).value();
    CHECK_FALSE(restored.needs_identity());
    deliver(peer, restored);

    CHECK(is_equal(restored, peer));
    CHECK(restored.needs_identity());
    CHECK(code_of(restored.edit([](auto doc) { doc.set("a", 3); })) == errc::identity);
    restored = kept_documents::open(restored.store(), alice).value();
    CHECK(restored.needs_identity()); // opening it again does not make it forget
    REQUIRE(restored.take_identity(carol));
    CHECK(restored.id() == carol);
    auto const edited = restored.edit([](auto doc) { doc.set("a", 3); });
    REQUIRE(edited);
    CHECK(edited->first == 1);
    restored = kept_documents::open(restored.store(), alice).value();
    CHECK(restored.id() == carol);
    CHECK_FALSE(restored.needs_identity());
    deliver(restored, peer);
    CHECK(is_equal(restored, peer));
    CHECK(peer.state().find("a").value() == scalar{3});
}

TEST_CASE("replica_open: a restored backup is found when others speak of what it lost",
          "[sync][replica_open]") {
    auto r = kept_documents::open({}, alice).value();
    REQUIRE(r.edit([](auto doc) { doc.set("a", 1); }));
    auto const backup = r.store();
    REQUIRE(r.edit([](auto doc) { doc.set("a", 2); }));
    documents peer{bob};
    deliver(r, peer);
    REQUIRE(peer.edit([](auto doc) { doc.erase("a"); }));

    auto restored = kept_documents::open(backup, alice).value();
    for (auto const& in : changes_of(peer)) {
        if (in.view().origin == bob) {
            REQUIRE(restored.receive(in.view()).is(verdict_kind::applied));
        }
    }

    CHECK(restored.needs_identity());
    CHECK(code_of(restored.edit([](auto doc) { doc.set("a", 3); })) == errc::identity);
}

TEST_CASE("replica_open: a clone that wrote under the same id is found", "[sync][replica_open]") {
    auto r = kept_documents::open({}, alice).value();
    REQUIRE(r.edit([](auto doc) { doc.set("a", 1); }));
    auto clone = kept_documents::open(r.store(), alice).value();
    REQUIRE(r.edit([](auto doc) { doc.set("a", "of the first"); }));
    REQUIRE(clone.edit([](auto doc) { doc.set("a", "of the clone"); }));

    auto const answer = clone.receive(changes_of(r)[1].view());

    REQUIRE(answer.is(verdict_kind::rejected));
    CHECK(answer.reason().code == errc::equivocation);
    CHECK(clone.needs_identity());
    CHECK(kept_documents::open(clone.store(), alice).value().needs_identity());
}

TEST_CASE("replica_open: an identity that cannot be kept is not taken", "[sync][replica_open]") {
    auto const control = std::make_shared<faulty_store::control>();
    auto r = stored_documents<faulty_store>::open(faulty_store{control}, alice).value();
    REQUIRE(r.report_clone());
    control->failing_from = 1;

    CHECK(code_of(r.take_identity(bob)) == errc::full);
    CHECK(r.id() == alice);
    CHECK(r.needs_identity());
}

TEST_CASE("replica_open: stamps go on where they ended, however often it is opened",
          "[sync][replica_open]") {
    store::memory kept;
    hlc last{};
    for (auto i = 0; i < 30; ++i) {
        auto r = kept_documents::open(kept, alice).value();
        set_clock::ms -= 10;
        REQUIRE(r.edit([](auto doc) { doc.increment("a", 1); }));
        auto const time = r.changes().at(r.changes().find(alice)).time;
        CHECK(time > last);
        CHECK(time.milliseconds() <= set_clock::start_ms);
        last = time;
        if (i % 7 == 0) {
            REQUIRE(r.checkpoint());
        }
        kept = r.store();
    }
    set_clock::ms = set_clock::start_ms;
}
