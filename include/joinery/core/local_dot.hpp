#pragma once

#include <joinery/core/replica_table.hpp>

#include <compare>
#include <cstdint>

namespace joinery {

/// A dot inside one causal root, in 63 bits: the slot of its replica and the sequence number.
///
/// Slots never leave the process and order nothing that does: bytes, digests and comparisons go
/// through the replica id. The 64th bit is free, so that a word can hold either one dot or a
/// pointer to many.
class local_dot {
public:
    static constexpr unsigned sequence_bits = 44;
    static constexpr std::uint64_t sequence_max = (std::uint64_t{1} << sequence_bits) - 1;
    static constexpr replica_slot slot_max = (replica_slot{1} << 19) - 1;

    constexpr local_dot() = default;
    constexpr local_dot(replica_slot slot, std::uint64_t sequence)
        : bits_{static_cast<std::uint64_t>(slot) << sequence_bits | sequence} {}

    [[nodiscard]] static constexpr local_dot from_bits(std::uint64_t bits) {
        local_dot out;
        out.bits_ = bits;
        return out;
    }
    [[nodiscard]] constexpr std::uint64_t bits() const { return bits_; }
    [[nodiscard]] constexpr replica_slot slot() const {
        return static_cast<replica_slot>(bits_ >> sequence_bits);
    }
    [[nodiscard]] constexpr std::uint64_t sequence() const { return bits_ & sequence_max; }

    friend constexpr auto operator<=>(local_dot const&, local_dot const&) = default;

private:
    std::uint64_t bits_ = 0;
};

} // namespace joinery
