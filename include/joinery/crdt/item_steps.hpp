#pragma once

#include <joinery/core/causal_context.hpp>
#include <joinery/core/dot.hpp>
#include <joinery/crdt/edit_script.hpp>
#include <joinery/crdt/item_sequence.hpp>

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

namespace joinery::detail {

/// One state of a sequence, and the context that its items belong to.
template <class Content>
struct item_side {
    item_sequence<Content> const& items;
    causal_context const& ids;
};

/// Visible items with consecutive numbers that stand beside each other.
struct item_stretch {
    item_number first = no_item;
    std::uint32_t count = 0;
};

/// One step between two states of a sequence, in positions, and the items that go and come.
struct item_step {
    edit_step positions;
    std::vector<item_stretch> erased;   ///< by their numbers in the old state
    std::vector<item_stretch> inserted; ///< by their numbers in the new one
};

/// What a state knows of items of one replica: `count` of them, from `offset` on.
struct known_items {
    std::uint64_t offset;
    std::uint32_t count;
    item_number number; ///< `no_item`: they have no place here
    bool is_visible;
};

/// Visits what `side` knows of `count` items from `first` on, in parts with consecutive numbers.
template <class Content, class F>
void for_each_known(item_side<Content> const& side, dot const& first, std::uint64_t count,
                    F&& visit) {
    auto const slot = side.ids.find(first.replica);
    if (slot == causal_context::no_slot) {
        return;
    }
    side.items.for_each_state(
        {slot, first.sequence}, count, [&](local_dot d, std::uint64_t n, item_state state) {
            auto const number = side.items.items().number_of(d);
            visit(known_items{d.sequence() - first.sequence, static_cast<std::uint32_t>(n), number,
                              number != no_item && state == item_state::alive});
        });
}

/// Finds the steps between two states of one sequence by the identity of the items. Between two
/// steps there is always an item that both show; items never change places.
///
/// Complexity   n named items or spans, d of them changed: O((n + d) log n).
template <class Content>
class item_comparison {
public:
    using side = item_side<Content>;

    item_comparison(side const& before, side const& after) : before_{before}, after_{after} {}

    /// Looks at everything that either shows.
    [[nodiscard]] std::vector<item_step> compare() {
        note_what_came();
        note_what_went();
        return steps();
    }
    /// Looks at the items in `named`, whose slots are those of the new state, only. Precondition:
    /// the new state has all that the old one has, and nothing else became visible or ceased to be.
    [[nodiscard]] std::vector<item_step> compare(dot_ranges const& named) {
        named.for_each([&](local_dot first, std::uint64_t count) { note_named(first, count); });
        return steps();
    }

private:
    enum class way : std::uint8_t { went, came };
    struct change {
        std::uint32_t position; ///< in the new state; of what went, what stands before it there
        way which;
        std::uint32_t old_position; ///< of what went
        item_stretch items;

        friend bool operator<(change const& a, change const& b) {
            return std::tie(a.position, a.which, a.old_position) <
                   std::tie(b.position, b.which, b.old_position);
        }
    };

    /// Visits (number, count, dot of the first) of all that a state shows, in its order.
    template <class F>
    static void for_each_visible(side const& of, F&& visit) {
        of.items.for_each_span([&](item_span const& s) {
            if (!s.is_dead()) {
                of.items.items().for_each_range(s.first(), s.count(), [&](item_range const& r) {
                    visit(r.number, r.count, of.ids.global(r.first));
                });
            }
        });
    }

    void note_what_came() {
        std::uint32_t position = 0;
        for_each_visible(after_, [&](item_number number, std::uint32_t count, dot const& first) {
            std::uint32_t end = 0; // of what the old state was asked about
            auto const note_until = [&](std::uint32_t offset) {
                if (end != offset) {
                    changes_.push_back(
                        {position + end, way::came, 0, {number + end, offset - end}});
                }
            };
            for_each_known(before_, first, count, [&](known_items const& was) {
                if (was.is_visible) {
                    auto const offset = static_cast<std::uint32_t>(was.offset);
                    note_until(offset);
                    end = offset + was.count;
                }
            });
            note_until(count);
            position += count;
        });
    }

    void note_what_went() {
        for_each_visible(before_, [&](item_number number, std::uint32_t count, dot const& first) {
            std::uint32_t end = 0; // of what the new state was asked about
            for_each_known(after_, first, count, [&](known_items const& now) {
                if (now.number != no_item) {
                    auto const offset = static_cast<std::uint32_t>(now.offset);
                    note_unknown(number, end, offset);
                    note_known(number, offset, now);
                    end = offset + now.count;
                }
            });
            note_unknown(number, end, count);
            old_position_ += count;
        });
    }
    /// What the new state does not know stands behind what was last found there.
    void note_unknown(item_number number, std::uint32_t from, std::uint32_t end) {
        if (from != end) {
            if (kept_ != no_item) {
                reached_ = after_.items.position_of(kept_) + 1;
                kept_ = no_item;
            }
            note_went(number, from, end - from);
        }
    }
    void note_known(item_number number, std::uint32_t offset, known_items const& now) {
        if (now.is_visible) {
            kept_ = now.number + now.count - 1;
        } else {
            reached_ = after_.items.position_of(now.number);
            kept_ = no_item;
            note_went(number, offset, now.count);
        }
    }
    void note_went(item_number number, std::uint32_t offset, std::uint32_t count) {
        changes_.push_back({reached_, way::went, old_position_ + offset, {number + offset, count}});
    }

    void note_named(local_dot named, std::uint64_t named_count) {
        auto const first = after_.ids.global(named);
        for_each_known(after_, first, named_count, [&](known_items const& now) {
            if (now.number == no_item) {
                return;
            }
            std::uint32_t end = 0;
            auto const note_until = [&](std::uint32_t offset) {
                if (now.is_visible && end != offset) {
                    auto const number = now.number + end;
                    changes_.push_back(
                        {after_.items.position_of(number), way::came, 0, {number, offset - end}});
                }
            };
            dot const from{first.replica, first.sequence + now.offset};
            for_each_known(before_, from, now.count, [&](known_items const& was) {
                if (!was.is_visible) {
                    return;
                }
                auto const offset = static_cast<std::uint32_t>(was.offset);
                note_until(offset);
                end = offset + was.count;
                if (!now.is_visible) {
                    changes_.push_back({after_.items.position_of(now.number + offset),
                                        way::went,
                                        before_.items.position_of(was.number),
                                        {was.number, was.count}});
                }
            });
            note_until(now.count);
        });
    }

    /// What was noted, as steps: what stands side by side is one.
    [[nodiscard]] std::vector<item_step> steps() {
        std::sort(changes_.begin(), changes_.end());
        std::vector<item_step> out;
        std::size_t inserted = 0;
        std::size_t erased = 0;
        for (auto const& each : changes_) {
            if (out.empty() ||
                out.back().positions.from + out.back().positions.inserted != each.position) {
                out.push_back({{each.position - inserted + erased, 0, each.position, 0}, {}, {}});
            }
            auto& step = out.back();
            if (each.which == way::came) {
                step.inserted.push_back(each.items);
                step.positions.inserted += each.items.count;
                inserted += each.items.count;
            } else {
                step.erased.push_back(each.items);
                step.positions.erased += each.items.count;
                erased += each.items.count;
            }
        }
        return out;
    }

    side before_;
    side after_;
    std::vector<change> changes_;
    // On the way along the old state:
    std::uint32_t old_position_ = 0;
    std::uint32_t reached_ = 0;  ///< in the new state
    item_number kept_ = no_item; ///< behind which that is, if it was not asked for yet
};

} // namespace joinery::detail
