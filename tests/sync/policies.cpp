#include <joinery/crdt/pn_counter.hpp>
#include <joinery/store/memory.hpp>
#include <joinery/sync/session.hpp>

#include <catch2/catch.hpp>

#include <concepts>

#include "conversation.hpp"

using namespace joinery;

namespace {

struct noon {
    [[nodiscard]] std::uint64_t now_ms() const { return 1'700'000'000'000; }
};

using plain = sync::replica<pn_counter>;
using one_way = sync::replica<pn_counter, stored_in<store::memory>, timed_by<noon>>;
using other_way = sync::replica<pn_counter, timed_by<noon>, stored_in<store::memory>>;
using compressed = sync::replica<pn_counter, compressed_with<wire::zstd>, timed_by<noon>>;

static_assert(!plain::is_stored);
static_assert(std::same_as<plain::clock_type, sync::wall_clock>);
static_assert(std::same_as<plain::compression_type, wire::uncompressed>);
static_assert(one_way::is_stored && other_way::is_stored);
static_assert(std::same_as<one_way::store_type, other_way::store_type>);
static_assert(std::same_as<one_way::clock_type, noon>);
static_assert(std::same_as<other_way::clock_type, noon>);
static_assert(std::same_as<compressed::compression_type, wire::zstd>);

} // namespace

TEST_CASE("policies: they come in any order", "[sync][policies]") {
    auto a = one_way::open({}, replica_id{1}).value();
    auto b = other_way::open({}, replica_id{2}).value();
    REQUIRE(a.edit([](auto counter) { counter.increment(2); }));
    REQUIRE(b.edit([](auto counter) { counter.decrement(1); }));

    CHECK(tests::talk(a, b).is_settled);
    CHECK(a.state().value() == 1);
    CHECK(b.state().value() == 1);
}

TEST_CASE("policies: the clock's time is that of the changesets", "[sync][policies]") {
    auto a = one_way::open({}, replica_id{1}).value();
    REQUIRE(a.edit([](auto counter) { counter.increment(2); }));

    CHECK(a.changes().at(a.changes().find(a.id())).time == hlc::at(noon{}.now_ms()));
}

TEST_CASE("policies: the wall clock tells the time in milliseconds", "[sync][policies]") {
    auto const first = sync::wall_clock{}.now_ms();

    CHECK(first > 1'600'000'000'000);
    CHECK(first < 100'000'000'000'000);
    CHECK(sync::wall_clock{}.now_ms() >= first);
}

TEST_CASE("policies: replicas that compress understand each other", "[sync][policies]") {
    compressed a{replica_id{1}};
    compressed b{replica_id{2}};
    for (auto i = 0; i < 200; ++i) {
        REQUIRE(a.edit([](auto counter) { counter.increment(2); }));
    }
    sync::session left;
    sync::session right;

    CHECK(tests::talk(left, a, right, b).is_settled);
    CHECK(b.state().value() == 400);
    CHECK(left.counted().bytes_sent < 200 * 30);
}
