#include "golden.hpp"

#include <joinery/sync/session.hpp>
#include <joinery/sync/snapshot.hpp>

#include <catch2/catch.hpp>

#include "changes.hpp"
#include "conversation.hpp"

using namespace joinery;
using namespace joinery::tests;

// Bytes that other programs and older files hold: these tests may grow, and never change. The
// chapters "Changeset", "Snapshot" and "Messages" of docs/wire-format.md take them apart.

namespace {

constexpr replica_id one{0x0102030405060708, 0x090a0b0c0d0e0f10};
constexpr replica_id two{0x1112131415161718, 0x191a1b1c1d1e1f20};
constexpr sync::document_id document_seven{7};

/// `two` writes a scalar and counts; `one` sees it, replaces the scalar, resets the counter, and
/// makes a set with a member.
documents by_one() {
    set_clock::ms = set_clock::start_ms;
    documents b{two, {.document = document_seven}};
    REQUIRE(b.edit([](auto doc) {
        doc.set("k", 300);
        doc.increment("n", 5);
    }));
    documents a{one, {.document = document_seven}};
    deliver(b, a);
    set_clock::ms += 1;
    REQUIRE(a.edit([](auto doc) {
        doc.set("k", "v");
        doc.erase("n");
        doc.insert({"m", "s"}, true);
    }));
    set_clock::ms = set_clock::start_ms;
    return a;
}

owned_changeset changeset_of(documents const& source, replica_id origin) {
    for (auto const& in : changes_of(source)) {
        if (in.view().origin == origin) {
            return in;
        }
    }
    throw std::logic_error("the golden replica lacks a changeset");
}

std::string hex_of_changeset(sync::changeset const& in) {
    byte_writer out;
    sync::write_changeset(out, in);
    return hex_of(out.view());
}

std::string const first_changeset = "010200000068e5cf8b01000c01016b3fb90400016ee5000a";
std::string const second_changeset =
    "010600000168e5cf8b010127030101016b617600016ee6010102000a00016ee101016de20101"
    "6de00173e301016de00173e4021112131415161718191a1b1c1d1e1f20";
std::string const state =
    "00020102030405060708090a0b0c0d0e0f1006001112131415161718191a1b1c1d1e1f200200"
    "03016b0101000100000168e5cf8b016176016d0a010004010173140100050102010006016e20"
    "010102000a020a";
std::string const snapshot =
    "01020102030405060708090a0b0c0d0e0f10060f71efd012d0186b00000168e5cf8b01111213"
    "1415161718191a1b1c1d1e1f200268ca550a5ace63a100000068e5cf8b01";
std::string const hello = "1d010100000000000000000101ad48697a6472e1fc0268ca550afde5833a";
std::string const changes =
    "5a0201000102030405060708090a0b0c0d0e0f10010600000168e5cf8b010127030101016b61"
    "7600016ee6010102000a00016ee101016de201016de00173e301016de00173e4021112131415"
    "161718191a1b1c1d1e1f201edcbd92";
std::string const done = "1603baae71708fe4b1b88fff6d8b774e34c508693eda60";

} // namespace

TEST_CASE("golden: changesets", "[sync][golden]") {
    auto const a = by_one();

    CHECK(hex_of_changeset(changeset_of(a, two).view()) == first_changeset);
    CHECK(hex_of_changeset(changeset_of(a, one).view()) == second_changeset);
}

TEST_CASE("golden: a changeset that was written by an older program is applied", "[sync][golden]") {
    documents r{carol};
    for (auto const& [origin, text] : {std::pair{two, first_changeset}, {one, second_changeset}}) {
        auto const encoded = from_hex(text);
        byte_reader reader{encoded};
        REQUIRE(r.receive(sync::read_changeset(reader, origin)).is(sync::verdict_kind::applied));
    }

    CHECK(is_equal(r, by_one()));
    CHECK(r.state().find("k").value() == scalar{"v"});
    CHECK_FALSE(r.state().find("n").exists());
    CHECK(r.state().find({"m", "s"}).contains(true));
}

TEST_CASE("golden: a state", "[sync][golden]") {
    CHECK(hex_of(by_one().state().encode()) == state);

    auto const decoded = document::decode(from_hex(state));
    REQUIRE(decoded);
    CHECK(*decoded == by_one().state());
}

TEST_CASE("golden: a snapshot", "[sync][golden]") {
    auto const a = by_one();

    CHECK(hex_of(sync::encode_snapshot(a.changes(), a.state().encode())) == snapshot + state);
}

TEST_CASE("golden: messages", "[sync][golden]") {
    auto a = by_one();
    documents b{two};
    (void)b.receive(changeset_of(a, two).view());
    sync::session asks;
    sync::session answers;

    auto const asked = asks.poll_message(b, {}, 1);
    REQUIRE(asked);
    REQUIRE(answers.handle_message(a, *asked, {}));
    auto const answered = polled(answers, a, at_ms(-1));

    REQUIRE(answered.size() == 2);
    CHECK(hex_of(*asked) == hello);
    CHECK(hex_of(answered[0]) == changes);
    CHECK(hex_of(answered[1]) == done);
}
