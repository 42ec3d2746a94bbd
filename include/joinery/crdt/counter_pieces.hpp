#pragma once

#include <joinery/core/varint.hpp>
#include <joinery/crdt/floor_counter.hpp>
#include <joinery/crdt/residue.hpp>

#include <cstddef>
#include <cstdint>

namespace joinery::detail {

// How a counter is written in a piece, behind a tag that its owner chooses. Both pieces are dead.
//
// increment   count - start, total; the count is the piece's own dot.
// floors      size, then for each entry 0 for the origin or 1 + index of a foreign replica, count,
//             count - start, total, all of it below the floor.

inline constexpr std::size_t increment_room = 2 * varint_bytes_max;

inline std::byte* put_increment(std::byte* at, floor_counter::entry const& e) {
    return write_varint(write_varint(at, e.count - e.start), zigzag(e.total));
}

/// Resets a live counter at the place that `out` has reached.
inline void reset_counter(floor_counter& counter, std::byte tag, reset_writer& out) {
    auto const floors = counter.floored();
    auto& writer = out.writer();
    auto* at = out.begin(1 + (1 + 4 * floors.size()) * varint_bytes_max);
    *at++ = tag;
    at = write_varint(at, floors.size());
    for (auto const& e : floors) {
        auto const is_own = e.slot == writer.self();
        at = write_varint(at, is_own ? 0 : std::uint64_t{writer.index_of(e.slot)} + 1);
        at = write_varint(at, e.count);
        at = write_varint(at, e.count - e.start);
        at = write_varint(at, zigzag(e.total));
        counter.join(e);
    }
    out.end(at);
}

template <class F>
void read_increment(piece_frame const& f, byte_reader& reader, F&& visit) {
    auto const distance = reader.varint();
    auto const total = unzigzag(reader.varint());
    visit(floor_counter::entry{f.d.slot(), f.d.sequence(), f.d.sequence() - distance, total, 0, 0});
}

template <class F>
void read_floors(piece_frame& f, byte_reader& reader, F&& visit) {
    for (auto left = reader.varint(); left != 0; --left) {
        auto const who = reader.varint();
        auto e = floor_counter::read_increments(reader);
        e.slot = who == 0 ? f.d.slot() : f.others[who - 1];
        e.floor = e.count;
        e.floor_total = e.total;
        f.imply({e.slot, e.count});
        visit(e);
    }
}

inline void check_increment(byte_reader& reader, piece_check const& check) {
    auto const distance = reader.varint();
    (void)reader.varint();
    if (distance >= check.sequence) {
        reader.fail(errc::malformed, "a counter holds what nobody can have counted");
    }
}

inline void check_floors(byte_reader& reader, piece_check const& check) {
    for (auto left = reader.varint(); left != 0 && reader.ok(); --left) {
        auto const who = reader.varint();
        if (who > check.others) {
            reader.fail(errc::malformed, "a piece names a replica that it does not list");
        }
        auto const e = floor_counter::read_increments(reader);
        if (who == 0 && e.count >= check.sequence) {
            reader.fail(errc::malformed, "a counter holds what nobody can have counted");
        }
    }
}

} // namespace joinery::detail
