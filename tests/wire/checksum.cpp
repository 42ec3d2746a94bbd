#include <joinery/wire/checksum.hpp>

#include <catch2/catch.hpp>

#include <random>

#include "bytes_of.hpp"

using namespace joinery;

TEST_CASE("crc32c: the published vectors", "[wire][checksum]") {
    CHECK(wire::crc32c({}) == 0);
    CHECK(wire::crc32c(as_bytes("123456789")) == 0xe3069283);
    CHECK(wire::crc32c(bytes(32)) == 0x8a9136aa);
    CHECK(wire::crc32c(bytes(32, std::byte{0xff})) == 0x62a8ab43);
}

TEST_CASE("crc32c: every way to compute it gives the same", "[wire][checksum]") {
    auto const seed = GENERATE(range(1U, 40U));
    CAPTURE(seed);
    std::mt19937 random{seed};
    bytes input(seed * 7 % 61);
    for (auto& byte : input) {
        byte = static_cast<std::byte>(random());
    }

    CHECK(wire::crc32c(input) == ~wire::detail::crc32c_portable(input, ~0U));
}

TEST_CASE("crc32c: a checksum can be continued", "[wire][checksum]") {
    auto const whole = as_bytes("one checksum in two parts");
    auto const cut = GENERATE(range(std::size_t{0}, std::size_t{26}));

    auto const first = wire::crc32c(whole.first(cut));

    CHECK(wire::crc32c(whole.subspan(cut), first) == wire::crc32c(whole));
}
