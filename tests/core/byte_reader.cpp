#include <joinery/core/byte_reader.hpp>
#include <joinery/core/byte_writer.hpp>

#include <catch2/catch.hpp>

#include <initializer_list>

using namespace joinery;

namespace {

bytes of(std::initializer_list<unsigned> values) {
    bytes out;
    for (auto const value : values) {
        out.push_back(static_cast<std::byte>(value));
    }
    return out;
}

} // namespace

TEST_CASE("byte_reader: what was written is read", "[core][byte_reader]") {
    byte_writer out;
    out.byte(7);
    out.varint(300);
    out.fixed64(0x0102030405060708);
    out.raw(as_bytes("tail"));
    auto const input = out.take();
    byte_reader reader{input};

    CHECK(reader.peek() == 7);
    CHECK(reader.byte() == 7);
    CHECK(reader.varint() == 300);
    CHECK(reader.fixed64() == 0x0102030405060708);
    CHECK(reader.offset() == 11);
    CHECK(as_text(reader.take(4)) == "tail");
    CHECK(reader.at_end());
    CHECK(reader.ok());
}

TEST_CASE("byte_reader: the first failure sticks", "[core][byte_reader]") {
    auto const input = of({1, 2, 3});
    byte_reader reader{input};
    reader.byte();

    CHECK(reader.take(9).empty());
    CHECK(reader.byte() == 0);
    CHECK(reader.varint() == 0);
    reader.fail(errc::malformed, "later");

    REQUIRE_FALSE(reader.ok());
    CHECK(reader.error() == error{errc::truncated, "a length exceeds the bytes that are left", 1});
}

TEST_CASE("byte_reader: an integer that is not in its shortest form is refused",
          "[core][byte_reader][hostile]") {
    auto const refused = [](bytes const& input) {
        byte_reader reader{input};
        (void)reader.varint();
        return !reader.ok();
    };

    CHECK(refused(of({})));
    CHECK(refused(of({0x80})));
    CHECK(refused(of({0x80, 0x00})));
    CHECK(refused(of({0xff, 0x80, 0x00})));
    CHECK(refused(of({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02})));
    CHECK(refused(of({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})));
    CHECK_FALSE(refused(of({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})));
    CHECK_FALSE(refused(of({0x00})));
}

TEST_CASE("byte_reader: a length near the end of its range does not wrap",
          "[core][byte_reader][hostile]") {
    auto const input = of({1, 2, 3});
    byte_reader reader{input};

    CHECK(reader.take(~std::uint64_t{0}).empty());
    CHECK_FALSE(reader.ok());
}
