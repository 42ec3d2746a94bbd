#pragma once

#include <joinery/core/byte_reader.hpp>
#include <joinery/core/byte_writer.hpp>
#include <joinery/crdt/held.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "crdt/hostile.hpp"

namespace joinery::tests {

template <class T>
bytes held_bytes(held_view<T> const& value) {
    byte_writer out;
    auto* const at = out.reserve(held<T>::room(value));
    out.commit(held<T>::put(at, value));
    return out.take();
}

/// Says what is wrong with the encoding of `value`; empty if nothing is.
template <class T>
std::string broken_encoding(held_view<T> const& value) {
    auto const encoded = held_bytes<T>(value);
    if (encoded.size() > held<T>::room(value)) {
        return "it needs more room than it says";
    }
    auto behind = encoded;
    behind.push_back(std::byte{0x5a});
    byte_reader reader{behind};
    auto const again = held_bytes<T>(held<T>::read(reader));
    if (!reader.ok() || reader.remaining() != 1 || again != encoded) {
        return "it does not come back from its bytes " + hex(encoded);
    }
    for (std::size_t size = 0; size < encoded.size(); ++size) {
        bytes const cut(encoded.begin(), encoded.begin() + static_cast<std::ptrdiff_t>(size));
        byte_reader shorter{cut};
        (void)held<T>::read(shorter);
        if (shorter.ok()) {
            return "it is read from fewer bytes than it has: " + hex(cut);
        }
    }
    return {};
}

/// Reads damaged bytes: they are refused, or the value writes exactly what was read.
template <class T>
std::string broken_by_damage(held_view<T> const& value) {
    std::string broken;
    for_each_mutation(held_bytes<T>(value), hostility::all_values, [&](bytes const& damaged) {
        byte_reader reader{damaged};
        auto const read = held<T>::read(reader);
        if (!reader.ok()) {
            return;
        }
        auto const again = held_bytes<T>(read);
        if (again.size() != reader.offset() ||
            !std::equal(again.begin(), again.end(), damaged.begin())) {
            broken = "a second form of a value was accepted: " + hex(damaged);
        }
    });
    return broken;
}

/// Says which law of equality, hash and order two values break, given their bytes.
template <class T>
std::string broken_pair(held_view<T> const& a, held_view<T> const& b) {
    using traits = held<T>;
    byte_pool pool;
    auto const kept = traits::keep(pool, a, nullptr, bytes_owner::somebody_else);
    auto const is_same = held_bytes<T>(a) == held_bytes<T>(b);
    if (traits::equal(kept, b) != is_same) {
        return "equal values have different bytes, or the other way round";
    }
    for (auto const seed : {std::uint64_t{1}, std::uint64_t{0x9e3779b97f4a7c15}}) {
        if ((traits::hash(a, seed) == traits::hash(b, seed)) != is_same) {
            return "the hashes do not agree with equality";
        }
        if (traits::hash(traits::look(kept), seed) != traits::hash(a, seed)) {
            return "what is kept has another hash";
        }
    }
    if (int{traits::less(a, b)} + int{traits::less(b, a)} + int{is_same} != 1) {
        return "not exactly one of less, greater and equal holds";
    }
    if (traits::prefix(a) < traits::prefix(b) && !traits::less(a, b)) {
        return "the prefixes are ordered in another way";
    }
    return {};
}

/// Says which law the values break; empty if they keep all of them.
template <class T>
std::string broken_held_law(std::vector<T> const& samples) {
    auto const named = [](std::string const& what, held_view<T> const& value) {
        return what.empty() ? what : what + ", at " + hex(held_bytes<T>(value)).substr(0, 80);
    };
    for (auto const& a : samples) {
        if (auto const broken = named(broken_encoding<T>(a), a); !broken.empty()) {
            return broken;
        }
        for (auto const& b : samples) {
            if (auto const broken = named(broken_pair<T>(a, b), a); !broken.empty()) {
                return broken;
            }
            for (auto const& c : samples) {
                if (held<T>::less(a, b) && held<T>::less(b, c) && !held<T>::less(a, c)) {
                    return named("the order is not transitive", b);
                }
            }
        }
    }
    return {};
}

/// Numbers around every change of length, and the least and greatest of their type.
template <class T>
std::vector<T> numbers() {
    using limits = std::numeric_limits<T>;
    std::vector<T> out{limits::min(), limits::max(), T{0}, T{1}};
    for (unsigned bit = 1; bit < static_cast<unsigned>(limits::digits); ++bit) {
        auto const power = static_cast<T>(std::uint64_t{1} << bit);
        out.push_back(power);
        out.push_back(static_cast<T>(power - 1));
        if constexpr (std::is_signed_v<T>) {
            out.push_back(static_cast<T>(-power));
            out.push_back(static_cast<T>(-power - 1));
        }
    }
    return out;
}

} // namespace joinery::tests
