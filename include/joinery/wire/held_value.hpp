#pragma once

#include <joinery/crdt/held.hpp>
#include <joinery/wire/codec.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace joinery {

/// Holds any type that cereal can serialize, as a key or value of a causal type, by its compact
/// encoding: `aw_set<point>`, `mv_register<std::vector<int>>`.
///
/// Two values are the same if their encodings are: -0 and 0 inside of a value differ, a NaN is
/// itself. Their order is that of the encodings, too. Unordered containers are refused, since equal
/// ones may iterate in different orders; bytes that are not what the value they give encodes to
/// are refused as well.
///
/// Complexity   each operation encodes the value: O(its size).
template <class T>
requires(
    !std::integral<T> && !std::is_enum_v<T> && !std::floating_point<T> &&
    !std::same_as<T, std::string> && std::semiregular<T> &&
    cereal::traits::is_output_serializable<T, wire::compact_output_archive>::value) struct held<T> {
    using type = T;
    using view = T;
    static constexpr bool uses_pool = false;

    static view const& look(type const& value) { return value; }
    static std::uint64_t hash(view const& value, std::uint64_t seed) {
        return hash64(wire::encode(value), seed);
    }
    static bool equal(type const& a, view const& b) { return wire::encode(a) == wire::encode(b); }
    static bool less(view const& a, view const& b) { return wire::encode(a) < wire::encode(b); }
    static std::uint64_t prefix(view const& value) {
        auto const encoded = wire::encode(value);
        return held<std::string>::prefix(as_text(encoded));
    }
    static std::size_t room(view const& value) {
        return wire::encode(value).size() + varint_bytes_max;
    }
    static std::byte* put(std::byte* at, view const& value) {
        return held<std::string>::put(at, as_text(wire::encode(value)));
    }
    static view read(byte_reader& reader) {
        auto const encoded = reader.take(reader.varint());
        auto decoded = wire::decode<T>(encoded);
        if (!decoded) {
            reader.fail(decoded.error().code, "a value does not decode as its type");
            return {};
        }
        if (!std::ranges::equal(wire::encode(*decoded), encoded)) {
            reader.fail(errc::not_canonical, "a value is not in its one accepted form");
            return {};
        }
        return std::move(*decoded);
    }
    static type keep(byte_pool&, view const& value, std::byte const*, bytes_owner) { return value; }
};

} // namespace joinery
