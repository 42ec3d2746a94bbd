#include <joinery/wire/frame.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <vector>

#include "bytes_of.hpp"
#include "hostile.hpp"

using namespace joinery;
using joinery::testing::bytes_of;
using joinery::testing::hex;

namespace {

bytes const hello = bytes_of("hello");

bytes long_payload() {
    return bytes(5000, std::byte{'x'});
}

template <class Decoder>
std::vector<wire::frame> drain(Decoder& decoder) {
    std::vector<wire::frame> found;
    while (true) {
        auto next = decoder.next();
        if (!next || !*next) {
            return found;
        }
        found.push_back(std::move(**next));
    }
}

} // namespace

TEST_CASE("frame: golden bytes", "[wire][frame][golden]") {
    CHECK(hex(wire::encode_frame(3, hello)) == "0a0368656c6c6f297a95bc");
    CHECK(hex(wire::encode_frame(31, {})) == "051f1aa8301c");
}

TEST_CASE("frame: it costs six bytes beside a short payload", "[wire][frame]") {
    CHECK(wire::encode_frame(0, {}).size() == 6);
    CHECK(wire::encode_frame(0, bytes(122)).size() == 122 + 6);
    CHECK(wire::encode_frame(0, bytes(123)).size() == 123 + 7);
}

TEST_CASE("frame: frames come out however the stream is cut", "[wire][frame]") {
    auto const seed = GENERATE(range(0U, 50U));
    CAPTURE(seed);
    std::mt19937 random{seed};
    byte_writer stream;
    wire::write_frame(stream, 1, hello);
    wire::write_frame(stream, 2, long_payload(), wire::zstd{});
    wire::write_frame(stream, 3, {});
    wire::write_frame(stream, 4, long_payload());

    wire::frame_decoder<wire::zstd> decoder;
    std::vector<wire::frame> found;
    auto rest = stream.view();
    while (!rest.empty()) {
        auto const piece =
            std::min<std::size_t>(1 + random() % (seed < 25 ? 3 : 3000), rest.size());
        decoder.feed(rest.first(piece));
        rest = rest.subspan(piece);
        for (auto& frame : drain(decoder)) {
            found.push_back(std::move(frame));
        }
    }

    std::vector<wire::frame> const expected{
        {1, hello}, {2, long_payload()}, {3, {}}, {4, long_payload()}};
    CHECK(found == expected);
    CHECK(decoder.is_complete());
}

TEST_CASE("frame: a stream that ends inside a frame is not complete", "[wire][frame]") {
    auto const whole = wire::encode_frame(1, hello);
    wire::frame_decoder decoder;

    decoder.feed(byte_view{whole}.first(whole.size() - 1));

    CHECK(drain(decoder).empty());
    CHECK_FALSE(decoder.is_complete());
}

TEST_CASE("frame: an oversized frame is refused at its length", "[wire][frame][hostile]") {
    wire::frame_decoder decoder{{.frame_bytes_max = 1000}};

    decoder.feed(bytes_of({0xe9, 0x07}));

    CHECK(decoder.next().error().code == errc::too_large);
    CHECK(decoder.next().error().code == errc::too_large);
}

TEST_CASE("frame: a length that is too short, too long or not minimal is refused",
          "[wire][frame][hostile]") {
    auto const code_of = [](std::initializer_list<int> head) {
        wire::frame_decoder decoder;
        decoder.feed(bytes_of(head));
        return decoder.next().error().code;
    };
    CHECK(code_of({4, 0, 0, 0, 0}) == errc::malformed);
    CHECK(code_of({0}) == errc::malformed);
    CHECK(code_of({0x85, 0x00}) == errc::not_canonical);
    CHECK(code_of({255, 255, 255, 255, 255, 255, 255, 255, 255, 2}) == errc::not_canonical);
    CHECK(code_of({255, 255, 255, 255, 255, 255, 255, 255, 255, 1}) == errc::too_large);
}

TEST_CASE("frame: a reserved flag is refused", "[wire][frame][hostile]") {
    auto const flag = GENERATE(0x20, 0x40);
    byte_writer out;
    out.varint(5);
    out.byte(static_cast<std::uint8_t>(flag));
    wire::detail::write_little_endian32(out, wire::crc32c(out.view().subspan(1)));
    wire::frame_decoder decoder;

    decoder.feed(out.view());

    CHECK(decoder.next().error().code == errc::unsupported_version);
}

TEST_CASE("frame: a side without compression says so", "[wire][frame]") {
    wire::frame_decoder decoder;

    decoder.feed(wire::encode_frame(1, long_payload(), wire::zstd{}));

    CHECK(decoder.next().error().code == errc::unsupported_version);
}

TEST_CASE("frame: no damaged byte passes for the frame that was sent", "[wire][frame][hostile]") {
    bytes const payload(GENERATE(std::size_t{5}, std::size_t{5000}), std::byte{'x'});
    auto const valid = wire::encode_frame(7, payload, wire::zstd{});

    joinery::testing::for_each_damage(valid, [&](bytes const& damaged) {
        bool passed = false;
        REQUIRE(joinery::testing::stays_within(64 * 1024, [&] {
            wire::frame_decoder<wire::zstd> decoder;
            decoder.feed(damaged);
            auto const found = decoder.next();
            passed = found && found->has_value();
        }));
        REQUIRE_FALSE(passed);
    });
}
