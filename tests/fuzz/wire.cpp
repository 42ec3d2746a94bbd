#include <joinery/wire/codec.hpp>
#include <joinery/wire/compression.hpp>
#include <joinery/wire/frame.hpp>
#include <joinery/wire/msgpack_archive.hpp>

#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "damage.hpp"

using namespace joinery;

namespace {

struct note {
    std::string title;
    std::map<std::string, std::vector<std::int32_t>> stars;
    std::optional<std::vector<note>> answers;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(title), CEREAL_NVP(stars), CEREAL_NVP(answers));
    }
};

note const& some_note() {
    static note const all{
        "tea", {{"a", {1, -2, 300}}, {"bc", {}}}, std::vector<note>{{"yes", {}, {}}}};
    return all;
}

void read_compact(byte_view input) {
    static std::vector<bytes> const seeds{wire::encode(some_note())};
    auto const encoded = fuzz::damaged(seeds, input);
    if (auto const read = wire::decode<note>(encoded)) {
        fuzz::require(wire::encode(*read) == encoded, "a value has one compact encoding");
    }
}

void read_msgpack(byte_view input) {
    static std::vector<bytes> const seeds{wire::encode<wire::msgpack>(some_note())};
    if (auto const read = wire::decode<note, wire::msgpack>(fuzz::damaged(seeds, input))) {
        auto const written = wire::encode<wire::msgpack>(*read);
        auto const again = wire::decode<note, wire::msgpack>(written);
        fuzz::require(again.has_value(), "what was written can be read");
        fuzz::require(wire::encode<wire::msgpack>(*again) == written, "and is the same value");
    }
}

std::vector<bytes> payloads_of(std::vector<byte_view> const& parts) {
    wire::frame_decoder<wire::zstd> decoder;
    std::vector<bytes> out;
    for (auto const part : parts) {
        decoder.feed(part);
        while (true) {
            auto next = decoder.next();
            if (!next || !*next) {
                break;
            }
            out.push_back(std::move((*next)->payload));
        }
    }
    return out;
}

void read_frames(byte_view input) {
    static std::vector<bytes> const seeds{
        wire::encode_frame(2, as_bytes("hello")),
        wire::encode_frame(3, bytes(300, std::byte{'x'}), wire::zstd{}),
    };
    auto const stream = fuzz::damaged(seeds, input);
    byte_view const whole{stream};
    auto const half = whole.size() / 2;
    fuzz::require(payloads_of({whole}) == payloads_of({whole.first(half), whole.subspan(half)}),
                  "frames do not depend on how they were cut");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    auto const input = fuzz::view_of(data + 1, size - 1);
    switch (data[0] % 3) {
    case 0:
        read_compact(input);
        break;
    case 1:
        read_msgpack(input);
        break;
    default:
        read_frames(input);
    }
    return 0;
}
