#include <joinery/core/dot.hpp>

#include <catch2/catch.hpp>

using namespace joinery;

TEST_CASE("dot: ordered by replica, then by sequence", "[core][dot]") {
    STATIC_REQUIRE(dot{replica_id{1}, 9} < dot{replica_id{2}, 1});
    STATIC_REQUIRE(dot{replica_id{2}, 1} < dot{replica_id{2}, 2});
    STATIC_REQUIRE(dot{replica_id{2}, 1} == dot{replica_id{2}, 1});
}

TEST_CASE("dot: a fresh one names no operation", "[core][dot]") {
    CHECK(dot{}.sequence == 0);
}
