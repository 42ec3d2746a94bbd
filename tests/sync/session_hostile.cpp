#include <joinery/sync/session.hpp>

#include <catch2/catch.hpp>

#include "../wire/hostile.hpp"
#include "changes.hpp"
#include "conversation.hpp"

using namespace joinery;
using namespace joinery::tests;

namespace {

/// A document with every kind of piece, by two replicas.
documents every_kind() {
    documents a{alice};
    documents b{bob};
    REQUIRE(b.edit([](auto doc) {
        doc.set("t", "b");
        doc.increment("n", 2);
    }));
    deliver(b, a);
    REQUIRE(a.edit([](auto doc) {
        doc.set("t", "a");
        doc.insert({"m", "s"}, 1);
        doc.erase("n");
    }));
    REQUIRE(a.edit([](auto doc) {
        doc.erase({"m", "s"}, scalar{1});
        doc.erase("m");
    }));
    return a;
}

struct messages {
    bytes hello;
    std::vector<bytes> answers; ///< to the hello of an empty replica: changes, done
};

messages honest(documents const& source) {
    documents empty{carol};
    sync::session asks;
    sync::session answers;
    auto const question = asks.poll_message(empty, {}, 0);
    documents copy{replica_id{9}};
    deliver(source, copy);
    REQUIRE(answers.handle_message(copy, *question, {}));
    return {*sync::session{}.poll_message(source, {}, 0), polled(answers, copy, at_ms(-1))};
}

/// Gives `message` to an empty replica that has just asked; what it answers afterwards is harmless.
void attack(byte_view message, bool& intact) {
    documents target{carol};
    sync::session s;
    (void)s.poll_message(target, {}, 0);
    auto const before = target.digest();
    auto const handled = s.handle_message(target, message, {});
    if (!handled && target.version().empty()) {
        intact = intact && target.digest() == before;
    }
    intact = intact && is_whole(target);
    (void)polled(s, target);
}

} // namespace

TEST_CASE("session: a damaged frame is an error or harmless", "[sync][session][hostile]") {
    auto const source = every_kind();
    auto const sent = honest(source);
    auto refused = 0;
    auto const is_refused = [&](byte_view message) {
        documents target{carol};
        sync::session s;
        (void)s.poll_message(target, {}, 0);
        auto const before = target.digest();
        auto const handled = s.handle_message(target, message, {});
        refused += handled ? 0 : 1;
        return !handled && target.digest() == before && target.version().empty();
    };

    for (auto const& message : {sent.hello, sent.answers[0], sent.answers[1]}) {
        auto all = true;
        testing::for_each_damage(message,
                                 [&](bytes const& damaged) { all = all && is_refused(damaged); });
        CHECK(all);
    }
    CHECK(refused > 10'000);
}

TEST_CASE("session: a damaged message under a valid checksum never half-applies",
          "[sync][session][hostile]") {
    auto const sent = honest(every_kind());
    auto intact = true;

    for (auto const kind : {1, 2, 3}) {
        for (auto const& message : {sent.hello, sent.answers[0], sent.answers[1]}) {
            testing::for_each_damage(payload_of(message), [&](bytes const& damaged) {
                attack(wire::encode_frame(static_cast<std::uint8_t>(kind), damaged), intact);
            });
        }
    }

    CHECK(intact);
}

TEST_CASE("session: damaged changesets leave a replica with content as it was or whole",
          "[sync][session][hostile]") {
    auto const source = every_kind();
    auto const sent = honest(source);
    auto const changes = payload_of(sent.answers[0]);
    testing::splitmix64 random{7};
    auto intact = true;
    auto errors = 0;

    for (auto round = 0; round < 4'000; ++round) {
        auto damaged = changes;
        for (auto flips = 1 + random.below(4); flips > 0; --flips) {
            random.pick(damaged) = static_cast<std::byte>(random());
        }
        documents target{carol};
        REQUIRE(target.edit([](auto doc) { doc.set("t", "c"); }));
        sync::session s;
        auto const asked = s.poll_message(target, {}, 0);
        damaged[0] = std::byte{0};
        errors += s.handle_message(target, wire::encode_frame(2, damaged), {}) ? 0 : 1;
        intact = intact && is_whole(target);
    }

    CHECK(intact);
    CHECK(errors > 1'000);
}

TEST_CASE("session: a stored replica and its store agree after any damage",
          "[sync][session][hostile]") {
    auto const sent = honest(every_kind());
    auto const changes = payload_of(sent.answers[0]);
    auto intact = true;

    for (std::size_t at = 1; at < changes.size(); ++at) {
        for (auto const flip : {1, 2, 0x40, 0x80, 0xff}) {
            auto damaged = changes;
            damaged[at] ^= static_cast<std::byte>(flip);
            auto target = kept_documents::open({}, carol).value();
            sync::session s;
            (void)s.poll_message(target, {}, 0);
            (void)s.handle_message(target, wire::encode_frame(2, damaged), {});
            auto const again = kept_documents::open(target.store(), carol);
            intact = intact && again && is_equal(target, *again);
        }
    }

    CHECK(intact);
}
