#include <joinery/sync/session.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <memory>

#include "changes.hpp"
#include "conversation.hpp"

using namespace joinery;
using namespace joinery::tests;

namespace {

documents with_edits(replica_id id, int count, sync::document_id document = {}) {
    documents r{id, {.document = document}};
    for (auto i = 0; i < count; ++i) {
        REQUIRE(r.edit([&](auto doc) { doc.set(std::to_string(i % 50), i); }));
    }
    return r;
}

bytes frame(sync::message_kind kind, byte_view payload) {
    return wire::encode_frame(static_cast<std::uint8_t>(kind), payload);
}

errc failed_with(result<void> const& outcome) {
    REQUIRE_FALSE(outcome);
    return outcome.error().code;
}

/// Two peers and the links between them; time goes in steps of 10 ms.
struct simulation {
    struct side {
        documents replica;
        sync::session session{};
        std::unique_ptr<lossy_link> out{};
    };
    testing::splitmix64& random;
    std::array<side, 2> sides;
    std::int64_t now_ms = 0;

    simulation(testing::splitmix64& from, unsigned loss_percent)
        : random{from}, sides{side{documents{alice}}, side{documents{bob}}} {
        for (auto& s : sides) {
            s.out = std::make_unique<lossy_link>(random, loss_percent);
        }
    }
    void edit_somewhere() {
        auto& s = random.pick(sides);
        (void)random_edit(s.replica, random);
        s.session.handle_local_change(at_ms(now_ms));
    }
    void step() {
        now_ms += 10;
        for (std::size_t i = 0; i < 2; ++i) {
            auto& to = sides[1 - i];
            while (auto message = sides[i].out->arrived(now_ms)) {
                auto const handled = to.session.handle_message(to.replica, *message, at_ms(now_ms));
                REQUIRE(handled);
            }
        }
        for (auto& s : sides) {
            for (auto& m : polled(s.session, s.replica, at_ms(now_ms), random())) {
                s.out->send(std::move(m), now_ms);
            }
        }
    }
    /// Steps until both are settled; how many it took.
    int steps_until_settled(int steps_max) {
        auto steps = 0;
        while (steps < steps_max && !(sides[0].session.is_idle() && sides[1].session.is_idle())) {
            step();
            ++steps;
        }
        return steps;
    }
};

} // namespace

TEST_CASE("session: one conversation brings both sides what they lack", "[sync][session]") {
    auto a = with_edits(alice, 30);
    auto b = with_edits(bob, 20);

    auto const talked = talk(a, b);

    CHECK(talked.outcome);
    CHECK(talked.is_settled);
    CHECK(is_equal(a, b));
    CHECK(a.state().size() == 30);
    CHECK(talked.messages <= 8);
}

TEST_CASE("session: either side may begin", "[sync][session]") {
    auto a = with_edits(alice, 3);
    auto b = with_edits(bob, 3);
    sync::session left;
    sync::session right;

    auto const hello = left.poll_message(a, {}, 0);
    REQUIRE(hello);
    REQUIRE(right.handle_message(b, *hello, {}));
    auto const talked = talk(left, a, right, b);

    CHECK(talked.is_settled);
    CHECK(is_equal(a, b));
}

TEST_CASE("session: with nothing to say it costs a hello and a digest each", "[sync][session]") {
    auto a = with_edits(alice, 3);
    auto b = with_edits(bob, 3);
    REQUIRE(talk(a, b).is_settled);
    sync::session left;
    sync::session right;

    auto const talked = talk(left, a, right, b);

    CHECK(talked.is_settled);
    CHECK(left.counted().changesets_sent == 0);
    CHECK(right.counted().changesets_sent == 0);
    CHECK(left.counted().bytes_sent <= 150);
}

TEST_CASE("session: a second conversation sends only what is new", "[sync][session]") {
    auto a = with_edits(alice, 30);
    auto b = with_edits(bob, 20);
    REQUIRE(talk(a, b).is_settled);
    REQUIRE(a.edit([](auto doc) { doc.set("new", 1); }));
    sync::session left;
    sync::session right;

    auto const talked = talk(left, a, right, b);

    CHECK(talked.is_settled);
    CHECK(left.counted().changesets_sent == 1);
    CHECK(right.counted().changesets_applied == 1);
    CHECK(right.counted().changesets_sent == 0);
    CHECK(is_equal(a, b));
}

TEST_CASE("session: an edit in a settled session is sent at once", "[sync][session]") {
    auto a = with_edits(alice, 3);
    auto b = with_edits(bob, 3);
    sync::session left;
    sync::session right;
    REQUIRE(talk(left, a, right, b).is_settled);
    REQUIRE(a.edit([](auto doc) { doc.set("new", 1); }));
    auto const sent = left.counted().changesets_sent;

    left.handle_local_change({});
    CHECK_FALSE(left.is_settled());
    auto const talked = talk(left, a, right, b);

    CHECK(talked.is_settled);
    CHECK(left.counted().changesets_sent == sent + 1);
    CHECK(is_equal(a, b));
}

TEST_CASE("session: a conversation that broke is begun again", "[sync][session]") {
    for (std::size_t broken_after = 0; broken_after < 8; ++broken_after) {
        CAPTURE(broken_after);
        auto a = with_edits(alice, 30);
        auto b = with_edits(bob, 20);
        sync::session left;
        sync::session right;
        for (std::size_t i = 0; i < broken_after; ++i) {
            if (auto const m = left.poll_message(a, {}, 0)) {
                REQUIRE(right.handle_message(b, *m, {}));
            }
            if (auto const m = right.poll_message(b, {}, 0)) {
                REQUIRE(left.handle_message(a, *m, {}));
            }
        }

        CHECK(talk(a, b).is_settled);
        CHECK(is_equal(a, b));
    }
}

TEST_CASE("session: many changes go in messages of a bounded size", "[sync][session]") {
    auto a = with_edits(alice, 2'000);
    documents b{bob};
    sync::session left{{.message_bytes_max = 1'000}};
    sync::session right;

    auto const talked = talk(left, a, right, b);

    CHECK(talked.is_settled);
    CHECK(talked.messages > 40);
    CHECK(is_equal(a, b));
}

TEST_CASE("session: it never sends more changesets than a peer takes", "[sync][session]") {
    auto a = with_edits(alice, 100);
    documents b{bob};
    wire::limits const few{.changesets_per_message_max = 7};
    sync::session left{{.limits = few}};
    sync::session right{{.limits = few}};

    auto const talked = talk(left, a, right, b);

    CHECK(talked.outcome);
    CHECK(talked.is_settled);
    CHECK(is_equal(a, b));
}

TEST_CASE("session: loss, duplication and reordering cost only time", "[sync][session]") {
    auto settled_after_max = 0;
    for (std::uint64_t seed = 1; seed <= 1'500; ++seed) {
        CAPTURE(seed);
        testing::splitmix64 random{seed};
        simulation world{random, static_cast<unsigned>(random.below(60))};
        for (auto step = 0; step < 300; ++step) {
            if (random.chance(3)) {
                world.edit_somewhere();
            }
            world.step();
        }

        // What is still on its way may be old and late; then nothing is lost any more.
        for (auto& s : world.sides) {
            s.out->heal();
        }
        auto const steps = world.steps_until_settled(10'000);

        settled_after_max = std::max(settled_after_max, steps);
        REQUIRE(steps <= 2'100); // two waits of the greatest retry delay, and a bit
        REQUIRE(is_equal(world.sides[0].replica, world.sides[1].replica));
    }
    CHECK(settled_after_max > 1);
}

TEST_CASE("session: without faults it settles in three rounds", "[sync][session]") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        testing::splitmix64 random{seed};
        simulation world{random, 0};
        for (auto edits = random.below(20); edits > 0; --edits) {
            world.edit_somewhere();
        }

        CHECK(world.steps_until_settled(100) <= 8);
        CHECK(is_equal(world.sides[0].replica, world.sides[1].replica));
    }
}

TEST_CASE("session: three replicas in a ring reach the same", "[sync][session]") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        CAPTURE(seed);
        testing::splitmix64 random{seed};
        std::vector<documents> all;
        for (auto const id : {alice, bob, carol}) {
            all.emplace_back(id);
        }
        std::array<std::array<sync::session, 2>, 3> links; // i talks with i + 1
        for (auto round = 0; round < 10; ++round) {
            auto const who = static_cast<std::size_t>(random.below(3));
            (void)random_edit(all[who], random);
            links[who][0].handle_local_change({});
            links[(who + 2) % 3][1].handle_local_change({});
            auto const at = static_cast<std::size_t>(random.below(3));
            auto const talked = talk(links[at][0], all[at], links[at][1], all[(at + 1) % 3]);
            REQUIRE(talked.outcome);
        }

        for (std::size_t at = 0; at < 6; ++at) {
            auto& link = links[at % 3];
            link[0].handle_local_change({});
            link[1].handle_local_change({});
            REQUIRE(talk(link[0], all[at % 3], link[1], all[(at + 1) % 3]).is_settled);
        }

        CHECK(is_equal(all[0], all[1]));
        CHECK(is_equal(all[1], all[2]));
    }
}

TEST_CASE("session: a hello of another protocol version is refused", "[sync][session]") {
    auto a = with_edits(alice, 1);
    sync::session s;
    bytes const other{std::byte{9}, std::byte{0}};

    CHECK(failed_with(s.handle_message(a, frame(sync::message_kind::hello, other), {})) ==
          errc::unsupported_version);
    CHECK_FALSE(s.poll_message(a, {}, 0)); // an error is final
    CHECK_FALSE(s.deadline());
}

TEST_CASE("session: a replica of another document is refused", "[sync][session]") {
    auto a = with_edits(alice, 3, sync::document_id{7});
    auto b = with_edits(bob, 3, sync::document_id{8});
    auto const digest = b.digest();

    CHECK(failed_with(talk(a, b).outcome) == errc::wrong_document);
    CHECK(b.digest() == digest);
}

TEST_CASE("session: a replica of no document yet joins that of its peer", "[sync][session]") {
    auto a = with_edits(alice, 3, sync::document_id{7});
    auto b = with_edits(bob, 0);

    CHECK(talk(a, b).is_settled);
    CHECK(b.document() == sync::document_id{7});
    CHECK(is_equal(a, b));
}

TEST_CASE("session: an unknown message is refused", "[sync][session]") {
    auto a = with_edits(alice, 1);
    sync::session s;

    CHECK(failed_with(s.handle_message(a, wire::encode_frame(17, {}), {})) ==
          errc::unsupported_version);
}

TEST_CASE("session: a restored backup is found at the handshake", "[sync][session]") {
    auto r = kept_documents::open({}, alice).value();
    REQUIRE(r.edit([](auto doc) { doc.set("a", 1); }));
    auto const backup = r.store();
    REQUIRE(r.edit([](auto doc) { doc.set("a", 2); }));
    documents peer{bob};
    deliver(r, peer);

    auto restored = kept_documents::open(backup, alice).value();
    sync::session ours;
    sync::session theirs;
    auto const hello = theirs.poll_message(peer, {}, 0);
    REQUIRE(ours.handle_message(restored, *hello, {}));

    CHECK(restored.needs_identity()); // before anything was merged
    CHECK(restored.version().of(alice) == 1);
    REQUIRE(restored.take_identity(carol));
    CHECK(talk(restored, peer).is_settled);
    CHECK(is_equal(restored, peer));
}

TEST_CASE("session: two histories under one id are found at the handshake", "[sync][session]") {
    auto r = kept_documents::open({}, alice).value();
    REQUIRE(r.edit([](auto doc) { doc.set("a", 1); }));
    auto clone = kept_documents::open(r.store(), alice).value();
    REQUIRE(r.edit([](auto doc) { doc.set("a", "of the first"); }));
    REQUIRE(clone.edit([](auto doc) { doc.set("a", "of the clone"); }));
    documents peer{bob};
    deliver(r, peer);

    CHECK(failed_with(talk(clone, peer).outcome) == errc::equivocation);
    CHECK(failed_with(talk(peer, clone).outcome) == errc::equivocation);
    CHECK(clone.needs_identity()); // it has heard the peer's hello now
    CHECK(peer.state().find("a").value() == scalar{"of the first"});
}

TEST_CASE("session: equal versions with other content are found, even far back",
          "[sync][session]") {
    auto one = kept_documents::open({}, carol).value();
    auto other = kept_documents::open({}, carol).value();
    REQUIRE(one.edit([](auto doc) { doc.set("a", 1); }));
    REQUIRE(other.edit([](auto doc) { doc.set("a", 2); }));
    auto a = kept_documents::open({}, alice).value();
    auto b = kept_documents::open({}, bob).value();
    deliver(one, a);
    deliver(other, b);
    // Out of memory and out of sight: only the heads remain.
    REQUIRE(a.checkpoint());
    REQUIRE(b.checkpoint());
    a = kept_documents::open(a.store(), alice).value();
    b = kept_documents::open(b.store(), bob).value();
    REQUIRE(a.version() == b.version());

    CHECK(failed_with(talk(a, b).outcome) == errc::equivocation);
}

TEST_CASE("session: changes that answer an old hello are ignored", "[sync][session]") {
    auto a = with_edits(alice, 3);
    documents b{bob};
    sync::session left;
    sync::session right;
    auto const first = right.poll_message(b, {}, 5);
    REQUIRE(first);
    REQUIRE(left.handle_message(a, *first, {}));
    auto const old = polled(left, a, at_ms(-1));
    REQUIRE(old.size() == 2); // changes and done
    auto const second = right.poll_message(b, at_ms(60'000), 0);
    REQUIRE(second);

    CHECK(right.handle_message(b, old[0], {}));
    CHECK(b.version().empty());
    REQUIRE(left.handle_message(a, *second, {}));
    for (auto const& m : polled(left, a, at_ms(-1))) {
        CHECK(right.handle_message(b, m, {}));
    }
    CHECK(b.version() == a.version());
}

TEST_CASE("session: a hello with too many replicas is refused", "[sync][session]") {
    byte_writer huge;
    huge.byte(sync::protocol_version);
    huge.fixed64(0);
    huge.byte(1);
    huge.varint(5'000);
    for (std::uint64_t i = 0; i < 5'000; ++i) {
        huge.fixed64(i);
        huge.varint(1);
        huge.raw(bytes(4));
    }
    auto a = with_edits(alice, 1);
    sync::session s;

    CHECK(failed_with(s.handle_message(a, frame(sync::message_kind::hello, huge.view()), {})) ==
          errc::too_large);
}

TEST_CASE("session: it asks to be polled again until it is settled", "[sync][session]") {
    auto a = with_edits(alice, 1);
    documents b{bob};
    sync::session left;
    sync::session right;
    auto const now = at_ms(1'000);

    REQUIRE(left.poll_message(a, now, 3));

    REQUIRE(left.deadline());
    CHECK(*left.deadline() > now);
    CHECK_FALSE(left.poll_message(a, now, 3));
    CHECK(left.poll_message(a, *left.deadline(), 3)); // the hello again
    REQUIRE(talk(left, a, right, b).is_settled);
    CHECK_FALSE(left.deadline());
    CHECK_FALSE(right.deadline());
}

TEST_CASE("session: ten edits among 100,000 keys take the known number of bytes",
          "[sync][session]") {
    testing::splitmix64 random{44};
    std::vector<std::string> keys;
    documents b{bob};
    for (auto i = 0; i < 100; ++i) {
        REQUIRE(b.edit([&](auto doc) {
            for (auto j = 0; j < 1000; ++j) {
                keys.push_back(random.hex());
                doc.set(keys.back(), random.hex());
            }
        }));
    }
    documents a{alice};
    deliver(b, a);
    REQUIRE(b.edit([&](auto doc) {
        for (auto i = 0; i < 10; ++i) {
            auto const& key = random.pick(keys);
            doc.set(key, random.hex());
        }
    }));
    sync::session asks;
    sync::session answers;

    auto const hello = asks.poll_message(a, {}, 0);
    REQUIRE(hello);
    REQUIRE(answers.handle_message(b, *hello, {}));
    auto const reply = polled(answers, b, at_ms(-1));

    REQUIRE(reply.size() == 2);
    CHECK(hello->size() + reply[0].size() == 436);
    CHECK(reply[1].size() == 25);
}
