#pragma once

#include <joinery/core/lattice.hpp>
#include <joinery/core/replica_id.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/switch_store.hpp>

#include <utility>

namespace joinery {

/// A flag in which a disable wins over a concurrent enable. A fresh flag is disabled.
///
/// Concurrent writes   enable ∥ disable: disabled, until somebody who has seen the disable enables
///                     again; also if the flag was not enabled where it was disabled.
/// State               the dots of the latest enables and disables (almost always one).
/// Complexity          n concurrent writes: enable, disable and value O(n), join O(n log n).
/// Reference           Almeida, Shoker, Baquero, "Delta State Replicated Data Types", 2018, §7.3
///                     (DWFlag, here with a fresh flag that is disabled).
///
/// See also `ew_flag`, which keeps nothing of what is disabled.
class dw_flag : public causal<dw_flag, detail::switch_store> {
public:
    using store_type = detail::switch_store;

    /// Reads a flag anywhere in a causal value. Lives as long as the value is not changed.
    class view {
    public:
        view(store_type const* store, detail::causal_root const&) : store_{store} {}

        [[nodiscard]] bool value() const { return store_ != nullptr && store_->is_visible(); }

    private:
        store_type const* store_;
    };

    /// Changes a flag anywhere in a causal value; made by `edit`.
    template <class Location>
    class editor {
    public:
        explicit editor(Location location) : location_{std::move(location)} {}

        void enable() { detail::write_switch(location_, true); }
        /// Takes effect on concurrent enables as well, so that it is never in vain.
        void disable() { detail::write_switch(location_, false); }

    private:
        Location location_;
    };

    /// Enables on behalf of `self` and returns the change to send.
    dw_flag enable(replica_id self) {
        return edit(author{self, {}, 0}, [](auto flag) { flag.enable(); });
    }
    /// Disables on behalf of `self` and returns the change to send.
    dw_flag disable(replica_id self) {
        return edit(author{self, {}, 0}, [](auto flag) { flag.disable(); });
    }

    [[nodiscard]] view read() const { return {&store(), root()}; }
    [[nodiscard]] bool value() const { return read().value(); }
};

static_assert(delta_crdt<dw_flag>);

} // namespace joinery
