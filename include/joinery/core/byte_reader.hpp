#pragma once

#include <joinery/core/bytes.hpp>
#include <joinery/core/result.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace joinery {

/// Reads bytes that nobody has checked.
///
/// Every read is bounded. The first failure sticks: it keeps its code, its sentence and its
/// offset, and every later read gives zero or nothing, so that a decoder tests `ok()` once, after
/// a group of reads and before it acts on them.
class byte_reader {
public:
    explicit byte_reader(byte_view input)
        : begin_{input.data()}, at_{input.data()}, end_{input.data() + input.size()} {}

    [[nodiscard]] bool ok() const { return reason_ == nullptr; }
    [[nodiscard]] bool at_end() const { return at_ == end_; }
    [[nodiscard]] std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
    [[nodiscard]] std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
    [[nodiscard]] std::byte const* position() const { return at_; }

    /// The first failure. Precondition: `!ok()`.
    [[nodiscard]] joinery::error error() const { return {code_, reason_, failed_at_}; }

    /// Makes this and every later read fail. `reason` is a string literal.
    void fail(errc code, char const* reason) {
        if (ok()) {
            code_ = code;
            reason_ = reason;
            failed_at_ = offset();
        }
        at_ = end_;
    }

    std::uint8_t byte() {
        if (at_ == end_) [[unlikely]] {
            fail(errc::truncated, "the input ends inside a value");
            return 0;
        }
        return static_cast<std::uint8_t>(*at_++);
    }

    /// The next byte without consuming it; 0 at the end.
    [[nodiscard]] std::uint8_t peek() const {
        return at_ == end_ ? std::uint8_t{0} : static_cast<std::uint8_t>(*at_);
    }

    /// A LEB128 integer in its shortest form; a longer form is an error.
    [[gnu::always_inline]] std::uint64_t varint() {
        if (at_ != end_ && static_cast<std::uint8_t>(*at_) < 128) [[likely]] {
            return static_cast<std::uint8_t>(*at_++);
        }
        return long_varint();
    }

    /// Eight bytes, least significant first.
    std::uint64_t fixed64() {
        std::uint64_t value = 0;
        if (auto const raw = take(sizeof value); !raw.empty()) {
            std::memcpy(&value, raw.data(), sizeof value);
        }
        if constexpr (std::endian::native == std::endian::big) {
            value = __builtin_bswap64(value);
        }
        return value;
    }

    byte_view take(std::uint64_t count) {
        if (remaining() < count) [[unlikely]] {
            fail(errc::truncated, "a length exceeds the bytes that are left");
            return {};
        }
        byte_view const out{at_, static_cast<std::size_t>(count)};
        at_ += count;
        return out;
    }

private:
    [[gnu::noinline]] std::uint64_t long_varint() {
        if (remaining() >= 2) [[likely]] {
            auto const first = static_cast<std::uint64_t>(at_[0]);
            auto const second = static_cast<std::uint64_t>(at_[1]);
            if (second - 1 < 127) { // it ends here, and not with a zero
                at_ += 2;
                return (first & 127) | second << 7;
            }
        }
        return longer_varint();
    }
    [[gnu::noinline]] std::uint64_t longer_varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            std::uint64_t const next = byte();
            value |= (next & 127) << shift;
            if (next < 128) {
                if ((shift == 63 && next > 1) || (shift > 0 && next == 0)) {
                    break;
                }
                return value;
            }
        }
        fail(errc::not_canonical, "an integer is not in its shortest form");
        return 0;
    }

    std::byte const* begin_;
    std::byte const* at_;
    std::byte const* end_;
    char const* reason_ = nullptr;
    std::size_t failed_at_ = 0;
    errc code_{};
};

} // namespace joinery
