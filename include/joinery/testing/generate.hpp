#pragma once

#include <joinery/core/record.hpp>
#include <joinery/testing/random.hpp>
#include <joinery/testing/text_of.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace joinery::testing {

/// How random values of `T` are made. Specialize it for your own type:
/// `static T make(splitmix64& random)`.
///
/// Here: integers, enums, bool, floats, strings, bytes, standard containers, optional, pair, tuple,
/// array, and records of these. Small values come often, so that they collide, and limits, too.
template <class T>
struct generator;

/// A random value.
template <class T>
[[nodiscard]] T generate(splitmix64& random) {
    return generator<T>::make(random);
}

template <std::integral T>
struct generator<T> {
    static T make(splitmix64& random) {
        using limits = std::numeric_limits<T>;
        switch (random.below(8)) {
        case 0:
            return limits::max();
        case 1:
            return limits::min();
        case 2:
            return static_cast<T>(random());
        default:
            return static_cast<T>(random.below(4));
        }
    }
};
template <>
struct generator<bool> {
    static bool make(splitmix64& random) { return random.chance(50); }
};
template <>
struct generator<std::byte> {
    static std::byte make(splitmix64& random) { return std::byte{generate<unsigned char>(random)}; }
};

template <std::floating_point T>
struct generator<T> {
    static T make(splitmix64& random) {
        // A NaN equals nothing, and so is no value of a lattice.
        return static_cast<T>(generate<std::int64_t>(random)) / T{8};
    }
};

template <class T>
requires std::is_enum_v<T>
struct generator<T> {
    static T make(splitmix64& random) { return static_cast<T>(random.below(4)); }
};

template <>
struct generator<std::string> {
    static std::string make(splitmix64& random) {
        static constexpr std::array<std::string_view, 8> pieces{
            "a", "b", "x", "key", "é", "漢", "\U0001F600", std::string_view{"\0", 1}};
        std::string out;
        auto const length = random.chance(70) ? random.below(2) : random.below(40);
        for (std::uint64_t i = 0; i <= length; ++i) {
            out += random.pick(pieces);
        }
        return random.chance(5) ? std::string{} : out;
    }
};

namespace detail {

template <class T>
concept keyed_container = like_map<T> && requires(T& container) {
    container.emplace(std::declval<typename T::key_type>(),
                      std::declval<typename T::mapped_type>());
};

template <class T>
concept element_container = like_range<T> && !keyed_container<T> && requires(T & container) {
    container.insert(container.end(), std::declval<typename T::value_type>());
};

} // namespace detail

template <detail::element_container T>
struct generator<T> {
    static T make(splitmix64& random) {
        T out;
        for (auto left = random.below(5); left > 0; --left) {
            out.insert(out.end(), generate<typename T::value_type>(random));
        }
        return out;
    }
};

template <detail::keyed_container T>
struct generator<T> {
    static T make(splitmix64& random) {
        T out;
        for (auto left = random.below(5); left > 0; --left) {
            auto key = generate<typename T::key_type>(random);
            out.emplace(std::move(key), generate<typename T::mapped_type>(random));
        }
        return out;
    }
};

template <detail::like_optional T>
struct generator<T> {
    static T make(splitmix64& random) {
        return random.chance(25) ? T{} : T{generate<typename T::value_type>(random)};
    }
};

template <detail::like_tuple T>
requires(!record<T>) struct generator<T> {
    static T make(splitmix64& random) {
        T out{};
        std::apply([&](auto&... parts) { ((parts = fresh(parts, random)), ...); }, out);
        return out;
    }

private:
    template <class Part>
    static Part fresh(Part const&, splitmix64& random) {
        return generate<Part>(random);
    }
};

template <record T>
struct generator<T> {
    static T make(splitmix64& random) {
        T out{};
        for_each_field(out, [&](std::string_view, auto& field) {
            field = generate<std::remove_cvref_t<decltype(field)>>(random);
        });
        return out;
    }
};

} // namespace joinery::testing
