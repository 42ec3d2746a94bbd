#pragma once

#include <joinery/core/bytes.hpp>
#include <joinery/testing/laws.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace joinery::tests {

/// How much is tried: every value of every byte, or every bit flip of every byte.
enum class hostility : std::uint8_t { bit_flips, all_values };

/// Calls `visit(bytes)` with every truncation of `honest`, and with every byte replaced. The bytes
/// lie in a buffer of exactly their size, so that a sanitizer sees any read behind it.
template <class F>
void for_each_mutation(bytes const& honest, hostility how, F&& visit) {
    for (std::size_t size = 0; size < honest.size(); ++size) {
        visit(bytes(honest.begin(), honest.begin() + static_cast<std::ptrdiff_t>(size)));
    }
    for (std::size_t at = 0; at < honest.size(); ++at) {
        auto const tries = how == hostility::all_values ? 256U : 8U;
        for (unsigned i = 0; i < tries; ++i) {
            auto const change = how == hostility::all_values ? i : 1U << i;
            auto mutated = honest;
            mutated[at] ^= static_cast<std::byte>(change);
            if (mutated != honest) {
                visit(mutated);
            }
        }
    }
    auto longer = honest;
    longer.push_back(std::byte{0});
    visit(longer);
}

inline std::string hex(byte_view input) {
    std::string out;
    for (auto const b : input) {
        out += "0123456789abcdef"[static_cast<unsigned>(b) >> 4];
        out += "0123456789abcdef"[static_cast<unsigned>(b) & 15];
    }
    return out;
}

/// Decodes every mutation of the state's bytes: each is refused and leaves a state as it was, or is
/// accepted and is exactly what the accepted value encodes to. Returns what broke.
template <class T>
std::string broken_by_bytes(T const& honest, T const& other, hostility how) {
    std::string broken;
    auto const before = other.encode();
    for_each_mutation(honest.encode(), how, [&](bytes const& mutated) {
        auto const decoded = T::decode(mutated);
        auto joined = other;
        auto const outcome = joined.join_encoded(mutated);
        auto const shown = ": " + hex(mutated);
        if (decoded.has_value() != outcome.has_value()) {
            broken = "decode and join_encoded disagree" + shown;
        } else if (!decoded && joined.encode() != before) {
            broken = "refused bytes changed the state" + shown;
        } else if (decoded && decoded->encode() != mutated) {
            broken = "bytes were accepted that are not canonical" + shown;
        } else if (decoded) {
            auto const again = T::decode(joined.encode());
            auto const in_memory = testing::joined(other, *decoded);
            if (!again || !(*again == joined)) {
                broken = "the join of accepted bytes does not survive encoding" + shown;
            } else if (!(in_memory == joined)) {
                broken = "a join of bytes differs from a join in memory" + shown;
            }
        }
    });
    return broken;
}

} // namespace joinery::tests
