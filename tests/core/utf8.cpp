#include <joinery/core/utf8.hpp>

#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

using namespace joinery;

namespace {

/// The encoding of any number below 2^21, whether it is a scalar value or not.
std::string encoded(std::uint32_t point) {
    auto const tail = [](std::uint32_t bits) { return static_cast<char>(0x80 | (bits & 0x3f)); };
    if (point < 0x80) {
        return {static_cast<char>(point)};
    }
    if (point < 0x800) {
        return {static_cast<char>(0xc0 | point >> 6), tail(point)};
    }
    if (point < 0x10000) {
        return {static_cast<char>(0xe0 | point >> 12), tail(point >> 6), tail(point)};
    }
    return {static_cast<char>(0xf0 | point >> 18), tail(point >> 12), tail(point >> 6),
            tail(point)};
}

} // namespace

TEST_CASE("utf8: exactly the scalar values are well formed", "[core][utf8]") {
    unsigned wrong = 0;
    for (std::uint32_t point = 0; point < 0x200000; ++point) {
        auto const is_scalar = point < 0xd800 || (point > 0xdfff && point <= 0x10ffff);
        wrong += is_utf8(encoded(point)) != is_scalar;
    }
    CHECK(wrong == 0);
}

TEST_CASE("utf8: overlong, lone and cut sequences are refused", "[core][utf8]") {
    for (auto const* bad :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xc3", "\xe2\x82",
          "\xf0\x9f\x98", "\xf8\x88\x80\x80\x80", "\xff", "a\xc3(", "\xe2\x28\xa1"}) {
        CHECK_FALSE(is_utf8(bad));
        CHECK_FALSE(is_utf8(std::string("12345678") + bad));
    }
}

TEST_CASE("utf8: a sequence may lie across any border of eight bytes", "[core][utf8]") {
    for (std::size_t before = 0; before < 20; ++before) {
        CHECK(is_utf8(std::string(before, 'a') + "\xf0\x9f\x98\x80" + std::string(20, 'b')));
        CHECK_FALSE(is_utf8(std::string(before, 'a') + "\xf0\x9f\x98" + std::string(20, 'b')));
    }
}

TEST_CASE("utf8: a text has as many code points as sequences", "[core][utf8]") {
    std::string const text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) {
        at += utf8_sequence_bytes(std::string_view{text}.substr(at));
    }
    CHECK(count == 4);
    CHECK(count_code_points(text) == 4);
    CHECK(count_code_points("") == 0);
}

TEST_CASE("utf8: code points are counted where a text is well-formed", "[core][utf8]") {
    for (std::size_t before = 0; before < 40; ++before) {
        CAPTURE(before);
        auto const text =
            std::string(before, 'a') + "\xc3\xa9\xf0\x9f\x98\x80" + std::string(20, 'b');

        CHECK(count_if_utf8(text) == before + 22);
        CHECK(count_if_utf8(text) == count_code_points(text));
        CHECK(count_if_utf8(text + "\xc3") == std::nullopt);
    }
}
