#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace joinery {

namespace detail {

/// Whether a byte of UTF-8 goes on with a code point.
constexpr bool continues_utf8(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

} // namespace detail

/// The bytes of the code point at the start of `text`; 0 if what is there is not well-formed.
/// Precondition: `text` is not empty.
constexpr std::size_t utf8_sequence_bytes(std::string_view text) {
    auto const unit = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    auto const first = unit(0);
    if (first < 0x80) {
        return 1;
    }
    auto const length = first < 0xe0 ? 2U : first < 0xf0 ? 3U : 4U;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) {
        return 0;
    }
    // The second unit rules out overlong forms, surrogates and what lies above U+10FFFF.
    auto const low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    auto const high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (unit(1) < low || unit(1) > high) {
        return 0;
    }
    for (std::size_t i = 2; i < length; ++i) {
        if (!detail::continues_utf8(text[i])) {
            return 0;
        }
    }
    return length;
}

/// How many code points `text` has. O(bytes). Precondition: it is well-formed.
constexpr std::size_t count_code_points(std::string_view text) {
    std::size_t count = 0;
    for (auto const c : text) {
        count += detail::continues_utf8(c) ? 0 : 1;
    }
    return count;
}

/// How many code points `text` has; none if it is not well-formed UTF-8.
///
/// Complexity   O(bytes); ASCII goes sixteen at a time.
/// Reference    The Unicode Standard 15, table 3-7.
inline std::optional<std::size_t> count_if_utf8(std::string_view text) {
    auto count = text.size();
    while (!text.empty()) {
        std::uint64_t two[2] = {};
        if (text.size() >= sizeof two) {
            std::memcpy(two, text.data(), sizeof two);
            if (((two[0] | two[1]) & 0x8080808080808080ULL) == 0) {
                text.remove_prefix(sizeof two);
                continue;
            }
        }
        auto const length = utf8_sequence_bytes(text);
        if (length == 0) {
            return std::nullopt;
        }
        count -= length - 1;
        text.remove_prefix(length);
    }
    return count;
}

/// Whether `text` is well-formed UTF-8.
inline bool is_utf8(std::string_view text) {
    return count_if_utf8(text).has_value();
}

} // namespace joinery
