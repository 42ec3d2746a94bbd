#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace joinery::testing {

namespace detail {

template <class T>
std::vector<T> without(std::vector<T> const& all, std::size_t first, std::size_t count) {
    auto const last = std::min(all.size(), first + count);
    std::vector<T> rest;
    rest.reserve(all.size() - (last - first));
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i < first || i >= last) {
            rest.push_back(all[i]);
        }
    }
    return rest;
}

} // namespace detail

/// Removes what does not matter from a list of operations that makes something
/// fail.
///
/// `fails(list)` says whether a list still fails. It is a pure function, and any
/// sublist is a valid argument.
///
/// Returns a sublist that fails and that is 1-minimal: without any one of its
/// operations it does not fail. A list that does not fail comes back as it is.
///
/// Complexity  O(n^2) calls of `fails` at worst, O(log n) for a single culprit.
/// Reference   Zeller, Hildebrandt, "Simplifying and Isolating Failure-Inducing
///             Input", IEEE TSE 28(2), 2002.
template <class Operation, class Predicate>
[[nodiscard]] std::vector<Operation> shrunk(std::vector<Operation> failing, Predicate fails) {
    if (!fails(failing)) {
        return failing;
    }
    for (auto chunk = failing.size(); chunk > 0;) {
        auto has_shrunk = false;
        for (std::size_t first = 0; first < failing.size();) {
            auto candidate = detail::without(failing, first, chunk);
            if (fails(candidate)) {
                failing = std::move(candidate);
                has_shrunk = true;
            } else {
                first += chunk;
            }
        }
        if (chunk > 1) {
            chunk /= 2;
        } else if (!has_shrunk) {
            break;
        }
    }
    return failing;
}

} // namespace joinery::testing
