#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

#include "support/sequence_schedule.hpp"

// Random concurrent edits against both naive models. `joinery_exhaustive` runs many more.

using namespace joinery;
using namespace joinery::tests;

namespace {

template <class Sequence>
void check_schedules(std::uint64_t first, std::uint64_t count) {
    for (auto seed = first; seed < first + count; ++seed) {
        auto const broken = broken_schedule<Sequence>(seed);
        INFO(broken);
        REQUIRE(broken.empty());
    }
}

} // namespace

TEST_CASE("text: random schedules give the order of both naive models", "[crdt][text]") {
    check_schedules<text>(1, 2'000);
}

TEST_CASE("text: random schedules give the same order in small leaves", "[crdt][text]") {
    check_schedules<narrow_text>(1, 2'000);
}

TEST_CASE("sequence: random schedules give the order of both naive models", "[crdt][sequence]") {
    check_schedules<sequence<std::uint32_t>>(1, 1'000);
}

TEST_CASE("text: a change becomes a delta when it is wanted", "[crdt][text]") {
    constexpr replica_id alice{1};
    constexpr replica_id bob{2};
    text author;
    auto const typed = author.insert(alice, 0, "abcd");
    text other;
    (void)other.insert(bob, 0, "xy");
    text const erased = author.erase(alice, 1, 2);
    author.join(other);
    text const more = author.insert(alice, 1, "z");

    // By now the run is in pieces, some of them erased.
    text const late = typed;
    text follower;
    follower.join(more);
    follower.join(late);
    follower.join(other);
    follower.join(erased);

    CHECK(follower.waiting() == 0);
    CHECK(difference_between(author, follower) == "");
}
