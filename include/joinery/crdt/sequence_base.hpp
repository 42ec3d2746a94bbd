#pragma once

#include <joinery/crdt/cursor.hpp>
#include <joinery/crdt/sequence_change.hpp>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace joinery {

/// What lists and text have in common: a root with one sequence.
template <class Derived, class Content>
class sequence_base : public causal<Derived, detail::sequence_store<Content>> {
public:
    using store_type = detail::sequence_store<Content>;
    using change = sequence_change<Derived>;

    using causal<Derived, store_type>::join;
    /// Joins a change of another sequence without making a delta of it.
    void join(change const& theirs) {
        if (theirs.from_ != this) {
            theirs.add_to(static_cast<Derived&>(*this));
        }
    }

    /// The number of items; of code points in a text.
    [[nodiscard]] std::size_t size() const { return this->store().size(); }
    [[nodiscard]] bool empty() const { return size() == 0; }

    /// How many items are here and not to be seen, because they were inserted beside others that
    /// are not here yet. They appear when these come.
    [[nodiscard]] std::size_t waiting() const {
        auto const* const items = this->store().items();
        return items == nullptr ? 0 : items->waiting();
    }

    /// Erases `count` items from `index` on, on behalf of `self`. O(log n) for each run of them.
    ///
    /// Precondition: `index + count <= size()`.
    change erase(replica_id self, std::size_t index, std::size_t count = 1) {
        assert(index <= size() && count <= size() - index && "erase beyond the end of a sequence");
        auto& root = detail::causal_access::root(*this);
        auto const slot = root.context.intern(self);
        change out{static_cast<Derived const&>(*this), {}, 0};
        if (count == 0) {
            return out;
        }
        out.first_ = root.context.next(slot);
        out.count_ = 1;
        auto& items = *detail::causal_access::store(*this).items();
        items.erase_at(static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(count),
                       root.context, [&](detail::item_number first, std::uint32_t n) {
                           items.items().for_each_range(first, n, [&](auto const& r) {
                               out.erased_.push_back({r.first, r.count});
                           });
                       });
        return out;
    }

    /// Visits the dot of every item in the order of the sequence, and whether it is alive.
    template <class F>
    void for_each_item(F&& visit) const {
        if (auto const* const items = this->store().items()) {
            items->for_each_span([&](detail::item_span const& s) {
                for (auto item = s.first(); item != s.end(); ++item) {
                    visit(this->root().context.global(items->items().dot_of(item)), !s.is_dead());
                }
            });
        }
    }

    /// The dot of the item at an index, which names it for ever. O(log n).
    [[nodiscard]] dot id_at(std::size_t index) const {
        assert(index < size() && "there is no item at this index");
        auto const& items = *this->store().items();
        auto const at = items.visible_at(static_cast<std::uint32_t>(index));
        return this->root().context.global(items.items().dot_of(at.item));
    }
    /// How many visible items stand before an item, which may have been erased; none if it is not
    /// here. O(log n).
    [[nodiscard]] std::optional<std::size_t> index_of(dot const& id) const {
        auto const* const items = this->store().items();
        auto const slot = this->root().context.find(id.replica);
        if (items == nullptr || slot == causal_context::no_slot) {
            return std::nullopt;
        }
        auto const item = items->items().number_of({slot, id.sequence});
        if (item == detail::no_item) {
            return std::nullopt;
        }
        return items->position_of(item);
    }

    /// The place in front of the item at `index`, which stays with one of the items beside it.
    /// O(log n). Precondition: `index <= size()`.
    [[nodiscard]] cursor cursor_at(std::size_t index,
                                   cursor_side side = cursor_side::behind) const {
        assert(index <= size() && "there is no such place in this sequence");
        auto const is_edge = side == cursor_side::behind ? index == 0 : index == size();
        if (is_edge) {
            return {{}, side};
        }
        return {id_at(side == cursor_side::behind ? index - 1 : index), side};
    }
    /// Where a cursor stands now; none if its item is not here. O(log n).
    [[nodiscard]] std::optional<std::size_t> index_of(cursor const& place) const {
        if (place.item == dot{}) {
            return place.side == cursor_side::behind ? 0 : size();
        }
        auto index = index_of(place.item);
        if (index && place.side == cursor_side::behind && is_alive(place.item)) {
            ++*index;
        }
        return index;
    }

    /// The `count` items from `index` on, with what is later inserted between them. O(log n).
    ///
    /// Precondition: `index + count <= size()`, and `count > 0`.
    [[nodiscard]] cursor_range range_at(std::size_t index, std::size_t count) const {
        assert(count != 0 && index <= size() && count <= size() - index &&
               "there are no such items in this sequence");
        return {cursor_at(index, cursor_side::in_front),
                cursor_at(index + count, cursor_side::behind)};
    }

    /// Returns what was only reserved. Done after bulk work.
    void shrink_to_fit() {
        if (auto* const items = detail::causal_access::store(*this).items()) {
            items->shrink_to_fit();
        }
    }

private:
    [[nodiscard]] bool is_alive(dot const& id) const {
        auto const slot = this->root().context.find(id.replica);
        auto found = false;
        this->store().items()->for_each_state(
            {slot, id.sequence}, 1,
            [&](auto, auto, detail::item_state s) { found = s == detail::item_state::alive; });
        return found;
    }

protected:
    change insert_all(replica_id self, std::size_t index, typename Content::source values) {
        assert(index <= size() && "insert beyond the end of a sequence");
        auto& root = detail::causal_access::root(*this);
        auto const slot = root.context.intern(self);
        auto const content = Content::keep(values, root.pool, Content::scratch());
        if (content.items == 0) {
            return {static_cast<Derived const&>(*this), {}, 0};
        }
        auto& items = detail::causal_access::store(*this).open(content.unit_count);
        items.require_room(content.items);
        auto const first = root.context.next(slot);
        if (content.items > 1) {
            root.context.insert(slot, first.sequence(), first.sequence() + content.items - 1);
        }
        items.insert_at(static_cast<std::uint32_t>(index), first, content, root.context);
        return {static_cast<Derived const&>(*this), first, content.items};
    }
};

} // namespace joinery
