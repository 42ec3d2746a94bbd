#pragma once

#include <joinery/core/bytes.hpp>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace joinery::testing {

[[nodiscard]] inline bytes bytes_of(std::initializer_list<int> values) {
    bytes out;
    for (auto const value : values) {
        out.push_back(static_cast<std::byte>(value));
    }
    return out;
}

[[nodiscard]] inline bytes bytes_of(std::string_view text) {
    auto const view = as_bytes(text);
    return {view.begin(), view.end()};
}

/// Lower-case hexadecimal, so that a failed comparison can be read.
[[nodiscard]] inline std::string hex(byte_view input) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (auto const byte : input) {
        auto const value = static_cast<unsigned>(byte);
        out += digits[value >> 4];
        out += digits[value & 15];
    }
    return out;
}

} // namespace joinery::testing
