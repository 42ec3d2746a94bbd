#pragma once

#include <joinery/core/lattice.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/dot_map.hpp>
#include <joinery/crdt/residue.hpp>
#include <joinery/crdt/switch_store.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery {

/// A set in which an erase wins over a concurrent insert.
///
/// Concurrent writes   insert(e) ∥ erase(e): `e` is absent, until somebody who has seen the erase
///                     inserts it again; also if `e` was not in the set where it was erased.
///                     insert ∥ insert: one element.
/// State               one entry for each element that was inserted or erased, with the dots of the
///                     latest writes (almost always one). The entry of an erased element is a
///                     tombstone, until it is inserted again or `sweep` removes it.
/// Complexity          insert, erase, contains O(1) expected; size O(n); values O(n log n); join of
///                     a delta O(delta), of a state O(both); n counts tombstones.
/// Reference           Bieniusa et al., "An Optimized Conflict-free Replicated Set", RR-8083, 2012,
///                     for the two semantics; one dot for each latest write takes the place of two
///                     sets of tags.
///
/// See also `aw_set`, which needs no tombstones.
template <class T>
class rw_set : public causal<rw_set<T>, detail::dot_map<T, detail::switch_store>> {
public:
    using value_type = T;
    using element_view = held_view<T>;
    using store_type = detail::dot_map<T, detail::switch_store>;

    /// Reads a set anywhere in a causal value. Lives as long as the value is not changed.
    class view {
    public:
        view(store_type const* store, detail::causal_root const& root)
            : store_{store}, root_{&root} {}

        /// O(n).
        [[nodiscard]] std::size_t size() const {
            std::size_t count = 0;
            if (store_ != nullptr) {
                store_->entries().for_each(
                    [&](auto const& e) { count += e.value.is_visible() ? 1 : 0; });
            }
            return count;
        }
        /// O(n) if most elements were erased.
        [[nodiscard]] bool empty() const {
            return store_ == nullptr || !detail::residue<store_type>::is_visible(*store_);
        }
        [[nodiscard]] bool contains(element_view element) const {
            auto const* const found =
                store_ == nullptr ? nullptr : store_->find(element, root_->hash_seed);
            return found != nullptr && found->is_visible();
        }
        /// The elements in their canonical order. O(n log n).
        [[nodiscard]] std::vector<element_view> value() const {
            std::vector<element_view> out;
            if (store_ != nullptr) {
                store_->for_each_ordered([&](element_view element, auto const& dots) {
                    if (dots.is_visible()) {
                        out.push_back(element);
                    }
                });
            }
            return out;
        }

    private:
        store_type const* store_;
        detail::causal_root const* root_;
    };

    /// Changes a set anywhere in a causal value; made by `edit`.
    template <class Location>
    class editor {
    public:
        explicit editor(Location location) : location_{std::move(location)} {}

        void insert(element_view element) { write(element, true); }
        /// Takes effect on concurrent inserts as well, so that it is never in vain.
        void erase(element_view element) { write(element, false); }

        /// Removes the tombstones that every member has seen, with a dot for each. It changes no
        /// value. It is an operation, since a tombstone that went silently here would still win
        /// elsewhere over what is inserted here later.
        ///
        /// Precondition: what was inserted before its author had seen the tombstone has arrived.
        /// An insert that comes later than that wins.
        void sweep(stable_cut const& cut) {
            auto* const store = location_.find();
            if (store == nullptr) {
                return;
            }
            auto& entries = store->entries();
            for (std::uint32_t i = 0; i < entries.position_end(); ++i) {
                if (entries.is_alive(i) && !entries.at(i).value.is_visible() &&
                    detail::is_stable(entries.at(i).value, location_.writer.root(), cut)) {
                    remove(*store, held<T>::look(entries.at(i).key));
                }
            }
            location_.prune();
        }

    private:
        void remove(store_type& store, element_view element) {
            using traits = held<T>;
            auto& writer = location_.writer;
            auto const where = store.place_of(element, writer.root().hash_seed);
            auto const& dots = store.at(where);
            location_.prepare();
            writer.begin(detail::piece_life::dead, dots.count(),
                         location_.room() + traits::room(element));
            dots.for_each_dot([&](local_dot d) { writer.supersede(d); });
            writer.end(traits::put(location_.put(writer.cursor()), element));
            store.erase(where);
        }

        void write(element_view element, bool is_here) {
            using traits = held<T>;
            auto& writer = location_.writer;
            if (!writer.template accepts<T>(element)) {
                return;
            }
            auto const* const store = location_.find();
            auto const where = detail::place_in(store, element, writer.root());
            auto const old = where.is_found() ? store->at(where).count() : 0;
            location_.prepare();
            auto const d = writer.begin(detail::piece_life::live, old,
                                        location_.room() + traits::room(element) + 1);
            for (std::uint32_t i = 0; i < old; ++i) {
                writer.supersede(store->at(where).dot(i));
            }
            auto* const encoding = location_.put(writer.cursor());
            auto* const at = traits::put(encoding, element);
            *at = std::byte{is_here};
            location_.touch().touch(where, writer.root(), element, encoding).assign(d, {is_here});
            writer.end(at + 1);
        }

        Location location_;
    };

    /// Adds `element` on behalf of `self` and returns the change to send.
    rw_set insert(replica_id self, element_view element) {
        return this->edit(author{self, {}, 0}, [&](auto set) { set.insert(element); });
    }
    /// Removes `element`, and what others insert of it concurrently, on behalf of `self` and
    /// returns the change to send.
    rw_set erase(replica_id self, element_view element) {
        return this->edit(author{self, {}, 0}, [&](auto set) { set.erase(element); });
    }

    /// Removes the tombstones that every member has seen, on behalf of `self`, and returns the
    /// change to send. See `editor::sweep`.
    rw_set sweep(replica_id self, stable_cut const& cut) {
        return this->edit(author{self, {}, 0}, [&](auto set) { set.sweep(cut); });
    }

    [[nodiscard]] view read() const { return {&this->store(), this->root()}; }
    [[nodiscard]] std::size_t size() const { return read().size(); }
    [[nodiscard]] bool empty() const { return read().empty(); }
    [[nodiscard]] bool contains(element_view element) const { return read().contains(element); }
    [[nodiscard]] std::vector<element_view> value() const { return read().value(); }
};

} // namespace joinery
