#pragma once

#include <joinery/core/local_dot.hpp>
#include <joinery/crdt/item_content.hpp>
#include <joinery/crdt/plain_list.hpp>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery::detail {

/// What identifies and places an item: its dot, and the items that stood beside it when it was
/// inserted.
struct item_origins {
    item_number left = no_item;
    item_number right = no_item;
    local_dot dot{};
};

/// A stretch of items with consecutive numbers and dots of one replica.
struct item_range {
    local_dot first{};
    item_number number = no_item;
    std::uint32_t count = 0;
};

/// The items of a sequence, as runs: dots, numbers and origins, and the ways between them.
///
/// In a run each item but the first has its predecessor as left origin, and all have one right
/// origin: what is typed in one go, or pasted, is one run of 24 bytes.
///
/// Complexity   append O(1) when the dot is the greatest of its replica, else O(runs of it);
///              number to dot O(log 64), dot to number O(log runs of the replica).
class item_table {
public:
    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] std::uint32_t run_count() const { return runs_.size(); }

    /// Gives the next numbers to `count` items that follow each other.
    void append(local_dot first, std::uint32_t count, item_number left, item_number right) {
        if (!continues_last_run(first, left, right)) {
            while (pages_.size() * page_items <= size_) {
                auto const begins = pages_.size() * page_items == size_;
                pages_.push_back(begins ? run_count() : run_count() - 1);
            }
            grow_gently(runs_);
            runs_.push_back({size_, left, right, first});
        }
        add_stretch(first, count);
        size_ += count;
    }
    /// Appends `count` items behind the last one. Precondition: they continue its run, which has
    /// the greatest dots of its replica.
    void extend(replica_slot slot, std::uint32_t count) {
        auto& last = last_[slot];
        assert(last.number + last.count == size_ && "an item does not continue the last run");
        last.count += count;
        size_ += count;
    }
    [[nodiscard]] bool continues_last_run(local_dot first, item_number left,
                                          item_number right) const {
        if (runs_.empty() || left != size_ - 1) {
            return false;
        }
        auto const& last = runs_.back();
        return last.right == right && last.dot.bits() + (size_ - last.first) == first.bits();
    }
    [[nodiscard]] item_origins origins_of(item_number item) const {
        auto const& in = runs_[run_of(item)];
        auto const offset = item - in.first;
        return {offset == 0 ? in.left : item - 1, in.right,
                local_dot::from_bits(in.dot.bits() + offset)};
    }
    [[nodiscard]] local_dot dot_of(item_number item) const { return origins_of(item).dot; }

    /// The item of a dot, and how many items behind it follow in numbers and dots. If there is
    /// none, `number` is `no_item` and `count` tells for how many dots, at most `wanted`, that
    /// holds.
    [[nodiscard]] item_range find(local_dot d, std::uint64_t wanted = 1) const {
        item_range out{d, no_item,
                       static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, items_max))};
        if (d.slot() >= last_.size()) {
            return out;
        }
        auto const* at = &last_[d.slot()];
        if (at->sequence > d.sequence()) {
            auto const& before = before_last(d.slot());
            auto const behind = first_behind(before, d.sequence());
            auto const next = behind == before.end() ? *at : *behind;
            out.count = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(out.count, next.sequence - d.sequence()));
            if (behind == before.begin()) {
                return out;
            }
            at = &*(behind - 1);
        }
        auto const offset = d.sequence() - at->sequence;
        if (offset < at->count) {
            out.number = at->number + static_cast<std::uint32_t>(offset);
            out.count =
                static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, at->count - offset));
        }
        return out;
    }
    [[nodiscard]] item_number number_of(local_dot d) const { return find(d).number; }

    struct run {
        item_number first = no_item;
        item_number left = no_item;
        item_number right = no_item;
        local_dot dot{};
    };
    [[nodiscard]] run const& run_at(std::uint32_t i) const { return runs_[i]; }
    [[nodiscard]] std::uint32_t run_length(std::uint32_t i) const {
        return (i + 1 < runs_.size() ? runs_[i + 1].first : size_) - runs_[i].first;
    }
    [[nodiscard]] item_range range_at(std::uint32_t i) const {
        return {runs_[i].dot, runs_[i].first, run_length(i)};
    }
    [[nodiscard]] std::uint32_t run_of(item_number item) const {
        if (item >= runs_.back().first) { // what was just typed
            return run_count() - 1;
        }
        auto const page = item / page_items;
        auto low = page < pages_.size() ? pages_[page] : run_count() - 1;
        auto const high = page + 1 < pages_.size() ? pages_[page + 1] + 1 : run_count();
        if (auto const guess = low + item % page_items; // where each item is a run by itself
            guess < high && runs_[guess].first == item) {
            return guess;
        }
        for (auto left = high - low; left > 1;) {
            auto const half = left / 2;
            low += runs_[low + half].first <= item ? half : 0;
            left -= half;
        }
        return low;
    }

    /// Visits the dots of `count` items from `item` on, as ranges of one replica.
    template <class F>
    void for_each_range(item_number item, std::uint32_t count, F&& visit) const {
        while (count != 0) {
            auto const i = run_of(item);
            auto const offset = item - runs_[i].first;
            auto const part = std::min(count, run_length(i) - offset);
            visit(item_range{local_dot::from_bits(runs_[i].dot.bits() + offset), item, part});
            item += part;
            count -= part;
        }
    }
    /// Visits the items of one replica in the order of their dots.
    template <class F>
    void for_each_stretch(replica_slot slot, F&& visit) const {
        auto const show = [&](stretch const& s) {
            visit(item_range{{slot, s.sequence}, s.number, s.count});
        };
        if (slot < slot_end() && last_[slot].count != 0) {
            auto const& before = before_last(slot);
            std::for_each(before.begin(), before.end(), show);
            show(last_[slot]);
        }
    }
    /// Slots of replicas beyond this one have no items.
    [[nodiscard]] replica_slot slot_end() const { return last_.size(); }

    /// The same items in another root: `slots` translates.
    [[nodiscard]] item_table translated(slot_list const& slots) const {
        item_table out;
        out.size_ = size_;
        out.pages_ = pages_;
        out.runs_ = runs_;
        for (auto& r : out.runs_) {
            r.dot = {slots[r.dot.slot()], r.dot.sequence()};
        }
        out.last_.reserve(slot_end());
        for (replica_slot slot = 0; slot < slot_end(); ++slot) {
            if (last_[slot].count != 0) {
                out.last_of(slots[slot]) = last_[slot];
                if (auto const& before = before_last(slot); !before.empty()) {
                    out.open_before(slots[slot]) = before;
                }
            }
        }
        return out;
    }

    void shrink_to_fit() {
        runs_.shrink_to_fit();
        pages_.shrink_to_fit();
        for (auto& before : before_) {
            before.shrink_to_fit();
        }
    }

private:
    static constexpr std::uint32_t page_items = 64;

    struct stretch {
        std::uint64_t sequence = 0;
        item_number number = no_item;
        std::uint32_t count = 0;
    };
    using stretches = std::vector<stretch>; // by sequence

    /// Doubling would leave half of a long table empty.
    static void grow_gently(auto& table) {
        if (table.size() == table.capacity() && table.size() >= 64) {
            table.reserve(table.size() + table.size() / 4);
        }
    }

    stretch& last_of(replica_slot slot) {
        if (slot >= last_.size()) {
            last_.resize(slot + 1, {});
        }
        return last_[slot];
    }
    [[nodiscard]] stretches const& before_last(replica_slot slot) const {
        static stretches const none;
        return slot < before_.size() ? before_[slot] : none;
    }
    stretches& open_before(replica_slot slot) {
        if (slot >= before_.size()) {
            before_.resize(std::size_t{slot} + 1);
        }
        return before_[slot];
    }
    static stretches::const_iterator first_behind(stretches const& in, std::uint64_t sequence) {
        return std::upper_bound(
            in.begin(), in.end(), sequence,
            [](std::uint64_t wanted, stretch const& s) { return wanted < s.sequence; });
    }

    void add_stretch(local_dot first, std::uint32_t count) {
        auto& last = last_of(first.slot());
        stretch const fresh{first.sequence(), size_, count};
        if (grows(last, fresh)) [[likely]] {
            last.count += count;
        } else if (last.count == 0) {
            last = fresh;
        } else if (last.sequence < fresh.sequence) {
            auto& before = open_before(first.slot());
            grow_gently(before);
            before.push_back(std::exchange(last, fresh));
        } else {
            add_before(open_before(first.slot()), fresh);
        }
    }
    static void add_before(stretches& all, stretch const& fresh) {
        auto const at = first_behind(all, fresh.sequence) - all.begin();
        if (at != 0 && grows(all[static_cast<std::size_t>(at - 1)], fresh)) {
            all[static_cast<std::size_t>(at - 1)].count += fresh.count;
        } else {
            grow_gently(all);
            all.insert(all.begin() + at, fresh);
        }
    }
    /// Whether a stretch goes on with another one.
    static bool grows(stretch const& s, stretch const& next) {
        return s.number + s.count == next.number && s.sequence + s.count == next.sequence;
    }

    plain_list<run, 1> runs_;            // by number
    plain_list<std::uint32_t, 2> pages_; // the run at each 64th number
    plain_list<stretch, 1> last_;        // of each replica, by slot: where most dots are
    std::vector<stretches> before_;      // by slot, up to the last replica that has any
    std::uint32_t size_ = 0;
};

} // namespace joinery::detail
