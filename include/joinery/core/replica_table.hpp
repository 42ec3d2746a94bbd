#pragma once

#include <joinery/core/replica_id.hpp>
#include <joinery/core/small_list.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery {

/// The position of a replica in a `replica_table`.
using replica_slot = std::uint32_t;

/// Gives replica ids small numbers, in the order in which they come, for good.
///
/// Complexity   r replicas: find O(log r), and O(r) up to 8 of them; intern O(r).
class replica_table {
public:
    static constexpr replica_slot no_slot = ~replica_slot{0};

    [[nodiscard]] replica_slot size() const { return ids_.size(); }
    [[nodiscard]] bool empty() const { return ids_.empty(); }
    [[nodiscard]] replica_id operator[](replica_slot slot) const { return ids_[slot]; }

    [[nodiscard]] replica_slot find(replica_id id) const {
        if (ids_.size() <= linear_max) {
            for (replica_slot slot = 0; slot < ids_.size(); ++slot) {
                if (ids_[slot] == id) {
                    return slot;
                }
            }
            return no_slot;
        }
        auto const at = lower_bound(id);
        return at != order_.end() && ids_[*at] == id ? *at : no_slot;
    }

    replica_slot intern(replica_id id) {
        if (auto const slot = find(id); slot != no_slot) {
            return slot;
        }
        auto const slot = size();
        ids_.push_back(id);
        if (ids_.size() == linear_max + 1) {
            order_ = slots_by_id();
        } else if (ids_.size() > linear_max + 1) {
            order_.insert(lower_bound(id), slot);
        }
        return slot;
    }

    /// Slots in the order of their replica ids, the one order that every replica agrees on.
    [[nodiscard]] std::vector<replica_slot> slots_by_id() const {
        std::vector<replica_slot> order(ids_.size());
        for (replica_slot i = 0; i < order.size(); ++i) {
            order[i] = i;
        }
        std::sort(order.begin(), order.end(),
                  [&](replica_slot a, replica_slot b) { return ids_[a] < ids_[b]; });
        return order;
    }

private:
    static constexpr std::size_t linear_max = 8;

    [[nodiscard]] std::vector<replica_slot>::const_iterator lower_bound(replica_id id) const {
        return std::lower_bound(
            order_.begin(), order_.end(), id,
            [&](replica_slot slot, replica_id wanted) { return ids_[slot] < wanted; });
    }

    small_list<replica_id, 2> ids_;
    std::vector<replica_slot> order_; // by id; kept only above `linear_max` replicas
};

} // namespace joinery
