#include <joinery/crdt/document_path.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <utility>

using namespace joinery;

TEST_CASE("path_view: one key, several keys and a span are paths", "[crdt][document_path]") {
    std::string const owned = "key";
    std::string_view const keys[] = {"a", "b"};

    CHECK(path_view{"key"}.to_string() == "/key");
    CHECK(path_view{owned}.size() == 1);
    CHECK(path_view{"a", "b"}.to_string() == "/a/b");
    CHECK(path_view{std::span<std::string_view const>{keys}}[1] == "b");
    CHECK(path_view{"a", "b"}.to_string(1) == "/a");
}

TEST_CASE("document_path: the examples of RFC 6901 are read and written", "[crdt][document_path]") {
    for (auto const* pointer : {"", "/foo", "/foo/0", "/", "/a~1b", "/c%d", "/m~0n", "/ ", "//"}) {
        auto const path = document_path::parse(pointer);
        REQUIRE(path);
        CHECK(path_view{*path}.to_string() == pointer);
    }
    CHECK(path_view{*document_path::parse("/a~1b~01")}[0] == "a/b~1");
    CHECK(document_path::parse("")->size() == 0);
    CHECK(document_path::parse("/")->size() == 1);
}

TEST_CASE("document_path: what is no JSON Pointer is refused", "[crdt][document_path]") {
    for (auto const* bad : {"a", "a/b", "/~", "/~2", "/a~"}) {
        auto const path = document_path::parse(bad);
        REQUIRE_FALSE(path);
        CHECK(path.error().code == errc::invalid_argument);
    }
    CHECK(document_path::parse("/ab~x").error().offset == 3);
}

TEST_CASE("document_path: a copy owns its keys", "[crdt][document_path]") {
    auto copy = *document_path::parse("/short/key");
    {
        auto const original = *document_path::parse("/other/path");
        copy = original;
    }
    auto const moved = std::move(copy);

    CHECK(path_view{moved}.to_string() == "/other/path");
    CHECK(moved == *document_path::parse("/other/path"));
}
