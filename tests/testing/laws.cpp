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

TEST_CASE("laws: the law of order that a lattice breaks is named", "[testing][laws]") {
    CHECK(broken_order_law(maximum{1}, maximum{3}, maximum{2}) == std::nullopt);
    CHECK(broken_order_law(adds_twice{{1}}, adds_twice{}, adds_twice{}) == "reflexive: a ⊑ a");
    CHECK(broken_order_law(takes_theirs{1, 1}, takes_theirs{1, 2}, takes_theirs{}) ==
          "antisymmetric: a ⊑ b and b ⊑ a only if a == b");
    CHECK(broken_order_law(takes_mean{4}, takes_mean{8}, takes_mean{}) ==
          "upper bound: a ⊑ a ⊔ b and b ⊑ a ⊔ b");
    CHECK(broken_order_law(goes_round{0}, goes_round{1}, goes_round{2}) ==
          "transitive: a ⊑ c if a ⊑ b and b ⊑ c");
    CHECK(broken_order_law(overshoots{2}, overshoots{4}, overshoots{6}) ==
          "least: a ⊔ b ⊑ c if a ⊑ c and b ⊑ c");
}

TEST_CASE("laws: the law that a mutator breaks is named", "[testing][laws]") {
    CHECK(broken_delta_law(forgetful_delta{}, [](auto& m) { return m.raise(0x80); }) ==
          "delta: before ⊔ delta == after");
    CHECK(broken_delta_law(adds_twice{}, [](auto& m) {
              m.value += 1;
              return adds_twice{{1}};
          }) == "duplicate delta: after ⊔ delta == after");
    deflates high;
    high.value = 5;
    CHECK(broken_delta_law(high, [](auto& m) { return m.become(3); }) ==
          "inflation: before ⊔ after == after");
    CHECK(broken_delta_law(sinks{5}, [](auto& m) {
              m.value = 3;
              return sinks{3};
          }) == std::nullopt);
    CHECK(broken_delta_law(keeps_mine{1, 5}, [](auto& m) {
              m.value = 6;
              return keeps_mine{1, 6};
          }) == "delta: before ⊔ delta == after");
}
