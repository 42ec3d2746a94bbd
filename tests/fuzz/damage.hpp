#pragma once

#include <joinery/core/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace fuzz {

using joinery::byte_view;
using joinery::bytes;

/// Ends the program, for the fuzzer to report the input.
inline void require(bool holds, char const* what) {
    if (!holds) {
        std::fprintf(stderr, "broken: %s\n", what);
        std::abort();
    }
}

inline byte_view view_of(std::uint8_t const* data, std::size_t size) {
    return {reinterpret_cast<std::byte const*>(data), size};
}

/// What an input of the fuzzer stands for: it is taken as it is, behind a first byte of zero, or as
/// damage to one of the valid `seeds`, four bytes for each place, so that little has to be guessed
/// before what is deep inside is reached.
inline bytes damaged(std::vector<bytes> const& seeds, byte_view input) {
    if (input.empty()) {
        return {};
    }
    auto const choice = static_cast<std::size_t>(input.front()) % (seeds.size() + 1);
    input = input.subspan(1);
    if (choice == 0) {
        return {input.begin(), input.end()};
    }
    auto out = seeds[choice - 1];
    for (; input.size() >= 4; input = input.subspan(4)) {
        auto const place =
            static_cast<std::size_t>(input[1]) << 8 | static_cast<std::size_t>(input[2]);
        auto const at = out.begin() + static_cast<std::ptrdiff_t>(place % (out.size() + 1));
        switch (static_cast<unsigned>(input[0]) % 4) {
        case 0:
            out.insert(at, input[3]);
            break;
        case 1:
            out.erase(at, out.end());
            break;
        default:
            if (at == out.end()) {
                out.push_back(input[3]);
            } else if (input[0] < std::byte{128}) {
                *at = input[3];
            } else {
                out.erase(at);
            }
        }
    }
    return out;
}

} // namespace fuzz
