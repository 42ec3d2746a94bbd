#pragma once

#include <joinery/core/bytes.hpp>
#include <joinery/core/varint.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace joinery {

/// Appends to a buffer that can be reused: `clear` keeps its room.
class byte_writer {
public:
    [[nodiscard]] std::size_t size() const { return used_; }
    [[nodiscard]] byte_view view() const { return {buffer_.data(), used_}; }
    void clear() { used_ = 0; }

    /// The bytes so far. The writer is empty afterwards.
    [[nodiscard]] bytes take() {
        buffer_.resize(used_);
        used_ = 0;
        return std::exchange(buffer_, {});
    }

    /// Room for `count` more bytes, to be written directly; `commit` says how far it was used.
    [[nodiscard]] std::byte* reserve(std::size_t count) {
        if (buffer_.size() - used_ < count) [[unlikely]] {
            grow(count);
        }
        return buffer_.data() + used_;
    }

    /// Precondition: `end` lies in the room of the last `reserve`.
    void commit(std::byte const* end) { used_ = static_cast<std::size_t>(end - buffer_.data()); }

    void byte(std::uint8_t value) {
        auto* at = reserve(1);
        *at = static_cast<std::byte>(value);
        ++used_;
    }

    void varint(std::uint64_t value) { commit(write_varint(reserve(varint_bytes_max), value)); }

    /// Eight bytes, least significant first.
    void fixed64(std::uint64_t value) {
        if constexpr (std::endian::native == std::endian::big) {
            value = __builtin_bswap64(value);
        }
        std::memcpy(reserve(sizeof value), &value, sizeof value);
        used_ += sizeof value;
    }

    void raw(byte_view input) {
        if (!input.empty()) {
            std::memcpy(reserve(input.size()), input.data(), input.size());
            used_ += input.size();
        }
    }

private:
    void grow(std::size_t count) {
        auto const wanted = used_ + count;
        auto const doubled = buffer_.size() * 2;
        buffer_.resize(wanted < doubled ? doubled : wanted + 64);
    }

    bytes buffer_;
    std::size_t used_ = 0;
};

} // namespace joinery
