#pragma once

#include <joinery/core/varint.hpp>
#include <joinery/crdt/item_sequence.hpp>
#include <joinery/crdt/residue.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery::detail {

// How a sequence is written in a piece.
//
// insert   live: left origin, right origin, content. The piece has a dot for each item.
// erase    dead: count, then ranges of items: the first one as an origin is written, count.
//
// An origin is 0 for the start or the end; else 1 + (distance << 1) for an earlier dot of the same
// replica, or 1 + (index in `others` << 1 | 1) and a sequence number.

inline constexpr std::size_t origin_room = 2 * varint_bytes_max;

inline std::byte* put_origin(std::byte* at, local_dot d, local_dot piece, piece_writer& writer) {
    if (d == local_dot{}) {
        return write_varint(at, 0);
    }
    if (d.slot() == piece.slot()) {
        return write_varint(at, 1 + ((piece.sequence() - d.sequence()) << 1));
    }
    at = write_varint(at, 1 + (std::uint64_t{writer.index_of(d.slot())} << 1 | 1));
    return write_varint(at, d.sequence());
}

inline local_dot read_origin(piece_frame const& f, byte_reader& reader) {
    auto const word = reader.varint();
    if (word == 0) {
        return {};
    }
    auto const what = (word - 1) >> 1;
    return ((word - 1) & 1) == 0 ? local_dot{f.d.slot(), f.d.sequence() - what}
                                 : local_dot{f.others[what], reader.varint()};
}

/// Checks an origin and returns its sequence number; 0 for the start or the end.
inline std::uint64_t check_origin(byte_reader& reader, piece_check const& check) {
    auto const word = reader.varint();
    if (word == 0) {
        return 0;
    }
    auto const what = (word - 1) >> 1;
    auto const is_foreign = ((word - 1) & 1) != 0;
    auto const sequence = is_foreign ? reader.varint() : check.sequence - what;
    if (is_foreign ? what >= check.others : what == 0 || what >= check.sequence) {
        reader.fail(errc::malformed, "an item stands beside one that cannot exist");
    }
    if (sequence == 0 || sequence > local_dot::sequence_max) {
        reader.fail(errc::malformed, "an item stands beside one that cannot exist");
    }
    return sequence;
}

template <class Content>
void check_insert(byte_reader& reader, piece_check& check) {
    (void)check_origin(reader, check);
    (void)check_origin(reader, check);
    check.dots = Content::check(reader);
    if (check.dots == 0 || check.dots > items_max) {
        reader.fail(errc::malformed, "a piece inserts nothing, or too much");
        check.dots = 1;
    }
}

template <class Content>
void read_insert(piece_frame& f, byte_reader& reader, item_sequence<Content>& into) {
    item_run<Content> run;
    run.first = f.d;
    run.left = read_origin(f, reader);
    run.right = read_origin(f, reader);
    run.content = Content::read(reader, f.root.pool, f.owner, Content::scratch());
    run.count = run.content.items;
    f.dots = run.count;
    into.add(run, f.root.context);
}

inline void check_erase(byte_reader& reader, piece_check const& check) {
    auto const ranges = reader.varint();
    if (ranges == 0) {
        reader.fail(errc::malformed, "a piece erases nothing");
    }
    for (auto left = ranges; left != 0 && reader.ok(); --left) {
        auto const sequence = check_origin(reader, check);
        auto const count = reader.varint();
        if (sequence == 0 || count == 0 || count > local_dot::sequence_max - sequence + 1) {
            reader.fail(errc::malformed, "a piece erases an item that cannot exist");
        }
    }
}

template <class Content>
void read_erase(piece_frame& f, byte_reader& reader, item_sequence<Content>& from) {
    for (auto left = reader.varint(); left != 0; --left) {
        auto const first = read_origin(f, reader);
        from.remove(first, reader.varint(), f.root.context);
    }
}

/// Ranges of items to erase, in the order in which they stand.
struct erased_ranges {
    struct range {
        local_dot first;
        std::uint32_t count;
    };
    std::vector<range> all;

    void add(local_dot first, std::uint32_t count) {
        if (!all.empty() && all.back().first.bits() + all.back().count == first.bits()) {
            all.back().count += count;
        } else {
            all.push_back({first, count});
        }
    }
    [[nodiscard]] std::size_t room() const {
        return varint_bytes_max + all.size() * (origin_room + varint_bytes_max);
    }
    std::byte* put(std::byte* at, local_dot piece, piece_writer& writer) const {
        at = write_varint(at, all.size());
        for (auto const& r : all) {
            at = put_origin(at, r.first, piece, writer);
            at = write_varint(at, r.count);
        }
        return at;
    }
};

/// Erases everything that is alive at the place that `out` has reached.
template <class Content>
void write_reset(item_sequence<Content>& items, reset_writer& out) {
    erased_ranges ranges;
    items.for_each_span([&](item_span const& s) {
        if (!s.is_dead()) {
            items.items().for_each_range(
                s.first(), s.count(), [&](item_range const& r) { ranges.add(r.first, r.count); });
        }
    });
    items.for_each_waiting([&](item_run<Content> const& r) {
        if (!r.is_dead) {
            ranges.add(r.first, r.count);
        }
    });
    if (ranges.all.empty()) {
        return;
    }
    auto* const at = out.begin(ranges.room());
    out.end(ranges.put(at, out.piece(), out.writer()));
    for (auto const& r : ranges.all) {
        items.remove(r.first, r.count, out.writer().root().context);
    }
}

} // namespace joinery::detail
