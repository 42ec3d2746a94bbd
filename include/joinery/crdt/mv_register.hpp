#pragma once

#include <joinery/core/dot.hpp>
#include <joinery/core/hlc.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/stamped.hpp>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace joinery {

/// A register that keeps every value that was written concurrently, until one supersedes them.
///
/// A reader chooses what to do about a conflict: see all (`value`), take the newest (`latest`), the
/// oldest (`earliest`) or the greatest (`highest`), or merge them with a function of his own
/// (`merged`).
///
/// Concurrent writes   all stay, in the order (time, replica, sequence); the next write on a
///                     replica that has seen them replaces them. clear ∥ assign: the assigned value
///                     stays.
/// State               one value with its time and dot for each concurrent write, almost always
///                     one.
/// Complexity          n concurrent values: assign O(n), values O(n log n), join O(n log n).
/// Reference           Almeida, Shoker, Baquero, "Delta State Replicated Data Types", 2018, §7.3
///                     (MVRegister); DeCandia et al., "Dynamo", 2007, §4.4.
///
/// See also `lww_register`, which keeps one value and needs no context.
template <class T>
class mv_register : public causal<mv_register<T>, detail::dot_fun<detail::stamped<T>>> {
public:
    using store_type = detail::dot_fun<detail::stamped<T>>;
    using value_view = held_view<T>;

    struct written {
        value_view value;
        hlc time;
        joinery::dot id;
    };

    /// Reads a register anywhere in a causal value. Lives as long as the value is not changed.
    class view {
    public:
        view(store_type const* store, detail::causal_root const& root)
            : store_{store}, root_{&root} {}

        [[nodiscard]] std::size_t size() const { return store_ == nullptr ? 0 : store_->count(); }
        [[nodiscard]] bool empty() const { return size() == 0; }
        [[nodiscard]] bool has_conflict() const { return size() > 1; }

        /// Every concurrent value; the greatest (time, replica, sequence) comes last.
        [[nodiscard]] std::vector<written> value() const {
            std::vector<written> out;
            for (std::uint32_t i = 0; i < size(); ++i) {
                out.push_back({store_->at(i).view(), store_->at(i).time,
                               root_->context.global(store_->dot(i))});
            }
            std::sort(out.begin(), out.end(), [](written const& a, written const& b) {
                return std::pair{a.time, a.id} < std::pair{b.time, b.id};
            });
            return out;
        }
        // The policies for a conflict, which readers choose. All replicas that have seen the same
        // writes agree on each. Precondition of all: `!empty()`.

        /// The newest value.
        [[nodiscard]] value_view latest() const {
            assert(!empty() && "mv_register::latest: the register was never assigned");
            return value().back().value;
        }
        /// The oldest of the concurrent values.
        [[nodiscard]] value_view earliest() const {
            assert(!empty() && "mv_register::earliest: the register was never assigned");
            return value().front().value;
        }
        /// The greatest value, by `less(value_view, value_view)`; the newest among equals.
        template <class Less = std::less<>>
        [[nodiscard]] value_view highest(Less less = {}) const {
            auto const all = value();
            assert(!all.empty() && "mv_register::highest: the register was never assigned");
            auto best = all.front().value;
            for (auto const& one : all) {
                if (!less(one.value, best)) {
                    best = one.value;
                }
            }
            return best;
        }
        /// One value of all: `f(T, value_view) -> T` merges the next one in, from the oldest to the
        /// newest. It is not called if there is no conflict.
        template <class F>
        [[nodiscard]] T merged(F&& f) const {
            auto const all = value();
            assert(!all.empty() && "mv_register::merged: the register was never assigned");
            auto out = static_cast<T>(all.front().value);
            for (std::size_t i = 1; i < all.size(); ++i) {
                out = f(std::move(out), all[i].value);
            }
            return out;
        }

    private:
        store_type const* store_;
        detail::causal_root const* root_;
    };

    /// Changes a register anywhere in a causal value; made by `edit`.
    template <class Location>
    class editor {
    public:
        explicit editor(Location location) : location_{std::move(location)} {}

        void assign(value_view value) {
            auto& writer = location_.writer;
            if (!writer.template accepts<T>(value)) {
                return;
            }
            auto const d = begin(detail::piece_life::live, held<T>::room(value));
            auto* const encoding = location_.put(writer.cursor());
            auto* const end = held<T>::put(encoding, value);
            location_.touch().assign(
                d, {writer.time(),
                    held<T>::keep(writer.root().pool, value, encoding, bytes_owner::our_pool)});
            writer.end(end);
        }

        /// Removes the values that were seen.
        void clear() {
            auto* const store = location_.find();
            if (store == nullptr || store->is_bottom()) {
                return;
            }
            begin(detail::piece_life::dead, 0);
            location_.writer.end(location_.put(location_.writer.cursor()));
            store->clear();
            location_.prune();
        }

    private:
        local_dot begin(detail::piece_life life, std::size_t room) {
            auto const* const store = location_.find();
            auto const old = store == nullptr ? 0 : store->count();
            location_.prepare();
            auto const d = location_.writer.begin(life, old, location_.room() + room);
            for (std::uint32_t i = 0; i < old; ++i) {
                location_.writer.supersede(store->dot(i));
            }
            return d;
        }

        Location location_;
    };

    /// Replaces the values that were seen, on behalf of `by`, and returns the change to send.
    mv_register assign(author const& by, value_view value) {
        return this->edit(by, [&](auto reg) { reg.assign(value); });
    }
    mv_register clear(replica_id self) {
        return this->edit(author{self, {}, 0}, [](auto reg) { reg.clear(); });
    }

    [[nodiscard]] view read() const { return {&this->store(), this->root()}; }
    [[nodiscard]] std::size_t size() const { return read().size(); }
    [[nodiscard]] bool empty() const { return read().empty(); }
    [[nodiscard]] bool has_conflict() const { return read().has_conflict(); }
    [[nodiscard]] std::vector<written> value() const { return read().value(); }
    [[nodiscard]] value_view latest() const { return read().latest(); }
    [[nodiscard]] value_view earliest() const { return read().earliest(); }
    template <class Less = std::less<>>
    [[nodiscard]] value_view highest(Less less = {}) const {
        return read().highest(std::move(less));
    }
    template <class F>
    [[nodiscard]] T merged(F&& f) const {
        return read().merged(std::forward<F>(f));
    }
};

} // namespace joinery
