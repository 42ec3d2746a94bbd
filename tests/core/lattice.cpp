#include <joinery/core/lattice.hpp>

#include <catch2/catch.hpp>

using namespace joinery;

namespace lattice_examples {

struct greatest {
    int value = 0;

    void join(greatest const& other) { value = value < other.value ? other.value : value; }
    friend bool operator==(greatest const&, greatest const&) = default;
};

struct greatest_with_deltas : greatest {
    using delta_type = greatest_with_deltas;
};

struct without_join {
    friend bool operator==(without_join const&, without_join const&) = default;
};

struct without_equality {
    void join(without_equality const&) {}
};

struct joins_by_reference {
    void join(joins_by_reference&) {}
    friend bool operator==(joins_by_reference const&, joins_by_reference const&) = default;
};

} // namespace lattice_examples

using namespace lattice_examples;

TEST_CASE("join_semilattice: needs join, ==, and a value to begin with", "[core][lattice]") {
    STATIC_REQUIRE(join_semilattice<greatest>);
    STATIC_REQUIRE_FALSE(join_semilattice<int>);
    STATIC_REQUIRE_FALSE(join_semilattice<without_join>);
    STATIC_REQUIRE_FALSE(join_semilattice<without_equality>);
    STATIC_REQUIRE_FALSE(join_semilattice<joins_by_reference>);
}

TEST_CASE("delta_crdt: needs a delta that joins into the state", "[core][lattice]") {
    STATIC_REQUIRE(delta_crdt<greatest_with_deltas>);
    STATIC_REQUIRE_FALSE(delta_crdt<greatest>);
}
