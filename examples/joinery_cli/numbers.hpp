#pragma once

#include <joinery/core/result.hpp>

#include <charconv>
#include <concepts>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

#include "program.hpp"

namespace program {

/// The number that the whole of `word` is, in decimal digits.
///
/// Errors   invalid_argument: it is none, or not within the bounds.
template <std::integral Number>
[[nodiscard]] joinery::result<Number>
parse_number(std::string_view word, Number max = std::numeric_limits<Number>::max()) {
    auto number = Number{};
    auto const* const end = word.data() + word.size();
    auto const read = std::from_chars(word.data(), end, number);
    if (read.ec == std::errc{} && read.ptr == end && number <= max) {
        return number;
    }
    return joinery::failure(joinery::errc::invalid_argument,
                            in_quotes(word) + " is not a number from " +
                                std::to_string(std::numeric_limits<Number>::min()) + " to " +
                                std::to_string(max));
}

} // namespace program
