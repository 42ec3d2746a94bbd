#include <joinery/core/bugs.hpp>
#include <joinery/core/hybrid_clock.hpp>
#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/document.hpp>
#include <joinery/crdt/lww_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/pn_counter.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace joinery;

// Bugs that libraries of this kind have shipped, as far as they concern types, clocks and contexts.
// Each comes with the thread in which it was reported.

namespace {

constexpr replica_id alice{3};
constexpr replica_id bob{2};
constexpr replica_id carol{1};

author at(replica_id who, std::uint64_t ms, std::uint64_t sequence = 1) {
    return {who, hlc::at(ms), sequence};
}

template <class T>
T joined(T a, T const& b) {
    a.join(b);
    return a;
}

} // namespace

TEST_CASE("museum: B1, a hole in what was delivered does not act as a delete", "[museum]") {
    // akka/akka#22188, akka/akka#22890
    aw_set<std::string> source;
    auto const first = source.insert(alice, "x");
    auto const second = source.insert(alice, "y");

    aw_set<std::string> late;
    late.join(second);
    CHECK_FALSE(late.contains("x"));
    late.join(first);

    CHECK(late.contains("x"));
    CHECK(late == source);
}

TEST_CASE("museum: B2, increments that a reset has seen do not come back", "[museum]") {
    // basho/riak_dt#98
    document a;
    (void)a.edit(at(alice, 1), [](auto doc) { doc.increment("hits", 10); });
    auto b = a;
    (void)b.edit(at(bob, 2), [](auto doc) { doc.erase("hits"); });
    (void)a.edit(at(alice, 3), [](auto doc) { doc.increment("hits", 1); });

    auto const merged = joined(b, a);

    CHECK(merged.at("hits").counter() == 1);
    CHECK(joined(a, b).at("hits").counter() == 1);
}

TEST_CASE("museum: B3, an insert that comes after its removal stays removed", "[museum]") {
    // vlcn-io/cr-sqlite#299
    aw_set<std::string> source;
    auto const inserted = source.insert(alice, "x");
    auto other = source;
    auto const erased = other.erase(bob, "x");

    aw_set<std::string> late;
    late.join(erased);
    late.join(inserted);

    CHECK_FALSE(late.contains("x"));
    CHECK(late == joined(source, other));
}

TEST_CASE("museum: B4, a clock that has taken a remote write stamps later ones above it",
          "[museum]") {
    // vlcn-io/cr-sqlite#76
    hybrid_clock ahead;
    hybrid_clock behind;
    auto const remote = ahead.now(20'000);
    REQUIRE(remote);
    REQUIRE(behind.observe(*remote, 10'000));

    lww_register<std::string> shared;
    (void)shared.assign({alice, *remote, 1}, "first");
    auto const local = behind.now(10'000);
    REQUIRE(local);
    (void)shared.assign({carol, *local, 1}, "second, by who has seen the first");

    CHECK(shared.value() == "second, by who has seen the first");
}

TEST_CASE("museum: B6, a tie of two writers has the same winner on every replica", "[museum]") {
    // superfly/corrosion#136, vlcn-io/cr-sqlite#405
    lww_register<std::string> a;
    lww_register<std::string> b;
    (void)a.assign(at(alice, 5), "of alice");
    (void)b.assign(at(bob, 5), "of bob");

    CHECK(joined(a, b) == joined(b, a));
    CHECK(joined(a, b).value() == "of alice");
}

TEST_CASE("museum: B22, bytes do not depend on the order in which replicas were met", "[museum]") {
    // automerge/automerge#897
    aw_set<std::string> a;
    aw_set<std::string> b;
    (void)a.insert(alice, "x");
    (void)b.insert(bob, "y");

    auto const one = joined(a, b);
    auto const other = joined(b, a);

    CHECK(one.encode() == other.encode());
    auto const read = aw_set<std::string>::decode(one.encode());
    REQUIRE(read);
    CHECK(*read == other);
}
