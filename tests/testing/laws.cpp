#include <joinery/testing/laws.hpp>

#include <catch2/catch.hpp>

#include "broken_lattices.hpp"

using namespace joinery;
using namespace joinery::testing;
using namespace joinery::tests;

TEST_CASE("laws: a maximum breaks none", "[testing][laws]") {
    CHECK(broken_lattice_law(maximum{1}, maximum{3}, maximum{2}) == std::nullopt);
    CHECK(broken_delta_law(maximum{2}, [](maximum& m) { return m.raise(5); }) == std::nullopt);
}

TEST_CASE("laws: the law that a lattice breaks is named", "[testing][laws]") {
    CHECK(broken_lattice_law(adds_twice{{1}}, adds_twice{{2}}, adds_twice{{3}}) ==
          "idempotent: a ⊔ a == a");
    CHECK(broken_lattice_law(keeps_mine{1, 1}, keeps_mine{1, 2}, keeps_mine{}) ==
          "commutative: a ⊔ b == b ⊔ a");
    CHECK(broken_lattice_law(takes_mean{4}, takes_mean{8}, takes_mean{16}) ==
          "associative: (a ⊔ b) ⊔ c == a ⊔ (b ⊔ c)");
    CHECK(broken_lattice_law(sinks{1}, sinks{2}, sinks{3}) == "bottom: T{} ⊔ a == a");
}

TEST_CASE("laws: the law that a mutator breaks is named", "[testing][laws]") {
    CHECK(broken_delta_law(forgetful_delta{}, [](auto& m) { return m.raise(0x80); }) ==
          "delta: before ⊔ delta == after");
    CHECK(broken_delta_law(adds_twice{}, [](auto& m) {
              m.value += 1;
              return adds_twice{{1}};
          }) == "duplicate delta: after ⊔ delta == after");
    CHECK(broken_delta_law(sinks{5}, [](auto& m) {
              m.value = 3;
              return sinks{3};
          }) == std::nullopt);
    CHECK(broken_delta_law(keeps_mine{1, 5}, [](auto& m) {
              m.value = 6;
              return keeps_mine{1, 6};
          }) == "delta: before ⊔ delta == after");
}
