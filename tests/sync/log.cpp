#include <joinery/sync/log.hpp>

#include <catch2/catch.hpp>

#include <deque>

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

/// A log with the records that it points to.
struct recorded {
    sync::log changes;
    std::deque<bytes> records;

    sync::changeset append(replica_id origin, std::uint32_t count, std::uint8_t content) {
        auto const slot = changes.intern(origin);
        auto const& history = changes.at(slot);
        auto& record = records.emplace_back(sync::detail::record_header::bytes + 3);
        std::fill(record.end() - 3, record.end(), static_cast<std::byte>(content));
        sync::changeset const in{
            origin, history.last + 1, count, hlc{history.time.bits + 10}, byte_view{record}.last(3),
            {}};
        auto const hash = sync::chained_hash(history.head, in);
        sync::detail::record_header{hash, in.time.bits, count, 3, 0}.put(record.data());
        changes.append(slot, in, hash, record.data());
        return in;
    }
};

} // namespace

TEST_CASE("log: it gives back what was appended", "[sync][log]") {
    recorded r;
    auto const first = r.append(alice, 2, 1);
    auto const second = r.append(alice, 3, 2);
    auto const slot = r.changes.find(alice);
    auto const& history = r.changes.at(slot);

    REQUIRE(history.marks.size() == 2);
    CHECK(sync::is_same(r.changes.read(slot, history.marks[0]), first));
    CHECK(sync::is_same(r.changes.read(slot, history.marks[1]), second));
    CHECK(r.changes.version().of(alice) == 5);
    CHECK(r.changes.operation_count() == 5);
}

TEST_CASE("log: the first changeset after a sequence", "[sync][log]") {
    recorded r;
    for (std::uint8_t i = 0; i < 4; ++i) {
        r.append(alice, 2, i);
    }
    auto const after = [&](std::uint64_t sequence) {
        return r.changes.first_after(r.changes.find(alice), sequence);
    };

    CHECK(after(0) == 0);
    CHECK(after(1) == 0); // the second half of the first one is missing
    CHECK(after(2) == 1);
    CHECK(after(5) == 2);
    CHECK(after(6) == 3);
    CHECK(after(7) == 3);
    CHECK(after(8) == 4);
    CHECK(after(100) == 4);
}

TEST_CASE("log: the digest does not depend on the order of origins", "[sync][log]") {
    recorded one;
    one.append(alice, 1, 1);
    one.append(bob, 1, 2);
    one.append(alice, 1, 3);
    recorded other;
    other.append(bob, 1, 2);
    other.append(alice, 1, 1);
    other.append(alice, 1, 3);

    CHECK(one.changes.digest() == other.changes.digest());
    other.append(bob, 1, 4);
    CHECK(one.changes.digest() != other.changes.digest());
}

TEST_CASE("log: an origin without changesets changes no digest", "[sync][log]") {
    recorded one;
    one.append(alice, 1, 1);
    auto const digest = one.changes.digest();

    one.changes.intern(bob);

    CHECK(one.changes.digest() == digest);
    CHECK(one.changes.version().size() == 1);
}

TEST_CASE("log: other bytes for known operations contradict", "[sync][log]") {
    recorded r;
    auto const in = r.append(alice, 2, 1);
    r.append(alice, 2, 2);
    auto const slot = r.changes.find(alice);
    auto wide = in;
    wide.count = 3;
    auto late = in;
    late.first = 2;
    late.count = 1;
    bytes const content(3, std::byte{9});
    auto other = in;
    other.body = content;

    CHECK_FALSE(r.changes.contradicts(slot, in));
    CHECK(r.changes.contradicts(slot, wide));
    CHECK(r.changes.contradicts(slot, late));
    CHECK(r.changes.contradicts(slot, other));
}

TEST_CASE("log: hashes are known at the ends of changesets", "[sync][log]") {
    recorded r;
    r.append(alice, 2, 1);
    auto const slot = r.changes.find(alice);
    auto const head = r.changes.at(slot).head;
    r.append(alice, 2, 2);

    CHECK(r.changes.hash_at(slot, 2) == head);
    CHECK(r.changes.hash_at(slot, 4) == r.changes.at(slot).head);
    CHECK(r.changes.hash_at(slot, 3) == 0);
    CHECK(r.changes.hash_at(slot, 5) == 0);
}

TEST_CASE("log: a resumed history goes on from its end", "[sync][log]") {
    recorded r;
    auto const slot = r.changes.intern(alice);
    r.changes.resume(slot, 10, 99, hlc{5});
    auto const next = r.append(alice, 1, 1);

    CHECK(next.first == 11);
    CHECK(r.changes.version().of(alice) == 11);
    CHECK(r.changes.first_after(slot, 3) == 0);
    CHECK(r.changes.hash_at(slot, 10) == 0);
    CHECK(r.changes.hash_at(slot, 11) == sync::chained_hash(99, next));
}
