#pragma once

#include <joinery/core/replica_id.hpp>
#include <joinery/core/small_list.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery {

/// The position of a replica in a `replica_table`.
using replica_slot = std::uint32_t;

/// Slots in one table by the slots in another: few of them, mostly.
using slot_list = small_list<replica_slot, 4>;

/// Gives replica ids small numbers, in the order in which they come, for good.
///
/// Complexity   r replicas: find O(log r), and O(r) up to 8 of them; intern O(log r + r / 256),
///              and O(1) for the same id again.
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
        auto const* const in = block_of(id);
        auto const at = lower_bound(*in, id);
        return at != in->end() && ids_[*at] == id ? *at : no_slot;
    }

    /// The same id again costs nothing: that of whoever types, above all.
    replica_slot intern(replica_id id) {
        return latest_ < ids_.size() && ids_[latest_] == id ? latest_ : intern_another(id);
    }

    /// For each slot of `other`, the slot here.
    slot_list intern_all(replica_table const& other) {
        slot_list slots;
        if (other.size() > linear_max && other.size() * 4 > size()) {
            slots = merge(other);
        } else {
            for (auto const& id : other.ids_) {
                slots.push_back(intern(id));
            }
        }
        return slots;
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

    static constexpr std::size_t block_max = 256;
    using block = std::vector<replica_slot>;

    /// The same for many at once, along both orders.
    slot_list merge(replica_table const& other) {
        slot_list slots;
        slots.reserve(other.size());
        for (replica_slot i = 0; i < other.size(); ++i) {
            slots.push_back(no_slot);
        }
        ids_.reserve(std::max(size(), other.size()));
        auto const mine = in_order();
        block merged;
        merged.reserve(mine.size() + other.size());
        auto at = mine.begin();
        for (auto const theirs : other.in_order()) {
            auto const id = other.ids_[theirs];
            while (at != mine.end() && ids_[*at] < id) {
                merged.push_back(*at++);
            }
            if (at == mine.end() || ids_[*at] != id) {
                merged.push_back(size());
                ids_.push_back(id);
            } else {
                merged.push_back(*at++);
            }
            slots[theirs] = merged.back();
        }
        merged.insert(merged.end(), at, mine.end());
        cut(merged);
        return slots;
    }
    [[nodiscard]] block in_order() const {
        if (order_.empty()) {
            return slots_by_id();
        }
        block out;
        out.reserve(size());
        for (auto const& one : order_) {
            out.insert(out.end(), one.begin(), one.end());
        }
        return out;
    }
    void cut(block const& all) {
        constexpr std::size_t full = block_max * 3 / 4;
        order_.clear();
        for (std::size_t i = 0; i < all.size(); i += full) {
            auto const begin = all.begin() + static_cast<std::ptrdiff_t>(i);
            order_.emplace_back(
                begin, begin + static_cast<std::ptrdiff_t>(std::min(full, all.size() - i)));
        }
    }

    [[nodiscard]] block::const_iterator lower_bound(block const& in, replica_id id) const {
        return std::lower_bound(
            in.begin(), in.end(), id,
            [&](replica_slot slot, replica_id wanted) { return ids_[slot] < wanted; });
    }
    /// The last block that begins at `id` or before it, or the first one.
    [[nodiscard]] block const* block_of(replica_id id) const {
        auto const behind = std::upper_bound(
            order_.begin(), order_.end(), id,
            [&](replica_id wanted, block const& b) { return wanted < ids_[b.front()]; });
        return behind == order_.begin() ? &order_.front() : &*(behind - 1);
    }

    [[gnu::noinline]] replica_slot intern_another(replica_id id) {
        latest_ = find(id);
        if (latest_ == no_slot) {
            latest_ = add(id);
        }
        return latest_;
    }
    replica_slot add(replica_id id) {
        auto const slot = size();
        ids_.push_back(id);
        if (ids_.size() == linear_max + 1) {
            order_.push_back(slots_by_id());
        } else if (ids_.size() > linear_max + 1) {
            insert(slot);
        }
        return slot;
    }
    void insert(replica_slot slot) {
        auto const i = static_cast<std::size_t>(block_of(ids_[slot]) - order_.data());
        auto& in = order_[i];
        in.insert(lower_bound(in, ids_[slot]), slot);
        if (in.size() > block_max) {
            auto const half = in.begin() + block_max / 2;
            block upper(half, in.end());
            in.erase(half, in.end());
            order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(i) + 1, std::move(upper));
        }
    }

    small_list<replica_id, 2> ids_;
    replica_slot latest_ = 0;  // of the last intern
    std::vector<block> order_; // slots by id; kept only above `linear_max` replicas
};

} // namespace joinery
