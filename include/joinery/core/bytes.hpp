#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace joinery {

/// Bytes that somebody owns.
using bytes = std::vector<std::byte>;

/// Bytes that somebody else owns.
using byte_view = std::span<std::byte const>;

/// The bytes of `text`, which must outlive the view.
[[nodiscard]] inline byte_view as_bytes(std::string_view text) {
    return {reinterpret_cast<std::byte const*>(text.data()), text.size()};
}

/// `view` as text; nothing is checked and nothing is copied.
[[nodiscard]] inline std::string_view as_text(byte_view view) {
    return {reinterpret_cast<char const*>(view.data()), view.size()};
}

} // namespace joinery
