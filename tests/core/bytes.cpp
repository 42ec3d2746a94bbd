#include <joinery/core/bytes.hpp>

#include <catch2/catch.hpp>

using namespace joinery;

TEST_CASE("bytes: text and its bytes are views of each other", "[core][bytes]") {
    std::string_view const text{"a\0\xff", 3};

    auto const view = as_bytes(text);

    REQUIRE(view.size() == 3);
    CHECK(view[1] == std::byte{0});
    CHECK(view[2] == std::byte{0xff});
    CHECK(as_text(view) == text);
    CHECK(as_text(view).data() == text.data());
}

TEST_CASE("bytes: empty text is an empty view", "[core][bytes]") {
    CHECK(as_bytes({}).empty());
    CHECK(as_text({}).empty());
}
