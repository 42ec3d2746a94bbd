#include <joinery/core/author.hpp>

#include <catch2/catch.hpp>

using namespace joinery;

namespace {

constexpr author sample{replica_id{5}, hlc::at(100, 1), 7};

} // namespace

TEST_CASE("author: the later time wins whoever writes", "[core][author]") {
    STATIC_REQUIRE(sample < author{replica_id{1}, hlc::at(100, 2), 1});
}

TEST_CASE("author: at one time the greater replica wins whatever its sequence", "[core][author]") {
    STATIC_REQUIRE(sample < author{replica_id{6}, hlc::at(100, 1), 1});
}

TEST_CASE("author: the sequence breaks the last tie", "[core][author]") {
    STATIC_REQUIRE(sample < author{replica_id{5}, hlc::at(100, 1), 8});
    STATIC_REQUIRE(sample == author{replica_id{5}, hlc::at(100, 1), 7});
}

TEST_CASE("author: knows the dot of its operation", "[core][author]") {
    STATIC_REQUIRE(sample.id() == dot{replica_id{5}, 7});
}
