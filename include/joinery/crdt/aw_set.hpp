#pragma once

#include <joinery/core/lattice.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/dot_map.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace joinery {

/// A set in which an insert wins over a concurrent erase.
///
/// Concurrent writes   insert(e) ∥ erase(e): `e` stays, since an erase removes only the inserts
///                     that it has seen. insert ∥ insert: one element.
/// State               one entry for each element with the dots of its latest inserts (almost
///                     always one), the causal context; no tombstones.
/// Complexity          insert, erase, contains O(1) expected; values O(n log n); join of a delta
///                     O(delta), of a state O(both).
/// Reference           Almeida, Shoker, Baquero, "Delta State Replicated Data Types", 2018, §7.3
///                     (AWORSet); Bieniusa et al., "An Optimized Conflict-free Replicated Set",
///                     2012.
///
/// See also `g_set`, which never forgets and costs less.
template <class T>
class aw_set : public causal<aw_set<T>, detail::dot_map<T, detail::dot_set>> {
public:
    using value_type = T;
    using element_view = held_view<T>;
    using store_type = detail::dot_map<T, detail::dot_set>;

    /// Reads a set anywhere in a causal value. Lives as long as the value is not changed.
    class view {
    public:
        view(store_type const* store, detail::causal_root const& root)
            : store_{store}, root_{&root} {}

        [[nodiscard]] std::size_t size() const {
            return store_ == nullptr ? 0 : store_->entries().size();
        }
        [[nodiscard]] bool empty() const { return size() == 0; }
        [[nodiscard]] bool contains(element_view element) const {
            return store_ != nullptr && store_->find(element, root_->hash_seed) != nullptr;
        }
        /// The elements in their canonical order. O(n log n).
        [[nodiscard]] std::vector<element_view> value() const {
            std::vector<element_view> out;
            if (store_ != nullptr) {
                out.reserve(size());
                store_->for_each_ordered(
                    [&](element_view element, auto const&) { out.push_back(element); });
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

        void insert(element_view element) {
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
                                        location_.room() + traits::room(element));
            for (std::uint32_t i = 0; i < old; ++i) {
                writer.supersede(store->at(where).dot(i));
            }
            auto* const encoding = location_.put(writer.cursor());
            auto* const end = traits::put(encoding, element);
            location_.touch().touch(where, writer.root(), element, encoding).assign(d, {});
            writer.end(end);
        }

        /// Removes the inserts of `element` that were seen; nothing if it is absent.
        void erase(element_view element) {
            auto& writer = location_.writer;
            auto* const store = location_.find();
            auto const where = detail::place_in(store, element, writer.root());
            if (!where.is_found()) {
                return;
            }
            auto const& dots = store->at(where);
            location_.prepare();
            writer.begin(detail::piece_life::dead, dots.count(),
                         location_.room() + held<T>::room(element));
            dots.for_each_dot([&](local_dot d) { writer.supersede(d); });
            writer.end(held<T>::put(location_.put(writer.cursor()), element));
            store->erase(where);
            location_.prune();
        }

    private:
        Location location_;
    };

    /// Adds `element` on behalf of `self` and returns the change to send.
    aw_set insert(replica_id self, element_view element) {
        return this->edit(author{self, {}, 0}, [&](auto set) { set.insert(element); });
    }
    /// Removes `element`, as far as it was seen, on behalf of `self` and returns the change to
    /// send.
    aw_set erase(replica_id self, element_view element) {
        return this->edit(author{self, {}, 0}, [&](auto set) { set.erase(element); });
    }

    [[nodiscard]] view read() const { return {&this->store(), this->root()}; }
    [[nodiscard]] std::size_t size() const { return read().size(); }
    [[nodiscard]] bool empty() const { return read().empty(); }
    [[nodiscard]] bool contains(element_view element) const { return read().contains(element); }
    [[nodiscard]] std::vector<element_view> value() const { return read().value(); }
};

} // namespace joinery
