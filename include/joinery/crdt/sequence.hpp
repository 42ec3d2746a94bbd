#pragma once

#include <joinery/core/lattice.hpp>
#include <joinery/crdt/sequence_base.hpp>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace joinery {

/// A list whose items keep their order while many replicas insert and erase.
///
/// Concurrent writes   insert ∥ insert at one place: both, one after the other, in the same order
///                     on every replica; runs do not interleave. erase ∥ erase: erased. insert ∥
///                     erase beside it: both happen. An erase removes exactly the items that it has
///                     seen.
/// State               about 50 bytes for an item that was inserted alone, 24 for a run of any
///                     length, beside the values. An erased item stays as part of a range of 8
///                     bytes, without its value, since others may insert beside it.
/// Complexity          n runs: insert, erase, `operator[]`, `index_of` O(log n), next to the last
///                     edit O(1); join of a delta O(log n), of a state O(items of it that are new).
/// Reference           Weidner, Kleppmann, "The Art of the Fugue: Minimizing Interleaving in
///                     Collaborative Text Editing", IEEE TPDS 36(11), 2025 (FugueMax).
template <class T>
class sequence : public sequence_base<sequence<T>, detail::list_content<T>> {
    using base = sequence_base<sequence<T>, detail::list_content<T>>;

public:
    using value_type = T;
    using element_view = held_view<T>;
    using typename base::change;
    using typename base::store_type;

    /// Reads a list anywhere in a causal value. Lives as long as the value is not changed.
    class view : public sequence_places<detail::list_content<T>> {
        using places = sequence_places<detail::list_content<T>>;

    public:
        using places::places;
        using places::size;

        /// O(log n). Precondition: `index < size()`.
        [[nodiscard]] element_view operator[](std::size_t index) const {
            assert(index < size() && "there is no item at this index");
            auto const at = items()->visible_at(static_cast<std::uint32_t>(index));
            return held<T>::look(*at.at);
        }
        template <class F>
        void for_each(F&& visit) const {
            if (items() != nullptr) {
                items()->for_each_array([&](auto const* at, std::uint32_t count) {
                    for (std::uint32_t i = 0; i < count; ++i) {
                        visit(held<T>::look(at[i]));
                    }
                });
            }
        }
        [[nodiscard]] std::vector<element_view> value() const {
            std::vector<element_view> out;
            out.reserve(size());
            for_each([&](element_view item) { out.push_back(item); });
            return out;
        }

    private:
        using places::items;
    };

    /// Changes a list anywhere in a causal value; made by `edit`. An index outside of it fails the
    /// edit.
    template <class Location>
    class editor : public detail::sequence_editor<Location, detail::list_content<T>> {
    public:
        using detail::sequence_editor<Location, detail::list_content<T>>::sequence_editor;

        void insert(std::size_t index, element_view value) {
            this->insert_all(index, std::span<element_view const>{&value, 1});
        }
        void insert(std::size_t index, std::span<element_view const> values) {
            this->insert_all(index, values);
        }
    };

    /// Inserts one value in front of the item at `index`, on behalf of `self`. Throws
    /// `std::out_of_range` if `index > size()`, `std::invalid_argument` if no peer would read it.
    change insert(replica_id self, std::size_t index, element_view value) {
        return this->insert_all(self, index, std::span<element_view const>{&value, 1});
    }
    /// The same with several, which stay together.
    change insert(replica_id self, std::size_t index, std::span<element_view const> values) {
        return this->insert_all(self, index, values);
    }

    [[nodiscard]] view read() const { return {&this->store(), this->root()}; }
    [[nodiscard]] element_view operator[](std::size_t index) const { return read()[index]; }
    [[nodiscard]] std::vector<element_view> value() const { return read().value(); }
};

} // namespace joinery
