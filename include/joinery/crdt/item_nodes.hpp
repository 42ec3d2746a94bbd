#pragma once

#include <joinery/crdt/block_array.hpp>
#include <joinery/crdt/item_leaf.hpp>
#include <joinery/crdt/item_table.hpp>
#include <joinery/crdt/leaf_map.hpp>
#include <joinery/crdt/plain_list.hpp>
#include <joinery/crdt/sibling_keys.hpp>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace joinery::detail {

/// A node of the order tree and its kind.
struct node_id {
    std::uint32_t id;
    bool is_leaf;
};

/// The nodes of an order tree: leaves of spans and content, and above them a B+ tree that counts
/// what is visible. The order of the leaves is the order of the sequence.
///
/// Complexity   n spans: position, order of two items, split, merge O(log n).
template <class Content>
class item_nodes {
public:
    using leaf = item_leaf<Content>;
    using counts = typename Content::counts;
    static constexpr std::uint32_t fan_out = 32;
    static constexpr unsigned height_max = 12;

    struct inner {
        std::uint32_t parent = no_node;
        std::uint32_t size = 0;
        bool is_low = true; ///< its children are leaves
        std::uint32_t child[fan_out];
        std::uint32_t count[Content::metrics][fan_out];

        [[nodiscard]] std::uint32_t index_of(std::uint32_t node) const {
            std::uint32_t i = 0;
            while (child[i] != node) {
                ++i;
                assert(i < size && "a node is not a child of its parent");
            }
            return i;
        }
        [[nodiscard]] counts at(std::uint32_t i) const {
            counts out;
            for (std::size_t m = 0; m < Content::metrics; ++m) {
                out.by[m] = count[m][i];
            }
            return out;
        }
        void set(std::uint32_t i, std::uint32_t node, counts const& c) {
            child[i] = node;
            for (std::size_t m = 0; m < Content::metrics; ++m) {
                count[m][i] = c.by[m];
            }
        }
    };

    /// `units`: of what is going to be inserted first, if that is known.
    explicit item_nodes(std::uint32_t units = 0) {
        first_ = add_leaf(leaf::spans_min, std::clamp(units, leaf::units_min, Content::leaf_units));
    }
    item_nodes(item_nodes&& other) noexcept { swap(other); }
    item_nodes& operator=(item_nodes&& other) noexcept {
        swap(other);
        return *this;
    }
    ~item_nodes() {
        for (auto* const l : leaves_) {
            leaf::destroy(l);
        }
    }

    [[nodiscard]] leaf& leaf_at(std::uint32_t id) { return *leaves_[id]; }
    [[nodiscard]] leaf const& leaf_at(std::uint32_t id) const { return *leaves_[id]; }
    [[nodiscard]] inner& inner_at(std::uint32_t id) { return inners_[id]; }
    [[nodiscard]] inner const& inner_at(std::uint32_t id) const { return inners_[id]; }
    [[nodiscard]] std::uint32_t first_leaf() const { return first_; }
    [[nodiscard]] std::uint32_t root() const { return root_; }
    [[nodiscard]] unsigned height() const { return height_; }
    [[nodiscard]] std::uint32_t leaf_of(item_number item) const { return where_[item]; }

    /// What the tree says that a leaf holds.
    [[nodiscard]] counts counts_of(std::uint32_t leaf_id) const {
        auto const up = leaves_[leaf_id]->parent;
        return up == no_node ? total_ : inners_[up].at(inners_[up].index_of(leaf_id));
    }
    /// Adds to the counts on the way from a leaf to the root, and to those of all.
    void add_to_path(std::uint32_t node, counts const& change) {
        total_ += change;
        auto is_low = true;
        for (auto up = parent_of(node, is_low); up != no_node; node = up, up = inners_[up].parent) {
            auto& x = inners_[up];
            auto const i = x.index_of(node);
            for (std::size_t m = 0; m < Content::metrics; ++m) {
                x.count[m][i] += change.by[m];
            }
        }
    }

    /// Negative if `a` stands before `b`.
    [[nodiscard]] int compare(item_number a, item_number b) const {
        if (a == b) {
            return 0;
        }
        auto x = where_[a];
        auto y = where_[b];
        if (x == y) {
            auto const i = leaves_[x]->find(a);
            auto const j = leaves_[x]->find(b);
            return i != j ? (i < j ? -1 : 1) : (a < b ? -1 : 1);
        }
        auto p = leaves_[x]->parent;
        auto q = leaves_[y]->parent;
        while (p != q) {
            x = std::exchange(p, inners_[p].parent);
            y = std::exchange(q, inners_[q].parent);
        }
        return inners_[p].index_of(x) < inners_[p].index_of(y) ? -1 : 1;
    }
    /// The same for left origins, where no item is the start.
    [[nodiscard]] int compare_left(item_number a, item_number b) const {
        return a == b ? 0 : a == no_item ? -1 : b == no_item ? 1 : compare(a, b);
    }
    /// The same for right origins, where no item is the end.
    [[nodiscard]] int compare_right(item_number a, item_number b) const {
        return a == b ? 0 : a == no_item ? 1 : b == no_item ? -1 : compare(a, b);
    }

    [[nodiscard]] std::uint32_t last_leaf() const {
        return height_ == 0 ? first_ : last_leaf_below(root_, false);
    }
    /// The leaf before this one; `no_node` if it is the first.
    [[nodiscard]] std::uint32_t previous_leaf(std::uint32_t id) const {
        auto is_low = true;
        for (auto up = parent_of(id, is_low); up != no_node; id = up, up = inners_[up].parent) {
            auto const i = inners_[up].index_of(id);
            if (i != 0) {
                return last_leaf_below(inners_[up].child[i - 1], inners_[up].is_low);
            }
        }
        return no_node;
    }

protected:
    [[nodiscard]] std::uint32_t parent_of(std::uint32_t id, bool is_leaf) const {
        return is_leaf ? leaves_[id]->parent : inners_[id].parent;
    }
    void set_parent(std::uint32_t id, bool is_leaf, std::uint32_t parent) {
        (is_leaf ? leaves_[id]->parent : inners_[id].parent) = parent;
    }

    std::uint32_t add_leaf(std::uint32_t span_room, std::uint32_t unit_room) {
        auto* const fresh = leaf::make(span_room, unit_room);
        if (seldom_ != nullptr && !seldom_->free_leaves.empty()) {
            auto const id = seldom_->free_leaves.back();
            seldom_->free_leaves.pop_back();
            leaves_[id] = fresh;
            return id;
        }
        leaves_.push_back(fresh);
        return leaves_.size() - 1;
    }
    void free_leaf(std::uint32_t id) {
        leaf::destroy(leaves_[id]);
        leaves_[id] = nullptr;
        seldom().free_leaves.push_back(id);
    }
    void resize_leaf(std::uint32_t id, std::uint32_t span_room, std::uint32_t unit_room) {
        auto* const fresh = leaves_[id]->copy(span_room, unit_room);
        leaf::destroy(leaves_[id]);
        leaves_[id] = fresh;
    }

    std::uint32_t add_inner(bool is_low) {
        if (inner_count_ == inners_.capacity()) {
            inners_.grow();
        }
        ::new (static_cast<void*>(&inners_[inner_count_])) inner{};
        if (is_armed_) {
            seldom().keys.add(inner_count_);
        }
        inners_[inner_count_].is_low = is_low;
        return inner_count_++;
    }

    /// Puts `fresh` behind its new sibling `old`. Nodes that are new or lost items go to `touched`,
    /// upper ones first, if somebody keeps keys of them.
    void add_sibling(std::uint32_t old, std::uint32_t fresh, bool is_leaf, counts const& old_counts,
                     counts const& fresh_counts, std::vector<node_id>& touched) {
        auto up = parent_of(old, is_leaf);
        if (up == no_node) {
            up = add_inner(is_leaf);
            auto& x = inners_[up];
            x.size = 1;
            x.set(0, old, old_counts);
            set_parent(old, is_leaf, up);
            root_ = up;
            ++height_;
        } else if (inners_[up].size == fan_out) {
            split_inner(up, old, is_leaf, touched);
            up = parent_of(old, is_leaf);
        }
        auto& x = inners_[up];
        auto const i = x.index_of(old);
        move_children(up, i + 1, up, i + 2, x.size - i - 1);
        ++x.size;
        x.set(i, old, old_counts);
        x.set(i + 1, fresh, fresh_counts);
        set_parent(fresh, is_leaf, up);
        if (is_armed_) {
            touched.push_back({old, is_leaf});
            touched.push_back({fresh, is_leaf});
        }
    }

    /// Takes the child at `i` out of an inner node that has another one.
    void remove_child(std::uint32_t id, std::uint32_t i) {
        auto& x = inners_[id];
        move_children(id, i + 1, id, i, x.size - i - 1);
        --x.size;
        // A root with one child is no use. The others keep theirs: they are few.
        while (height_ != 0 && inners_[root_].size == 1) {
            auto const below = inners_[root_].child[0];
            auto const is_low = inners_[root_].is_low;
            set_parent(below, is_low, no_node);
            root_ = is_low ? no_node : below;
            --height_;
        }
    }

    /// Builds the levels above leaves that are linked already.
    void build_above(std::vector<std::uint32_t> level, std::vector<counts> sums) {
        auto is_leaf = true;
        constexpr std::size_t full = fan_out * 3 / 4;
        while (level.size() > 1) {
            std::vector<std::uint32_t> up;
            std::vector<counts> up_sums;
            for (std::size_t i = 0; i < level.size(); i += full) {
                auto const id = add_inner(is_leaf);
                counts sum;
                for (std::size_t k = i; k < std::min(level.size(), i + full); ++k) {
                    auto& x = inners_[id];
                    x.set(x.size++, level[k], sums[k]);
                    set_parent(level[k], is_leaf, id);
                    sum += sums[k];
                }
                up.push_back(id);
                up_sums.push_back(sum);
            }
            level = std::move(up);
            sums = std::move(up_sums);
            is_leaf = false;
            ++height_;
        }
        root_ = height_ == 0 ? no_node : level[0];
    }

    /// Becomes a copy of `other`, which has no gap.
    void copy_nodes(item_nodes const& other) {
        item_nodes fresh{nothing{}};
        fresh.leaves_.reserve(other.leaves_.size());
        for (auto const* const l : other.leaves_) {
            fresh.leaves_.push_back(l == nullptr ? nullptr
                                                 : l->copy(std::max(l->span_count, leaf::spans_min),
                                                           std::max(l->units, leaf::units_min)));
        }
        if (other.seldom_ != nullptr && !other.seldom_->free_leaves.empty()) {
            fresh.seldom().free_leaves = other.seldom_->free_leaves;
        }
        for (std::uint32_t i = 0; i < other.inner_count_; ++i) {
            fresh.inners_[fresh.add_inner(true)] = other.inners_[i];
        }
        fresh.where_ = other.where_;
        fresh.total_ = other.total_;
        fresh.first_ = other.first_;
        fresh.root_ = other.root_;
        fresh.height_ = other.height_;
        swap(fresh);
    }

    void swap(item_nodes& other) noexcept {
        std::swap(leaves_, other.leaves_);
        inners_.swap(other.inners_);
        std::swap(inner_count_, other.inner_count_);
        std::swap(where_, other.where_);
        std::swap(total_, other.total_);
        std::swap(first_, other.first_);
        std::swap(root_, other.root_);
        std::swap(height_, other.height_);
        seldom_.swap(other.seldom_);
        std::swap(is_armed_, other.is_armed_);
    }

    /// For each child of an inner node the span start that comes first among siblings. Kept from
    /// the first time that an insert meets many of them; most sequences never need it.
    [[nodiscard]] bool is_armed() const { return is_armed_; }
    void arm() {
        is_armed_ = true;
        for (std::uint32_t id = 0; id < inner_count_; ++id) {
            seldom().keys.add(id);
        }
    }
    [[nodiscard]] sibling_key& key_at(std::uint32_t id, std::uint32_t i) {
        return seldom_->keys.at(id, i);
    }
    [[nodiscard]] sibling_key const& key_at(std::uint32_t id, std::uint32_t i) const {
        return seldom_->keys.at(id, i);
    }

    leaf_map where_;
    counts total_{}; ///< without what is pending at the cursor

private:
    struct nothing {};
    explicit item_nodes(nothing) {}

    /// What few trees have, and small ones never.
    struct seldom_parts {
        std::vector<std::uint32_t> free_leaves;
        sibling_keys<fan_out> keys;
    };
    seldom_parts& seldom() {
        if (seldom_ == nullptr) {
            seldom_ = std::make_unique<seldom_parts>();
        }
        return *seldom_;
    }

    void move_children(std::uint32_t from_id, std::uint32_t from, std::uint32_t to_id,
                       std::uint32_t to, std::uint32_t n) {
        auto& x = inners_[from_id];
        auto& y = inners_[to_id];
        auto const move = [&](auto const* source, auto* target) {
            std::memmove(static_cast<void*>(target + to), source + from, n * sizeof *source);
        };
        move(x.child, y.child);
        for (std::size_t m = 0; m < Content::metrics; ++m) {
            move(x.count[m], y.count[m]);
        }
        if (is_armed_) {
            seldom_->keys.move(from_id, from, to_id, to, n);
        }
    }

    void split_inner(std::uint32_t id, std::uint32_t around, bool is_leaf,
                     std::vector<node_id>& touched) {
        auto const fresh = add_inner(is_leaf);
        auto& x = inners_[id];
        auto& y = inners_[fresh];
        // Appending leaves the left node full.
        auto const half = x.child[fan_out - 1] == around ? fan_out - 2 : fan_out / 2;
        y.size = fan_out - half;
        move_children(id, half, fresh, 0, y.size);
        x.size = half;
        counts left;
        counts right;
        for (std::uint32_t i = 0; i < x.size; ++i) {
            left += x.at(i);
        }
        for (std::uint32_t i = 0; i < y.size; ++i) {
            right += y.at(i);
            set_parent(y.child[i], is_leaf, fresh);
        }
        add_sibling(id, fresh, false, left, right, touched);
    }

    [[nodiscard]] std::uint32_t last_leaf_below(std::uint32_t id, bool is_leaf) const {
        while (!is_leaf) {
            auto const& x = inners_[id];
            id = x.child[x.size - 1];
            is_leaf = x.is_low;
        }
        return id;
    }

    plain_list<leaf*, 1> leaves_;
    block_array<inner> inners_;
    std::uint32_t inner_count_ = 0;
    std::uint32_t first_ = no_node;
    std::uint32_t root_ = no_node;
    unsigned height_ = 0;
    bool is_armed_ = false;
    std::unique_ptr<seldom_parts> seldom_;
};

} // namespace joinery::detail
