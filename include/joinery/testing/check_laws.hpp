#pragma once

#include <joinery/core/lattice.hpp>
#include <joinery/testing/decomposition_laws.hpp>
#include <joinery/testing/history.hpp>
#include <joinery/testing/laws.hpp>
#include <joinery/testing/random_edits.hpp>
#include <joinery/testing/shrink.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery::testing {

namespace detail {

/// The laws of three states, and those of decomposition for types that decompose.
template <delta_crdt T, class... Laws>
std::optional<std::string_view> broken_law_of_states(std::array<T, 3> const& states,
                                                     Laws const&... laws) {
    auto const& [a, b, c] = states;
    if (auto const broken = broken_lattice_law(a, b, c)) {
        return broken;
    }
    if (auto const broken = broken_order_law(a, b, c)) {
        return broken;
    }
    if constexpr (decomposable<T>) {
        for (std::size_t i = 0; i < 3; ++i) {
            if (auto const broken = broken_decomposition_law(states[i])) {
                return broken;
            }
            if (auto const broken = broken_difference_law(states[i], states[(i + 1) % 3])) {
                return broken;
            }
            if (auto const broken = broken_difference_law(states[i], joined(states[i], b))) {
                return broken;
            }
        }
    }
    std::optional<std::string_view> broken;
    (void)((broken = laws(a, b, c), broken.has_value()) || ...);
    return broken;
}

} // namespace detail

/// Runs `history` on three fresh replicas and returns the name of the first law that breaks, if
/// any: the delta laws at each mutation; at the end the laws of lattices, order and decomposition
/// for the three states, that the join of all deltas, the newest first, is the join of all states,
/// and the caller's own laws: each `law(a, b, c)` gives a name or nothing.
template <delta_crdt T, class Mutate, class... Laws>
[[nodiscard]] std::optional<std::string_view> broken_law(std::vector<operation> const& history,
                                                         Mutate&& mutate, Laws const&... laws) {
    std::array<T, 3> states;
    std::array<std::uint64_t, 3> sequences{};
    std::vector<typename T::delta_type> deltas;
    for (std::size_t at = 0; at < history.size(); ++at) {
        auto const& step = history[at];
        auto& state = states[step.replica];
        if (step.what == operation::kind::join) {
            state.join(states[step.from]);
            continue;
        }
        auto const by = detail::author_of(step, at, ++sequences[step.replica]);
        auto const apply = [&](T& target) { return mutate(target, by, step.bits); };
        if (auto const broken = broken_delta_law(state, apply)) {
            return broken;
        }
        deltas.push_back(apply(state));
    }
    if (auto const broken = detail::broken_law_of_states(states, laws...)) {
        return broken;
    }
    T folded;
    for (auto delta = deltas.rbegin(); delta != deltas.rend(); ++delta) {
        folded.join(*delta);
    }
    if (joined(joined(states[0], states[1]), states[2]) != folded) {
        return "fold: ⊔ deltas == ⊔ states";
    }
    return std::nullopt;
}

/// Tries the laws of `T` on `rounds` random histories.
///
/// `mutate(state, author, bits)` does whatever `bits` stand for and returns the delta. It is a pure
/// function of its arguments. If it is an object with `name(bits)`, the picture uses the names.
///
/// `laws` are further laws of three states; see `codec_laws`.
///
/// Returns an empty string if every law held; otherwise which law broke, the seed and a minimal
/// history that breaks it, as text:
///
///   commutative: a ⊔ b == b ⊔ a
///   seed 42, round 3, shrunk to 2 of 17 operations:
///   alice  --mutate(0x1f)-- 31
///
///   bob    --mutate(0x2)--- 2
///
///   carol  ---------------- 0
template <delta_crdt T, class Mutate, class... Laws>
[[nodiscard]] std::string check_laws(std::uint64_t seed, unsigned rounds, Mutate mutate,
                                     Laws const&... laws) {
    splitmix64 random{seed};
    for (unsigned round = 0; round < rounds; ++round) {
        auto const history = random_history(random, 1 + round % 24);
        if (!broken_law<T>(history, mutate, laws...)) {
            continue;
        }
        auto const minimal = shrunk(history, [&](std::vector<operation> const& candidate) {
            return broken_law<T>(candidate, mutate, laws...).has_value();
        });
        std::string broken{broken_law<T>(minimal, mutate, laws...).value_or("not reproducible")};
        return detail::failure_report<T>(std::move(broken), seed, round, history.size(), minimal,
                                         mutate);
    }
    return {};
}

/// The same with random calls of the type's own editor.
template <delta_crdt T>
[[nodiscard]] std::string check_laws(std::uint64_t seed, unsigned rounds) {
    return check_laws<T>(seed, rounds, random_edits<T>{});
}

} // namespace joinery::testing
