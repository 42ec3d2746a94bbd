#pragma once

#include <joinery/core/lattice.hpp>
#include <joinery/core/replica_id.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/dot_fun.hpp>

#include <utility>

namespace joinery {

/// A flag in which an enable wins over a concurrent disable. A fresh flag is disabled.
///
/// Concurrent writes   enable ∥ disable: enabled, since a disable removes only the enables that it
///                     has seen.
/// State               the dots of the latest enables (almost always one); nothing if it is
///                     disabled.
/// Complexity          n concurrent enables: enable and disable O(n), value O(1), join O(n log n).
/// Reference           Almeida, Shoker, Baquero, "Delta State Replicated Data Types", 2018, §7.3
///                     (EWFlag).
///
/// See also `dw_flag`.
class ew_flag : public causal<ew_flag, detail::dot_set> {
public:
    using store_type = detail::dot_set;

    /// Reads a flag anywhere in a causal value. Lives as long as the value is not changed.
    class view {
    public:
        view(store_type const* store, detail::causal_root const&) : store_{store} {}

        [[nodiscard]] bool value() const { return store_ != nullptr && !store_->is_bottom(); }

    private:
        store_type const* store_;
    };

    /// Changes a flag anywhere in a causal value; made by `edit`.
    template <class Location>
    class editor {
    public:
        explicit editor(Location location) : location_{std::move(location)} {}

        void enable() {
            auto const d = begin(detail::piece_life::live);
            auto* const end = location_.put(location_.writer.cursor());
            location_.touch().assign(d, {});
            location_.writer.end(end);
        }
        /// Removes the enables that were seen; nothing if it is disabled.
        void disable() {
            auto* const store = location_.find();
            if (store == nullptr || store->is_bottom()) {
                return;
            }
            begin(detail::piece_life::dead);
            location_.writer.end(location_.put(location_.writer.cursor()));
            store->clear();
            location_.prune();
        }

    private:
        local_dot begin(detail::piece_life life) {
            auto const* const store = location_.find();
            auto const old = store == nullptr ? 0 : store->count();
            location_.prepare();
            auto const d = location_.writer.begin(life, old, location_.room());
            for (std::uint32_t i = 0; i < old; ++i) {
                location_.writer.supersede(store->dot(i));
            }
            return d;
        }

        Location location_;
    };

    /// Enables on behalf of `self` and returns the change to send.
    ew_flag enable(replica_id self) {
        return edit(author{self, {}, 0}, [](auto flag) { flag.enable(); });
    }
    /// Disables, as far as enables were seen, on behalf of `self` and returns the change to send.
    ew_flag disable(replica_id self) {
        return edit(author{self, {}, 0}, [](auto flag) { flag.disable(); });
    }

    [[nodiscard]] view read() const { return {&store(), root()}; }
    [[nodiscard]] bool value() const { return read().value(); }
};

static_assert(delta_crdt<ew_flag>);

} // namespace joinery
