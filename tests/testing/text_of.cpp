#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/testing/text_of.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace joinery;
using testing::text_of;

TEST_CASE("text_of: values read as a person writes them", "[testing][text_of]") {
    CHECK(text_of(-7) == "-7");
    CHECK(text_of(true) == "true");
    CHECK(text_of(1.5) == "1.5");
    CHECK(text_of(2.0) == "2.0");
    CHECK(text_of("x") == "x");
    CHECK(text_of(std::string{"x"}) == "x");
    CHECK(text_of(std::optional<int>{}) == "none");
    CHECK(text_of(std::optional{3}) == "3");
    CHECK(text_of(std::pair{1, "b"}) == "(1, b)");
    CHECK(text_of(std::tuple<>{}) == "()");
    CHECK(text_of(std::vector{1, 2}) == "{1, 2}");
    CHECK(text_of(std::map<std::string, int>{{"a", 1}, {"b", 2}}) == "{a: 1, b: 2}");
}

TEST_CASE("text_of: a lattice is shown by its value", "[testing][text_of]") {
    pn_counter counter;
    counter.decrement(replica_id{1}, 3);
    or_map<std::string, mv_register<int>> map;
    map.edit({replica_id{1}, hlc::at(1), 1}, [](auto edit) { edit.at("a").assign(5); });

    CHECK(text_of(counter) == "-3");
    CHECK(text_of(map) == "{a: {5}}");
}

TEST_CASE("text_of: what has no form is a question mark", "[testing][text_of]") {
    struct nothing {};

    CHECK(text_of(nothing{}) == "?");
}
