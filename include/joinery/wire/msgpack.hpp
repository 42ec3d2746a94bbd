#pragma once

#include <joinery/core/bytes.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace joinery::wire {

/// A point in time as MessagePack has it.
struct msgpack_timestamp {
    std::int64_t seconds = 0;      ///< Since 1970-01-01T00:00:00Z.
    std::uint32_t nanoseconds = 0; ///< Below 1,000,000,000.

    friend bool operator==(msgpack_timestamp const&, msgpack_timestamp const&) = default;
};

enum class msgpack_kind : std::uint8_t {
    nil,
    boolean,
    unsigned_integer, ///< Not negative, however it was written.
    negative_integer,
    floating,
    string,
    binary,
    array,
    map,
    extension,
};

/// One step of a MessagePack stream: a scalar with its value, or the head of a container.
struct msgpack_token {
    msgpack_kind kind = msgpack_kind::nil;
    std::int8_t extension_type = 0;
    std::uint64_t number = 0; ///< The boolean; the integer (two's complement); the element count.
    double floating = 0;
    byte_view content = {}; ///< Of a string, binary or extension; points into the input.

    [[nodiscard]] std::int64_t negative() const { return static_cast<std::int64_t>(number); }
};

/// The type of the extension that holds a timestamp.
inline constexpr std::int8_t msgpack_timestamp_type = -1;

namespace detail {

inline std::uint64_t read_big_endian(byte_view input) {
    std::uint64_t value = 0;
    for (auto const byte : input) {
        value = value << 8 | static_cast<std::uint64_t>(byte);
    }
    return value;
}

} // namespace detail

/// The timestamp that `token` holds, if it holds one.
[[nodiscard]] inline std::optional<msgpack_timestamp>
msgpack_timestamp_of(msgpack_token const& token) {
    if (token.kind != msgpack_kind::extension || token.extension_type != msgpack_timestamp_type) {
        return std::nullopt;
    }
    msgpack_timestamp value;
    auto const content = token.content;
    if (content.size() == 4) {
        value.seconds = static_cast<std::int64_t>(detail::read_big_endian(content));
    } else if (content.size() == 8) {
        auto const both = detail::read_big_endian(content);
        value.seconds = static_cast<std::int64_t>(both & ((std::uint64_t{1} << 34) - 1));
        value.nanoseconds = static_cast<std::uint32_t>(both >> 34);
    } else if (content.size() == 12) {
        value.seconds = static_cast<std::int64_t>(detail::read_big_endian(content.subspan(4)));
        value.nanoseconds = static_cast<std::uint32_t>(detail::read_big_endian(content.first(4)));
    } else {
        return std::nullopt;
    }
    return value.nanoseconds < 1'000'000'000 ? std::optional{value} : std::nullopt;
}

/// The integer that `token` holds, also when it was written as a float without a fraction, as
/// languages with one type of number do.
[[nodiscard]] inline std::optional<msgpack_token> msgpack_integer_of(msgpack_token const& token) {
    if (token.kind == msgpack_kind::unsigned_integer ||
        token.kind == msgpack_kind::negative_integer) {
        return token;
    }
    constexpr double two_to_63 = 9'223'372'036'854'775'808.0;
    auto const value = token.floating;
    if (token.kind != msgpack_kind::floating || value != std::trunc(value) || value < -two_to_63 ||
        value >= 2 * two_to_63) {
        return std::nullopt;
    }
    if (value < 0) {
        auto const negative = static_cast<std::int64_t>(value);
        return msgpack_token{.kind = msgpack_kind::negative_integer,
                             .number = static_cast<std::uint64_t>(negative)};
    }
    return msgpack_token{.kind = msgpack_kind::unsigned_integer,
                         .number = static_cast<std::uint64_t>(value)};
}

/// The number that `token` holds, the nearest one if it is a large integer.
[[nodiscard]] inline std::optional<double> msgpack_floating_of(msgpack_token const& token) {
    switch (token.kind) {
    case msgpack_kind::floating:
        return token.floating;
    case msgpack_kind::unsigned_integer:
        return static_cast<double>(token.number);
    case msgpack_kind::negative_integer:
        return static_cast<double>(token.negative());
    default:
        return std::nullopt;
    }
}

} // namespace joinery::wire
