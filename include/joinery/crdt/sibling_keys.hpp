#pragma once

#include <joinery/crdt/block_array.hpp>
#include <joinery/crdt/item_table.hpp>

#include <array>
#include <cstdint>
#include <cstring>
#include <new>

namespace joinery::detail {

/// The first item of a span and what places it among its siblings.
struct sibling_key {
    item_number item = no_item;
    item_origins origins{};
};

/// For each child of each inner node of an order tree the span start that comes first among
/// siblings.
template <std::uint32_t FanOut>
class sibling_keys {
public:
    /// Makes a row for a node, if it is the next one.
    void add(std::uint32_t node) {
        if (node == rows_.capacity()) {
            rows_.grow();
        }
        ::new (static_cast<void*>(&rows_[node])) row{};
    }
    [[nodiscard]] sibling_key& at(std::uint32_t node, std::uint32_t i) { return rows_[node][i]; }
    [[nodiscard]] sibling_key const& at(std::uint32_t node, std::uint32_t i) const {
        return rows_[node][i];
    }
    /// Moves the keys of `n` children from one place to another.
    void move(std::uint32_t from_node, std::uint32_t from, std::uint32_t to_node, std::uint32_t to,
              std::uint32_t n) {
        std::memmove(static_cast<void*>(rows_[to_node].data() + to), rows_[from_node].data() + from,
                     n * sizeof(sibling_key));
    }

private:
    using row = std::array<sibling_key, FanOut>;

    block_array<row> rows_;
};

} // namespace joinery::detail
