#pragma once

#include <joinery/core/bugs.hpp>
#include <joinery/crdt/dot_ranges.hpp>
#include <joinery/crdt/item_order.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace joinery::detail {

/// What a sequence knows of an item.
enum class item_state : std::uint8_t {
    absent,
    doomed, ///< it is not here, and will be removed when it comes
    alive,
    dead,
};

/// Items of one replica with consecutive dots, each but the first inserted behind its predecessor,
/// and all of them alive or all removed. As it comes from outside: origins are dots, and the
/// default one is the start or the end.
template <class Content>
struct item_run {
    local_dot first{};
    std::uint32_t count = 0;
    local_dot left{};
    local_dot right{};
    bool is_dead = false;
    item_content_view<Content> content{}; ///< of items that are alive

    /// The items from the one at `offset` on, `part_count` of them.
    [[nodiscard]] item_run part(std::uint32_t offset, std::uint32_t part_count) const {
        auto out = without_content(offset, part_count);
        if (!is_dead) {
            out.content = part_count == count ? content : content.behind(offset).first(part_count);
        }
        return out;
    }
    /// The same, for whoever walks along the content.
    [[nodiscard]] item_run without_content(std::uint32_t offset, std::uint32_t part_count) const {
        item_run out{first, part_count, left, right, is_dead, {}};
        if (offset != 0) {
            out.first = local_dot::from_bits(first.bits() + offset);
            out.left = local_dot::from_bits(out.first.bits() - 1);
        }
        return out;
    }
};

/// The items of one sequence: those that have their place, those that wait for the items that they
/// stand beside, and removals of items that did not come yet.
///
/// What it holds is a set of items and a set of removals, both of which only grow; so it does not
/// matter in what order, how often or in which parts they come. What waits is in the set like
/// everything else, and becomes visible once it has its place.
///
/// Complexity   a run O(log n), and as much for each that waited for it.
template <class Content>
class item_sequence : public item_order<Content> {
    using base = item_order<Content>;

public:
    using base::base;
    using typename base::content_view;
    using typename base::leaf;
    using typename base::unit;
    using run = item_run<Content>;

    struct waiting_run {
        std::uint32_t count = 0;
        local_dot left{};
        local_dot right{};
        bool is_dead = false;
        std::vector<unit> units;

        [[nodiscard]] run look(local_dot first) const {
            auto const alive = is_dead ? 0 : count;
            return {first,
                    count,
                    left,
                    right,
                    is_dead,
                    content_view{units.data(), static_cast<std::uint32_t>(units.size()), alive}};
        }
    };
    using waiting_runs = std::map<local_dot, waiting_run>;

    [[nodiscard]] bool is_bottom() const {
        return this->items().size() == 0 && (aside_ == nullptr || aside_->is_empty());
    }
    /// Items that wait for others.
    [[nodiscard]] std::uint64_t waiting() const { return aside_ == nullptr ? 0 : aside_->items; }
    /// Items with a place and those that wait for one: never more than `items_max`, so that whoever
    /// waits has room when it comes to that.
    [[nodiscard]] std::uint64_t item_count() const { return this->items().size() + waiting(); }
    template <class F>
    void for_each_waiting(F&& visit) const {
        if (aside_ != nullptr) {
            for (auto const& [first, r] : aside_->runs) {
                visit(r.look(first));
            }
        }
    }
    /// Removals of items that wait or are not here.
    template <class F>
    void for_each_doomed(F&& visit) const {
        if (aside_ != nullptr) {
            aside_->doomed.for_each(visit);
        }
    }
    [[nodiscard]] bool is_doomed(local_dot d) const {
        return aside_ != nullptr && aside_->doomed.contains(d);
    }

    /// Visits what is known of `count` items of one replica, as ranges.
    template <class F>
    void for_each_state(local_dot first, std::uint64_t count, F&& visit) const {
        while (count != 0) {
            auto const known = this->items().find(first, count);
            std::uint64_t part = known.count;
            auto state = item_state::absent;
            if (known.number != no_item) {
                auto const& l = this->leaf_at(this->leaf_of(known.number));
                auto const& s = l.spans()[l.find(known.number)];
                part = std::min<std::uint64_t>(part, s.end() - known.number);
                state = s.is_dead() ? item_state::dead : item_state::alive;
            } else if (aside_ != nullptr) {
                state = state_aside(first, part);
            }
            visit(first, part, state);
            first = local_dot::from_bits(first.bits() + part);
            count -= part;
        }
    }

    /// How many of `count` items are not here.
    [[nodiscard]] std::uint64_t count_new(local_dot first, std::uint64_t count) const {
        std::uint64_t sum = 0;
        for_each_state(first, count, [&](local_dot, std::uint64_t part, item_state state) {
            sum += state == item_state::absent || state == item_state::doomed ? part : 0;
        });
        return sum;
    }
    /// Throws if there is no room for so many more items.
    void require_room(std::uint64_t more) const {
        if (more > Content::items_max - item_count()) [[unlikely]] {
            throw std::length_error{"a sequence has no room for so many items"};
        }
    }

    /// Adds the items that are not here. Throws before it changes anything if there is no room.
    void add(run const& r, causal_context const& ids) {
        if (r.count > Content::items_max - item_count()) [[unlikely]] {
            require_room(count_new(r.first, r.count));
        }
        for (std::uint32_t offset = 0; offset != r.count;) {
            auto const known = this->items().find(dot_at(r, offset), r.count - offset);
            auto part = known.count;
            if (known.number == no_item) {
                part = add_unplaced(r, offset, part, ids);
            } else if (r.is_dead) {
                this->kill_items(known.number, part, ids);
            }
            offset += part;
        }
        wake(ids);
    }

    /// Removes items, whether they are here or not.
    void remove(local_dot first, std::uint64_t count, causal_context const& ids) {
        while (count != 0) {
            auto const known = this->items().find(first, count);
            if (known.number != no_item) {
                this->kill_items(known.number, known.count, ids);
            } else {
                aside().doomed.insert(first, known.count);
            }
            first = local_dot::from_bits(first.bits() + known.count);
            count -= known.count;
        }
    }

    /// Calls `change` for each unit that is held, to let it point into another pool.
    template <class F>
    void for_each_unit(F&& change) {
        this->settle();
        for (auto id = this->first_leaf(); id != no_node; id = this->leaf_at(id).next) {
            auto& l = this->leaf_at(id);
            std::for_each_n(l.data(), l.units, change);
        }
        if (aside_ != nullptr) {
            for (auto& [first, r] : aside_->runs) {
                std::for_each(r.units.begin(), r.units.end(), change);
            }
        }
    }

private:
    struct set_aside {
        waiting_runs runs;
        std::uint64_t items = 0;                       ///< in `runs`
        std::multimap<local_dot, local_dot> waits_for; ///< the missing one -> the first of a run
        dot_ranges doomed;
        std::vector<local_dot> ready; ///< runs that waited for what has just come

        [[nodiscard]] bool is_empty() const { return runs.empty() && doomed.empty(); }
    };

    /// The state of an item without a place, which the `count` items from it on share: less of them
    /// than asked if need be.
    [[nodiscard]] item_state state_aside(local_dot d, std::uint64_t& count) const {
        auto const end_at = [&](std::uint64_t end) { count = std::min(count, end - d.bits()); };
        auto is_here = false;
        auto is_dead = false;
        auto const behind = aside_->runs.upper_bound(d);
        if (behind != aside_->runs.begin()) {
            auto const& [first, r] = *std::prev(behind);
            if (d.bits() < first.bits() + r.count) {
                is_here = true;
                is_dead = r.is_dead;
                end_at(first.bits() + r.count);
            }
        }
        if (!is_here && behind != aside_->runs.end()) {
            end_at(behind->first.bits());
        }
        auto is_removed = false;
        aside_->doomed.for_each_in(d, count, [&](local_dot first, std::uint64_t n) {
            if (first == d) {
                is_removed = true;
                end_at(d.bits() + n);
            } else if (!is_removed) {
                end_at(first.bits());
            }
        });
        if (is_here) {
            return is_dead || is_removed ? item_state::dead : item_state::alive;
        }
        return is_removed ? item_state::doomed : item_state::absent;
    }

    set_aside& aside() {
        if (aside_ == nullptr) {
            aside_ = std::make_unique<set_aside>();
        }
        return *aside_;
    }

    static local_dot dot_at(run const& r, std::uint32_t offset) {
        return local_dot::from_bits(r.first.bits() + offset);
    }

    /// Adds up to `count` items from `offset` on, none of which has a place; returns how many it
    /// has dealt with.
    std::uint32_t add_unplaced(run const& r, std::uint32_t offset, std::uint32_t count,
                               causal_context const& ids) {
        if (aside_ != nullptr && !aside_->runs.empty()) {
            auto const first = dot_at(r, offset);
            auto behind = aside_->runs.upper_bound(first);
            if (behind != aside_->runs.begin()) {
                auto const& [begin, waits] = *std::prev(behind);
                if (auto const end = begin.bits() + waits.count; end > first.bits()) {
                    auto const part = static_cast<std::uint32_t>(
                        std::min<std::uint64_t>(count, end - first.bits()));
                    if (r.is_dead && !waits.is_dead) {
                        aside_->doomed.insert(first, part);
                    }
                    return part;
                }
            }
            if (behind != aside_->runs.end()) {
                count = static_cast<std::uint32_t>(
                    std::min<std::uint64_t>(count, behind->first.bits() - first.bits()));
            }
        }
        take(r.part(offset, count), ids);
        return count;
    }

    void take(run const& r, causal_context const& ids) {
        item_origins const origins{number_of(r.left), number_of(r.right), r.first};
        auto const lacks = [](local_dot origin, item_number item) {
            return item == no_item && origin != local_dot{};
        };
        if (lacks(r.left, origins.left) && !bugs::missing_left_is_the_start) {
            wait(r, r.left);
        } else if (lacks(r.right, origins.right) && !bugs::missing_right_is_the_end) {
            wait(r, r.right);
        } else {
            place(r, origins, ids);
        }
    }
    [[nodiscard]] item_number number_of(local_dot origin) const {
        auto const item = origin == local_dot{} ? no_item : this->items().number_of(origin);
        return bugs::run_is_one_item && item != no_item
                   ? this->items().run_at(this->items().run_of(item)).first
                   : item;
    }
    void wait(run const& r, local_dot missing) {
        auto& to = aside();
        to.runs[r.first] = {r.count,
                            r.left,
                            r.right,
                            r.is_dead,
                            {r.content.units, r.content.units + r.content.unit_count}};
        to.items += r.count;
        to.waits_for.emplace(missing, r.first);
    }

    void place(run const& r, item_origins const& origins, causal_context const& ids) {
        auto const first = this->items().size();
        this->begin_run(origins, r.count, ids);
        if (r.is_dead) {
            this->append_dead(r.count, ids);
        } else {
            this->append_alive(r.content, ids);
        }
        if (aside_ == nullptr) {
            return;
        }
        if (!aside_->doomed.empty()) {
            aside_->doomed.for_each_in(r.first, r.count, [&](local_dot d, std::uint64_t count) {
                auto const offset = static_cast<std::uint32_t>(d.bits() - r.first.bits());
                this->kill_items(first + offset, static_cast<std::uint32_t>(count), ids);
            });
            aside_->doomed.erase(r.first, r.count);
        }
        auto& waits = aside_->waits_for;
        auto const begin = waits.lower_bound(r.first);
        auto const end = waits.lower_bound(dot_at(r, r.count));
        for (auto at = begin; at != end; ++at) {
            aside_->ready.push_back(at->second);
        }
        waits.erase(begin, end);
    }

    /// Places what waited for items that have come. It may wait again, for its other origin.
    void wake(causal_context const& ids) {
        while (aside_ != nullptr && !aside_->ready.empty()) {
            auto const first = aside_->ready.back();
            aside_->ready.pop_back();
            auto node = aside_->runs.extract(first);
            aside_->items -= node.mapped().count;
            take(node.mapped().look(first), ids);
        }
        if (aside_ != nullptr && aside_->is_empty()) {
            aside_.reset();
        }
    }

    std::unique_ptr<set_aside> aside_;
};

} // namespace joinery::detail
