#pragma once

#include <joinery/crdt/text.hpp>
#include <joinery/testing/random.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace joinery::tests {

/// Histories in which many authors insert one item each at one place.
enum class sibling_order {
    same_place_ascending,
    same_place_descending,
    same_place_random,
    gap_in_a_run_random,
    right_chain,
    left_chain,
};

inline constexpr std::array all_sibling_orders{
    sibling_order::same_place_ascending, sibling_order::same_place_descending,
    sibling_order::same_place_random,    sibling_order::gap_in_a_run_random,
    sibling_order::right_chain,          sibling_order::left_chain,
};

inline char const* name_of(sibling_order order) {
    constexpr char const* names[] = {"same_place_ascending", "same_place_descending",
                                     "same_place_random",    "gap_in_a_run_random",
                                     "right_chain",          "left_chain"};
    return names[static_cast<std::size_t>(order)];
}

/// An item and what its author saw on both sides.
struct sibling {
    dot id;
    std::optional<dot> left;
    std::optional<dot> right;
};

namespace detail {

/// Replicas write one item each, except for the one that writes the run.
inline dot sibling_of(std::size_t replica) {
    return {replica_id{replica + 10}, 1};
}

inline constexpr dot run_begin{replica_id{1}, 1};
inline constexpr dot run_end{replica_id{1}, 2};

inline std::vector<std::size_t> shuffled_siblings(std::size_t count) {
    testing::splitmix64 random{5};
    std::vector<std::size_t> order(count);
    for (std::size_t i = 0; i < count; ++i) {
        order[i] = i;
        std::swap(order[i], order[random.below(i + 1)]);
    }
    return order;
}

template <class Visit>
void visit_same_place(std::vector<std::size_t> const& order, bool is_in_run, Visit&& visit) {
    for (auto const i : order) {
        visit(is_in_run ? sibling{sibling_of(i), run_begin, run_end}
                        : sibling{sibling_of(i), {}, {}});
    }
}

/// A chain in which each item stands beside the one before it, then a sibling of each link. Those
/// on the right have greater ids than the chain, those on the left smaller ones, so that the
/// place of each is found only behind all that the link leads to, or before it.
template <class Visit>
void visit_chain(bool is_right, std::size_t links, Visit&& visit) {
    auto const chain = is_right ? std::size_t{0} : links;
    auto const others = is_right ? links : std::size_t{0};
    auto const beside = [&](dot id, std::optional<dot> link) {
        visit(is_right ? sibling{id, link, {}} : sibling{id, {}, link});
    };
    for (std::size_t i = 0; i < links; ++i) {
        beside(sibling_of(chain + i),
               i == 0 ? std::optional<dot>{} : std::optional{sibling_of(chain + i - 1)});
    }
    for (std::size_t i = 0; i < links; ++i) {
        beside(sibling_of(others + i), sibling_of(chain + i));
    }
}

} // namespace detail

/// Visits `count` items, those that others stand beside first. In `gap_in_a_run_random` the two
/// items of the run come before.
template <class Visit>
void for_each_sibling(sibling_order order, std::size_t count, Visit&& visit) {
    auto all = detail::shuffled_siblings(count);
    switch (order) {
    case sibling_order::same_place_ascending:
    case sibling_order::same_place_descending:
        for (std::size_t i = 0; i < count; ++i) {
            all[i] = order == sibling_order::same_place_ascending ? i : count - 1 - i;
        }
        [[fallthrough]];
    case sibling_order::same_place_random:
        return detail::visit_same_place(all, false, visit);
    case sibling_order::gap_in_a_run_random:
        visit(sibling{detail::run_begin, {}, {}});
        visit(sibling{detail::run_end, detail::run_begin, {}});
        return detail::visit_same_place(all, true, visit);
    case sibling_order::right_chain:
        return detail::visit_chain(true, count / 2, visit);
    case sibling_order::left_chain:
        return detail::visit_chain(false, count / 2, visit);
    }
}

/// The order in which they have to stand.
inline std::vector<dot> siblings_in_order(sibling_order order, std::size_t count) {
    std::vector<dot> out;
    auto const links = count / 2;
    auto const ascending = [&](std::size_t from, std::size_t to) {
        for (; from < to; ++from) {
            out.push_back(detail::sibling_of(from));
        }
    };
    auto const descending = [&](std::size_t from, std::size_t to) {
        for (; to > from; --to) {
            out.push_back(detail::sibling_of(to - 1));
        }
    };
    switch (order) {
    case sibling_order::gap_in_a_run_random:
        out.push_back(detail::run_begin);
        ascending(0, count);
        out.push_back(detail::run_end);
        break;
    case sibling_order::right_chain:
        ascending(0, links);
        descending(links, 2 * links);
        break;
    case sibling_order::left_chain:
        ascending(0, links);
        descending(links, 2 * links);
        break;
    default:
        ascending(0, count);
    }
    return out;
}

/// The delta of one item, made by its author on a text that holds what it stands beside.
inline text delta_of(sibling const& one) {
    text seen;
    if (one.left) {
        (void)seen.insert(one.left->replica, 0, "x");
    }
    if (one.right) {
        (void)seen.insert(one.right->replica, seen.size(), "x");
    }
    return seen.insert(one.id.replica, one.left ? 1 : 0, "x");
}

} // namespace joinery::tests
