#pragma once

#include <joinery/core/bugs.hpp>
#include <joinery/crdt/item_tree.hpp>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery::detail {

/// Items in FugueMax order.
///
/// An item goes to the right of its left origin, behind everything that was inserted there by
/// others and stands before it: those with a right origin further right, then those with a lesser
/// dot, each with all that was inserted to the right of it. So runs typed at one place do not
/// interleave, in whichever direction they were typed.
///
/// Complexity   n spans: insert and remove O(log n), however many items compete for a place; next
/// to
///              the last edit O(1).
/// Reference    Weidner, Kleppmann, "The Art of the Fugue: Minimizing Interleaving in Collaborative
///              Text Editing", IEEE TPDS 36(11), 2025.
template <class Content>
class item_order : public item_tree<Content> {
    using base = item_tree<Content>;

public:
    using base::base;
    using typename base::leaf;
    using typename base::unit;
    using content_view = item_content_view<Content>;

    /// Inserts items with consecutive dots at a position.
    void insert_at(std::uint32_t position, local_dot first, content_view const& content,
                   causal_context const& ids) {
        if (!this->type_on(position, first, content)) [[unlikely]] {
            auto place = origins_at(position);
            place.dot = first;
            insert_here(place, content, ids);
            this->begin_typing(local_dot::from_bits(first.bits() + content.items));
        }
    }
    /// Where an insert at a position goes: its origins, tombstones included.
    [[nodiscard]] item_origins origins_at(std::uint32_t position) {
        this->seek(position);
        if (bugs::origins_skip_tombstones) {
            auto const is_end = position == this->total().items();
            return {this->before_cursor(), is_end ? no_item : this->visible_at(position).item, {}};
        }
        return {this->before_cursor(), this->behind_cursor(), {}};
    }
    /// Inserts what `origins_at` has just prepared, with consecutive dots.
    void insert_here(item_origins const& place, content_view const& content,
                     causal_context const& ids) {
        auto const next = this->items_.size();
        this->items_.append(place.dot, content.items, place.left, place.right);
        this->put(content.units, content.unit_count, next, false, ids);
    }

    /// Removes `count` visible items from `position` on and visits their numbers as ranges.
    template <class F>
    void erase_at(std::uint32_t position, std::uint32_t count, causal_context const& ids,
                  F&& visit) {
        if (count == 1) {
            if (auto const item = this->rub_out(position); item != no_item) {
                visit(item, 1);
                return;
            }
        }
        while (count != 0) {
            this->seek(position + 1);
            auto const first = this->before_cursor();
            auto const part = std::min(count, this->span_here().count() - this->at().offset + 1);
            this->step_back();
            this->kill(part, ids);
            visit(first, part);
            count -= part;
        }
    }

    /// Puts an item among others that its author may not have seen. What follows is appended with
    /// `append_alive` and `append_dead`, behind each other.
    void begin_run(item_origins place, std::uint32_t count, causal_context const& ids) {
        if (place.left == no_item) {
            this->seek_start();
        } else {
            this->seek_item(place.left);
        }
        next_ = this->items_.size();
        is_hard_ = false;
        if (auto const behind = this->behind_cursor(); behind != place.right) {
            if (!is_plausible(place)) {
                place.right = no_item;
            }
            is_hard_ = behind != place.right && go_behind_siblings(place, behind, ids);
        }
        this->items_.append(place.dot, count, place.left, place.right);
    }
    void append_alive(content_view const& content, causal_context const& ids) {
        this->put(content.units, content.unit_count, next_, is_hard_, ids);
        next_ += content.items;
        is_hard_ = false;
    }
    void append_dead(std::uint32_t count, causal_context const& ids) {
        this->put_dead(count, next_, is_hard_, ids);
        next_ += count;
        is_hard_ = false;
    }

    /// Removes those of `count` items from a number on that are still alive.
    void kill_items(item_number item, std::uint32_t count, causal_context const& ids) {
        while (count != 0) {
            auto const& l = this->leaf_at(this->leaf_of(item));
            auto const& s = l.spans()[l.find(item)];
            auto const part = std::min(count, s.end() - item);
            if (!s.is_dead()) {
                this->seek_item(item);
                this->step_back();
                this->kill(part, ids);
            }
            item += part;
            count -= part;
        }
    }

    /// Gives the next numbers to a run, whose place `build` is told.
    void append_item_run(local_dot first, std::uint32_t count, item_number left,
                         item_number right) {
        this->items_.append(first, count, left, right);
    }

    /// Beyond this many spans an insert searches by the index of siblings.
    void set_scan_limit(std::uint32_t limit) { scan_limit_ = limit; }

private:
    /// Whether the origins may have stood beside each other when the item was inserted. If not, a
    /// right origin of the end is taken, by everybody: both are questions about items that are here
    /// before this one on every replica.
    [[nodiscard]] bool is_plausible(item_origins const& place) const {
        if (place.right == no_item) {
            return true;
        }
        auto const theirs = this->items_.origins_of(place.right);
        return (place.left == no_item || this->compare(place.left, place.right) < 0) &&
               this->compare_left(theirs.left, place.left) <= 0;
    }

    /// The cursor is behind the left origin; moves it behind all items that stand before the new
    /// one. Returns whether there were any.
    bool go_behind_siblings(item_origins const& place, item_number behind,
                            causal_context const& ids) {
        auto const limit = this->is_armed() ? std::min(scan_limit_, 4U) : scan_limit_;
        auto id = this->at().leaf;
        auto span = this->at().span;
        auto target = no_item;
        auto is_below_sibling = false;
        if (this->at().offset == this->span_here().count()) {
            (void)next_span(id, ++span);
        }
        std::uint32_t steps = 0;
        for (auto item = behind; item != no_item && item != place.right;) {
            if (++steps > limit) {
                return search_behind_siblings(place, ids);
            }
            auto const theirs = this->items_.origins_of(item);
            if (theirs.left == place.left) {
                is_below_sibling = this->is_before(theirs, place, ids);
                if (!is_below_sibling && theirs.right == place.right) {
                    break;
                }
            } else if (this->compare_left(theirs.left, place.left) < 0) {
                break;
            }
            if (is_below_sibling && (!bugs::insert_enters_a_run || theirs.left == place.left)) {
                target = this->leaf_at(id).spans()[span].end() - 1;
            }
            item = next_span(id, ++span);
        }
        if (target != no_item) {
            this->seek_item(target);
        }
        return target != no_item;
    }
    /// Goes on to the next leaf if this one has no such span; returns the span's first item.
    [[nodiscard]] item_number next_span(std::uint32_t& id, std::uint32_t& span) const {
        while (span >= this->leaf_at(id).span_count) {
            if (this->leaf_at(id).next == no_node) {
                return no_item;
            }
            id = this->leaf_at(id).next;
            span = 0;
        }
        return this->leaf_at(id).spans()[span].first();
    }

    /// The same by the index of siblings.
    bool search_behind_siblings(item_origins const& place, causal_context const& ids) {
        if (!this->is_armed()) {
            this->build_index(ids);
        }
        auto const left = place.left;
        auto const is_empty = this->here().span_count == 0;
        auto const is_inside =
            !is_empty && this->at().offset != 0 && this->at().offset < this->span_here().count();
        auto const first = this->at().span + (!is_empty && this->at().offset != 0 ? 1 : 0);
        auto const end = end_of_subtree(first, place);
        auto const stands = [&](sibling_key const& key) {
            if (key.item == no_item || key.origins.left != left) {
                return base::standing::unknown;
            }
            if (this->is_before(key.origins, place, ids)) {
                return base::standing::before;
            }
            return key.origins.right == place.right ? base::standing::behind
                                                    : base::standing::unknown;
        };
        auto const from = this->path_to(this->at().leaf, first);
        auto const to = end == no_item ? from : this->path_behind(end);
        auto last = this->last_before(&from, end == no_item ? nullptr : &to, stands);
        if (last == no_item && is_inside) {
            auto const inside = this->key_of(this->span_here().first() + this->at().offset);
            last = stands(inside) == base::standing::before ? inside.item : no_item;
        }
        if (last == no_item) {
            return false;
        }
        this->seek_item(last_below(last, end, left));
        return true;
    }

    /// The first item from a span of this leaf on that is not to the right of the left origin, or
    /// the right origin if it comes first.
    [[nodiscard]] item_number end_of_subtree(std::uint32_t span, item_origins const& place) const {
        auto const end = this->first_from(this->at().leaf, span, [&](sibling_key const& key) {
            return key.item != no_item && key.origins.left != place.left &&
                   this->compare_left(key.origins.left, place.left) < 0;
        });
        auto const is_right_first =
            end == no_item || (place.right != no_item && this->compare(place.right, end) < 0);
        return is_right_first ? place.right : end;
    }
    /// The last item to the right of a sibling.
    [[nodiscard]] item_number last_below(item_number sibling, item_number end,
                                         item_number left) const {
        auto const id = this->leaf_of(sibling);
        auto const next =
            this->first_from(id, this->leaf_at(id).find(sibling) + 1, [&](sibling_key const& key) {
                return key.item != no_item &&
                       (key.origins.left == left || this->compare_left(key.origins.left, left) < 0);
            });
        auto const is_end_first =
            next == no_item || (end != no_item && this->compare(end, next) < 0);
        auto const behind = is_end_first ? end : next;
        return behind == no_item ? this->last_item() : this->item_before(behind);
    }

    item_number next_ = 0;
    bool is_hard_ = false;
    std::uint32_t scan_limit_ = 64;
};

} // namespace joinery::detail
