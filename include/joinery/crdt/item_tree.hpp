#pragma once

#include <joinery/crdt/item_siblings.hpp>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace joinery::detail {

/// The order tree with its cursor, at which items are put and removed.
///
/// The content of the leaf that the cursor is in is held open there like a gap buffer, and the
/// counts above that leaf are brought up to date when the cursor leaves it: typing on writes one
/// span and one unit. A position is always right behind a visible item, in front of the removed
/// ones that follow it.
///
/// Complexity   near the cursor O(1), elsewhere O(log n).
template <class Content>
class item_tree : public item_siblings<Content> {
    using base = item_siblings<Content>;

public:
    using typename base::counts;
    using typename base::leaf;
    using unit = typename Content::unit;

    item_tree() = default;
    item_tree(item_tree&&) noexcept = default;
    item_tree& operator=(item_tree&&) noexcept = default;

    using base::first_leaf;
    using base::leaf_at;

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
            auto const i = leaf_at(id).find(item);
            auto const& s = leaf_at(id).spans()[i];
            auto const part = std::min(count, s.end() - item);
            if (s.is_dead()) {
                visit(item_content_view<Content>{}, part);
            } else {
                auto const before = leaf_at(id).visible_before(i) + (item - s.first());
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
        auto const i = l.find(item);
        auto const& s = l.spans()[i];
        auto sum = l.visible_before(i) + (s.is_dead() ? 0 : item - s.first());
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

    /// Becomes a copy with other slots.
    void copy_from(item_tree const& other, std::vector<replica_slot> const& slots) {
        this->copy_nodes(other);
        auto* to = leaf_at(other.at_.leaf).data();
        other.for_each_array_in(other.at_.leaf, 0, leaf_at(other.at_.leaf).units,
                                [&](unit const* from, std::uint32_t units) {
                                    std::memcpy(static_cast<void*>(to), from, units * sizeof(unit));
                                    to += units;
                                });
        this->add_to_path(other.at_.leaf, other.pending_);
        this->items_ = other.items_.translated(slots);
        at_ = {};
        at_.leaf = first_leaf();
        pending_ = {};
        gap_ = no_gap;
    }

    /// Builds the tree bottom-up over spans in order and their visible content.
    ///
    /// Precondition: it is empty but for the table of items, and each item is in one span.
    void build(std::vector<item_span> const& spans, unit const* content) {
        builder to{*this};
        this->where_.append(this->items_.size(), first_leaf());
        for (auto const& s : spans) {
            content = to.add(s, content);
        }
        to.finish();
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
    /// What the counts above the cursor's leaf lack.
    [[nodiscard]] counts const& pending() const { return pending_; }
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

    /// Puts the cursor right behind the visible item `position - 1`.
    void seek(std::uint32_t position) {
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
        if (before_cursor() == item) {
            return;
        }
        if (this->leaf_of(item) != at_.leaf) {
            leave();
            at_ = {};
            at_.leaf = this->leaf_of(item);
            at_.position = at_.leaf == first_leaf() ? 0 : unknown;
        }
        at_.span = here().find(item);
        at_.offset = item - span_here().first() + 1;
        place_in_content(here().visible_before(at_.span) +
                         (span_here().is_dead() ? 0 : at_.offset));
    }
    void seek_start() {
        if (at_.leaf != first_leaf()) {
            leave();
            at_ = {};
            at_.leaf = first_leaf();
        }
        at_.span = at_.offset = at_.visible = at_.units = at_.position = 0;
    }

    /// Puts items numbered from `next` on at the cursor, and goes behind them. `is_hard`: the first
    /// one's left origin is not the item in front of the cursor.
    void put(unit const* content, std::uint32_t units, item_number next, bool is_hard,
             causal_context const& ids) {
        while (units != 0) {
            auto const part = units <= Content::leaf_units / 2
                                  ? units
                                  : Content::whole_units(content, Content::leaf_units / 2);
            auto const sum = Content::measure(content, part);
            make_room_for_units(part, ids);
            auto const begins = !grows_span(next, is_hard, false);
            if (begins) {
                make_room_for_spans(ids);
            }
            open_gap();
            std::memcpy(static_cast<void*>(here().data() + at_.units), content,
                        part * sizeof(unit));
            add_to_span({next, sum.items(), false, is_hard}, begins, ids);
            at_.visible += sum.items();
            gap_ = at_.units += part;
            here().visible += sum.items();
            here().units += part;
            pending_ += sum;
            this->total_ += sum;
            next += sum.items();
            content += part;
            units -= part;
            is_hard = false;
        }
    }
    /// The same for removed items, which have no content.
    void put_dead(std::uint32_t count, item_number next, bool is_hard, causal_context const& ids) {
        auto const begins = !grows_span(next, is_hard, true);
        if (begins) {
            make_room_for_spans(ids);
        }
        add_to_span({next, count, true, is_hard}, begins, ids);
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

    /// Removes `count` visible items behind the cursor, all of its span.
    void kill(std::uint32_t count, causal_context const& ids) {
        if (here().span_count + 2 > here().span_room() && !joins_before() && !joins_behind(count) &&
            count != span_here().count()) {
            // Counted as behind the item, so that a split takes the cursor along with it.
            ++at_.offset;
            make_room_for_spans(ids);
            --at_.offset;
        }
        open_gap();
        auto const* const behind = here().data() + (here().unit_room() - here().units) + at_.units;
        auto const units = here().is_plain() ? count : Content::units_of(behind, count);
        auto const sum = Content::measure(behind, units);
        here().visible -= count;
        here().units -= units;
        pending_ -= sum;
        this->total_ -= sum;
        mark_dead(count);
    }

    void shrink_to_fit() {
        this->items_.shrink_to_fit();
        this->where_.shrink_to_fit();
    }

    /// Brings everything up to date that is held open at the cursor.
    void settle() {
        close_gap();
        if (!pending_.is_zero()) {
            this->add_to_path(at_.leaf, pending_);
            pending_ = {};
        }
    }
    /// The same, and goes to the start, leaving no room behind that is not needed.
    void rest() {
        leave();
        at_ = {};
        at_.leaf = first_leaf();
    }

private:
    class builder;

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
        std::uint32_t path[max_height];
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

    static constexpr unsigned max_height = 12;
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
        if (gap_ != no_gap) {
            auto& l = here();
            std::memmove(static_cast<void*>(l.data() + gap_),
                         l.data() + gap_ + (l.unit_room() - l.units),
                         (l.units - gap_) * sizeof(unit));
            gap_ = no_gap;
        }
    }

    [[nodiscard]] bool grows_span(item_number next, bool is_hard, bool is_dead) const {
        return !is_hard && at_.offset != 0 && span_here().is_dead() == is_dead &&
               at_.offset == span_here().count() && span_here().end() == next;
    }

    /// Precondition: there is room for two more spans if it begins one.
    void add_to_span(item_span fresh, bool begins, causal_context const& ids) {
        this->where_.append(fresh.count(), at_.leaf);
        if (!begins) {
            here().spans()[at_.span].grow(fresh.count());
            at_.offset += fresh.count();
            return;
        }
        auto& l = here();
        if (at_.offset == 0) {
            at_.span = 0;
            l.open_spans(0, 1);
        } else if (at_.offset == span_here().count()) {
            l.open_spans(++at_.span, 1);
        } else {
            auto const rest = span_here().rest_behind(at_.offset);
            l.spans()[at_.span].cut(at_.offset);
            l.open_spans(++at_.span, 2);
            l.spans()[at_.span + 1] = rest;
        }
        l.spans()[at_.span] = fresh;
        at_.offset = fresh.count();
        if (this->is_armed()) {
            this->raise(at_.leaf, fresh.first(), ids);
        }
    }

    [[nodiscard]] bool joins_before() const {
        if (at_.offset != 0 || at_.span == 0 || span_here().is_hard()) {
            return false;
        }
        auto const& before = here().spans()[at_.span - 1];
        return before.is_dead() && before.end() == span_here().first();
    }
    [[nodiscard]] bool joins_behind(std::uint32_t count) const {
        if (at_.offset + count != span_here().count() || at_.span + 1 == here().span_count) {
            return false;
        }
        auto const& behind = here().spans()[at_.span + 1];
        return behind.is_dead() && !behind.is_hard() && behind.first() == span_here().end();
    }

    /// Precondition: there is room for two more spans if it joins none.
    void mark_dead(std::uint32_t count) {
        auto& l = here();
        auto const i = at_.span;
        auto* const s = l.spans() + i;
        auto const is_all = count == s->count();
        auto const behind = joins_behind(count);
        if (joins_before()) {
            s[-1].grow(count);
            if (!is_all) {
                s->drop_front(count);
            } else if (behind) {
                s[-1].grow(s[1].count());
                l.close_spans(i, 2);
            } else {
                l.close_spans(i, 1);
            }
            at_.span = i - 1;
            at_.offset = s[-1].count();
        } else if (behind) {
            s[1].grow_in_front(count);
            if (!is_all) {
                s->cut(at_.offset);
                return;
            }
            if (s->is_hard()) {
                s[1].make_hard();
            }
            l.close_spans(i, 1);
            if (i != 0) {
                at_.span = i - 1;
                at_.offset = s[-1].count();
            }
        } else {
            split_off_dead(count);
        }
    }
    void split_off_dead(std::uint32_t count) {
        auto& l = here();
        auto const i = at_.span;
        auto const old = span_here();
        auto const rest = old.count() - at_.offset - count;
        auto const behind = old.rest_behind(at_.offset + count);
        if (at_.offset == 0) {
            if (rest != 0) {
                l.open_spans(i + 1, 1);
                l.spans()[i + 1] = behind;
                l.spans()[i].cut(count);
            }
            l.spans()[i].kill();
            at_.offset = count;
            return;
        }
        l.open_spans(i + 1, rest == 0 ? 1 : 2);
        l.spans()[i].cut(at_.offset);
        l.spans()[i + 1] = {old.first() + at_.offset, count, true};
        if (rest != 0) {
            l.spans()[i + 2] = behind;
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
            this->resize_leaf(at_.leaf, l.span_room() * 2, l.unit_room());
            return;
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
        touched_.clear();
        auto const right = Content::measure(r.data(), r.units);
        auto left = this->counts_of(old);
        left -= right;
        this->add_sibling(old, fresh, true, left, right, touched_);
        if (this->is_armed()) {
            this->refresh(touched_, ids);
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

    cursor at_;
    counts pending_{};
    std::uint32_t gap_ = no_gap;
    std::vector<node_id> touched_;
};

/// Fills leaves from left to right, to three quarters.
template <class Content>
class item_tree<Content>::builder {
public:
    explicit builder(item_tree& tree) : tree_{tree}, id_{tree.first_leaf()} {
        leaves_.push_back(id_);
    }

    /// Returns what follows of the content.
    unit const* add(item_span s, unit const* content) {
        while (s.count() != 0) {
            auto* l = &tree_.leaf_at(id_);
            auto const room = units_full - std::min(units_full, l->units);
            auto part = s.count();
            auto units = s.is_dead() ? 0U : units_within(content, s.count(), room, part);
            if (l->span_count == spans_full || part == 0) {
                begin_leaf();
                continue;
            }
            grow(l->span_count + 1, l->units + units);
            l = &tree_.leaf_at(id_);
            auto one = s;
            one.cut(part);
            l->spans()[l->span_count++] = one;
            tree_.where_.assign(s.first(), part, id_);
            std::memcpy(static_cast<void*>(l->data() + l->units), content, units * sizeof(unit));
            l->units += units;
            l->visible += one.visible();
            content += units;
            s = s.rest_behind(part);
        }
        return content;
    }

    void finish() {
        std::vector<counts> sums;
        for (auto const id : leaves_) {
            auto const& l = tree_.leaf_at(id);
            sums.push_back(Content::measure(l.data(), l.units));
            tree_.total_ += sums.back();
        }
        tree_.build_above(leaves_, std::move(sums));
    }

private:
    static constexpr std::uint32_t spans_full = spans_max * 3 / 4;
    static constexpr std::uint32_t units_full = units_max * 3 / 4;

    /// The units of at most `count` items that fit into `room`; `part` is how many they are.
    static std::uint32_t units_within(unit const* content, std::uint32_t count, std::uint32_t room,
                                      std::uint32_t& part) {
        auto const wanted = std::min(count, room);
        auto units = Content::units_of(content, wanted);
        part = wanted;
        if (units > room) {
            units = Content::whole_units(content, room);
            part = Content::measure(content, units).items();
        }
        return units;
    }

    void grow(std::uint32_t spans, std::uint32_t units) {
        auto const& l = tree_.leaf_at(id_);
        auto const enough = [](std::uint32_t room, std::uint32_t wanted, std::uint32_t most) {
            return wanted <= room ? room : std::min(std::bit_ceil(wanted), most);
        };
        auto const span_room = enough(l.span_room(), spans + 1, spans_max);
        auto const unit_room = enough(l.unit_room(), units, units_max);
        if (span_room != l.span_room() || unit_room != l.unit_room()) {
            tree_.resize_leaf(id_, span_room, unit_room);
        }
    }

    void begin_leaf() {
        auto const fresh = tree_.add_leaf(spans_max, units_max);
        tree_.leaf_at(id_).next = fresh;
        leaves_.push_back(fresh);
        id_ = fresh;
    }

    item_tree& tree_;
    std::uint32_t id_;
    std::vector<std::uint32_t> leaves_;
};

} // namespace joinery::detail
