#pragma once

#include <joinery/core/bytes.hpp>

#include <string>

namespace joinery::tests {

/// Lower-case hexadecimal digits, two a byte.
inline std::string hex_of(byte_view input) {
    std::string out;
    for (auto const b : input) {
        for (auto const digit : {static_cast<unsigned>(b) >> 4, static_cast<unsigned>(b) & 15}) {
            out += "0123456789abcdef"[digit];
        }
    }
    return out;
}

/// The bytes of hexadecimal digits; spaces are left out.
inline bytes from_hex(std::string_view text) {
    bytes out;
    auto high = -1;
    for (auto const c : text) {
        if (c == ' ') {
            continue;
        }
        auto const digit = c <= '9' ? c - '0' : c - 'a' + 10;
        if (high < 0) {
            high = digit;
        } else {
            out.push_back(static_cast<std::byte>(high * 16 + digit));
            high = -1;
        }
    }
    return out;
}

} // namespace joinery::tests
