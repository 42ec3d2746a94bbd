#pragma once

#include <joinery/core/bytes.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace joinery::wire {

namespace detail {

/// table[k][b]: what byte `b` adds to the checksum when `k` more bytes follow it.
inline constexpr auto crc32c_tables = [] {
    constexpr std::uint32_t polynomial = 0x82f63b78; // Castagnoli, bits reversed
    std::array<std::array<std::uint32_t, 256>, 8> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        auto rest = byte;
        for (int bit = 0; bit < 8; ++bit) {
            rest = rest & 1 ? rest >> 1 ^ polynomial : rest >> 1;
        }
        table[0][byte] = rest;
    }
    for (std::size_t follow = 1; follow < 8; ++follow) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            auto const before = table[follow - 1][byte];
            table[follow][byte] = before >> 8 ^ table[0][before & 255];
        }
    }
    return table;
}();

inline std::uint64_t load_little_endian64(std::byte const* at) {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    if constexpr (std::endian::native == std::endian::big) {
        value = __builtin_bswap64(value);
    }
    return value;
}

/// Eight bytes a step through eight tables ("slicing by 8").
inline std::uint32_t crc32c_portable(byte_view input, std::uint32_t rest) {
    auto const& table = crc32c_tables;
    auto const* at = input.data();
    auto left = input.size();
    for (; left >= 8; at += 8, left -= 8) {
        auto word = load_little_endian64(at) ^ rest;
        rest = 0;
        for (std::size_t follow = 8; follow-- > 0; word >>= 8) {
            rest ^= table[follow][word & 255];
        }
    }
    for (; left > 0; ++at, --left) {
        rest = rest >> 8 ^ table[0][(rest ^ static_cast<std::uint32_t>(*at)) & 255];
    }
    return rest;
}

#if defined(__x86_64__)
/// The same with the instruction that x86-64 processors have had since SSE 4.2.
__attribute__((target("sse4.2"))) inline std::uint32_t crc32c_sse42(byte_view input,
                                                                    std::uint32_t rest) {
    auto const* at = input.data();
    auto left = input.size();
    std::uint64_t wide = rest;
    for (; left >= 8; at += 8, left -= 8) {
        wide = __builtin_ia32_crc32di(wide, load_little_endian64(at));
    }
    auto narrow = static_cast<std::uint32_t>(wide);
    for (; left > 0; ++at, --left) {
        narrow = __builtin_ia32_crc32qi(narrow, static_cast<unsigned char>(*at));
    }
    return narrow;
}
#endif

} // namespace detail

/// The CRC-32C (Castagnoli) of `input`.
///
/// It finds what links and disks do to bytes: every error burst of up to 32 bits, every three
/// flipped bits in a frame. It is no protection against somebody who means to deceive.
///
/// Pass the checksum of the bytes before as `before` to continue it.
///
/// Complexity  O(n); the processor's own instruction is used where it is known to exist.
/// Reference   RFC 3720, appendix B.4.
[[nodiscard]] inline std::uint32_t crc32c(byte_view input, std::uint32_t before = 0) {
#if defined(__x86_64__)
    static bool const has_instruction = __builtin_cpu_supports("sse4.2") != 0;
    if (has_instruction) {
        return ~detail::crc32c_sse42(input, ~before);
    }
#endif
    return ~detail::crc32c_portable(input, ~before);
}

} // namespace joinery::wire
