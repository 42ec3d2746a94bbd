#include <joinery/crdt/document_path.hpp>
#include <joinery/crdt/json_pointer.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace joinery;

using tokens = std::vector<std::string>;

TEST_CASE("json_pointer: the examples of the RFC", "[crdt][json_pointer]") {
    // RFC 6901, section 5.
    auto const [pointer, expected] = GENERATE(table<std::string, tokens>({
        {"", {}},
        {"/foo", {"foo"}},
        {"/foo/0", {"foo", "0"}},
        {"/", {""}},
        {"/a~1b", {"a/b"}},
        {"/c%d", {"c%d"}},
        {"/i\\j", {"i\\j"}},
        {"/ ", {" "}},
        {"/m~0n", {"m~n"}},
        {"/~01", {"~1"}},
        {"//", {"", ""}},
    }));
    CAPTURE(pointer);

    auto const parsed = json::parse_pointer(pointer);

    REQUIRE(parsed);
    CHECK(*parsed == expected);
    CHECK(json::pointer_text(*parsed) == pointer);
}

TEST_CASE("json_pointer: what is no pointer is refused with its place", "[crdt][json_pointer]") {
    auto const [pointer, offset] = GENERATE(table<std::string, std::uint64_t>({
        {"foo", 0U},
        {"~", 0U},
        {"/~", 1U},
        {"/a~2", 2U},
        {"/a~0/~a", 5U},
    }));
    CAPTURE(pointer);

    auto const parsed = json::parse_pointer(pointer);

    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == errc::invalid_argument);
    CHECK(parsed.error().offset == offset);
}

TEST_CASE("json_pointer: an index is digits without leading zeros", "[crdt][json_pointer]") {
    CHECK(json::array_index("0") == 0U);
    CHECK(json::array_index("10") == 10U);
    CHECK(json::array_index("18446744073709551615") == ~std::size_t{0});
    auto const wrong = GENERATE(as<std::string_view>{}, "", "-", "00", "01", "+1", "-1", " 1", "1 ",
                                "1e0", "1.0", "0x1", "18446744073709551616", "one");
    CAPTURE(wrong);
    CHECK_FALSE(json::array_index(wrong));
}

TEST_CASE("json_pointer: elements and the gaps between them", "[crdt][json_pointer]") {
    CHECK(*json::element_index("2", 3) == 2);
    CHECK(json::element_index("3", 3).error().code == errc::not_found);
    CHECK(json::element_index("-", 3).error().code == errc::not_found);
    CHECK(json::element_index("x", 3).error().code == errc::invalid_argument);
    CHECK(*json::gap_index("2", 3) == 2);
    CHECK(*json::gap_index("3", 3) == 3);
    CHECK(*json::gap_index("-", 3) == 3);
    CHECK(json::gap_index("4", 3).error().code == errc::not_found);
    CHECK(json::gap_index("01", 3).error().code == errc::invalid_argument);
}

TEST_CASE("json_pointer: a path of a document is written back as it was read",
          "[crdt][json_pointer]") {
    auto const path = document_path::parse("/a~1b/m~0n/-");

    REQUIRE(path);
    CHECK(path->keys() == tokens{"a/b", "m~n", "-"});
    CHECK(path->to_string() == "/a~1b/m~0n/-");
    CHECK(document_path{path_view{*path}} == *path);
}
