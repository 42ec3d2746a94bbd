#pragma once

#include <joinery/core/lattice.hpp>
#include <joinery/core/replica_id.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/counter_store.hpp>

#include <cstdint>
#include <limits>
#include <utility>

namespace joinery {

/// A counter that can be incremented, decremented and reset, also as a value of `or_map` or a field
/// of a causal `product`: erasing the key resets it.
///
/// Concurrent writes   increments and decrements add up; a reset removes exactly those that it has
///                     seen, and a concurrent one survives exactly. reset ∥ reset: one reset.
/// State               one entry for each replica that ever incremented: its sum, and what of it
/// was
///                     reset. An entry that was reset stays until it is stable, since forgetting it
///                     would let old increments come back.
/// Overflow            a replica's sum and the value stay at the ends of `std::int64_t`.
/// Complexity          r replicas: increment and value O(r), reset O(r log r), join O(r log r).
/// Reference           Baquero, Almeida, Lerche, "The Problem with Embedded CRDT Counters and a
///                     Solution", PaPoC 2016, for the anomaly of resets; floors bound to dots avoid
///                     it.
///
/// See also `pn_counter`, which cannot be reset and needs no context.
class resettable_counter : public causal<resettable_counter, detail::counter_store> {
public:
    using store_type = detail::counter_store;
    using value_type = std::int64_t;

    /// Reads a counter anywhere in a causal value. Lives as long as the value is not changed.
    class view {
    public:
        view(store_type const* store, detail::causal_root const&) : store_{store} {}

        [[nodiscard]] value_type value() const {
            return store_ == nullptr ? 0 : store_->counter().value();
        }
        /// Whether nothing was counted since the last reset. Increments that add up to 0 count.
        [[nodiscard]] bool empty() const { return store_ == nullptr || !store_->is_visible(); }

    private:
        store_type const* store_;
    };

    /// Changes a counter anywhere in a causal value; made by `edit`.
    template <class Location>
    class editor {
    public:
        explicit editor(Location location) : location_{std::move(location)} {}

        void increment(value_type amount = 1) {
            auto& writer = location_.writer;
            location_.prepare();
            auto const d = writer.begin(detail::piece_life::dead, 0,
                                        location_.room() + 1 + detail::increment_room);
            auto* at = location_.put(writer.cursor());
            auto& counter = location_.touch().counter();
            auto const entry = counter.incremented(writer.self(), d.sequence(), amount);
            *at++ = static_cast<std::byte>(detail::counter_tag::add);
            at = detail::put_increment(at, entry);
            counter.join(entry);
            writer.end(at);
        }
        void decrement(value_type amount = 1) {
            constexpr auto min = std::numeric_limits<value_type>::min();
            increment(amount == min ? std::numeric_limits<value_type>::max() : -amount);
        }
        /// Removes what was seen; nothing if nothing was counted since the last reset.
        void reset() {
            auto const* const store = location_.find();
            if (store != nullptr && store->is_visible()) {
                location_.prepare();
                detail::write_resets(location_);
            }
        }

    private:
        Location location_;
    };

    /// Adds `amount`, which may be negative, on behalf of `self` and returns the change to send.
    resettable_counter increment(replica_id self, value_type amount = 1) {
        return edit(author{self, {}, 0}, [&](auto counter) { counter.increment(amount); });
    }
    /// Subtracts `amount`; otherwise as `increment`.
    resettable_counter decrement(replica_id self, value_type amount = 1) {
        return edit(author{self, {}, 0}, [&](auto counter) { counter.decrement(amount); });
    }
    /// Removes what was seen, on behalf of `self`, and returns the change to send.
    resettable_counter reset(replica_id self) {
        return edit(author{self, {}, 0}, [](auto counter) { counter.reset(); });
    }

    [[nodiscard]] view read() const { return {&store(), root()}; }
    [[nodiscard]] value_type value() const { return read().value(); }
    [[nodiscard]] bool empty() const { return read().empty(); }
};

static_assert(delta_crdt<resettable_counter>);

} // namespace joinery
