// The code blocks of docs/reference/wire/, compiled and run.

#include <joinery/wire/checksum.hpp>
#include <joinery/wire/codec.hpp>
#include <joinery/wire/frame.hpp>
#include <joinery/wire/msgpack_archive.hpp>

#include <catch2/catch.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

namespace {

struct note {
    std::string title;
    std::vector<int> stars;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(title), CEREAL_NVP(stars));
    }
};

} // namespace

using namespace joinery;

TEST_CASE("documentation: codec", "[wire][documentation]") {
    bytes const encoded = wire::encode(note{"tea", {4, 5}});

    result<note> const decoded = wire::decode<note>(encoded, {.decoded_bytes_max = 1 << 16});

    CHECK(encoded.size() == 7);
    CHECK(decoded->title == "tea");
}

TEST_CASE("documentation: msgpack archive", "[wire][documentation]") {
    bytes const encoded = wire::encode<wire::msgpack>(note{"tea", {4, 5}});
    // {"title": "tea", "stars": [4, 5]}

    result<note> const decoded = wire::decode<note, wire::msgpack>(encoded);

    CHECK(decoded->stars.size() == 2);
}

TEST_CASE("documentation: msgpack stream", "[wire][documentation]") {
    byte_writer buffer;
    wire::msgpack_writer out{buffer};
    out.array(2);
    out.integer(std::uint64_t{7});
    out.string("seven");

    wire::msgpack_reader in{buffer.view()};
    CHECK(in.next().number == 2);
    CHECK(in.next().number == 7);
    CHECK(as_text(in.next().content) == "seven");
    CHECK(in.ok());
    CHECK(in.at_end());
}

TEST_CASE("documentation: frame", "[wire][documentation]") {
    bytes const sent = wire::encode_frame(2, as_bytes("hello"), wire::zstd{});

    wire::frame_decoder<wire::zstd> decoder;
    decoder.feed(sent); // whatever the socket gave
    while (true) {
        auto const next = decoder.next();
        if (!next) {
            break; // next.error() says why: close the connection
        }
        if (!*next) {
            break; // read more from the socket
        }
        CHECK((*next)->kind == 2);
        CHECK(as_text((*next)->payload) == "hello");
    }
    CHECK(decoder.is_complete());
}

TEST_CASE("documentation: checksum", "[wire][documentation]") {
    auto const whole = wire::crc32c(as_bytes("123456789"));

    CHECK(whole == 0xe3069283);
    CHECK(whole == wire::crc32c(as_bytes("56789"), wire::crc32c(as_bytes("1234"))));
}

TEST_CASE("documentation: compression", "[wire][documentation]") {
    wire::zstd const policy{.level = 9};
    bytes const input(1000, std::byte{'x'});

    if (auto const packed = policy.compress(input)) {
        CHECK(*policy.decompress(*packed, {}) == input);
    }
}
