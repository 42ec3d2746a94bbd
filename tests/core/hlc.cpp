#include <joinery/core/hlc.hpp>

#include <catch2/catch.hpp>

using namespace joinery;

TEST_CASE("hlc: packs 48 bits of milliseconds above 16 bits of counter", "[core][hlc]") {
    STATIC_REQUIRE(hlc::at(1, 2).bits == 0x1'0002);
    STATIC_REQUIRE(hlc::at(hlc::milliseconds_max, hlc::counter_max).bits == ~0ULL);
    STATIC_REQUIRE(hlc::at(123'456, 789).milliseconds() == 123'456);
    STATIC_REQUIRE(hlc::at(123'456, 789).counter() == 789);
}

TEST_CASE("hlc: ordered by milliseconds, then by counter", "[core][hlc]") {
    STATIC_REQUIRE(hlc::at(1, hlc::counter_max) < hlc::at(2));
    STATIC_REQUIRE(hlc::at(2, 0) < hlc::at(2, 1));
    STATIC_REQUIRE(hlc{} == hlc::at(0));
}
