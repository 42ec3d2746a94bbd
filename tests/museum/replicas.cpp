#include <joinery/core/bugs.hpp>
#include <joinery/crdt/document.hpp>
#include <joinery/store/memory.hpp>
#include <joinery/sync/replica.hpp>
#include <joinery/wire/codec.hpp>
#include <joinery/wire/compression.hpp>

#include <catch2/catch.hpp>
#include <cereal/types/vector.hpp>

#include <cstdint>
#include <sync/changes.hpp>
#include <vector>

using namespace joinery;
using namespace joinery::tests;
using sync::verdict_kind;

// Bugs that libraries of this kind have shipped, as far as they concern replicas, their stores and
// the bytes that strangers send them.

TEST_CASE("museum: B5, what two replicas erase is gone on a third that hears of one of them",
          "[museum]") {
    // vlcn-io/cr-sqlite, superfly/corrosion#352
    documents a{alice};
    documents b{bob};
    documents c{carol};
    REQUIRE(a.edit([](auto doc) { doc.set("row", 1); }));
    auto const written = changes_of(a);
    for (auto* const other : {&b, &c}) {
        REQUIRE(other->receive(written[0].view()).is(verdict_kind::applied));
        REQUIRE(other->edit([](auto doc) { doc.erase("row"); }));
    }

    documents third{replica_id{4}};
    REQUIRE(third.receive(written[0].view()).is(verdict_kind::applied));
    REQUIRE(third.receive(changes_of(c, a.version())[0].view()).is(verdict_kind::applied));
    CHECK_FALSE(third.state().at("row").exists());

    REQUIRE(third.receive(changes_of(b, a.version())[0].view()).is(verdict_kind::applied));
    CHECK(third.state().size() == 0);
}

TEST_CASE("museum: B12, two histories under one replica id are an equivocation", "[museum]") {
    // quarto-dev/q2#689, automerge/automerge-classic#145
    documents one{alice};
    documents other{alice};
    REQUIRE(one.edit([](auto doc) { doc.set("a", 1); }));
    REQUIRE(other.edit([](auto doc) { doc.set("a", 2); }));

    documents third{bob};
    CHECK(third.receive(changes_of(one)[0].view()).is(verdict_kind::applied));
    auto const answer = third.receive(changes_of(other)[0].view());

    REQUIRE(answer.is(verdict_kind::rejected));
    CHECK(answer.reason().code == errc::equivocation);
}

TEST_CASE("museum: B13, a history with a hole is not acknowledged", "[museum]") {
    // y-crdt/y-crdt#632
    documents source{alice};
    for (auto i = 0; i < 3; ++i) {
        REQUIRE(source.edit([&](auto doc) { doc.set("a", i); }));
    }
    documents other{bob};

    CHECK(other.receive(changes_of(source)[2].view()).is(verdict_kind::waiting));
    CHECK(other.version().of(alice) == 0);
    CHECK_FALSE(other.state().at("a").exists());
}

TEST_CASE("museum: B14, a replica restored from a backup does not write under its old identity",
          "[museum]") {
    // tursodatabase/turso#8129
    documents original{alice};
    REQUIRE(original.edit([](auto doc) { doc.set("a", 1); }));
    auto const backup = changes_of(original);
    REQUIRE(original.edit([](auto doc) { doc.set("a", 2); }));
    documents peer{bob};
    for (auto const& in : changes_of(original)) {
        REQUIRE(peer.receive(in.view()).is(verdict_kind::applied));
    }
    // Somebody who has seen the lost write supersedes it, so that the restored state knows of it.
    REQUIRE(peer.edit([](auto doc) { doc.set("a", 3); }));

    documents restored{alice};
    for (auto const& in : backup) {
        REQUIRE(restored.receive(in.view()).is(verdict_kind::applied));
    }
    for (auto const& in : changes_of(peer, original.version())) {
        REQUIRE(restored.receive(in.view()).is(verdict_kind::applied));
    }

    auto const edited = restored.edit([](auto doc) { doc.set("b", 1); });
    REQUIRE_FALSE(edited);
    CHECK(edited.error().code == errc::identity);
}

TEST_CASE("museum: B18, a length in a few bytes allocates nothing by itself", "[museum]") {
    // y-crdt/y-crdt#639
    // 16 million numbers: few enough that a decoder that believes it ends in an error and no abort.
    bytes const claims{std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0x07}};
    auto const read = wire::decode<std::vector<std::uint64_t>>(claims);

    REQUIRE_FALSE(read);
    CHECK(read.error().message.find("exceeds the bytes") != std::string::npos);
}

TEST_CASE("museum: B20, what waits for a far future is bounded", "[museum]") {
    // ygo#46
    documents source{alice};
    for (auto i = 0; i < 200; ++i) {
        REQUIRE(source.edit([&](auto doc) { doc.set("a", i); }));
    }
    documents::options few;
    few.waiting_bytes_max = 4096;
    documents other{bob, few};
    auto const all = changes_of(source);
    for (std::size_t i = 1; i + 1 < all.size(); ++i) {
        (void)other.receive(all[i].view());
    }

    auto const answer = other.receive(all.back().view());
    REQUIRE(answer.is(verdict_kind::rejected));
    CHECK(answer.reason().code == errc::full);
}

TEST_CASE("museum: B21, a compressed payload does not say itself how large it may become",
          "[museum]") {
    // automerge/automerge#476, fwupd/fwupd#9790
    wire::zstd const policy;
    bytes const zeros(8 * 1024 * 1024);
    auto const packed = policy.compress(zeros);
    REQUIRE(packed);

    auto const unpacked = policy.decompress(*packed, {});
    REQUIRE_FALSE(unpacked);
    CHECK(unpacked.error().code == errc::too_large);
}
