#pragma once

#include <joinery/crdt/item_content.hpp>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

namespace joinery::detail {

inline constexpr std::uint32_t no_node = 0xffffffff;

/// Items with consecutive numbers that stand beside each other and are all alive or all removed.
/// Each but the first has its predecessor as left origin.
class item_span {
public:
    item_span() = default;
    item_span(item_number first, std::uint32_t count, bool is_dead, bool is_hard = false)
        : first_{first}, word_{count | (is_dead ? dead : 0) | (is_hard ? hard : 0)} {}

    [[nodiscard]] item_number first() const { return first_; }
    [[nodiscard]] std::uint32_t count() const { return word_ & ~(dead | hard); }
    [[nodiscard]] item_number end() const { return first_ + count(); }
    [[nodiscard]] bool is_dead() const { return (word_ & dead) != 0; }
    /// Whether the left origin of the first item is not its neighbour, because it was placed among
    /// concurrent items. Such a span does not join the one before it.
    [[nodiscard]] bool is_hard() const { return (word_ & hard) != 0; }
    [[nodiscard]] std::uint32_t visible() const { return is_dead() ? 0 : count(); }
    [[nodiscard]] bool contains(item_number item) const { return item - first_ < count(); }

    void kill() { word_ |= dead; }
    void grow(std::uint32_t count) { word_ += count; }
    void grow_in_front(std::uint32_t count) {
        first_ -= count;
        word_ += count;
    }
    void drop_front(std::uint32_t count) {
        first_ += count;
        word_ -= count;
    }
    /// What begins behind `count` items is no longer hard.
    [[nodiscard]] item_span rest_behind(std::uint32_t count) const {
        return {first_ + count, this->count() - count, is_dead()};
    }
    void cut(std::uint32_t count) { word_ = (word_ & (dead | hard)) | count; }
    void make_hard() { word_ |= hard; }

private:
    static constexpr std::uint32_t dead = 0x80000000;
    static constexpr std::uint32_t hard = 0x40000000;

    item_number first_ = 0;
    std::uint32_t word_ = 0;
};

/// A leaf of the order tree: spans, and behind them in the same block the content of the items that
/// are visible. A removed item has none.
///
/// Blocks of small sequences are small, and double until they have the room of a leaf.
template <class Content>
class item_leaf {
public:
    using unit = typename Content::unit;

    static constexpr std::uint32_t spans_min = 4;
    static constexpr std::uint32_t units_min = Content::leaf_units / 16;

    std::uint32_t parent = no_node;
    std::uint32_t next = no_node;
    std::uint32_t visible = 0; ///< items
    std::uint32_t units = 0;
    std::uint32_t span_count = 0;

    static item_leaf* make(std::uint32_t span_room, std::uint32_t unit_room) {
        return ::new (::operator new(block_bytes(span_room, unit_room)))
            item_leaf{span_room, unit_room};
    }
    static void destroy(item_leaf* leaf) { ::operator delete(leaf); }

    /// A copy with other room, which is enough for what it holds.
    [[nodiscard]] item_leaf* copy(std::uint32_t span_room, std::uint32_t unit_room) const {
        assert(span_room >= span_count && unit_room >= units);
        auto* const out = make(span_room, unit_room);
        out->parent = parent;
        out->next = next;
        out->visible = visible;
        out->units = units;
        out->span_count = span_count;
        std::copy_n(spans(), span_count, out->spans());
        std::copy_n(data(), units, out->data());
        return out;
    }

    [[nodiscard]] std::uint32_t span_room() const { return span_room_; }
    [[nodiscard]] std::uint32_t unit_room() const { return unit_room_; }

    [[nodiscard]] item_span* spans() {
        return std::launder(reinterpret_cast<item_span*>(this + 1));
    }
    [[nodiscard]] item_span const* spans() const {
        return std::launder(reinterpret_cast<item_span const*>(this + 1));
    }
    [[nodiscard]] unit* data() { return reinterpret_cast<unit*>(spans() + span_room_); }
    [[nodiscard]] unit const* data() const {
        return reinterpret_cast<unit const*>(spans() + span_room_);
    }

    /// Whether an item is one unit everywhere here.
    [[nodiscard]] bool is_plain() const { return visible == units; }
    /// Units of the first `items` visible items. Precondition: the content has no gap.
    [[nodiscard]] std::uint32_t units_of(std::uint32_t items) const {
        return is_plain() ? items : Content::units_of(data(), items);
    }

    /// The span of an item that is here.
    [[nodiscard]] std::uint32_t find(item_number item) const {
        auto const* const at = spans();
        std::uint32_t i = 0;
        while (!at[i].contains(item)) {
            ++i;
            assert(i < span_count && "an item is not in the leaf that the map says");
        }
        return i;
    }
    /// The same, and how many visible items stand before it.
    struct span_place {
        std::uint32_t span = 0;
        std::uint32_t visible = 0;
    };
    [[nodiscard]] span_place place_of(item_number item) const {
        auto const* const at = spans();
        span_place out;
        while (!at[out.span].contains(item)) {
            out.visible += at[out.span++].visible();
            assert(out.span < span_count && "an item is not in the leaf that the map says");
        }
        return out;
    }
    [[nodiscard]] std::uint32_t visible_before(std::uint32_t span) const {
        std::uint32_t sum = 0;
        for (std::uint32_t i = 0; i < span; ++i) {
            sum += spans()[i].visible();
        }
        return sum;
    }

    void open_spans(std::uint32_t at, std::uint32_t count) {
        std::memmove(static_cast<void*>(spans() + at + count), spans() + at,
                     (span_count - at) * sizeof(item_span));
        span_count += count;
    }
    void close_spans(std::uint32_t at, std::uint32_t count) {
        span_count -= count;
        std::memmove(static_cast<void*>(spans() + at), spans() + at + count,
                     (span_count - at) * sizeof(item_span));
    }

private:
    item_leaf(std::uint32_t span_room, std::uint32_t unit_room)
        : span_room_{span_room}, unit_room_{unit_room} {}

    static std::size_t block_bytes(std::uint32_t span_room, std::uint32_t unit_room) {
        static_assert(alignof(item_leaf) >= alignof(item_span));
        return sizeof(item_leaf) + span_room * sizeof(item_span) + unit_room * sizeof(unit);
    }

    std::uint32_t span_room_;
    std::uint32_t unit_room_;
    std::uint32_t padding_ = 0;
};

} // namespace joinery::detail
