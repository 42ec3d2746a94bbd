#pragma once

#include <joinery/core/decomposition.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/testing/laws.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace joinery::testing {

namespace detail {

/// The join of some parts, all but the one at `left_out`.
template <class T, class Part>
T folded(std::vector<Part> const& parts, std::size_t left_out) {
    T out{};
    for (std::size_t at = 0; at < parts.size(); ++at) {
        if (at != left_out) {
            out.join(parts[at]);
        }
    }
    return out;
}

} // namespace detail

/// Returns the name of the first law of decomposition that `x` breaks, if any.
///
/// Complexity   n parts: O(n^2) joins of parts.
template <delta_crdt T>
requires decomposable<T>
[[nodiscard]] std::optional<std::string_view> broken_decomposition_law(T const& x) {
    if (!joinery::decompose(T{}).empty()) {
        return "decomposition: bottom has no parts";
    }
    auto const parts = joinery::decompose(x);
    if (!(detail::folded<T>(parts, parts.size()) == x)) {
        return "decomposition: ⊔ parts == a";
    }
    for (std::size_t at = 0; at < parts.size(); ++at) {
        auto others = detail::folded<T>(parts, at);
        auto const without = others;
        others.join(parts[at]);
        if (others == without) {
            return "irredundant: no part is below the join of the others";
        }
    }
    return std::nullopt;
}

/// Returns the name of the first law of difference that `a`, `b` break, if any.
template <delta_crdt T>
requires decomposable<T>
[[nodiscard]] std::optional<std::string_view> broken_difference_law(T const& a, T const& b) {
    auto const news = joinery::difference(a, b);
    auto const both = joined(b, a);
    auto lifted = b;
    lifted.join(news);
    if (lifted != both) {
        return "difference: b ⊔ difference(a, b) == b ⊔ a";
    }
    if (both == b && !joinery::is_bottom(news)) {
        return "no difference: it is bottom if a ⊑ b";
    }
    auto inside = a;
    inside.join(news);
    if (inside != a) {
        return "no invention: difference(a, b) ⊑ a";
    }
    if constexpr (decomposable<delta_of<T>>) {
        for (auto const& part : joinery::decompose(news)) {
            auto more = b;
            more.join(part);
            if (more == b) {
                return "smallest difference: no part of difference(a, b) is below b";
            }
        }
    }
    return std::nullopt;
}

} // namespace joinery::testing
