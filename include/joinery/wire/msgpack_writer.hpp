#pragma once

#include <joinery/core/byte_writer.hpp>
#include <joinery/core/bytes.hpp>
#include <joinery/wire/msgpack.hpp>

#include <bit>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace joinery::wire {

namespace detail {

inline void write_big_endian(byte_writer& out, std::uint64_t value, unsigned width) {
    for (auto shift = 8 * width; shift > 0;) {
        shift -= 8;
        out.byte(static_cast<std::uint8_t>(value >> shift));
    }
}

/// The power of two of the bytes that hold `value` and `sign_bits` more.
inline unsigned size_class(std::uint64_t value, int sign_bits = 0) {
    unsigned power = 0;
    while ((8 << power) < static_cast<int>(std::bit_width(value)) + sign_bits) {
        ++power;
    }
    return power;
}

/// Whether `value` is still itself as a `float`.
inline bool fits_float(double value) {
    return std::abs(value) <= std::numeric_limits<float>::max() &&
           static_cast<double>(static_cast<float>(value)) == value;
}

} // namespace detail

/// Writes MessagePack, each value in its shortest form.
///
/// Containers are written as a head with the number of their elements, then the elements (for a
/// map: key, value, key, value, …). Nobody counts for the caller.
///
/// A double becomes a 32-bit float when that loses nothing; every NaN becomes the same one.
/// Integers stay integers and floats stay floats.
///
/// Reference   https://github.com/msgpack/msgpack/blob/master/spec.md
class msgpack_writer {
public:
    /// Appends to `out`, which must outlive the writer.
    explicit msgpack_writer(byte_writer& out) : out_{out} {}

    void nil() { out_.byte(0xc0); }
    void boolean(bool value) { out_.byte(value ? 0xc3 : 0xc2); }

    void integer(std::uint64_t value) {
        if (value < 0x80) {
            out_.byte(static_cast<std::uint8_t>(value));
        } else {
            tagged(0xcc, value);
        }
    }

    void integer(std::int64_t value) {
        if (value >= 0) {
            integer(static_cast<std::uint64_t>(value));
        } else if (value >= -32) {
            out_.byte(static_cast<std::uint8_t>(value));
        } else {
            auto const bits = static_cast<std::uint64_t>(value);
            auto const width = detail::size_class(~bits, 1);
            out_.byte(static_cast<std::uint8_t>(0xd0 + width));
            detail::write_big_endian(out_, bits, 1U << width);
        }
    }

    void floating(double value) {
        if (std::isnan(value)) {
            out_.byte(0xca);
            detail::write_big_endian(out_, 0x7fc00000, 4);
        } else if (detail::fits_float(value) || std::isinf(value)) {
            out_.byte(0xca);
            detail::write_big_endian(out_, std::bit_cast<std::uint32_t>(static_cast<float>(value)),
                                     4);
        } else {
            out_.byte(0xcb);
            detail::write_big_endian(out_, std::bit_cast<std::uint64_t>(value), 8);
        }
    }

    void string(std::string_view value) {
        if (value.size() < 32) {
            out_.byte(static_cast<std::uint8_t>(0xa0 | value.size()));
        } else {
            sized(0xd9, value.size());
        }
        out_.raw(as_bytes(value));
    }

    void binary(byte_view value) {
        sized(0xc4, value.size());
        out_.raw(value);
    }

    void array(std::uint64_t count) { head(0x90, 0xdc, count); }
    void map(std::uint64_t count) { head(0x80, 0xde, count); }

    void extension(std::int8_t type, byte_view content) {
        auto const size = content.size();
        if (std::has_single_bit(size) && size <= 16) {
            out_.byte(static_cast<std::uint8_t>(0xd4 + std::countr_zero(size)));
        } else {
            sized(0xc7, size);
        }
        out_.byte(static_cast<std::uint8_t>(type));
        out_.raw(content);
    }

    /// Precondition: there is less than a second of nanoseconds.
    void timestamp(msgpack_timestamp const& value) {
        assert(value.nanoseconds < 1'000'000'000 && "a timestamp's nanoseconds are under a second");
        byte_writer content;
        auto const seconds = static_cast<std::uint64_t>(value.seconds);
        if (seconds >> 34 != 0) {
            detail::write_big_endian(content, value.nanoseconds, 4);
            detail::write_big_endian(content, seconds, 8);
        } else if (value.nanoseconds != 0 || seconds >> 32 != 0) {
            detail::write_big_endian(content, std::uint64_t{value.nanoseconds} << 34 | seconds, 8);
        } else {
            detail::write_big_endian(content, seconds, 4);
        }
        extension(msgpack_timestamp_type, content.view());
    }

private:
    /// A number in one, two, four or eight bytes; the tags of the widths follow each other.
    void tagged(std::uint8_t tag, std::uint64_t value) {
        auto const width = detail::size_class(value);
        out_.byte(static_cast<std::uint8_t>(tag + width));
        detail::write_big_endian(out_, value, 1U << width);
    }

    void sized(std::uint8_t tag, std::uint64_t size) {
        assert(size <= UINT32_MAX && "MessagePack sizes have 32 bits");
        tagged(tag, size);
    }

    void head(std::uint8_t small, std::uint8_t large, std::uint64_t count) {
        assert(count <= UINT32_MAX && "MessagePack sizes have 32 bits");
        if (count < 16) {
            out_.byte(static_cast<std::uint8_t>(small | count));
        } else if (count <= UINT16_MAX) {
            out_.byte(large);
            detail::write_big_endian(out_, count, 2);
        } else {
            out_.byte(static_cast<std::uint8_t>(large + 1));
            detail::write_big_endian(out_, count, 4);
        }
    }

    byte_writer& out_;
};

} // namespace joinery::wire
