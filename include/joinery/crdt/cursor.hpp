#pragma once

#include <joinery/core/dot.hpp>

#include <cstdint>

namespace joinery {

/// The neighbour that a cursor stays with.
enum class cursor_side : std::uint8_t {
    behind,   ///< of the item to its left: what is inserted at the cursor goes to its right
    in_front, ///< of the item to its right: what is inserted at the cursor goes to its left
};

/// A place in a list or a text that stays where it is while anybody edits: beside an item.
///
/// Made by `cursor_at`, turned into an index by `index_of`, and good on every replica that has the
/// item. When the item is erased, the cursor is where it stood.
struct cursor {
    dot item{}; ///< the default one: the start or the end of the sequence, by the side
    cursor_side side = cursor_side::behind;

    friend bool operator==(cursor const&, cursor const&) = default;
};

/// What is between two cursors. What others insert at its ends is outside of it.
struct cursor_range {
    cursor from;
    cursor to;

    friend bool operator==(cursor_range const&, cursor_range const&) = default;
};

} // namespace joinery
