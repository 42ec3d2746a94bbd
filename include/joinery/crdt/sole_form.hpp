#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>

namespace joinery::detail {

/// The one of several equal values that states hold, so that equal states have equal bytes: of the
/// two floating-point zeros the positive one.
template <class T>
[[nodiscard]] constexpr T sole_form(T value) {
    if constexpr (std::floating_point<T>) {
        return value == T{0} ? T{0} : value;
    } else {
        return value;
    }
}

/// Whether `value` is what `sole_form` gives, and equals itself as no NaN does.
template <class T>
[[nodiscard]] constexpr bool is_sole_form(T const& value) {
    if constexpr (std::floating_point<T>) {
        using raw = std::array<std::byte, sizeof(T)>;
        return value == value &&
               (value != T{0} || std::bit_cast<raw>(value) == std::bit_cast<raw>(T{0}));
    } else {
        return static_cast<bool>(value == value);
    }
}

} // namespace joinery::detail
