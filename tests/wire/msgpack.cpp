#include <joinery/wire/msgpack.hpp>
#include <joinery/wire/msgpack_reader.hpp>
#include <joinery/wire/msgpack_writer.hpp>

#include <catch2/catch.hpp>

#include <limits>

#include "bytes_of.hpp"
#include "hostile.hpp"

using namespace joinery;
using joinery::testing::bytes_of;
using joinery::testing::hex;

namespace {

template <class Write>
std::string written(Write write) {
    byte_writer out;
    wire::msgpack_writer writer{out};
    write(writer);
    return hex(out.view());
}

errc first_error(std::initializer_list<int> input) {
    auto const owned = bytes_of(input);
    wire::msgpack_reader reader{owned};
    reader.skip();
    return reader.error().code;
}

} // namespace

TEST_CASE("msgpack_writer: integers have their shortest form", "[wire][msgpack]") {
    auto const of = [](std::int64_t value) {
        return written([&](wire::msgpack_writer& out) { out.integer(value); });
    };
    CHECK(of(127) == "7f");
    CHECK(of(128) == "cc80");
    CHECK(of(65'536) == "ce00010000");
    CHECK(of(-32) == "e0");
    CHECK(of(-33) == "d0df");
    CHECK(of(-128) == "d080");
    CHECK(of(-129) == "d1ff7f");
    CHECK(of(-32'769) == "d2ffff7fff");
    CHECK(of(std::numeric_limits<std::int64_t>::min()) == "d38000000000000000");
}

TEST_CASE("msgpack_writer: a double becomes a float when that loses nothing", "[wire][msgpack]") {
    auto const of = [](double value) {
        return written([&](wire::msgpack_writer& out) { out.floating(value); });
    };
    CHECK(of(0.5) == "ca3f000000");
    CHECK(of(-0.0) == "ca80000000");
    CHECK(of(0.1) == "cb3fb999999999999a");
    CHECK(of(1e300) == "cb7e37e43c8800759c");
    CHECK(of(std::numeric_limits<double>::infinity()) == "ca7f800000");
    CHECK(of(-std::numeric_limits<double>::quiet_NaN()) == "ca7fc00000");
}

TEST_CASE("msgpack_reader: what is no MessagePack is an error", "[wire][msgpack]") {
    CHECK(first_error({}) == errc::truncated);
    CHECK(first_error({0xc1}) == errc::malformed);
    CHECK(first_error({0xd9, 5, 'a'}) == errc::truncated);
    CHECK(first_error({0xdd, 0xff, 0xff, 0xff, 0xff}) == errc::truncated);
    CHECK(first_error({0xdf, 0xff, 0xff, 0xff, 0xff, 1, 1}) == errc::truncated);
    CHECK(first_error({0x92, 1}) == errc::truncated);
}

TEST_CASE("msgpack_reader: skipping ends, however deep or wide the claims",
          "[wire][msgpack][hostile]") {
    bytes const nested(1'000'000, std::byte{0x91});
    wire::msgpack_reader reader{nested};

    CHECK(joinery::testing::stays_within(0, [&] { reader.skip(); }));
    CHECK(reader.error().code == errc::truncated);
}

TEST_CASE("msgpack_timestamp_of: a timestamp has less than a second of nanoseconds",
          "[wire][msgpack]") {
    auto const too_many = bytes_of({0xd7, 0xff, 0xee, 0x6b, 0x28, 0x00, 0, 0, 0, 0});
    auto const odd_size = bytes_of({0xc7, 5, 0xff, 0, 0, 0, 0, 0});

    CHECK_FALSE(wire::msgpack_timestamp_of(wire::msgpack_reader{too_many}.next()));
    CHECK_FALSE(wire::msgpack_timestamp_of(wire::msgpack_reader{odd_size}.next()));
}
