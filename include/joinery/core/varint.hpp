#pragma once

#include <cstddef>
#include <cstdint>

namespace joinery {

/// The longest encoding of a 64-bit integer.
inline constexpr std::size_t varint_bytes_max = 10;

/// Writes `value` as a minimal little-endian base-128 varint (LEB128) and returns the end.
///
/// Precondition: there is room for `varint_bytes(value)` bytes.
constexpr std::byte* write_varint(std::byte* at, std::uint64_t value) {
    while (value >= 128) {
        *at++ = static_cast<std::byte>(value | 128);
        value >>= 7;
    }
    *at++ = static_cast<std::byte>(value);
    return at;
}

/// The length of the minimal encoding of `value`.
constexpr std::size_t varint_bytes(std::uint64_t value) {
    std::size_t length = 1;
    while (value >= 128) {
        value >>= 7;
        ++length;
    }
    return length;
}

/// Reads a varint from bytes that a checking pass has accepted and moves `at` behind it.
constexpr std::uint64_t read_trusted_varint(std::byte const*& at) {
    auto value = static_cast<std::uint64_t>(*at++);
    if (value < 128) [[likely]] {
        return value;
    }
    value &= 127;
    for (unsigned shift = 7;; shift += 7) {
        auto const next = static_cast<std::uint64_t>(*at++);
        value |= (next & 127) << shift;
        if (next < 128) {
            return value;
        }
    }
}

/// Maps signed integers to unsigned ones so that small magnitudes stay small: 0, -1, 1, -2, …
constexpr std::uint64_t zigzag(std::int64_t value) {
    return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}

constexpr std::int64_t unzigzag(std::uint64_t value) {
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

} // namespace joinery
