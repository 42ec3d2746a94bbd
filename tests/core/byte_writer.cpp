#include <joinery/core/byte_writer.hpp>

#include <catch2/catch.hpp>

#include <cstring>
#include <string>

using namespace joinery;

TEST_CASE("byte_writer: a fixed64 is least significant byte first", "[core][byte_writer]") {
    byte_writer out;
    out.fixed64(0x0102030405060708);

    CHECK(as_text(out.view()) == "\x08\x07\x06\x05\x04\x03\x02\x01");
}

TEST_CASE("byte_writer: it grows and keeps what was written", "[core][byte_writer]") {
    byte_writer out;
    std::string expected;
    for (int i = 0; i < 2'000; ++i) {
        auto const text = std::to_string(i);
        out.raw(as_bytes(text));
        out.raw({});
        expected += text;
    }

    CHECK(as_text(out.view()) == expected);
    CHECK(out.size() == expected.size());
}

TEST_CASE("byte_writer: room may be used in part", "[core][byte_writer]") {
    byte_writer out;
    auto* const at = out.reserve(100);
    std::memcpy(at, "abc", 3);
    out.commit(at + 3);

    CHECK(as_text(out.view()) == "abc");
}

TEST_CASE("byte_writer: after take and clear it begins anew", "[core][byte_writer]") {
    byte_writer out;
    out.byte(1);
    CHECK(out.take().size() == 1);
    CHECK(out.size() == 0);
    out.byte(2);
    out.clear();
    out.byte(3);

    CHECK(out.take() == bytes{std::byte{3}});
}
