#pragma once

#include <joinery/core/lattice.hpp>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace joinery::testing {

/// `first` reaches every replica before `second` (places in the list of deltas).
struct delivered_before {
    std::size_t first = 0;
    std::size_t second = 0;
};

namespace detail {

using delivery_order = std::vector<std::size_t>;

inline bool respects(delivery_order const& order, std::vector<delivered_before> const& limits) {
    auto const place = [&](std::size_t delta) {
        return std::find(order.begin(), order.end(), delta) - order.begin();
    };
    return std::all_of(limits.begin(), limits.end(), [&](delivered_before const& limit) {
        return place(limit.first) < place(limit.second);
    });
}

inline std::string described(delivery_order const& order, char const* how) {
    std::string text{how};
    text += ", order";
    for (auto const delta : order) {
        text += " " + std::to_string(delta);
    }
    return text;
}

template <class T, class Delta>
T delivered(std::vector<Delta> const& deltas, delivery_order const& order, std::size_t copies) {
    T state;
    for (auto const delta : order) {
        for (std::size_t copy = 0; copy < copies; ++copy) {
            state.join(deltas[delta]);
        }
    }
    return state;
}

/// Joins `order` into one delta by every bracketing. A bracketing of a range is
/// two bracketings of its parts: once all of a part's are equal, one stands for
/// all of them. Returns false if two differ.
template <class Delta>
bool batched(std::vector<Delta> const& deltas, delivery_order const& order, Delta& result) {
    auto const n = order.size();
    std::vector<std::vector<Delta>> ranges(n, std::vector<Delta>(n + 1));
    for (std::size_t first = 0; first < n; ++first) {
        ranges[first][first + 1] = deltas[order[first]];
    }
    for (std::size_t length = 2; length <= n; ++length) {
        for (std::size_t first = 0; first + length <= n; ++first) {
            auto const last = first + length;
            for (auto middle = first + 1; middle < last; ++middle) {
                auto both = ranges[first][middle];
                both.join(ranges[middle][last]);
                if (middle == first + 1) {
                    ranges[first][last] = std::move(both);
                } else if (!(both == ranges[first][last])) {
                    return false;
                }
            }
        }
    }
    result = ranges[0][n];
    return true;
}

template <class T, class Delta>
std::string broken_delivery(std::vector<Delta> const& deltas, delivery_order const& order,
                            T const& expected) {
    if (!(delivered<T>(deltas, order, 1) == expected)) {
        return described(order, "one by one");
    }
    if (!(delivered<T>(deltas, order, 2) == expected)) {
        return described(order, "each twice");
    }
    auto repeated = order;
    repeated.insert(repeated.end(), order.begin(), order.end());
    if (!(delivered<T>(deltas, repeated, 1) == expected)) {
        return described(order, "all of them twice");
    }
    Delta batch;
    if (!batched(deltas, order, batch)) {
        return described(order, "batched in two ways");
    }
    T state;
    state.join(batch);
    if (!(state == expected)) {
        return described(order, "as one batch");
    }
    return {};
}

} // namespace detail

/// Delivers `deltas` in every order, with duplicates and in every batching, and
/// compares each result with their delivery in the given order.
///
/// `limits` forbid orders, for types that need causal delivery; give none for
/// types that take any order.
///
/// Returns an empty string if all results are equal, otherwise the delivery that
/// differs: "each twice, order 2 0 1".
///
/// Precondition   The given order respects `limits`.
/// Complexity     n! orders of O(n^3) joins: 120 orders for five deltas, which is
///                the intended size.
template <delta_crdt T>
[[nodiscard]] std::string check_deliveries(std::vector<typename T::delta_type> const& deltas,
                                           std::vector<delivered_before> const& limits = {}) {
    if (deltas.empty()) {
        return {};
    }
    detail::delivery_order order(deltas.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    auto const expected = detail::delivered<T>(deltas, order, 1);
    do {
        if (!detail::respects(order, limits)) {
            continue;
        }
        if (auto broken = detail::broken_delivery<T>(deltas, order, expected); !broken.empty()) {
            return broken;
        }
    } while (std::next_permutation(order.begin(), order.end()));
    return {};
}

} // namespace joinery::testing
