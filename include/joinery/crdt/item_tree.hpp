#pragma once

#include <joinery/crdt/item_cursor.hpp>

#include <cstdint>
#include <cstring>

namespace joinery::detail {

/// Putting and removing items at the cursor. Typing on writes one span and one unit.
///
/// Complexity   O(1) and what it costs to make room, O(log n) for a new leaf.
template <class Content>
class item_tree : public item_cursor<Content> {
    using base = item_cursor<Content>;

public:
    using base::base;
    using typename base::counts;
    using typename base::leaf;
    using typename base::unit;

    void shrink_to_fit() {
        this->items_.shrink_to_fit();
        this->where_.shrink_to_fit();
    }

protected:
    using base::at_;
    using base::gap_;
    using base::here;
    using base::make_room_for_spans;
    using base::make_room_for_units;
    using base::open_gap;
    using base::pending_;
    using base::span_here;
    using base::typing_;

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
            count_in(sum, part);
            next += sum.items();
            content += part;
            units -= part;
            is_hard = false;
        }
    }
    /// Lets `type_on` go on behind what was just put at the cursor, between its origins, whose next
    /// item would have the dot `next`.
    void begin_typing(local_dot next) {
        if (at_.position != base::unknown) {
            typing_ = {next, at_.position + at_.visible};
        }
    }
    /// Puts items behind the last one that was inserted, if the cursor stands there, at `position`,
    /// and they continue its run: typing on. Returns whether they were.
    ///
    /// As long as there is no newer item, what stands behind the last one is its right origin.
    bool type_on(std::uint32_t position, local_dot first, item_content_view<Content> const& added) {
        auto& l = here();
        if (typing_.dot != first || typing_.position != position ||
            added.unit_count > l.unit_room() - l.units) {
            return false;
        }
        if (added.unit_count == 1) [[likely]] {
            l.data()[gap_] = *added.units;
        } else {
            std::memcpy(static_cast<void*>(l.data() + gap_), added.units,
                        added.unit_count * sizeof(unit));
        }
        this->items_.extend(first.slot(), added.items);
        this->where_.append(added.items, at_.leaf);
        l.spans()[at_.span].grow(added.items);
        at_.offset += added.items;
        count_in(Content::measure(added.units, added.unit_count), added.unit_count);
        typing_ = {local_dot::from_bits(first.bits() + added.items), position + added.items};
        return true;
    }

    /// Removes the item at `position`, if the cursor stands right behind it and what follows it is
    /// removed already, or right in front of it and behind what is removed: rubbing out, in either
    /// direction. Returns the item; `no_item` if the cursor stands elsewhere.
    item_number rub_out(std::uint32_t position) {
        auto& l = here();
        auto* const s = l.spans() + at_.span;
        if (gap_ != at_.units || at_.position == base::unknown || at_.offset != s->count() ||
            at_.span + 1 == l.span_count || !l.is_plain()) {
            return no_item;
        }
        auto const stands_at = at_.position + at_.visible;
        auto item = no_item;
        if (stands_at == position + 1 && at_.offset > 1 && !s->is_dead() && joins_behind(0)) {
            s->cut(--at_.offset);
            s[1].grow_in_front(1);
            item = s[1].first();
            --at_.visible;
            gap_ = --at_.units;
            pending_ -= Content::measure(l.data() + gap_, 1);
        } else if (stands_at == position && s->is_dead() && s[1].visible() > 1 && !s[1].is_hard() &&
                   s[1].first() == s->end()) {
            item = s[1].first();
            s->grow(1);
            s[1].drop_front(1);
            ++at_.offset;
            pending_ -= Content::measure(l.data() + gap_ + (l.unit_room() - l.units), 1);
        } else {
            return no_item;
        }
        --l.visible;
        --l.units;
        return item;
    }

    /// Puts removed items, which have no content.
    void put_dead(std::uint32_t count, item_number next, bool is_hard, causal_context const& ids) {
        auto const begins = !grows_span(next, is_hard, true);
        if (begins) {
            make_room_for_spans(ids);
        }
        add_to_span({next, count, true, is_hard}, begins, ids);
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
        mark_dead(count);
    }

private:
    /// Counts content that was put at the gap.
    [[gnu::always_inline]] void count_in(counts const& sum, std::uint32_t units) {
        at_.visible += sum.items();
        gap_ = at_.units += units;
        here().visible += sum.items();
        here().units += units;
        pending_ += sum;
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
};

} // namespace joinery::detail
