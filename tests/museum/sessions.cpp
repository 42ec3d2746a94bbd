#include <joinery/crdt/aw_set.hpp>
#include <joinery/sync/session.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <sync/changes.hpp>
#include <sync/conversation.hpp>

using namespace joinery;
using namespace joinery::tests;
using sync::verdict_kind;

// Bugs that libraries of this kind have shipped, as far as they concern conversations: silence that
// is no agreement, questions that nobody answers, and answers that never end.

namespace {

documents with_edits(replica_id who, int count) {
    documents out{who};
    for (auto i = 0; i < count; ++i) {
        REQUIRE(out.edit([&](auto doc) { doc.set("of " + who.to_string(), i); }));
    }
    return out;
}

} // namespace

TEST_CASE("museum: B7, what the peer has already does not end the answer", "[museum]") {
    // superfly/corrosion#43, superfly/corrosion#366
    auto a = with_edits(alice, 3);
    documents b{bob};
    deliver(a, b);
    auto c = with_edits(carol, 2);
    // What was overwritten and erased leaves changes behind that show nothing any more.
    REQUIRE(c.edit([](auto doc) { doc.erase("of " + carol.to_string()); }));
    deliver(c, a);

    auto const talked = talk(a, b);

    CHECK(talked.is_settled);
    CHECK(b.version().of(carol) == 3);
    CHECK(is_equal(a, b));
}

TEST_CASE("museum: B8, a question that was lost is asked again", "[museum]") {
    // automerge/automerge#702, automerge/automerge#703
    auto a = with_edits(alice, 3);
    documents b{bob};
    sync::session left;
    sync::session right;
    REQUIRE(right.poll_message(b, {}, 0)); // is never heard
    REQUIRE(right.deadline());

    auto const later = *right.deadline();
    auto const question = right.poll_message(b, later, 0);
    REQUIRE(question);
    REQUIRE(left.handle_message(a, *question, later));
    for (auto const& answer : polled(left, a, later)) {
        REQUIRE(right.handle_message(b, answer, later));
    }

    CHECK(b.version() == a.version());
}

TEST_CASE("museum: B9, a peer without what a change waits for keeps nobody waiting", "[museum]") {
    // automerge/automerge-classic#394
    auto a = with_edits(alice, 3);
    documents b{bob};
    documents c{carol};
    REQUIRE(b.receive(changes_of(a)[2].view()).is(verdict_kind::waiting));

    auto const without = talk(b, c);
    CHECK(without.outcome);
    CHECK(without.is_settled);
    CHECK(without.messages <= 8);

    REQUIRE(talk(a, c).is_settled);
    auto const with = talk(b, c);
    CHECK(with.is_settled);
    CHECK(is_equal(a, b));
}

TEST_CASE("museum: B10, a history full of holes comes in a few messages", "[museum]") {
    // automerge/automerge#489
    auto a = with_edits(alice, 100);
    documents b{bob};
    auto const all = changes_of(a);
    for (std::size_t i = 1; i < all.size(); i += 2) {
        REQUIRE(b.receive(all[i].view()).is(verdict_kind::waiting));
    }

    auto const talked = talk(a, b);

    CHECK(talked.is_settled);
    CHECK(talked.messages <= 8);
    CHECK(is_equal(a, b));
}

TEST_CASE("museum: B11, silence after a lost answer is not taken for agreement", "[museum]") {
    // automerge/automerge#870: a value that was overwritten by a map.
    documents a{alice};
    REQUIRE(a.edit([](auto doc) { doc.set("a", 1); }));
    documents b{bob};
    deliver(a, b);
    REQUIRE(a.edit([](auto doc) {
        doc.erase("a");
        doc.set({"a", "inner"}, 2);
    }));
    sync::session left;
    sync::session right;
    auto const question = right.poll_message(b, {}, 0);
    REQUIRE(question);
    REQUIRE(left.handle_message(a, *question, {}));
    auto const answer = polled(left, a, at_ms(-1));
    REQUIRE(answer.size() == 2);

    REQUIRE(right.handle_message(b, answer.back(), {})); // the changes before it are lost

    CHECK_FALSE(right.is_settled());
    CHECK(talk(left, a, right, b).is_settled);
    CHECK(b.state().find({"a", "inner"}).value() == scalar{2});
}

TEST_CASE("museum: B16, a conversation of other histories under one version does not end well",
          "[museum]") {
    // calimero-network/core#2407
    // A peer's history of carol ends inside of what lies here in the store alone.
    auto one = kept_documents::open({}, carol).value();
    auto other = kept_documents::open({}, carol).value();
    REQUIRE(one.edit([](auto doc) { doc.set("a", 1); }));
    REQUIRE(other.edit([](auto doc) { doc.set("a", 2); }));
    REQUIRE(other.edit([](auto doc) { doc.set("b", 2); }));
    auto a = kept_documents::open({}, alice).value();
    auto b = kept_documents::open({}, bob).value();
    deliver(one, a);
    deliver(other, b);
    REQUIRE(b.checkpoint());
    b = kept_documents::open(b.store(), bob).value();

    auto const talked = talk(a, b);

    CHECK_FALSE(talked.is_settled);
    REQUIRE_FALSE(talked.outcome);
    CHECK(talked.outcome.error().code == errc::equivocation);
}

TEST_CASE("museum: B19, a number in a few bytes makes nobody count that far", "[museum]") {
    // yjs/yjs#687: a run length of billions, unrolled one by one.
    aw_set<std::string> set;
    (void)set.insert(alice, "x");
    auto const whole = set.encode();
    // 500 billion: as far as a sequence number may well go.
    bytes const huge{std::byte{0xff}, std::byte{0xff}, std::byte{0xff},
                     std::byte{0xff}, std::byte{0xff}, std::byte{0x0f}};
    std::size_t accepted = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        CAPTURE(at);
        auto claims = whole;
        claims.erase(claims.begin() + static_cast<std::ptrdiff_t>(at));
        claims.insert(claims.begin() + static_cast<std::ptrdiff_t>(at), huge.begin(), huge.end());
        auto const read = aw_set<std::string>::decode(claims);
        if (read) {
            ++accepted;
            auto joined = set;
            joined.join(*read);
            CHECK(joined.size() <= 2);
            CHECK(joined.difference(*read).size() <= 1);
        }
    }
    CHECK(accepted > 0);
}
