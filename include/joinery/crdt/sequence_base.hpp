#pragma once

#include <joinery/crdt/sequence_change.hpp>
#include <joinery/crdt/sequence_places.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>

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

    /// The number of items; of code points in a text. O(1).
    [[nodiscard]] std::size_t size() const { return this->store().size(); }
    [[nodiscard]] bool empty() const { return size() == 0; }

    // Places, as in every view of a sequence: see `sequence_places`.

    [[nodiscard]] std::size_t waiting() const { return places().waiting(); }
    template <class F>
    void for_each_item(F&& visit) const {
        places().for_each_item(visit);
    }
    [[nodiscard]] dot id_at(std::size_t index) const { return places().id_at(index); }
    [[nodiscard]] std::optional<std::size_t> index_of(dot const& id) const {
        return places().index_of(id);
    }
    [[nodiscard]] std::optional<std::size_t> index_of(cursor const& place) const {
        return places().index_of(place);
    }
    [[nodiscard]] cursor cursor_at(std::size_t index,
                                   cursor_side side = cursor_side::behind) const {
        return places().cursor_at(index, side);
    }
    [[nodiscard]] cursor_range range_at(std::size_t index, std::size_t count) const {
        return places().range_at(index, count);
    }

    /// Erases `count` items from `index` on, on behalf of `self`. O(log n) for each run of them.
    /// Throws `std::out_of_range` if there are none.
    change erase(replica_id self, std::size_t index, std::size_t count = 1) {
        require(index <= size() && count <= size() - index);
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
                           out.erased_.push_back({first, n});
                       });
        return out;
    }

    /// Returns what was only reserved. Done after bulk work.
    void shrink_to_fit() {
        if (auto* const items = detail::causal_access::store(*this).items()) {
            items->shrink_to_fit();
        }
    }

protected:
    /// Inserts `values` in front of the item at `index`, on behalf of `self`.
    change insert_all(replica_id self, std::size_t index, typename Content::source values) {
        require(index <= size());
        if (auto const* const flaw = Content::flaw(values)) [[unlikely]] {
            throw std::invalid_argument{flaw};
        }
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

private:
    [[nodiscard]] sequence_places<Content> places() const { return {&this->store(), this->root()}; }

    static void require(bool is_within) {
        if (!is_within) [[unlikely]] {
            throw std::out_of_range{"a sequence has no such place"};
        }
    }
};

} // namespace joinery
