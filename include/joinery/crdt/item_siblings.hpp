#pragma once

#include <joinery/core/bugs.hpp>
#include <joinery/core/causal_context.hpp>
#include <joinery/crdt/item_nodes.hpp>

#include <cstdint>
#include <vector>

namespace joinery::detail {

/// Where concurrent items go among each other, found by descent instead of by scanning.
///
/// For each child of an inner node it keeps the span start that comes first among siblings: least
/// left origin, then greatest right origin, then least dot. What an insert looks for are the first
/// or the last span start with a property of these, and a subtree whose best one lacks it has none.
/// Honest sequences hold few items at one place and never build it.
///
/// Complexity   n spans: a search O(log² n), upkeep O(log n) for each new span.
template <class Content>
class item_siblings : public item_nodes<Content> {
    using base = item_nodes<Content>;

public:
    using base::base;
    using typename base::leaf;

    [[nodiscard]] item_table const& items() const { return items_; }

protected:
    using base::compare_left;
    using base::compare_right;
    using base::inner_at;
    using base::leaf_at;

    /// A span in a leaf, and the way from it to the root.
    struct span_path {
        std::uint32_t node[base::height_max]; ///< from the leaf up
        std::uint32_t span = 0;
    };

    [[nodiscard]] sibling_key key_of(item_number item) const {
        return {item, items_.origins_of(item)};
    }

    /// Whether an item with these origins stands before another one beside it.
    [[nodiscard]] bool is_before(item_origins const& a, item_origins const& b,
                                 causal_context const& ids) const {
        auto const c = compare_right(a.right, b.right);
        return c == 0 || bugs::siblings_ignore_right_origins ? is_less(a.dot, b.dot, ids) : c > 0;
    }

    void build_index(causal_context const& ids) {
        this->arm();
        if (this->height() != 0) {
            fill_keys(this->root(), ids);
        }
    }

    /// Takes note of a new span start.
    void raise(std::uint32_t leaf_id, item_number item, causal_context const& ids) {
        auto const key = key_of(item);
        auto node = leaf_id;
        for (auto up = leaf_at(leaf_id).parent; up != no_node; up = inner_at(up).parent) {
            auto& kept = this->key_at(up, inner_at(up).index_of(node));
            if (!is_better(key, kept, ids)) {
                return;
            }
            kept = key;
            node = up;
        }
    }

    /// Finds the keys of nodes anew, lower ones first.
    void refresh(std::vector<node_id> const& touched, causal_context const& ids) {
        for (auto const of_leaves : {true, false}) {
            for (auto t = touched.rbegin(); t != touched.rend(); ++t) {
                auto const up =
                    t->is_leaf == of_leaves ? this->parent_of(t->id, of_leaves) : no_node;
                if (up != no_node) {
                    this->key_at(up, inner_at(up).index_of(t->id)) = best_of(t->id, of_leaves, ids);
                }
            }
        }
    }

    [[nodiscard]] span_path path_to(std::uint32_t leaf_id, std::uint32_t span) const {
        span_path out{{leaf_id}, span};
        unsigned level = 0;
        for (auto up = leaf_at(leaf_id).parent; up != no_node; up = inner_at(up).parent) {
            out.node[++level] = up;
        }
        return out;
    }
    /// The first span that starts at an item or behind it.
    [[nodiscard]] span_path path_behind(item_number item) const {
        auto const id = this->leaf_of(item);
        auto const& l = leaf_at(id);
        auto const i = l.find(item);
        return path_to(id, l.spans()[i].first() == item ? i : i + 1);
    }

    /// The first span start from (leaf, span) on for which `wanted(key)`; `no_item` if none.
    template <class F>
    [[nodiscard]] item_number first_from(std::uint32_t leaf_id, std::uint32_t span,
                                         F&& wanted) const {
        if (auto const found = first_in_leaf(leaf_id, span, wanted); found != no_item) {
            return found;
        }
        auto node = leaf_id;
        for (auto up = leaf_at(leaf_id).parent; up != no_node; up = inner_at(up).parent) {
            auto const& x = inner_at(up);
            for (auto i = x.index_of(node) + 1; i < x.size; ++i) {
                if (wanted(this->key_at(up, i))) {
                    return first_below(x.child[i], x.is_low, wanted);
                }
            }
            node = up;
        }
        return no_item;
    }

    /// Where a span start stands beside an item that is to be placed.
    enum class standing {
        before,
        behind,
        unknown, ///< it is no sibling, or inserted to the left of one
    };

    /// The last span start between `from` and `to` (null: the end) of which `stands(key)` says
    /// `before`.
    ///
    /// Precondition: none that is before stands behind one that is behind.
    template <class F>
    [[nodiscard]] item_number last_before(span_path const* from, span_path const* to,
                                          F&& stands) const {
        auto const top = this->height() == 0 ? this->first_leaf() : this->root();
        return last_before(top, this->height(), from, to, stands);
    }

    /// The item in front of another one.
    [[nodiscard]] item_number item_before(item_number item) const {
        auto id = this->leaf_of(item);
        auto i = leaf_at(id).find(item);
        if (leaf_at(id).spans()[i].first() != item) {
            return item - 1;
        }
        while (i == 0) {
            id = this->previous_leaf(id);
            if (id == no_node) {
                return no_item;
            }
            i = leaf_at(id).span_count;
        }
        return leaf_at(id).spans()[i - 1].end() - 1;
    }
    [[nodiscard]] item_number last_item() const {
        auto const& l = leaf_at(this->last_leaf());
        return l.span_count == 0 ? no_item : l.spans()[l.span_count - 1].end() - 1;
    }

    item_table items_;

private:
    static bool is_less(local_dot a, local_dot b, causal_context const& ids) {
        return a.slot() == b.slot() ? a.sequence() < b.sequence()
                                    : ids.id_of(a.slot()) < ids.id_of(b.slot());
    }

    [[nodiscard]] bool is_better(sibling_key const& a, sibling_key const& b,
                                 causal_context const& ids) const {
        if (a.item == no_item || b.item == no_item || a.item == b.item) {
            return a.item != no_item && b.item == no_item;
        }
        if (auto const c = compare_left(a.origins.left, b.origins.left)) {
            return c < 0;
        }
        return is_before(a.origins, b.origins, ids);
    }

    [[nodiscard]] sibling_key best_of(std::uint32_t id, bool is_leaf,
                                      causal_context const& ids) const {
        sibling_key best;
        auto const offer = [&](sibling_key const& key) {
            if (is_better(key, best, ids)) {
                best = key;
            }
        };
        if (is_leaf) {
            auto const& l = leaf_at(id);
            for (std::uint32_t i = 0; i < l.span_count; ++i) {
                offer(key_of(l.spans()[i].first()));
            }
        } else {
            for (std::uint32_t i = 0; i < inner_at(id).size; ++i) {
                offer(this->key_at(id, i));
            }
        }
        return best;
    }

    void fill_keys(std::uint32_t id, causal_context const& ids) {
        auto const& x = inner_at(id);
        for (std::uint32_t i = 0; i < x.size; ++i) {
            if (!x.is_low) {
                fill_keys(x.child[i], ids);
            }
            this->key_at(id, i) = best_of(x.child[i], x.is_low, ids);
        }
    }

    template <class F>
    [[nodiscard]] item_number first_in_leaf(std::uint32_t id, std::uint32_t span, F& wanted) const {
        auto const& l = leaf_at(id);
        for (; span < l.span_count; ++span) {
            if (wanted(key_of(l.spans()[span].first()))) {
                return l.spans()[span].first();
            }
        }
        return no_item;
    }
    /// Precondition: there is one below.
    template <class F>
    [[nodiscard]] item_number first_below(std::uint32_t id, bool is_leaf, F& wanted) const {
        while (!is_leaf) {
            auto const& x = inner_at(id);
            std::uint32_t i = 0;
            while (!wanted(this->key_at(id, i))) {
                ++i;
            }
            is_leaf = x.is_low;
            id = x.child[i];
        }
        return first_in_leaf(id, 0, wanted);
    }

    /// The last of the places [first, end) that is before, by bisection; `end` if there is none.
    template <class F>
    [[nodiscard]] static std::uint32_t last_place_before(std::uint32_t first, std::uint32_t end,
                                                         F&& stands) {
        auto best = end;
        for (auto high = end; first < high;) {
            auto const middle = first + (high - first) / 2;
            auto at = middle;
            while (at < high && stands(at) == standing::unknown) {
                ++at;
            }
            if (at < high && stands(at) == standing::before) {
                best = at;
                first = at + 1;
            } else {
                high = middle;
            }
        }
        return best;
    }

    template <class F>
    [[nodiscard]] item_number last_before(std::uint32_t id, unsigned level, span_path const* from,
                                          span_path const* to, F& stands) const {
        if (level == 0) {
            auto const* const spans = leaf_at(id).spans();
            auto const end = to != nullptr ? to->span : leaf_at(id).span_count;
            auto const found =
                last_place_before(from != nullptr ? from->span : 0, end, [&](std::uint32_t i) {
                    return stands(key_of(spans[i].first()));
                });
            return found == end ? no_item : spans[found].first();
        }
        auto const& x = inner_at(id);
        auto first = from != nullptr ? x.index_of(from->node[level - 1]) : 0;
        auto end = to != nullptr ? x.index_of(to->node[level - 1]) + 1 : x.size;
        // The key of a child that is only partly in question may speak of the other part.
        if (to != nullptr) {
            auto const* const begins = from != nullptr && first + 1 == end ? from : nullptr;
            auto const found = last_before(x.child[--end], level - 1, begins, to, stands);
            if (found != no_item || begins != nullptr) {
                return found;
            }
        }
        auto const middle = from != nullptr ? first + 1 : first;
        auto const at = last_place_before(
            middle, end, [&](std::uint32_t i) { return stands(this->key_at(id, i)); });
        if (middle < end && at != end) {
            return last_before(x.child[at], level - 1, nullptr, nullptr, stands);
        }
        return from != nullptr ? last_before(x.child[first], level - 1, from, nullptr, stands)
                               : no_item;
    }
};

} // namespace joinery::detail
