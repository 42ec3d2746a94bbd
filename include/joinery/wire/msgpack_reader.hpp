#pragma once

#include <joinery/core/byte_reader.hpp>
#include <joinery/core/bytes.hpp>
#include <joinery/core/result.hpp>
#include <joinery/wire/msgpack.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace joinery::wire {

/// Reads MessagePack in every legal form, token by token.
///
/// Errors are kept as in `byte_reader`: the first one sticks, later tokens are nil. A container
/// that claims more elements than there are bytes left is an error at its head.
///
/// Strings are not checked to be UTF-8: MessagePack leaves that to who uses them.
class msgpack_reader {
public:
    explicit msgpack_reader(byte_view input = {}) : in_{input} {}

    [[nodiscard]] bool ok() const { return in_.ok(); }
    [[nodiscard]] bool at_end() const { return in_.at_end(); }
    [[nodiscard]] std::size_t offset() const { return in_.offset(); }
    [[nodiscard]] joinery::error error() const { return in_.error(); }

    msgpack_token next() {
        auto const tag = in_.byte();
        if (!ok()) {
            return {};
        }
        if (tag < 0x80) {
            return unsigned_integer(tag);
        }
        if (tag < 0xc0) {
            return short_container(tag);
        }
        if (tag >= 0xe0) {
            return integer(static_cast<std::int8_t>(tag));
        }
        return tagged(tag);
    }

    /// Passes over one value with everything in it; no recursion, no allocation.
    ///
    /// Complexity  O(bytes of the value).
    void skip() {
        for (std::uint64_t left = 1; left > 0 && ok(); --left) {
            auto const token = next();
            if (token.kind == msgpack_kind::array) {
                left += token.number;
            } else if (token.kind == msgpack_kind::map) {
                left += 2 * token.number;
            }
        }
    }

private:
    static msgpack_token unsigned_integer(std::uint64_t value) {
        return {.kind = msgpack_kind::unsigned_integer, .number = value};
    }

    static msgpack_token integer(std::int64_t value) {
        return {.kind = value < 0 ? msgpack_kind::negative_integer : msgpack_kind::unsigned_integer,
                .number = static_cast<std::uint64_t>(value)};
    }

    static msgpack_token real(double value) {
        return {.kind = msgpack_kind::floating, .floating = value};
    }

    msgpack_token short_container(std::uint8_t tag) {
        if (tag < 0x90) {
            return container(msgpack_kind::map, tag & 15U);
        }
        if (tag < 0xa0) {
            return container(msgpack_kind::array, tag & 15U);
        }
        return blob(msgpack_kind::string, tag & 31U);
    }

    /// The tags 0xc0 to 0xdf, in the order of the specification.
    msgpack_token tagged(std::uint8_t tag) {
        switch (tag) {
        case 0xc0:
            return {};
        case 0xc2:
        case 0xc3:
            return {.kind = msgpack_kind::boolean, .number = tag & 1U};
        case 0xc4:
        case 0xc5:
        case 0xc6:
            return blob(msgpack_kind::binary, big_endian(1U << (tag - 0xc4)));
        case 0xc7:
        case 0xc8:
        case 0xc9:
            return extension(big_endian(1U << (tag - 0xc7)));
        case 0xca:
            return real(std::bit_cast<float>(static_cast<std::uint32_t>(big_endian(4))));
        case 0xcb:
            return real(std::bit_cast<double>(big_endian(8)));
        case 0xcc:
        case 0xcd:
        case 0xce:
        case 0xcf:
            return unsigned_integer(big_endian(1U << (tag - 0xcc)));
        case 0xd0:
            return integer(static_cast<std::int8_t>(big_endian(1)));
        case 0xd1:
            return integer(static_cast<std::int16_t>(big_endian(2)));
        case 0xd2:
            return integer(static_cast<std::int32_t>(big_endian(4)));
        case 0xd3:
            return integer(static_cast<std::int64_t>(big_endian(8)));
        case 0xd4:
        case 0xd5:
        case 0xd6:
        case 0xd7:
        case 0xd8:
            return extension(std::uint64_t{1} << (tag - 0xd4));
        case 0xd9:
        case 0xda:
        case 0xdb:
            return blob(msgpack_kind::string, big_endian(1U << (tag - 0xd9)));
        case 0xdc:
        case 0xdd:
            return container(msgpack_kind::array, big_endian(2U << (tag - 0xdc)));
        case 0xde:
        case 0xdf:
            return container(msgpack_kind::map, big_endian(2U << (tag - 0xde)));
        default:
            in_.fail(errc::malformed, "the byte 0xc1 begins no MessagePack value");
            return {};
        }
    }

    std::uint64_t big_endian(unsigned width) { return detail::read_big_endian(in_.take(width)); }

    msgpack_token blob(msgpack_kind kind, std::uint64_t size) {
        return {.kind = kind, .content = in_.take(size)};
    }

    msgpack_token extension(std::uint64_t size) {
        auto const type = static_cast<std::int8_t>(in_.byte());
        return {.kind = msgpack_kind::extension, .extension_type = type, .content = in_.take(size)};
    }

    msgpack_token container(msgpack_kind kind, std::uint64_t count) {
        auto const values = kind == msgpack_kind::map ? 2 * count : count;
        if (values > in_.remaining()) {
            in_.fail(errc::truncated, "a container claims more values than there are bytes left");
            return {};
        }
        return {.kind = kind, .number = count};
    }

    byte_reader in_;
};

} // namespace joinery::wire
