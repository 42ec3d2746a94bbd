#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace joinery {

/// What a place in a document holds.
enum class value_kind : std::uint8_t {
    none, ///< Nothing: the place does not exist.
    null,
    boolean,
    integer,
    real,
    string,
    blob,      ///< Bytes.
    timestamp, ///< Milliseconds since 1970-01-01 UTC.
    number,    ///< A decimal number that neither `integer` nor `real` holds exactly, as JSON text.
    array,     ///< A list of values, changed as a whole.
    object,    ///< A map of values, changed as a whole.
    counter,
    set,
    map,
    list, ///< A sequence of places.
    text, ///< A sequence of characters.
};

[[nodiscard]] constexpr std::string_view name(value_kind kind) {
    constexpr std::string_view names[] = {"nothing",  "null",     "a boolean", "an integer",
                                          "a real",   "a string", "bytes",     "a timestamp",
                                          "a number", "an array", "an object", "a counter",
                                          "a set",    "a map",    "a list",    "a text"};
    return names[static_cast<std::size_t>(kind)];
}

/// A moment in milliseconds since 1970-01-01 UTC.
struct timestamp {
    std::int64_t milliseconds = 0;
    friend auto operator<=>(timestamp const&, timestamp const&) = default;
};

} // namespace joinery
