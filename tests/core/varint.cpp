#include <joinery/core/varint.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <limits>

using namespace joinery;

TEST_CASE("varint: every border of length is written and read back", "[core][varint]") {
    for (unsigned bit = 0; bit < 64; ++bit) {
        for (auto const value :
             {(std::uint64_t{1} << bit) - 1, std::uint64_t{1} << bit, ~std::uint64_t{0} >> bit}) {
            std::array<std::byte, varint_bytes_max> room{};
            auto const* const end = write_varint(room.data(), value);
            auto const* at = static_cast<std::byte const*>(room.data());

            CHECK(read_trusted_varint(at) == value);
            CHECK(at == end);
            CHECK(static_cast<std::size_t>(end - room.data()) == varint_bytes(value));
        }
    }
}

TEST_CASE("varint: seven bits go into a byte, the least significant first", "[core][varint]") {
    std::array<std::byte, varint_bytes_max> room{};
    auto const* const end = write_varint(room.data(), 300);

    CHECK(end - room.data() == 2);
    CHECK(room[0] == std::byte{0xac});
    CHECK(room[1] == std::byte{0x02});
    CHECK(varint_bytes(~std::uint64_t{0}) == varint_bytes_max);
}

TEST_CASE("varint: zigzag keeps small magnitudes small", "[core][varint]") {
    using limits = std::numeric_limits<std::int64_t>;

    CHECK(zigzag(0) == 0);
    CHECK(zigzag(-1) == 1);
    CHECK(zigzag(1) == 2);
    CHECK(zigzag(limits::min()) == ~std::uint64_t{0});
    for (auto const value : {limits::min(), std::int64_t{-3}, std::int64_t{0}, limits::max()}) {
        CHECK(unzigzag(zigzag(value)) == value);
    }
}
