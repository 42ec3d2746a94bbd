#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace joinery::testing {

namespace detail {

template <class T>
concept like_optional = requires(T const& value) {
    { value.has_value() } -> std::convertible_to<bool>;
    *value;
};

template <class T>
concept like_tuple = requires {
    std::tuple_size<T>::value;
};

template <class T>
concept like_range = requires(T const& value) {
    value.begin() != value.end();
    *value.begin();
};

template <class T>
concept like_map = like_range<T> && requires {
    typename T::key_type;
    typename T::mapped_type;
};

template <class T>
concept has_value = requires(T const& value) {
    value.value();
};

/// A map of lattices, read key by key.
template <class T>
concept has_keys = requires(T const& value) {
    value.at(*value.keys().begin());
};

/// A value with who wrote it.
template <class T>
concept has_plain_value = requires(T const& written) {
    requires !std::is_function_v<decltype(T::value)>;
    written.value;
};

} // namespace detail

template <class T>
[[nodiscard]] std::string text_of(T const& value);

namespace detail {

template <class Tuple>
std::string text_of_tuple(Tuple const& value) {
    std::string out;
    std::apply([&](auto const&... parts) { ((out += ", " + testing::text_of(parts)), ...); },
               value);
    return '(' + out.substr(out.empty() ? 0 : 2) + ')';
}

template <class Range>
std::string text_of_range(Range const& value) {
    std::string out;
    for (auto const& element : value) {
        out += out.empty() ? "" : ", ";
        if constexpr (like_map<Range>) {
            out += testing::text_of(element.first) + ": " + testing::text_of(element.second);
        } else {
            out += testing::text_of(element);
        }
    }
    return '{' + out + '}';
}

} // namespace detail

/// A value as a person reads it: 7, true, {a, b}, {key: 1}, (1, x), none. A lattice is shown by its
/// `value()`, a map of lattices by its `keys()`; what has no form of its own is "?".
template <class T>
[[nodiscard]] std::string text_of(T const& value) {
    if constexpr (std::same_as<T, bool>) {
        return value ? "true" : "false";
    } else if constexpr (std::is_arithmetic_v<T>) {
        auto text = std::to_string(value);
        if (std::is_floating_point_v<T>) {
            text.erase(text.find_last_not_of('0') + 1);
            text += text.back() == '.' ? "0" : "";
        }
        return text;
    } else if constexpr (std::is_enum_v<T>) {
        return testing::text_of(static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (std::convertible_to<T const&, std::string_view>) {
        return std::string{static_cast<std::string_view>(value)};
    } else if constexpr (detail::like_optional<T>) {
        return value.has_value() ? testing::text_of(*value) : "none";
    } else if constexpr (detail::like_range<T>) {
        return detail::text_of_range(value);
    } else if constexpr (detail::like_tuple<T>) {
        return detail::text_of_tuple(value);
    } else if constexpr (detail::has_value<T>) {
        return testing::text_of(value.value());
    } else if constexpr (detail::has_keys<T>) {
        std::string out;
        for (auto const& key : value.keys()) {
            out += (out.empty() ? "" : ", ") + testing::text_of(key) + ": " +
                   testing::text_of(value.at(key));
        }
        return '{' + out + '}';
    } else if constexpr (detail::has_plain_value<T>) {
        return testing::text_of(value.value);
    } else {
        return "?";
    }
}

} // namespace joinery::testing
