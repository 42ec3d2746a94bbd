#pragma once

#include <joinery/crdt/item_siblings.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace joinery::detail {

/// Reading an order tree, while its cursor holds one leaf open.
///
/// The content of the leaf that the cursor is in has a gap, and the counts above that leaf are only
/// brought up to date when the cursor leaves it: what reads has to look through both. Nothing here
/// changes anything, so that many threads may read at once.
///
/// Complexity   positions and items O(log n).
template <class Content>
class item_reader : public item_siblings<Content> {
    using base = item_siblings<Content>;

public:
    using base::base;
    using typename base::counts;
    using typename base::leaf;
    using unit = typename Content::unit;

    using base::first_leaf;
    using base::leaf_at;

    /// Visible content as a whole.
    [[nodiscard]] counts total() const {
        auto sum = this->total_;
        sum += pending_;
        return sum;
    }
    /// Visits the spans in order.
    template <class F>
    void for_each_span(F&& visit) const {
        for (auto id = first_leaf(); id != no_node; id = leaf_at(id).next) {
            std::for_each_n(leaf_at(id).spans(), leaf_at(id).span_count, visit);
        }
    }
    /// Visits the visible content in order, as arrays of units.
    template <class F>
    void for_each_array(F&& visit) const {
        for (auto id = first_leaf(); id != no_node; id = leaf_at(id).next) {
            for_each_array_in(id, 0, leaf_at(id).units, visit);
        }
    }
    /// Visits `count` items from a number on, in stretches that are all alive, with their content,
    /// or all removed.
    template <class F>
    void for_each_stretch(item_number item, std::uint32_t count, F&& visit) const {
        while (count != 0) {
            auto const id = this->leaf_of(item);
            auto const place = place_of(id, item);
            auto const& s = leaf_at(id).spans()[place.span];
            auto const part = std::min(count, s.end() - item);
            if (s.is_dead()) {
                visit(item_content_view<Content>{}, part);
            } else {
                auto const before = place.visible + (item - s.first());
                for_each_array_in(id, units_before(id, before), units_before(id, before + part),
                                  [&](unit const* at, std::uint32_t units) {
                                      auto const items = Content::measure(at, units).items();
                                      visit(item_content_view<Content>{at, units, items}, items);
                                  });
            }
            item += part;
            count -= part;
        }
    }
    /// The visible item at a position, and where its content is.
    struct visible_item {
        item_number item;
        unit const* at;
    };
    [[nodiscard]] visible_item visible_at(std::uint32_t position) const {
        counts passed;
        auto const id = find_leaf(passed, [&](counts const& c) { return c.items() <= position; });
        auto const& l = leaf_at(id);
        auto const left = position - passed.items();
        std::uint32_t i = 0;
        auto before = left;
        while (before >= l.spans()[i].visible()) {
            before -= l.spans()[i++].visible();
        }
        auto const units = units_before(id, left);
        auto const shift = units >= gap_in(id) ? l.unit_room() - l.units : 0;
        return {l.spans()[i].first() + before, l.data() + units + shift};
    }
    /// What stands before a position, in every metric.
    [[nodiscard]] counts counts_before(std::uint32_t position) const {
        counts sum;
        auto const id = find_leaf(sum, [&](counts const& c) { return c.items() <= position; });
        for_each_array_in(id, 0, units_before(id, position - sum.items()),
                          [&](unit const* at, std::uint32_t n) { sum += Content::measure(at, n); });
        return sum;
    }
    /// The first position before which there is at least `wanted`; `amount(counts)` says of what.
    /// Precondition: the total is enough.
    template <class F>
    [[nodiscard]] std::uint32_t position_at(F&& amount, std::uint64_t wanted) const {
        counts sum;
        auto const id = find_leaf(sum, [&](counts const& c) { return amount(c) < wanted; });
        for_each_array_in(id, 0, leaf_at(id).units, [&](unit const* at, std::uint32_t n) {
            for (auto const* const end = at + n; at != end && amount(sum) < wanted;) {
                auto const one = Content::units_of(at, 1);
                sum += Content::measure(at, one);
                at += one;
            }
        });
        return sum.items();
    }
    /// The number of visible items before an item.
    [[nodiscard]] std::uint32_t position_of(item_number item) const {
        auto node = this->leaf_of(item);
        auto const& l = leaf_at(node);
        auto const place = place_of(node, item);
        auto const& s = l.spans()[place.span];
        auto sum = place.visible + (s.is_dead() ? 0 : item - s.first());
        // The nodes above the cursor do not count what is pending there.
        auto cursor_node = at_.leaf;
        for (auto is_leaf = true; this->parent_of(node, is_leaf) != no_node; is_leaf = false) {
            auto const& x = this->inner_at(this->parent_of(node, is_leaf));
            for (std::uint32_t k = 0; x.child[k] != node; ++k) {
                sum += x.count[0][k] + (x.child[k] == cursor_node ? pending_.items() : 0);
            }
            cursor_node = this->parent_of(cursor_node, is_leaf);
            node = this->parent_of(node, is_leaf);
        }
        return sum;
    }

protected:
    struct cursor {
        std::uint32_t leaf = 0;
        std::uint32_t span = 0;
        std::uint32_t offset = 0;   ///< in the span: behind that many of its items
        std::uint32_t visible = 0;  ///< visible items of the leaf in front of it
        std::uint32_t units = 0;    ///< their units
        std::uint32_t position = 0; ///< visible items before the leaf, or `unknown`
    };
    static constexpr std::uint32_t unknown = 0xffffffff;
    static constexpr std::uint32_t no_gap = 0xffffffff;

    [[nodiscard]] cursor const& at() const { return at_; }
    [[nodiscard]] leaf& here() { return leaf_at(at_.leaf); }
    [[nodiscard]] leaf const& here() const { return leaf_at(at_.leaf); }
    [[nodiscard]] item_span const& span_here() const { return here().spans()[at_.span]; }
    /// Where the content of a leaf is held open, in units; at its end if it is not.
    [[nodiscard]] std::uint32_t gap_in(std::uint32_t id) const {
        return id == at_.leaf && gap_ != no_gap ? gap_ : leaf_at(id).units;
    }

    /// The item in front of the cursor.
    [[nodiscard]] item_number before_cursor() const {
        return at_.offset == 0 ? no_item : span_here().first() + at_.offset - 1;
    }
    /// The item behind the cursor, visible or not.
    [[nodiscard]] item_number behind_cursor() const {
        auto const* l = &here();
        if (l->span_count != 0 && at_.offset < span_here().count()) {
            return span_here().first() + at_.offset;
        }
        auto next = at_.span + 1;
        while (next >= l->span_count) {
            if (l->next == no_node) {
                return no_item;
            }
            l = &leaf_at(l->next);
            next = 0;
        }
        return l->spans()[next].first();
    }

    /// Where an item of a leaf is: what was just inserted is at the cursor.
    [[nodiscard]] typename leaf::span_place place_of(std::uint32_t id, item_number item) const {
        if (id == at_.leaf && span_here().contains(item)) {
            return {at_.span, at_.visible - (span_here().is_dead() ? 0 : at_.offset)};
        }
        return leaf_at(id).place_of(item);
    }
    /// Units of the first `visible` items of a leaf.
    [[nodiscard]] std::uint32_t units_before(std::uint32_t id, std::uint32_t visible) const {
        auto const& l = leaf_at(id);
        if (l.is_plain() || visible == 0) {
            return visible;
        }
        auto const gap = gap_in(id);
        auto const in_front = Content::measure(l.data(), gap).items();
        return visible <= in_front
                   ? Content::units_of(l.data(), visible)
                   : gap + Content::units_of(l.data() + (l.unit_room() - l.units) + gap,
                                             visible - in_front);
    }
    template <class F>
    void for_each_array_in(std::uint32_t id, std::uint32_t from, std::uint32_t end,
                           F&& visit) const {
        auto const& l = leaf_at(id);
        auto const gap = gap_in(id);
        if (from < std::min(end, gap)) {
            visit(l.data() + from, std::min(end, gap) - from);
        }
        if (auto const begin = std::max(from, gap); begin < end) {
            visit(l.data() + (l.unit_room() - l.units) + begin, end - begin);
        }
    }
    /// The leaf that a descent ends in which passes over what `passes` is true of: the counts of
    /// everything up to there. `before` becomes the counts of what was passed over.
    template <class F>
    [[nodiscard]] std::uint32_t find_leaf(counts& before, F&& passes) const {
        if (this->height() == 0) {
            return first_leaf();
        }
        // The nodes above the cursor do not count what is pending there.
        std::uint32_t path[base::height_max];
        auto top = 0U;
        path[0] = at_.leaf;
        for (auto is_leaf = true; this->parent_of(path[top], is_leaf) != no_node; is_leaf = false) {
            path[top + 1] = this->parent_of(path[top], is_leaf);
            ++top;
        }
        auto id = this->root();
        while (top != 0) {
            --top;
            auto const& x = this->inner_at(id);
            for (std::uint32_t i = 0;; ++i) {
                auto sum = before;
                sum += x.at(i);
                if (x.child[i] == path[top]) {
                    sum += pending_;
                }
                if (i + 1 == x.size || !passes(sum)) {
                    id = x.child[i];
                    break;
                }
                before = sum;
            }
        }
        return id;
    }

    cursor at_;
    counts pending_{};           ///< what the counts above the cursor's leaf lack
    std::uint32_t gap_ = no_gap; ///< in units, in the cursor's leaf
    /// Where typing goes on: the dot that the next item would have, and its position. Whatever else
    /// moves the cursor, or closes the gap, ends it.
    struct {
        local_dot dot{};
        std::uint32_t position = 0;
    } typing_;
};

} // namespace joinery::detail
