#include <joinery/wire/compression.hpp>

#include <catch2/catch.hpp>

#include <string>

#include "bytes_of.hpp"
#include "hostile.hpp"

using namespace joinery;
using joinery::testing::bytes_of;

namespace {

bytes prose() {
    std::string text;
    for (int line = 0; line < 60; ++line) {
        text += "line " + std::to_string(line * line) + " of a text that repeats itself\n";
    }
    return bytes_of(text);
}

/// A frame that says neither how long it is nor how much it becomes.
bytes streamed(byte_view input) {
    auto* const context = ZSTD_createCCtx();
    bytes out(ZSTD_compressBound(input.size()));
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    ZSTD_compressStream2(context, &to, &in, ZSTD_e_flush);
    ZSTD_compressStream2(context, &to, &in, ZSTD_e_end);
    ZSTD_freeCCtx(context);
    out.resize(to.pos);
    return out;
}

} // namespace

TEST_CASE("zstd: what was compressed comes back", "[wire][compression]") {
    auto const level = GENERATE(1, 3, 19);
    auto const input = prose();

    auto const packed = wire::zstd{.level = level}.compress(input);

    REQUIRE(packed);
    CHECK(packed->size() < input.size() / 3);
    CHECK(wire::zstd{}.decompress(*packed, {}).value() == input);
}

TEST_CASE("zstd: a payload that would not become smaller is sent as it is", "[wire][compression]") {
    CHECK(wire::zstd{}.compress(bytes_of("short")) == std::nullopt);
    bytes noise(500);
    std::uint32_t state = 1;
    for (auto& byte : noise) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<std::byte>(state >> 24);
    }
    CHECK(wire::zstd{}.compress(noise) == std::nullopt);
}

TEST_CASE("zstd: a payload of undeclared size is read up to the cap and not beyond",
          "[wire][compression]") {
    auto const input = prose();
    auto const packed = streamed(input);
    REQUIRE(ZSTD_getFrameContentSize(packed.data(), packed.size()) == ZSTD_CONTENTSIZE_UNKNOWN);

    CHECK(wire::zstd{}.decompress(packed, {}).value() == input);
    CHECK(wire::zstd{}.decompress(packed, {.decoded_bytes_max = input.size()}).value() == input);
    auto const refused = wire::zstd{}.decompress(packed, {.decoded_bytes_max = input.size() - 1});
    CHECK(refused.error().code == errc::too_large);
}

TEST_CASE("zstd: a bomb is refused within the cap", "[wire][compression][hostile]") {
    auto const is_declared = GENERATE(true, false);
    bytes const zeros(32 * 1024 * 1024);
    auto const bomb = is_declared ? *wire::zstd{}.compress(zeros) : streamed(zeros);
    REQUIRE(bomb.size() < 8000);

    errc code{};
    auto const cap = bomb.size() * 64 + 65'536;
    CHECK(joinery::testing::stays_within(
        2 * cap, [&] { code = wire::zstd{}.decompress(bomb, {}).error().code; }));
    CHECK(code == errc::too_large);
}

TEST_CASE("zstd: a damaged payload is an error or a value, within the cap",
          "[wire][compression][hostile]") {
    auto const input = bytes_of("a payload of words, words and words, and again words and words, "
                                "so that it does become smaller than it was before: words");
    auto const is_declared = GENERATE(true, false);
    auto const valid = is_declared ? *wire::zstd{}.compress(input) : streamed(input);

    std::size_t failures = 0;
    joinery::testing::for_each_damage(valid, [&](bytes const& damaged) {
        REQUIRE(joinery::testing::stays_within(
            256 * 1024, [&] { failures += wire::zstd{}.decompress(damaged, {}) ? 0U : 1U; }));
    });
    CHECK(failures > valid.size());
}

TEST_CASE("zstd: bytes behind the payload are an error", "[wire][compression]") {
    auto packed = *wire::zstd{}.compress(prose());
    packed.push_back(std::byte{0});

    CHECK(wire::zstd{}.decompress(packed, {}).error().code == errc::malformed);
}

TEST_CASE("uncompressed: it answers a compressed payload with a clear error",
          "[wire][compression]") {
    auto const answer = wire::uncompressed{}.decompress(*wire::zstd{}.compress(prose()), {});

    CHECK(answer.error().code == errc::unsupported_version);
}
