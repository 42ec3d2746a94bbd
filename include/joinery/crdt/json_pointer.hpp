#pragma once

#include <joinery/core/result.hpp>

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace joinery::json {

/// In a pointer: the place behind the last element of an array.
inline constexpr std::string_view end_token = "-";

/// Appends `token` to a pointer, with `~` and `/` written as `~0` and `~1`.
inline void append_token(std::string& pointer, std::string_view token) {
    pointer += '/';
    for (auto const c : token) {
        if (c == '~') {
            pointer += "~0";
        } else if (c == '/') {
            pointer += "~1";
        } else {
            pointer += c;
        }
    }
}

/// The pointer to the place that `tokens` lead to; any range of strings will do.
template <class Tokens>
[[nodiscard]] std::string pointer_text(Tokens const& tokens) {
    std::string out;
    for (auto const& token : tokens) {
        append_token(out, token);
    }
    return out;
}

/// The tokens of a JSON Pointer: none for `""`, which is the whole; `/a/b~1c` is `a`, `b/c`.
///
/// Errors       invalid_argument: it does not begin with `/`, or a `~` does not stand before 0 or
///              1; with the offset.
/// Reference    RFC 6901, sections 3 and 4.
[[nodiscard]] inline result<std::vector<std::string>> parse_pointer(std::string_view pointer) {
    std::vector<std::string> out;
    if (!pointer.empty() && pointer.front() != '/') {
        return failure(errc::invalid_argument, "a path begins with '/': " + std::string{pointer});
    }
    for (std::size_t i = 0; i < pointer.size(); ++i) {
        if (pointer[i] == '/') {
            out.emplace_back();
        } else if (pointer[i] != '~') {
            out.back() += pointer[i];
        } else if (i + 1 < pointer.size() && (pointer[i + 1] == '0' || pointer[i + 1] == '1')) {
            out.back() += pointer[++i] == '0' ? '~' : '/';
        } else {
            return failure(errc::invalid_argument,
                           "'~' stands before 0 or 1 in a path: " + std::string{pointer}, i);
        }
    }
    return out;
}

/// The index that `token` is: digits alone, and no zero in front of others. Nothing for any other
/// token, `end_token` included.
///
/// Reference    RFC 6901, section 4.
[[nodiscard]] inline std::optional<std::size_t> array_index(std::string_view token) {
    std::size_t index = 0;
    auto const* const end = token.data() + token.size();
    auto const is_plain = !token.empty() && token.front() != '-' && token.front() != '+' &&
                          (token.front() != '0' || token.size() == 1);
    if (!is_plain) {
        return std::nullopt;
    }
    auto const read = std::from_chars(token.data(), end, index);
    return read.ec == std::errc{} && read.ptr == end ? std::optional{index} : std::nullopt;
}

/// The index of the element that `token` names in an array of `size` elements.
///
/// Errors       invalid_argument: `token` is no index; not_found: there is no such element, and
///              there never is one at `end_token`.
[[nodiscard]] inline result<std::size_t> element_index(std::string_view token, std::size_t size) {
    auto const index = array_index(token);
    if (!index && token != end_token) {
        return failure(errc::invalid_argument,
                       '"' + std::string{token} + "\" is not an index of an array");
    }
    if (!index || *index >= size) {
        return failure(errc::not_found, "an array of " + std::to_string(size) + " has no element " +
                                            std::string{token});
    }
    return *index;
}

/// The same for the place in front of which something is inserted: `size` itself and `end_token`
/// are behind the last element.
[[nodiscard]] inline result<std::size_t> gap_index(std::string_view token, std::size_t size) {
    auto const index = array_index(token);
    return token == end_token || (index && *index == size) ? result<std::size_t>{size}
                                                           : element_index(token, size);
}

} // namespace joinery::json
