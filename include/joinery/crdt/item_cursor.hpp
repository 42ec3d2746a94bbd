#pragma once

#include <joinery/crdt/item_builder.hpp>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace joinery::detail {

/// Moving the cursor, and making room where it stands.
///
/// A position is always right behind a visible item, in front of the removed ones that follow it.
/// Rooms of small leaves double, and full leaves are split; a leaf that the cursor leaves nearly
/// empty is merged with its neighbour.
///
/// Complexity   next to where the cursor is O(1), elsewhere O(log n).
template <class Content>
class item_cursor : public item_builder<Content> {
    using base = item_builder<Content>;

public:
    using base::base;
    using typename base::leaf;
    using typename base::unit;

protected:
    using base::at_;
    using base::before_cursor;
    using base::first_leaf;
    using base::gap_;
    using base::gap_in;
    using base::here;
    using base::leaf_at;
    using base::no_gap;
    using base::pending_;
    using base::span_here;
    using base::typing_;
    using base::units_before;
    using base::unknown;

    /// Puts the cursor right behind the visible item `position - 1`.
    void seek(std::uint32_t position) {
        typing_ = {};
        if (!reaches(position)) {
            leave();
            descend(position);
        }
        auto const wanted = position - at_.position;
        if (wanted == 0) {
            at_.span = at_.offset = at_.visible = at_.units = 0;
            return;
        }
        auto const* const spans = here().spans();
        auto in_front = at_.visible - (span_here().is_dead() ? 0 : at_.offset);
        if (wanted <= in_front) {
            do {
                in_front -= spans[--at_.span].visible();
            } while (wanted <= in_front);
        } else {
            for (; wanted > in_front + span_here().visible(); ++at_.span) {
                in_front += span_here().visible();
            }
        }
        at_.offset = wanted - in_front;
        place_in_content(wanted);
    }

    /// Puts the cursor right behind an item.
    void seek_item(item_number item) {
        typing_ = {};
        if (before_cursor() == item) {
            return;
        }
        if (this->leaf_of(item) != at_.leaf) {
            leave();
            at_ = {};
            at_.leaf = this->leaf_of(item);
            at_.position = at_.leaf == first_leaf() ? 0 : unknown;
        }
        auto const place = here().place_of(item);
        at_.span = place.span;
        at_.offset = item - span_here().first() + 1;
        place_in_content(place.visible + (span_here().is_dead() ? 0 : at_.offset));
    }
    void seek_start() {
        typing_ = {};
        if (at_.leaf != first_leaf()) {
            leave();
            at_ = {};
            at_.leaf = first_leaf();
        }
        at_.span = at_.offset = at_.visible = at_.units = at_.position = 0;
    }

    /// Steps back over the item in front of the cursor, which is visible.
    void step_back() {
        --at_.offset;
        --at_.visible;
        if (here().is_plain()) {
            --at_.units;
            return;
        }
        auto const* end = here().data() + at_.units;
        if (at_.units > gap_in(at_.leaf)) {
            end += here().unit_room() - here().units;
        }
        at_.units -= Content::last_item_units(end);
    }
    /// Brings everything up to date that is held open at the cursor.
    void settle() {
        close_gap();
        if (!pending_.is_zero()) {
            this->add_to_path(at_.leaf, pending_);
            pending_ = {};
        }
    }
    // The content in front of the gap stands at the start of its room, what is behind at the end.

    void open_gap() {
        if (gap_ == at_.units) {
            return;
        }
        auto& l = here();
        auto* const data = l.data();
        auto const shift = l.unit_room() - l.units;
        auto const move = [&](std::uint32_t to, std::uint32_t from, std::uint32_t count) {
            std::memmove(static_cast<void*>(data + to), data + from, count * sizeof(unit));
        };
        if (gap_ == no_gap) {
            move(at_.units + shift, at_.units, l.units - at_.units);
        } else if (gap_ > at_.units) {
            move(at_.units + shift, at_.units, gap_ - at_.units);
        } else {
            move(gap_, gap_ + shift, at_.units - gap_);
        }
        gap_ = at_.units;
    }
    void close_gap() {
        typing_ = {};
        if (gap_ != no_gap) {
            auto& l = here();
            std::memmove(static_cast<void*>(l.data() + gap_),
                         l.data() + gap_ + (l.unit_room() - l.units),
                         (l.units - gap_) * sizeof(unit));
            gap_ = no_gap;
        }
    }

    // Rooms of small leaves double; full ones are split.

    void make_room_for_spans(causal_context const& ids) {
        auto& l = here();
        if (l.span_count + 2 <= l.span_room()) {
            return;
        }
        if (l.span_room() < spans_max) {
            close_gap();
            this->resize_leaf(at_.leaf, std::min(l.span_room() * 2, spans_max), l.unit_room());
            return make_room_for_spans(ids);
        }
        // Appending leaves the left leaf full.
        auto const is_end = l.next == no_node && at_.span + 1 >= l.span_count;
        split(is_end ? l.span_count - 2 : l.span_count / 2, 0, ids);
    }
    void make_room_for_units(std::uint32_t more, causal_context const& ids) {
        while (here().units + more > here().unit_room()) {
            auto& l = here();
            if (l.unit_room() < units_max) {
                close_gap();
                auto const wanted = std::bit_ceil(l.units + more);
                this->resize_leaf(at_.leaf, l.span_room(),
                                  std::min(std::max(wanted, l.unit_room() * 2), units_max));
                continue;
            }
            auto const is_end = l.next == no_node && at_.visible == l.visible;
            auto left = is_end ? l.visible - l.visible / 8 - 1 : l.visible / 2;
            std::uint32_t i = 0;
            while (l.spans()[i].visible() <= left) {
                left -= l.spans()[i++].visible();
            }
            split(i, left, ids);
        }
    }

private:
    static constexpr std::uint32_t spans_max = Content::leaf_spans;
    static constexpr std::uint32_t units_max = Content::leaf_units;

    [[nodiscard]] bool reaches(std::uint32_t position) const {
        if (position == 0) {
            return at_.leaf == first_leaf();
        }
        return at_.position != unknown && position > at_.position &&
               position - at_.position <= here().visible;
    }

    void descend(std::uint32_t position) {
        at_ = {};
        at_.leaf = first_leaf();
        if (this->height() == 0 || position == 0) {
            return;
        }
        auto id = this->root();
        auto left = position;
        for (auto level = this->height(); level != 0; --level) {
            auto const& x = this->inner_at(id);
            std::uint32_t i = 0;
            while (left > x.count[0][i]) {
                left -= x.count[0][i++];
            }
            id = x.child[i];
        }
        at_.leaf = id;
        at_.position = position - left;
    }

    void place_in_content(std::uint32_t visible) {
        at_.visible = visible;
        at_.units = units_before(at_.leaf, visible);
    }
    /// Moves the items from `offset` in `span` on to a new leaf.
    void split(std::uint32_t span, std::uint32_t offset, causal_context const& ids) {
        settle();
        auto const old = at_.leaf;
        auto const fresh = this->add_leaf(spans_max, units_max);
        auto& l = leaf_at(old);
        auto& r = leaf_at(fresh);
        auto visible = l.visible_before(span);
        if (offset != 0) {
            auto& s = l.spans()[span];
            r.spans()[r.span_count++] = s.rest_behind(offset);
            visible += s.is_dead() ? 0 : offset;
            s.cut(offset);
        }
        auto const from = span + (offset != 0 ? 1 : 0);
        std::copy_n(l.spans() + from, l.span_count - from, r.spans() + r.span_count);
        r.span_count += l.span_count - from;
        l.span_count = from;
        auto const units = l.units_of(visible);
        r.units = l.units - units;
        r.visible = l.visible - visible;
        std::memcpy(static_cast<void*>(r.data()), l.data() + units, r.units * sizeof(unit));
        l.units = units;
        l.visible = visible;
        r.next = l.next;
        l.next = fresh;
        for (std::uint32_t i = 0; i < r.span_count; ++i) {
            this->where_.assign(r.spans()[i].first(), r.spans()[i].count(), fresh);
        }
        std::vector<node_id> touched;
        auto const right = Content::measure(r.data(), r.units);
        auto left = this->counts_of(old);
        left -= right;
        this->add_sibling(old, fresh, true, left, right, touched);
        if (this->is_armed()) {
            this->refresh(touched, ids);
        }
        follow_split(span, offset, fresh);
    }
    void follow_split(std::uint32_t span, std::uint32_t offset, std::uint32_t fresh) {
        if (at_.span < span || (at_.span == span && at_.offset <= offset)) {
            return;
        }
        auto const& l = here();
        at_.visible -= l.visible;
        at_.units -= l.units;
        if (at_.position != unknown) {
            at_.position += l.visible;
        }
        if (at_.span == span) {
            at_.offset -= offset;
            at_.span = 0;
        } else {
            at_.span -= span;
        }
        at_.leaf = fresh;
    }

    /// Takes the cursor out of its leaf. It has to be placed anew.
    void leave() {
        settle();
        auto const id = at_.leaf;
        auto const& l = leaf_at(id);
        if (l.span_count <= spans_max / 4 && l.units <= units_max / 4 && l.parent != no_node) {
            auto const up = l.parent;
            auto const i = this->inner_at(up).index_of(id);
            if (i + 1 < this->inner_at(up).size) {
                merge(up, i);
            } else if (i != 0) {
                merge(up, i - 1);
            }
        }
    }

    /// Merges a leaf with the one behind it, if both are small.
    void merge(std::uint32_t up, std::uint32_t i) {
        auto const a = this->inner_at(up).child[i];
        auto const b = this->inner_at(up).child[i + 1];
        auto const spans = leaf_at(a).span_count + leaf_at(b).span_count;
        auto const units = leaf_at(a).units + leaf_at(b).units;
        if (spans > spans_max * 3 / 4 || units > units_max * 3 / 4 || this->is_armed()) {
            return;
        }
        this->resize_leaf(a, std::max(std::bit_ceil(spans + 2), leaf::spans_min),
                          std::max(std::bit_ceil(units + 1), leaf::units_min));
        auto& l = leaf_at(a);
        auto const& r = leaf_at(b);
        std::copy_n(r.spans(), r.span_count, l.spans() + l.span_count);
        std::memcpy(static_cast<void*>(l.data() + l.units), r.data(), r.units * sizeof(unit));
        l.span_count = spans;
        l.units = units;
        l.visible += r.visible;
        l.next = r.next;
        for (std::uint32_t k = 0; k < r.span_count; ++k) {
            this->where_.assign(r.spans()[k].first(), r.spans()[k].count(), a);
        }
        auto& x = this->inner_at(up);
        auto sum = x.at(i);
        sum += x.at(i + 1);
        x.set(i, a, sum);
        this->remove_child(up, i + 1);
        this->free_leaf(b);
    }
};

} // namespace joinery::detail
