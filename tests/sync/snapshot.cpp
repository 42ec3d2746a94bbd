#include <joinery/sync/snapshot.hpp>

#include <catch2/catch.hpp>

#include "../wire/hostile.hpp"

using namespace joinery;

namespace {

sync::log histories() {
    sync::log changes;
    changes.resume(changes.intern(replica_id{1}), 10, 0x1122334455667788, hlc{77});
    changes.resume(changes.intern(replica_id{2}), 300, 5, hlc{78});
    return changes;
}

} // namespace

TEST_CASE("snapshot: what was written is read", "[sync][snapshot]") {
    auto const encoded = sync::encode_snapshot(histories(), as_bytes("a state"));
    sync::log changes;

    auto const state = sync::decode_snapshot(encoded, changes);

    REQUIRE(state);
    CHECK(as_text(*state) == "a state");
    CHECK(changes.version() == histories().version());
    CHECK(changes.digest() == histories().digest());
    CHECK(changes.at(changes.find(replica_id{1})).time == hlc{77});
}

TEST_CASE("snapshot: equal histories have equal bytes, whatever order they came in",
          "[sync][snapshot]") {
    sync::log other;
    other.intern(replica_id{9}); // never wrote
    other.resume(other.intern(replica_id{2}), 300, 5, hlc{78});
    other.resume(other.intern(replica_id{1}), 10, 0x1122334455667788, hlc{77});

    CHECK(sync::encode_snapshot(other, {}) == sync::encode_snapshot(histories(), {}));
}

TEST_CASE("snapshot: one of a newer format is told from one that is damaged", "[sync][snapshot]") {
    auto encoded = sync::encode_snapshot(histories(), {});
    sync::log changes;

    encoded[0] = std::byte{2};
    CHECK(sync::decode_snapshot(encoded, changes).error().code == errc::newer_file);
    encoded[0] = std::byte{0};
    CHECK(sync::decode_snapshot(encoded, changes).error().code == errc::malformed);
}

TEST_CASE("snapshot: damaged bytes are refused or read within their bounds",
          "[sync][snapshot][hostile]") {
    auto const encoded = sync::encode_snapshot(histories(), as_bytes("a state"));

    testing::for_each_damage(encoded, [&](bytes const& damaged) {
        sync::log changes;
        auto const state = sync::decode_snapshot(damaged, changes);
        CHECK((!state || state->size() <= damaged.size()));
    });
    byte_view const cut{encoded.data(), encoded.size() - 8};
    sync::log changes;
    CHECK(sync::decode_snapshot(cut, changes).error().code == errc::truncated);
}
