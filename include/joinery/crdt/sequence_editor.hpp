#pragma once

#include <joinery/crdt/sequence_store.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace joinery::detail {

/// Changes a sequence anywhere in a causal value.
template <class Location, class Content>
class sequence_editor {
public:
    using source = typename Content::source;

    explicit sequence_editor(Location location) : location_{std::move(location)} {}

    /// The first reason why the edit cannot be made, if there is one.
    [[nodiscard]] result<void> const& outcome() const { return location_.writer.outcome(); }

    [[nodiscard]] std::size_t size() const {
        auto const* const store = location_.find();
        return store == nullptr ? 0 : store->size();
    }

    /// Inserts `values` in front of the item at `index`; `size()` is the end.
    void insert_all(std::size_t index, source values) {
        auto& writer = location_.writer;
        auto* const store = location_.find();
        if (!is_sound(values) || values.empty() || !is_within(store, index, 0)) {
            return;
        }
        auto const items = Content::count(values);
        if (items > Content::items_max - item_count(store)) {
            writer.fail(errc::too_large, "a sequence has no room for so many items");
            return;
        }
        location_.prepare();
        auto place = store == nullptr || store->is_bottom()
                         ? item_origins{}
                         : store->items()->origins_at(static_cast<std::uint32_t>(index));
        auto const& table = store;
        auto const dot_of = [&](item_number item) {
            return item == no_item ? local_dot{} : table->items()->items().dot_of(item);
        };
        auto const left = dot_of(place.left);
        auto const right = dot_of(place.right);
        place.dot = writer.begin(piece_life::live, 0,
                                 location_.room() + 2 * origin_room + Content::room(values),
                                 static_cast<std::uint32_t>(items));
        auto* at = location_.put(writer.cursor());
        at = put_origin(at, left, place.dot, writer);
        at = put_origin(at, right, place.dot, writer);
        auto const content = Content::put(at, values, writer.root().pool, Content::scratch());
        auto& into = location_.touch().open(content.unit_count);
        (void)into.origins_at(static_cast<std::uint32_t>(index));
        into.insert_here(place, content, writer.root().context);
        writer.end(at);
    }

    /// Erases `count` items from `index` on.
    void erase(std::size_t index, std::size_t count = 1) {
        auto& writer = location_.writer;
        auto* const store = location_.find();
        if (!writer.ok() || !is_within(store, index, count) || count == 0) {
            return;
        }
        location_.prepare();
        erased_ranges ranges;
        auto& items = *store->items();
        items.erase_at(static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(count),
                       writer.root().context, [&](item_number first, std::uint32_t n) {
                           items.items().for_each_range(first, n, [&](item_range const& r) {
                               ranges.add(r.first, r.count);
                           });
                       });
        auto const d = writer.begin(piece_life::dead, 0, location_.room() + ranges.room());
        writer.end(ranges.put(location_.put(writer.cursor()), d, writer));
    }

    /// Erases `count` items and inserts `values` instead.
    void splice(std::size_t index, std::size_t count, source values) {
        if (!is_sound(values)) {
            return;
        }
        erase(index, count);
        insert_all(index, values);
    }

protected:
    [[nodiscard]] Location& location() { return location_; }

private:
    [[nodiscard]] static std::uint64_t item_count(sequence_store<Content> const* store) {
        return store == nullptr || store->items() == nullptr ? 0 : store->items()->item_count();
    }
    bool is_sound(source values) {
        if (auto const* const flaw = Content::flaw(values)) {
            location_.writer.fail(errc::malformed, flaw);
        }
        return location_.writer.ok();
    }
    bool is_within(sequence_store<Content> const* store, std::size_t index, std::size_t count) {
        auto const size = store == nullptr ? 0 : store->size();
        if (index > size || count > size - index) {
            location_.writer.fail(errc::invalid_argument,
                                  "index " + std::to_string(index) + " with " +
                                      std::to_string(count) + " items to erase is outside of a " +
                                      "sequence of " + std::to_string(size));
            return false;
        }
        return true;
    }

    Location location_;
};

} // namespace joinery::detail
