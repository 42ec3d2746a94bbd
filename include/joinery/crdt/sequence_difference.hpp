#pragma once

#include <joinery/crdt/dot_store_decomposition.hpp>
#include <joinery/crdt/sequence_store.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace joinery::detail {

/// Puts what one sequence holds and another one lacks into a third.
template <class Content>
class sequence_subtraction {
public:
    using items_type = item_sequence<Content>;

    sequence_subtraction(sequence_store<Content>& out, items_type const& ours,
                         items_type const* theirs, difference_frame& f)
        : out_{out}, ours_{ours}, theirs_{theirs}, f_{f} {}

    /// Returns whether there is anything.
    bool run() {
        auto const each = [&](item_run<Content> const& part) { compare(part); };
        for_each_part(ours_, each);
        ours_.for_each_waiting(each);
        ours_.for_each_doomed([&](local_dot d, std::uint64_t count) {
            for_each_state(d, count, [&](local_dot first, std::uint64_t n, item_state theirs) {
                if (theirs == item_state::absent || theirs == item_state::alive) {
                    remove(first, n);
                }
            });
        });
        return is_new_;
    }

private:
    void compare(item_run<Content> const& part) {
        for_each_state(
            part.first, part.count, [&](local_dot first, std::uint64_t n, item_state theirs) {
                auto const offset = static_cast<std::uint32_t>(first.bits() - part.first.bits());
                if (theirs == item_state::absent || theirs == item_state::doomed) {
                    give(part.part(offset, static_cast<std::uint32_t>(n)));
                } else if (part.is_dead && theirs == item_state::alive) {
                    remove(first, n);
                }
            });
    }
    template <class F>
    void for_each_state(local_dot first, std::uint64_t count, F&& visit) {
        auto const slot = f_.to_theirs[first.slot()];
        if (theirs_ == nullptr || slot == causal_context::no_slot) {
            visit(first, count, item_state::absent);
            return;
        }
        theirs_->for_each_state({slot, first.sequence()}, count,
                                [&](local_dot d, std::uint64_t n, item_state state) {
                                    visit(local_dot{first.slot(), d.sequence()}, n, state);
                                });
    }

    /// Adds to the difference, which need not have seen what an item stands beside.
    auto adder() { return adder_to(out_.open(), f_.out, f_.ours.context); }
    void give(item_run<Content> const& r) {
        for (std::uint32_t i = 0; i < r.count; ++i) {
            (void)f_.give(local_dot::from_bits(r.first.bits() + i));
        }
        adder().add(r);
        is_new_ = true;
    }
    void remove(local_dot first, std::uint64_t count) {
        adder().remove(first, count);
        is_new_ = true;
    }

    sequence_store<Content>& out_;
    items_type const& ours_;
    items_type const* theirs_;
    difference_frame& f_;
    bool is_new_ = false;
};

template <class Content>
bool subtract(sequence_store<Content>& out, sequence_store<Content> const* ours,
              sequence_store<Content> const* theirs, difference_frame& f) {
    if (ours == nullptr || ours->items() == nullptr) {
        return false;
    }
    return sequence_subtraction<Content>{out, *ours->items(),
                                         theirs == nullptr ? nullptr : theirs->items(), f}
        .run();
}
template <class Content>
void speak_for(sequence_store<Content>&, sequence_store<Content> const*, causal_root&) {}

/// A part for each item, removed or not, and for each range of items that are not here and were
/// removed.
template <class Content>
void decompose_at(sequence_store<Content> const& store, part_place<sequence_store<Content>>& at,
                  decomposition& f) {
    if (store.items() == nullptr) {
        return;
    }
    auto const& ids = f.whole.context;
    auto const& items = *store.items();
    std::vector<item_run<Content>> singles;
    auto const take = [&](item_run<Content> const& r) {
        auto rest = r.content;
        for (std::uint32_t i = 0; i < r.count; ++i) {
            auto one = r.without_content(i, 1);
            if (!r.is_dead) {
                one.is_dead = items.is_doomed(one.first);
                one.content = one.is_dead ? item_content_view<Content>{} : rest.first(1);
                rest = rest.behind(1);
            }
            singles.push_back(one);
        }
    };
    for_each_part(items, take);
    items.for_each_waiting(take);
    std::sort(singles.begin(), singles.end(), [&](auto const& a, auto const& b) {
        return ids.global(a.first) < ids.global(b.first);
    });
    for (auto const& one : singles) {
        auto put = [&](local_dot) { adder_to(at.touch().open(), *f.part, ids).add(one); };
        f.make(one.first, put);
    }
    items.for_each_doomed([&](local_dot first, std::uint64_t count) {
        items.for_each_state(first, count, [&](local_dot d, std::uint64_t n, item_state state) {
            if (state == item_state::doomed) {
                auto put = [&](local_dot) {
                    adder_to(at.touch().open(), *f.part, ids).remove(d, n);
                };
                f.make_without_dot(put);
            }
        });
    });
}

} // namespace joinery::detail
