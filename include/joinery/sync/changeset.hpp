#pragma once

#include <joinery/core/byte_reader.hpp>
#include <joinery/core/byte_writer.hpp>
#include <joinery/core/hash.hpp>
#include <joinery/crdt/pieces.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Replicas, their changesets, and the conversations in which they exchange them.
namespace joinery::sync {

/// One edit of one replica: atomic, durable, and the unit of replication. A view of its bytes.
///
/// `origin` made it of its operations `first` to `last()` at `time`. In the body stand the pieces
/// of a causal value, or the encoded delta of any other lattice.
using changeset = piece_sequence;

/// Whether the sequence numbers of a changeset can exist.
[[nodiscard]] constexpr bool is_possible(changeset const& in) {
    return in.first != 0 && in.count != 0 && in.first <= local_dot::sequence_max &&
           in.last() <= local_dot::sequence_max;
}

/// The bytes of a changeset without its origin, which a message or a store names beside it:
/// first, count, time (8 bytes), number of other replicas, body length, body, other replicas.
inline void write_changeset(byte_writer& out, changeset const& in) {
    constexpr std::size_t header_bytes_max = 8 + 4 * varint_bytes_max;
    auto* at = out.reserve(header_bytes_max + in.body.size() + in.others.size());
    at = write_varint(at, in.first);
    at = write_varint(at, in.count);
    out.commit(at);
    out.fixed64(in.time.bits);
    out.varint(in.others.size() / 16);
    out.varint(in.body.size());
    out.raw(in.body);
    out.raw(in.others);
}

/// Reads what `write_changeset` wrote. The views point into the reader's bytes.
inline changeset read_changeset(byte_reader& reader, replica_id origin) {
    changeset out;
    out.origin = origin;
    out.first = reader.varint();
    auto const count = reader.varint();
    out.time.bits = reader.fixed64();
    auto const others = reader.varint();
    auto const body = reader.varint();
    out.count = static_cast<std::uint32_t>(count);
    if (out.count != count || !is_possible(out)) {
        reader.fail(errc::malformed, "a changeset has an impossible range");
    }
    out.body = reader.take(body);
    if (others > reader.remaining() / 16) {
        reader.fail(errc::truncated, "a length exceeds the bytes that are left");
    }
    out.others = reader.take(reader.ok() ? others * 16 : 0);
    return out;
}

/// The hash of a changeset chained to that of its predecessor: equal heads mean equal histories.
inline std::uint64_t chained_hash(std::uint64_t predecessor, changeset const& in) {
    auto const header = hash_mix(in.first ^ predecessor, in.time.bits ^ in.count);
    auto const body = hash64(in.body, header);
    return in.others.empty() ? body : hash64(in.others, body);
}

/// Whether two changesets of one origin are the same, byte for byte.
[[nodiscard]] inline bool is_same(changeset const& a, changeset const& b) {
    return a.first == b.first && a.count == b.count && a.time == b.time &&
           std::ranges::equal(a.body, b.body) && std::ranges::equal(a.others, b.others);
}

namespace detail {

/// What stands in front of a changeset in the log's memory.
struct record_header {
    static constexpr std::size_t bytes = 32;

    std::uint64_t hash;
    std::uint64_t time;
    std::uint32_t count;
    std::uint32_t body_bytes;
    std::uint32_t others;
    std::uint32_t unused = 0;

    void put(std::byte* at) const { std::memcpy(at, this, sizeof *this); }
    [[nodiscard]] static record_header at(std::byte const* at) {
        record_header out{};
        std::memcpy(&out, at, sizeof out);
        return out;
    }
};
static_assert(sizeof(record_header) == record_header::bytes);

} // namespace detail
} // namespace joinery::sync
