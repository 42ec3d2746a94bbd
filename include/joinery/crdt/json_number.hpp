#pragma once

#include <joinery/crdt/scalar.hpp>

#include <algorithm>
#include <cfloat>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

/// Documents as JSON text (RFC 8259).
namespace joinery::json {

/// The shortest JSON text that reads back as `value`, with a point or an exponent. What is not
/// finite has none and is `null`.
[[nodiscard]] inline std::string real_text(double value) {
    if (!std::isfinite(value)) {
        return "null";
    }
    char room[32];
    auto const end = std::to_chars(room, room + sizeof room, value).ptr;
    std::string out(room, end);
    return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
}

namespace detail {

/// A decimal number in the one form that equal numbers share: 0.`digits` times ten to `exponent`.
struct decimal {
    bool is_negative = false;
    std::string digits; ///< without zeros at either end
    std::int64_t exponent = 0;

    friend bool operator==(decimal const&, decimal const&) = default;
};

/// Precondition: `text` is a JSON number.
[[nodiscard]] inline decimal normal_form(std::string_view text) {
    decimal out;
    out.is_negative = text.front() == '-';
    auto const mantissa_end = std::min(text.find_first_of("eE"), text.size());
    bool is_fraction = false;
    for (auto const c :
         text.substr(out.is_negative ? 1 : 0, mantissa_end - (out.is_negative ? 1 : 0))) {
        if (c == '.') {
            is_fraction = true;
            continue;
        }
        auto const is_leading_zero = out.digits.empty() && c == '0';
        if (!is_leading_zero) {
            out.digits += c;
        }
        out.exponent += is_fraction ? (is_leading_zero ? -1 : 0) : (is_leading_zero ? 0 : 1);
    }
    out.digits.erase(out.digits.find_last_not_of('0') + 1);
    if (out.digits.empty()) {
        out.exponent = 0;
    } else if (mantissa_end < text.size()) {
        auto const* begin = text.data() + mantissa_end + 1;
        std::int64_t power = 0;
        std::from_chars(begin + (*begin == '+' ? 1 : 0), text.data() + text.size(), power);
        out.exponent += power;
    }
    return out;
}

/// What most numbers are: an integer of at most 16 digits, or a decimal of at most 15, without an
/// exponent. No two such decimals have one double, so that the shortest text of the nearest one
/// denotes the same; and that one is the quotient of two integers that doubles hold exactly.
[[nodiscard]] inline std::optional<scalar> plain_number(std::string_view text) {
    constexpr double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    auto const is_negative = text.front() == '-';
    if (text.size() > 16 || FLT_EVAL_METHOD != 0 || text == "-0") {
        return std::nullopt;
    }
    std::int64_t digits = 0;
    std::size_t point = text.size();
    for (std::size_t i = is_negative ? 1 : 0; i != text.size(); ++i) {
        auto const digit = static_cast<unsigned char>(text[i] - '0');
        if (digit <= 9) {
            digits = digits * 10 + digit;
        } else if (text[i] == '.') {
            point = i;
        } else {
            return std::nullopt;
        }
    }
    if (point == text.size()) {
        return scalar{is_negative ? -digits : digits};
    }
    auto const real = static_cast<double>(digits) / powers[text.size() - point - 1];
    return scalar{is_negative ? -real : real};
}

[[nodiscard]] inline bool denotes_same(std::string_view a, std::string_view b) {
    return a == b || normal_form(a) == normal_form(b);
}

} // namespace detail

/// The number that `text` denotes, exactly: an integer or a real if one of them holds it, else a
/// `number` that views `text`.
///
/// Precondition: `text` is a JSON number.
[[nodiscard]] inline scalar number_of(std::string_view text) {
    if (auto const plain = detail::plain_number(text)) {
        return *plain;
    }
    auto const* const end = text.data() + text.size();
    std::int64_t integer = 0;
    if (auto const read = std::from_chars(text.data(), end, integer);
        read.ec == std::errc{} && read.ptr == end && text != "-0") {
        return {integer};
    }
    double real = 0;
    if (auto const read = std::from_chars(text.data(), end, real);
        read.ec == std::errc{} && read.ptr == end && detail::denotes_same(text, real_text(real))) {
        return {real};
    }
    return scalar::of_kind(value_kind::number, text);
}

} // namespace joinery::json
