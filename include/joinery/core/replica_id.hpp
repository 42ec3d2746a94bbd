#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace joinery {

namespace detail {

inline constexpr std::string_view hex_digits = "0123456789abcdef";

constexpr void append_hex(std::string& out, std::uint64_t value) {
    for (int shift = 60; shift >= 0; shift -= 4) {
        out += hex_digits[(value >> shift) & 15];
    }
}

} // namespace detail

/// Who writes: 128 bits that no two writers may share.
///
/// An id names one incarnation of one replica. A copied or restored database needs a new one,
/// because two writers with one id would give different changes the same dot. Draw it with
/// `random`; small numbers are for tests and examples.
class replica_id {
public:
    /// The id that names nobody.
    constexpr replica_id() = default;
    constexpr explicit replica_id(std::uint64_t low) : low_{low} {}
    constexpr replica_id(std::uint64_t high, std::uint64_t low) : high_{high}, low_{low} {}

    /// Reads the most significant byte first, so that bytes sort as ids do.
    [[nodiscard]] static constexpr replica_id from_bytes(std::span<std::byte const, 16> input) {
        return {big_endian(input.first<8>()), big_endian(input.last<8>())};
    }

    /// Exactly 32 hexadecimal digits of either case; anything else is nothing.
    [[nodiscard]] static constexpr std::optional<replica_id> parse(std::string_view text) {
        if (text.size() != 32) {
            return std::nullopt;
        }
        std::uint64_t halves[2] = {0, 0};
        for (std::size_t i = 0; i < text.size(); ++i) {
            auto const digit = text[i];
            auto const lower = digit >= 'A' && digit <= 'F' ? static_cast<char>(digit + 32) : digit;
            auto const value = detail::hex_digits.find(lower);
            if (value == std::string_view::npos) {
                return std::nullopt;
            }
            halves[i / 16] = halves[i / 16] << 4 | value;
        }
        return replica_id{halves[0], halves[1]};
    }

    /// Draws 128 bits. `Generator` is callable and gives at least 32 good bits a call, as
    /// `std::random_device` does; a generator seeded with the time is not good enough.
    template <class Generator>
    [[nodiscard]] static replica_id random(Generator&& generator) {
        std::uint64_t words[4];
        for (auto& word : words) {
            word = static_cast<std::uint64_t>(generator()) & 0xffff'ffffU;
        }
        return {words[0] << 32 | words[1], words[2] << 32 | words[3]};
    }

    [[nodiscard]] constexpr std::uint64_t high() const { return high_; }
    [[nodiscard]] constexpr std::uint64_t low() const { return low_; }

    /// The inverse of `from_bytes`.
    [[nodiscard]] constexpr std::array<std::byte, 16> to_bytes() const {
        std::array<std::byte, 16> out{};
        for (std::size_t i = 0; i < 8; ++i) {
            out[i] = static_cast<std::byte>(high_ >> (56 - 8 * i) & 255);
            out[i + 8] = static_cast<std::byte>(low_ >> (56 - 8 * i) & 255);
        }
        return out;
    }

    /// 32 lower-case hexadecimal digits; they sort as ids do.
    [[nodiscard]] std::string to_string() const {
        std::string out;
        out.reserve(32);
        detail::append_hex(out, high_);
        detail::append_hex(out, low_);
        return out;
    }

    friend constexpr auto operator<=>(replica_id const&, replica_id const&) = default;

private:
    /// Written out, so that compilers see one load in it.
    static constexpr std::uint64_t big_endian(std::span<std::byte const, 8> in) {
        auto const at = [&](std::size_t i) {
            return std::to_integer<std::uint64_t>(in[i]) << (56 - 8 * i);
        };
        return at(0) | at(1) | at(2) | at(3) | at(4) | at(5) | at(6) | at(7);
    }

    std::uint64_t high_ = 0;
    std::uint64_t low_ = 0;
};

} // namespace joinery
