#include <joinery/testing/decomposition_laws.hpp>

#include <catch2/catch.hpp>

#include "broken_lattices.hpp"

using namespace joinery;
using namespace joinery::testing;
using namespace joinery::tests;

TEST_CASE("decomposition_laws: a set of bits breaks none", "[testing][decomposition_laws]") {
    using type = bit_set<flaw::none>;

    CHECK(broken_decomposition_law(type{}) == std::nullopt);
    CHECK(broken_decomposition_law(type{0b1011, 0b10}) == std::nullopt);
    CHECK(broken_difference_law(type{0b1011, 0b10}, type{0b110}) == std::nullopt);
    CHECK(broken_difference_law(type{0b10}, type{0b110}) == std::nullopt);
}

TEST_CASE("decomposition_laws: the law that a decomposition breaks is named",
          "[testing][decomposition_laws]") {
    CHECK(broken_decomposition_law(bit_set<flaw::bottom_has_parts>{}) ==
          "decomposition: bottom has no parts");
    CHECK(broken_decomposition_law(bit_set<flaw::part_is_lost>{0b11}) ==
          "decomposition: ⊔ parts == a");
    CHECK(broken_decomposition_law(bit_set<flaw::part_is_redundant>{0b11}) ==
          "irredundant: no part is below the join of the others");
}

TEST_CASE("decomposition_laws: the law that a difference breaks is named",
          "[testing][decomposition_laws]") {
    CHECK(broken_difference_law(bit_set<flaw::news_are_lost>{0b11},
                                bit_set<flaw::news_are_lost>{0b10}) ==
          "difference: b ⊔ difference(a, b) == b ⊔ a");
    CHECK(broken_difference_law(bit_set<flaw::news_of_nothing>{0b1},
                                bit_set<flaw::news_of_nothing>{0b11}) ==
          "no difference: it is bottom if a ⊑ b");
    CHECK(broken_difference_law(bit_set<flaw::news_are_invented>{0b1},
                                bit_set<flaw::news_are_invented>{0b10}) ==
          "no invention: difference(a, b) ⊑ a");
    CHECK(broken_difference_law(bit_set<flaw::news_are_known>{0b11},
                                bit_set<flaw::news_are_known>{0b10}) ==
          "smallest difference: no part of difference(a, b) is below b");
}
