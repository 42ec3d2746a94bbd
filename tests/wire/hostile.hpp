#pragma once

#include <joinery/core/bytes.hpp>

#include <cstddef>
#include <new>

#include "allocation_cap.hpp"

namespace joinery::testing {

/// Calls `attack` with `valid` cut at every length, then with every byte replaced by each of its
/// 255 other values.
template <class Attack>
void for_each_damage(byte_view valid, Attack attack) {
    for (std::size_t length = 0; length < valid.size(); ++length) {
        attack(bytes(valid.begin(), valid.begin() + static_cast<std::ptrdiff_t>(length)));
    }
    bytes damaged(valid.begin(), valid.end());
    for (auto& byte : damaged) {
        auto const original = byte;
        for (unsigned flip = 1; flip < 256; ++flip) {
            byte = original ^ static_cast<std::byte>(flip);
            attack(damaged);
        }
        byte = original;
    }
}

/// Whether `decode` ends without asking for more than `bytes_max` of memory at once.
template <class Decode>
[[nodiscard]] bool stays_within(std::size_t bytes_max, Decode decode) {
    allocation_cap const cap{bytes_max};
    try {
        decode();
        return true;
    } catch (std::bad_alloc const&) { return false; }
}

} // namespace joinery::testing
