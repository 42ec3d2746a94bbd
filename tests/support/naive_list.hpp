#pragma once

#include <joinery/core/dot.hpp>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace joinery::tests {

/// An insert: an item, and what stood on its left and on its right when it was made, erased items
/// among them; nothing stands beyond the ends.
struct list_insert {
    dot id;
    std::optional<dot> left;
    std::optional<dot> right;
    std::string value;
};

struct list_item {
    list_insert made;
    bool is_alive = true;

    /// What replicas must agree on.
    friend bool operator==(list_item const& a, list_item const& b) {
        return a.made.id == b.made.id && a.is_alive == b.is_alive && a.made.value == b.made.value;
    }
};

using list_items = std::vector<list_item>;

/// An insert, or the item that an erase takes.
using list_change = std::variant<list_insert, dot>;

/// The list form of FugueMax, as YjsMod scans: one item after another on a plain vector.
///
/// Reference   Gentle, "reference-crdts", `integrateYjsMod`.
class scanned_list {
public:
    void insert(list_insert const& item) {
        auto const left = place_of(item.left, -1);
        auto const right = place_of(item.right, end());
        auto at = left + 1;
        auto is_scanning = false;
        for (auto next = at;; ++next) {
            if (!is_scanning) {
                at = next;
            }
            if (next == right || next == end()) {
                break;
            }
            auto const& other = items_[static_cast<std::size_t>(next)].made;
            auto const other_left = place_of(other.left, -1);
            auto const other_right = place_of(other.right, end());
            auto const is_sibling = other_left == left;
            if (other_left < left || (is_sibling && other_right == right && item.id < other.id)) {
                break;
            }
            if (is_sibling) {
                is_scanning = other_right < right;
            }
        }
        items_.insert(items_.begin() + at, {item, true});
    }

    void erase(dot const& id) {
        items_[static_cast<std::size_t>(place_of(id, -1))].is_alive = false;
    }

    [[nodiscard]] list_items const& items() const { return items_; }

private:
    using place = std::ptrdiff_t;

    [[nodiscard]] place end() const { return std::ssize(items_); }

    [[nodiscard]] place place_of(std::optional<dot> const& id, place otherwise) const {
        if (!id) {
            return otherwise;
        }
        auto const found = std::find_if(items_.begin(), items_.end(),
                                        [&](auto const& item) { return item.made.id == *id; });
        assert(found != items_.end() && "an item stands beside one that is not here");
        return found - items_.begin();
    }

    list_items items_;
};

/// The tree form of FugueMax: an item is a right child of its left neighbour, unless its right
/// neighbour is below that one already; then it is a left child of the right neighbour.
///
/// Reference   Weidner, Kleppmann, "The Art of the Fugue: Minimizing Interleaving in Collaborative
///             Text Editing", IEEE TPDS 2025, section 5.
class fugue_tree {
public:
    void insert(list_insert const& item) {
        auto const left = item.left ? find(*item.left) : root;
        node made{{item, true}, left, item.right ? find(*item.right) : nothing, {}, {}};
        auto const is_left_child = made.right != nothing && is_below(made.right, left);
        made.parent = is_left_child ? made.right : left;
        auto const self = nodes_.size();
        nodes_.push_back(made);
        auto& siblings =
            is_left_child ? nodes_[made.parent].left_children : nodes_[made.parent].right_children;
        auto const is_before = [&](std::size_t a, std::size_t b) {
            return is_left_child ? is_smaller(a, b) : is_right_child_before(a, b);
        };
        siblings.insert(std::upper_bound(siblings.begin(), siblings.end(), self, is_before), self);
    }

    void erase(dot const& id) { nodes_[find(id)].item.is_alive = false; }

    [[nodiscard]] list_items items() const {
        list_items out;
        for (auto const at : in_order()) {
            out.push_back(nodes_[at].item);
        }
        return out;
    }

private:
    static constexpr std::size_t root = 0;
    static constexpr std::size_t nothing = static_cast<std::size_t>(-1);

    struct node {
        list_item item;
        std::size_t parent;
        std::size_t right;
        std::vector<std::size_t> left_children;
        std::vector<std::size_t> right_children;
    };

    [[nodiscard]] std::size_t find(dot const& id) const {
        auto const found = std::find_if(nodes_.begin() + 1, nodes_.end(),
                                        [&](node const& n) { return n.item.made.id == id; });
        assert(found != nodes_.end() && "an item stands beside one that is not here");
        return static_cast<std::size_t>(found - nodes_.begin());
    }

    [[nodiscard]] bool is_below(std::size_t at, std::size_t ancestor) const {
        while (at != ancestor && at != root) {
            at = nodes_[at].parent;
        }
        return at == ancestor;
    }

    [[nodiscard]] bool is_smaller(std::size_t a, std::size_t b) const {
        return nodes_[a].item.made.id < nodes_[b].item.made.id;
    }

    /// Right children stand in the reverse order of their right neighbours, the end first.
    [[nodiscard]] bool is_right_child_before(std::size_t a, std::size_t b) const {
        auto const [one, other] = std::pair{nodes_[a].right, nodes_[b].right};
        if (one == other) {
            return is_smaller(a, b);
        }
        if (one == nothing || other == nothing) {
            return one == nothing;
        }
        auto const order = in_order();
        return std::find(order.begin(), order.end(), one) >
               std::find(order.begin(), order.end(), other);
    }

    [[nodiscard]] std::vector<std::size_t> in_order() const {
        std::vector<std::size_t> out;
        visit(root, out);
        return out;
    }

    void visit(std::size_t at, std::vector<std::size_t>& out) const {
        for (auto const child : nodes_[at].left_children) {
            visit(child, out);
        }
        if (at != root) {
            out.push_back(at);
        }
        for (auto const child : nodes_[at].right_children) {
            visit(child, out);
        }
    }

    std::vector<node> nodes_{node{{}, root, nothing, {}, {}}};
};

template <class List>
void take(List& list, list_change const& change) {
    if (auto const* const insert = std::get_if<list_insert>(&change)) {
        list.insert(*insert);
    } else {
        list.erase(std::get<dot>(change));
    }
}

template <class List>
void take(List& list, std::vector<list_change> const& changes) {
    for (auto const& change : changes) {
        take(list, change);
    }
}

/// What of a list can be seen.
template <class Items>
std::string text_of_items(Items const& items) {
    std::string text;
    for (auto const& item : items) {
        text += item.is_alive ? item.made.value : std::string{};
    }
    return text;
}

/// The place in `items` of the visible item number `index`, or their count.
inline std::size_t place_of_visible(list_items const& items, std::size_t index) {
    std::size_t at = 0;
    for (; at < items.size(); ++at) {
        if (items[at].is_alive && index-- == 0) {
            break;
        }
    }
    return at;
}

/// Inserts as an author does that sees `list`: behind the visible item before `index`, and before
/// everything that stands there, erased or not.
template <class List>
list_insert insert_at(List& list, dot const& id, std::size_t index, std::string value) {
    auto const items = list.items();
    auto const at = index == 0 ? 0 : place_of_visible(items, index - 1) + 1;
    list_insert made{id, {}, {}, std::move(value)};
    if (at > 0) {
        made.left = items[at - 1].made.id;
    }
    if (at < items.size()) {
        made.right = items[at].made.id;
    }
    list.insert(made);
    return made;
}

/// Erases the visible item number `index` and returns its id.
template <class List>
dot erase_at(List& list, std::size_t index) {
    auto const items = list.items();
    auto const id = items[place_of_visible(items, index)].made.id;
    list.erase(id);
    return id;
}

} // namespace joinery::tests
