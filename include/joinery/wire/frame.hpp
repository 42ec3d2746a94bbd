#pragma once

#include <joinery/core/byte_reader.hpp>
#include <joinery/core/byte_writer.hpp>
#include <joinery/core/bytes.hpp>
#include <joinery/core/result.hpp>
#include <joinery/wire/checksum.hpp>
#include <joinery/wire/compression.hpp>
#include <joinery/wire/limits.hpp>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace joinery::wire {

/// One message on a stream: what it is, and its content after decompression.
struct frame {
    std::uint8_t kind = 0;
    bytes payload;

    friend bool operator==(frame const&, frame const&) = default;
};

/// Kinds are below this; the three bits above them are flags.
inline constexpr std::uint8_t frame_kind_end = 32;

namespace detail {

inline constexpr std::uint8_t frame_compressed = 0x80;
inline constexpr std::uint8_t frame_reserved = 0x60;
inline constexpr std::size_t frame_checksum_bytes = 4;
inline constexpr std::size_t frame_rest_bytes_min = 1 + frame_checksum_bytes;

inline void write_little_endian32(byte_writer& out, std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) {
        out.byte(static_cast<std::uint8_t>(value >> shift));
    }
}

inline std::uint32_t read_little_endian32(byte_view input) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        value |= static_cast<std::uint32_t>(input[i]) << (8 * i);
    }
    return value;
}

} // namespace detail

/// Appends one frame to `out`:
/// `varint(length of the rest) | kind and flags | payload | CRC-32C, little-endian`.
///
/// A frame costs 6 bytes beside a payload of up to 122 bytes, and 7 up to 16 KiB.
///
/// Precondition: `kind < frame_kind_end`.
template <compression_policy Compression = uncompressed>
void write_frame(byte_writer& out, std::uint8_t kind, byte_view payload,
                 Compression const& compression = {}) {
    assert(kind < frame_kind_end && "a frame kind has five bits");
    auto const packed = compression.compress(payload);
    auto const content = packed ? byte_view{*packed} : payload;
    auto const flags = packed ? detail::frame_compressed : std::uint8_t{0};

    out.varint(content.size() + detail::frame_rest_bytes_min);
    auto const head_at = out.size();
    out.byte(static_cast<std::uint8_t>(kind | flags));
    out.raw(content);
    detail::write_little_endian32(out, crc32c(out.view().subspan(head_at)));
}

/// One frame as bytes. See `write_frame`.
template <compression_policy Compression = uncompressed>
[[nodiscard]] bytes encode_frame(std::uint8_t kind, byte_view payload,
                                 Compression const& compression = {}) {
    byte_writer out;
    write_frame(out, kind, payload, compression);
    return out.take();
}

/// Finds the frames in a stream that arrives in pieces of any size.
///
/// Give it what arrived with `feed`, then call `next` until it has nothing. An error is final: the
/// stream has no other place where a frame is known to begin, so that the connection must end.
///
/// Memory      Once `next` has nothing, at most one incomplete frame is kept. A frame that
/// announces
///             more than `limits::frame_bytes_max` is refused as soon as its length has arrived.
/// Complexity  O(bytes), however they are cut.
template <compression_policy Compression = uncompressed>
class frame_decoder {
public:
    explicit frame_decoder(limits const& bounds = {}, Compression compression = {})
        : bounds_{bounds}, compression_{std::move(compression)} {}

    /// Takes over what arrived. After an error it is dropped.
    void feed(byte_view input) {
        if (broken_) {
            return;
        }
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(taken_));
        taken_ = 0;
        buffer_.insert(buffer_.end(), input.begin(), input.end());
    }

    /// The next complete frame; nothing if more bytes have to come first; or why there is none.
    [[nodiscard]] result<std::optional<frame>> next() {
        if (broken_) {
            return failure(*broken_);
        }
        auto found = find();
        if (!found) {
            broken_ = found.error();
            buffer_ = {};
            taken_ = 0;
        }
        return found;
    }

    /// Whether the stream may end here: no frame is incomplete.
    [[nodiscard]] bool is_complete() const { return !broken_ && taken_ == buffer_.size(); }

private:
    result<std::optional<frame>> find() {
        byte_view const waiting = byte_view{buffer_}.subspan(taken_);
        byte_reader in{waiting};
        auto const length = in.varint();
        if (!in.ok()) {
            // Ten bytes always hold a whole length, so that running out means: not yet.
            if (in.error().code == errc::truncated) {
                return std::optional<frame>{};
            }
            return failure(in.error());
        }
        if (length > bounds_.frame_bytes_max) {
            return failure(errc::too_large, "a frame announces " + std::to_string(length) +
                                                " bytes; the limit is " +
                                                std::to_string(bounds_.frame_bytes_max));
        }
        if (length < detail::frame_rest_bytes_min) {
            return failure(errc::malformed, "a frame is too short to be one");
        }
        if (in.remaining() < length) {
            return std::optional<frame>{};
        }
        auto const head_at = in.offset();
        taken_ += head_at + static_cast<std::size_t>(length);
        return open(waiting.subspan(head_at, static_cast<std::size_t>(length)));
    }

    result<std::optional<frame>> open(byte_view rest) const {
        auto const content = rest.first(rest.size() - detail::frame_checksum_bytes);
        auto const expected = detail::read_little_endian32(rest.subspan(content.size()));
        if (crc32c(content) != expected) {
            return failure(errc::checksum, "a frame does not match its checksum");
        }
        auto const head = static_cast<std::uint8_t>(content.front());
        if ((head & detail::frame_reserved) != 0) {
            return failure(errc::unsupported_version, "a frame has a flag that is not known here");
        }
        auto const kind = static_cast<std::uint8_t>(head % frame_kind_end);
        auto const payload = content.subspan(1);
        if ((head & detail::frame_compressed) == 0) {
            return std::optional{frame{kind, bytes(payload.begin(), payload.end())}};
        }
        auto unpacked = compression_.decompress(payload, bounds_);
        if (!unpacked) {
            return failure(std::move(unpacked).error());
        }
        return std::optional{frame{kind, std::move(*unpacked)}};
    }

    limits bounds_;
    Compression compression_;
    bytes buffer_;
    std::size_t taken_ = 0;
    std::optional<error> broken_;
};

} // namespace joinery::wire
