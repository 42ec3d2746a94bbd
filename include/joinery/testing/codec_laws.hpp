#pragma once

#include <joinery/core/bytes.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/core/result.hpp>
#include <joinery/testing/laws.hpp>
#include <joinery/testing/specification.hpp>
#include <joinery/wire/codec.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace joinery::testing {

namespace detail {

template <class T>
concept encodes_itself = requires(T const& value, byte_view input) {
    { value.encode() } -> std::same_as<bytes>;
    { T::decode(input) } -> std::same_as<result<T>>;
};

/// The bytes of a value: by its own `encode`, or by `wire::encode`.
template <class T>
bytes encoded(T const& value) {
    if constexpr (encodes_itself<T>) {
        return value.encode();
    } else {
        return wire::encode(value);
    }
}

/// The value, unless it is refused or not in its canonical form.
template <class T>
std::optional<T> decoded(byte_view input) {
    auto out = [&] {
        if constexpr (encodes_itself<T>) {
            return T::decode(input);
        } else {
            return wire::decode<T>(input);
        }
    }();
    if (!out) {
        return std::nullopt;
    }
    if constexpr (requires { out->is_canonical(); }) {
        if (!out->is_canonical()) {
            return std::nullopt;
        }
    }
    return std::move(*out);
}

} // namespace detail

/// Returns the name of the first law of codecs that `value` breaks, if any. The codec is the type's
/// own `encode` and `decode`, or `wire::encode`.
///
/// Complexity   decodings of up to `lengths_max` lengths to which the bytes are cut.
template <std::regular T>
[[nodiscard]] std::optional<std::string_view> broken_codec_law(T const& value,
                                                               std::size_t lengths_max = 64) {
    auto const all = detail::encoded(value);
    auto const again = detail::decoded<T>(all);
    if (!again || *again != value) {
        return "codec: decode(encode(a)) == a";
    }
    if (detail::encoded(*again) != all) {
        return "canonical: equal states have equal bytes";
    }
    auto const stride = all.size() / (lengths_max + 1) + 1;
    for (std::size_t size = 0; size < all.size(); size += stride) {
        if (detail::decoded<T>(byte_view{all}.first(size))) {
            return "truncated: bytes that were cut off are refused";
        }
    }
    auto longer = all;
    longer.push_back(std::byte{0});
    if (detail::decoded<T>(longer)) {
        return "longer: bytes behind a state are refused";
    }
    return std::nullopt;
}

/// The laws of codecs for three states and their joins, in the form that `check_laws` takes:
/// `check_laws<T>(seed, rounds, mutate, codec_laws)`.
inline constexpr auto codec_laws =
    []<join_semilattice T>(T const& a, T const& b, T const& c) -> std::optional<std::string_view> {
    for (auto const* const state : {&a, &b, &c}) {
        if (auto const broken = broken_codec_law(*state)) {
            return broken;
        }
    }
    if (detail::encoded(joined(a, b)) != detail::encoded(joined(b, a))) {
        return "canonical: equal states have equal bytes";
    }
    return std::nullopt;
};

/// Lets an exploration compare the bytes of states, and check the laws of their codec, each state
/// with a few of the lengths to which its bytes can be cut.
template <delta_crdt T>
[[nodiscard]] specification<T> with_codec(specification<T> spec) {
    spec.encode = [](T const& state) { return detail::encoded(state); };
    spec.broken_law = [](T const& state) { return broken_codec_law(state, 3); };
    return spec;
}

} // namespace joinery::testing
