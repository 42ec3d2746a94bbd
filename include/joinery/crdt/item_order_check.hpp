#pragma once

#include <joinery/crdt/item_order.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery::detail {

/// Whether a sequence that was built as its bytes say stands in FugueMax order.
///
/// Items form a tree, each below its left origin, and the order is its preorder: what is to the
/// right of an item ends before anything else begins. Those with one left origin are siblings; one
/// whose right origin is such a sibling was inserted to the left of it, and comes before it. So
/// they come as a second tree in postorder, by right origins, whose roots are ordered by them and
/// by dots.
///
/// Complexity   O(items), in time and memory.
template <class Content>
class item_order_check {
public:
    item_order_check(item_order<Content> const& items, causal_context const& ids)
        : items_{items}, ids_{ids}, position_(items.items().size()) {
        std::uint32_t next = 1;
        items_.for_each_span([&](item_span const& s) {
            for (auto item = s.first(); item != s.end(); ++item) {
                position_[item] = next++;
            }
        });
        open_.push_back({no_item, no_item, no_item});
    }

    [[nodiscard]] bool run() {
        auto is_right = true;
        items_.for_each_span([&](item_span const& s) {
            items_.items().for_each_range(s.first(), s.count(), [&](item_range const& r) {
                is_right = is_right && visit(r.number, r.count);
            });
        });
        return is_right;
    }

private:
    /// Items [first, last] of which each is below the one before; behind `last` more may come.
    struct open_range {
        item_number first;
        item_number last;
        item_number sibling; ///< the last one whose left origin is `last`
    };

    [[nodiscard]] bool visit(item_number first, std::uint32_t count) {
        auto const origins = items_.items().origins_of(first);
        if (!is_plausible(origins) || !close_to(origins.left)) {
            return false;
        }
        auto& parent = open_.back();
        if (parent.sibling != no_item && !follows(parent.sibling, first, origins)) {
            return false;
        }
        parent.sibling = first;
        open_.push_back({first, first + count - 1, no_item});
        return true;
    }

    /// Closes what is open until `item` is the last of it.
    [[nodiscard]] bool close_to(item_number item) {
        while (!open_.empty()) {
            auto& top = open_.back();
            if (top.last == item) {
                return true;
            }
            if (item != no_item && top.first != no_item && item >= top.first && item < top.last) {
                // Its successor is its child, and the last sibling so far.
                top.last = item;
                top.sibling = item + 1;
                return true;
            }
            open_.pop_back();
        }
        return false;
    }

    /// Whether `next` may follow its sibling `before`, everything below that one aside.
    [[nodiscard]] bool follows(item_number before, item_number next,
                               item_origins const& origins) const {
        auto const last = items_.items().origins_of(before);
        if (last.right == next) {
            return true;
        }
        // Siblings to the left of `next` begin with the first one to the left of that, and so on.
        auto at = origins;
        while (at.right != last.right && is_sibling(at.right, origins.left)) {
            at = items_.items().origins_of(at.right);
        }
        auto const is_root = !is_sibling(at.right, origins.left);
        return is_root == !is_sibling(last.right, origins.left) && is_before(last, at);
    }
    [[nodiscard]] bool is_sibling(item_number item, item_number left) const {
        return item != no_item && items_.items().origins_of(item).left == left;
    }

    [[nodiscard]] std::uint32_t left_position(item_number item) const {
        return item == no_item ? 0 : position_[item];
    }
    [[nodiscard]] std::uint32_t right_position(item_number item) const {
        return item == no_item ? no_item : position_[item];
    }
    /// As an insert asks it; see `item_order`.
    [[nodiscard]] bool is_plausible(item_origins const& place) const {
        return place.right == no_item ||
               (left_position(place.left) < position_[place.right] &&
                left_position(items_.items().origins_of(place.right).left) <=
                    left_position(place.left));
    }
    [[nodiscard]] bool is_before(item_origins const& a, item_origins const& b) const {
        auto const x = right_position(a.right);
        auto const y = right_position(b.right);
        return x != y ? x > y : ids_.global(a.dot) < ids_.global(b.dot);
    }

    item_order<Content> const& items_;
    causal_context const& ids_;
    std::vector<std::uint32_t> position_; ///< by number, from 1 on
    std::vector<open_range> open_;
};

} // namespace joinery::detail
