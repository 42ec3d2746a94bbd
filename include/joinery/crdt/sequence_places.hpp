#pragma once

#include <joinery/crdt/cursor.hpp>
#include <joinery/crdt/sequence_store.hpp>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace joinery {

/// Places in a list or a text anywhere in a causal value: its items by index and by name, cursors
/// and ranges. Lives as long as the value is not changed.
template <class Content>
class sequence_places {
public:
    using store_type = detail::sequence_store<Content>;

    sequence_places(store_type const* store, detail::causal_root const& root)
        : store_{store}, root_{&root} {}

    /// The number of items; of code points in a text. O(1).
    [[nodiscard]] std::size_t size() const { return store_ == nullptr ? 0 : store_->size(); }
    [[nodiscard]] bool empty() const { return size() == 0; }

    /// How many items are here and not to be seen, because they were inserted beside others that
    /// are not here yet. They appear when these come.
    [[nodiscard]] std::size_t waiting() const {
        return items() == nullptr ? 0 : items()->waiting();
    }

    /// Visits the dot of every item in the order of the sequence, and whether it is alive.
    template <class F>
    void for_each_item(F&& visit) const {
        if (items() != nullptr) {
            items()->for_each_span([&](detail::item_span const& s) {
                for (auto item = s.first(); item != s.end(); ++item) {
                    visit(root_->context.global(items()->items().dot_of(item)), !s.is_dead());
                }
            });
        }
    }

    /// The dot of the item at an index, which names it for ever. O(log n).
    [[nodiscard]] dot id_at(std::size_t index) const {
        assert(index < size() && "there is no item at this index");
        auto const at = items()->visible_at(static_cast<std::uint32_t>(index));
        return root_->context.global(items()->items().dot_of(at.item));
    }
    /// How many visible items stand before an item, which may have been erased; none if it is not
    /// here. O(log n).
    [[nodiscard]] std::optional<std::size_t> index_of(dot const& id) const {
        auto const slot = root_->context.find(id.replica);
        if (items() == nullptr || slot == causal_context::no_slot) {
            return std::nullopt;
        }
        auto const item = items()->items().number_of({slot, id.sequence});
        if (item == detail::no_item) {
            return std::nullopt;
        }
        return items()->position_of(item);
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

protected:
    [[nodiscard]] store_type const* store() const { return store_; }
    [[nodiscard]] typename store_type::items_type const* items() const {
        return store_ == nullptr ? nullptr : store_->items();
    }

private:
    [[nodiscard]] bool is_alive(dot const& id) const {
        auto const slot = root_->context.find(id.replica);
        auto found = false;
        items()->for_each_state({slot, id.sequence}, 1, [&](auto, auto, detail::item_state s) {
            found = s == detail::item_state::alive;
        });
        return found;
    }

    store_type const* store_;
    detail::causal_root const* root_;
};

} // namespace joinery
