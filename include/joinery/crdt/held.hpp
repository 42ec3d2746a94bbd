#pragma once

#include <joinery/core/byte_pool.hpp>
#include <joinery/core/byte_reader.hpp>
#include <joinery/core/hash.hpp>
#include <joinery/core/varint.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

namespace joinery {

/// Where the bytes that a source is read from live.
enum class bytes_owner : std::uint8_t {
    somebody_else, ///< They go away: what is kept must be copied.
    our_pool,      ///< They are in the pool of the state: a pointer to them is enough.
};

/// A value in a pool: a pointer to its own encoding. 8 bytes, whatever its length.
struct pooled {
    std::byte const* at = nullptr;
};

/// How a key or value type `T` is held in a store, shown to users and written to bytes.
///
/// Minimal complete definition (all static)
///   `type`              as it lies in the store, and `view`, as interfaces take and show it
///   `look(type)`        the view of what is held
///   `hash(view, seed)`  places it in an index; never leaves the process
///   `less(a, b)`, `prefix(view)`  the order in bytes; `prefix(a) < prefix(b)` implies `less(a, b)`
///   `room(view)`, `put(at, view)`, `read(byte_reader&)`  its encoding, canonical and
///   self-delimited `keep(pool, view, encoding, owner)`  makes it `type`; `encoding` points at its
///   bytes or is null
/// Optional
///   `flaw(view)`        a sentence if the value is one that `read` refuses, else null: editors ask
///
/// Models: integers, enums, `bool`, `float`, `double`, `std::string` here; `scalar` in the
/// document; any type that cereal can serialize after `#include <joinery/wire/held_value.hpp>`.
template <class T>
struct held {
    static_assert(sizeof(T) == 0,
                  "joinery: this type has no encoding of its own; include "
                  "<joinery/wire/held_value.hpp> to hold any type that cereal can serialize");
};

template <class T>
using held_view = typename held<T>::view;

/// Reads what `read` accepted before: in the second pass over bytes, which need no second check.
template <class T>
held_view<T> read_again(byte_reader& reader) {
    if constexpr (requires { held<T>::read_again(reader); }) {
        return held<T>::read_again(reader);
    } else {
        return held<T>::read(reader);
    }
}

namespace detail {

/// The number that is written for an integer or an enum.
template <class T>
struct held_number {
    using type = T;
};
template <class T>
requires std::is_enum_v<T>
struct held_number<T> : held_number<std::underlying_type_t<T>> {
};
template <>
struct held_number<char> {
    using type = unsigned char;
};

/// Shared by types that are held as they are.
template <class T>
struct held_by_value {
    using type = T;
    using view = T;
    static constexpr bool uses_pool = false;

    static view look(type value) { return value; }
    static type keep(byte_pool&, view value, std::byte const*, bytes_owner) { return value; }
    static bool equal(type a, view b) { return a == b; }
    static bool less(view a, view b) { return a < b; }
};

} // namespace detail

/// Integers and enums in the order of their numbers. A `char` counts as unsigned, on every machine.
template <class T>
requires std::integral<T> || std::is_enum_v<T>
struct held<T> : detail::held_by_value<T> {
    using number = typename detail::held_number<T>::type;
    static constexpr bool is_signed = std::is_signed_v<number>;

    static std::uint64_t bits(T value) {
        if constexpr (is_signed) {
            return zigzag(static_cast<std::int64_t>(value));
        } else {
            return static_cast<std::uint64_t>(static_cast<number>(value));
        }
    }
    static std::uint64_t hash(T value, std::uint64_t seed) {
        return hash_mix(bits(value) ^ detail::hash_key_a, seed ^ detail::hash_key_b);
    }
    static std::uint64_t prefix(T value) {
        auto const raw = static_cast<std::uint64_t>(static_cast<number>(value));
        return is_signed ? raw ^ std::uint64_t{1} << 63 : raw;
    }
    static bool less(T a, T b) { return prefix(a) < prefix(b); }
    static std::size_t room(T) { return varint_bytes_max; }
    static std::byte* put(std::byte* at, T value) { return write_varint(at, bits(value)); }
    static T read(byte_reader& reader) {
        auto const raw = reader.varint();
        auto const wide = [raw] {
            if constexpr (is_signed) {
                return unzigzag(raw);
            } else {
                return raw;
            }
        }();
        using limits = std::numeric_limits<number>;
        if (wide < limits::min() || wide > limits::max()) {
            reader.fail(errc::malformed, "an integer does not fit its type");
            return T{};
        }
        return static_cast<T>(static_cast<number>(wide));
    }
};

template <>
struct held<std::string> {
    using type = pooled;
    using view = std::string_view;
    static constexpr bool uses_pool = true;

    static view look(type text) {
        auto const* at = text.at;
        auto const size = read_trusted_varint(at);
        return {reinterpret_cast<char const*>(at), static_cast<std::size_t>(size)};
    }
    static std::uint64_t hash(view text, std::uint64_t seed) {
        return hash64(as_bytes(text), seed);
    }
    static bool equal(type text, view other) {
        auto const size = other.size();
        if (size >= 128) {
            return look(text) == other;
        }
        // The last byte tells the names of fields apart soonest.
        return static_cast<std::size_t>(text.at[0]) == size &&
               (size == 0 || (text.at[size] == static_cast<std::byte>(other[size - 1]) &&
                              std::memcmp(text.at + 1, other.data(), size) == 0));
    }
    static bool less(view a, view b) { return a < b; }
    static std::uint64_t prefix(view text) {
        std::uint64_t value = 0;
        if (!text.empty()) {
            std::memcpy(&value, text.data(), text.size() < 8 ? text.size() : 8);
        }
        if constexpr (std::endian::native == std::endian::little) {
            value = __builtin_bswap64(value);
        }
        return value;
    }
    static std::size_t room(view text) { return text.size() + varint_bytes_max; }
    static std::byte* put(std::byte* at, view text) {
        at = write_varint(at, text.size());
        if (!text.empty()) {
            std::memcpy(at, text.data(), text.size());
        }
        return at + text.size();
    }
    static view read(byte_reader& reader) { return as_text(reader.take(reader.varint())); }
    static type keep(byte_pool& pool, view text, std::byte const* encoding, bytes_owner owner) {
        if (encoding != nullptr && owner == bytes_owner::our_pool) {
            return {encoding};
        }
        auto* const at = pool.reserve(room(text));
        pool.commit(put(at, text));
        return {at};
    }
};

/// Doubles keep their bits, so that -0 and 0 are two values; every NaN is written as one NaN, which
/// is the greatest.
template <>
struct held<double> : detail::held_by_value<double> {
    static std::uint64_t bits(double value) {
        return value != value ? 0x7ff8000000000000ULL : std::bit_cast<std::uint64_t>(value);
    }
    static bool equal(double a, double b) { return bits(a) == bits(b); }
    static std::uint64_t hash(double value, std::uint64_t seed) {
        return held<std::uint64_t>::hash(bits(value), seed);
    }
    static std::uint64_t prefix(double value) {
        auto const raw = bits(value);
        return raw >> 63 != 0 ? ~raw : raw | std::uint64_t{1} << 63;
    }
    static bool less(double a, double b) { return prefix(a) < prefix(b); }
    static std::size_t room(double) { return 8; }
    static std::byte* put(std::byte* at, double value) {
        auto raw = bits(value);
        for (unsigned i = 0; i < 8; ++i, raw >>= 8) {
            *at++ = static_cast<std::byte>(raw);
        }
        return at;
    }
    static double read(byte_reader& reader) {
        auto const raw = reader.fixed64();
        auto const value = std::bit_cast<double>(raw);
        if (bits(value) != raw) {
            reader.fail(errc::not_canonical, "a NaN is not in its one form");
        }
        return value;
    }
};

/// A float is held as the double of the same value.
template <>
struct held<float> : detail::held_by_value<float> {
    static bool equal(float a, float b) { return held<double>::equal(a, b); }
    static std::uint64_t hash(float value, std::uint64_t seed) {
        return held<double>::hash(value, seed);
    }
    static std::uint64_t prefix(float value) { return held<double>::prefix(value); }
    static bool less(float a, float b) { return held<double>::less(a, b); }
    static std::size_t room(float value) { return held<double>::room(value); }
    static std::byte* put(std::byte* at, float value) { return held<double>::put(at, value); }
    static float read(byte_reader& reader) {
        auto const wide = held<double>::read(reader);
        auto const value = static_cast<float>(wide);
        if (!held<double>::equal(value, wide)) {
            reader.fail(errc::malformed, "a number does not fit a float");
        }
        return value;
    }
};

} // namespace joinery
