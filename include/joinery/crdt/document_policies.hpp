#pragma once

#include <joinery/crdt/document_node.hpp>
#include <joinery/crdt/map_policies.hpp>
#include <joinery/crdt/residue.hpp>

#include <cstdint>

namespace joinery::detail {

/// Writes a piece about the place at `here`, which supersedes the dots of a store, and returns its
/// dot.
template <class Here, class Store>
local_dot write_place(Here& here, piece_life life, document_tag tag, Store const& superseded) {
    auto& writer = here.writer;
    std::uint32_t count = 0;
    superseded.for_each_dot([&](local_dot) { ++count; });
    auto const d = writer.begin(life, count, here.room() + 1);
    superseded.for_each_dot([&](local_dot old) { writer.supersede(old); });
    auto* at = here.put(writer.cursor());
    *at++ = static_cast<std::byte>(tag);
    writer.end(at);
    return d;
}

/// Supersedes everything seen at a place and resets its counters.
template <class Here>
local_dot write_clearing(Here& here, document_node& node, piece_life life, document_tag tag) {
    if (node.more() != nullptr) {
        reset_writer resets{here};
        node.reset(resets);
    }
    auto const d = write_place(here, life, tag, node);
    node.clear_seen(here.writer.root().hash_seed);
    return d;
}

/// How a policy works on the places of a document, in the manner of the policies of `or_map`.
///
///   announce(here, node, touch)   what is said at each key of a path before something is written
///                                 at its end; `touch` makes the node after a piece named it
///   erase(here, node)             removes a place that a reader sees
template <class Policy>
struct document_policy;

template <>
struct document_policy<observed_reset> {
    static constexpr bool has_updates = false;

    template <class Here, class Touch>
    static void announce(Here&, document_node*, Touch&&) {}
    template <class Here>
    static void erase(Here& here, document_node& node) {
        write_clearing(here, node, piece_life::dead, document_tag::gone);
    }
};

template <>
struct document_policy<remove_wins> {
    static constexpr bool has_updates = false;

    template <class Here, class Touch>
    static void announce(Here& here, document_node* node, Touch&&) {
        if (node != nullptr && node->is_removed()) {
            write_clearing(here, *node, piece_life::dead, document_tag::gone);
        }
    }
    template <class Here>
    static void erase(Here& here, document_node& node) {
        auto const d = write_clearing(here, node, piece_life::live, document_tag::removed);
        node.open().removals.assign(d, {});
    }
};

template <>
struct document_policy<update_wins_whole> {
    static constexpr bool has_updates = true;

    template <class Here, class Touch>
    static void announce(Here& here, document_node* node, Touch&& touch) {
        if (node != nullptr && node->is_removed()) {
            auto const d = write_clearing(here, *node, piece_life::live, document_tag::updated);
            node->open().updates.assign(d, {});
        } else if (node == nullptr || !is_announced(*node, here.writer)) {
            auto const d = write_place(here, piece_life::live, document_tag::updated, marks{node});
            auto& more = touch().open();
            more.removals.clear();
            more.updates.assign(d, {});
        }
    }
    /// What is there stays, unseen, so that an update can bring all of it back.
    template <class Here>
    static void erase(Here& here, document_node& node) {
        auto const d = write_place(here, piece_life::live, document_tag::removed, marks{&node});
        auto& more = node.open();
        more.updates.clear();
        more.removals.assign(d, {});
    }

private:
    static bool is_announced(document_node const& node, piece_writer const& writer) {
        return node.more() != nullptr && is_of_this_edit(node.more()->updates, writer);
    }
    /// The dots of removals and updates at a place.
    struct marks {
        document_node const* node;
        template <class F>
        void for_each_dot(F&& visit) const {
            if (node != nullptr && node->more() != nullptr) {
                node->more()->removals.for_each_dot(visit);
                node->more()->updates.for_each_dot(visit);
            }
        }
    };
};

} // namespace joinery::detail
