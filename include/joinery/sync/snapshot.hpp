#pragma once

#include <joinery/core/byte_reader.hpp>
#include <joinery/core/byte_writer.hpp>
#include <joinery/core/result.hpp>
#include <joinery/sync/log.hpp>

#include <cstdint>
#include <vector>

namespace joinery::sync {

/// Names a document: all replicas of one document share 64 random bits. 0 is no document yet.
enum class document_id : std::uint64_t { unset = 0 };

inline constexpr std::uint8_t snapshot_format = 1;

/// A state together with the histories that it holds: format, number of origins, for each in the
/// order of ids its id, last sequence, head and time, then the state.
[[nodiscard]] inline bytes encode_snapshot(log const& changes, byte_view state) {
    byte_writer out;
    out.byte(snapshot_format);
    auto const slots = changes.slots_by_id();
    out.varint(slots.size());
    for (auto const slot : slots) {
        auto const& history = changes.at(slot);
        out.raw(changes.origin(slot).to_bytes());
        out.varint(history.last);
        out.fixed64(history.head);
        out.fixed64(history.time.bits);
    }
    out.raw(state);
    return out.take();
}

/// Resumes the histories in `changes` and returns the state's bytes.
[[nodiscard]] inline result<byte_view> decode_snapshot(byte_view input, log& changes) {
    byte_reader reader{input};
    if (auto const format = reader.byte(); format != snapshot_format && reader.ok()) {
        return failure(format > snapshot_format ? errc::newer_file : errc::malformed,
                       "the snapshot has a format that this version does not know");
    }
    auto const count = reader.varint();
    replica_id before{};
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        auto const raw = reader.take(16);
        auto const last = reader.varint();
        auto const head = reader.fixed64();
        auto const time = reader.fixed64();
        if (reader.ok()) {
            auto const id = replica_id::from_bytes(raw.first<16>());
            if (last == 0 || last > local_dot::sequence_max || (i > 0 && id <= before)) {
                reader.fail(errc::not_canonical, "the histories of a snapshot are not in order");
                break;
            }
            before = id;
            changes.resume(changes.intern(id), last, head, hlc{time});
        }
    }
    if (!reader.ok()) {
        return failure(reader.error());
    }
    return input.subspan(reader.offset());
}

} // namespace joinery::sync
