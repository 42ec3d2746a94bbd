#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/testing/laws.hpp>
#include <joinery/testing/random.hpp>
#include <joinery/testing/shrink.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace joinery::testing {

/// One step of a random history of three replicas.
struct operation {
    enum class kind { mutate, join };

    kind what = kind::mutate;
    std::size_t replica = 0; ///< Who does it: 0, 1 or 2.
    std::size_t from = 0;    ///< Whose state is joined, if it is a join.
    std::uint64_t bits = 0;  ///< What the mutation does: for the user's function to interpret.

    friend bool operator==(operation const&, operation const&) = default;
};

/// The operation as a person reads it: "replica 0 mutates with 0x1f".
[[nodiscard]] inline std::string to_string(operation const& step) {
    auto const who = "replica " + std::to_string(step.replica);
    if (step.what == operation::kind::join) {
        return who + " joins replica " + std::to_string(step.from);
    }
    std::string digits;
    for (auto bits = step.bits; bits != 0 || digits.empty(); bits >>= 4) {
        digits.insert(digits.begin(), "0123456789abcdef"[bits & 15]);
    }
    return who + " mutates with 0x" + digits;
}

/// `length` random steps: two mutations for each join.
[[nodiscard]] inline std::vector<operation> random_history(splitmix64& random, std::size_t length) {
    std::vector<operation> history(length);
    for (auto& step : history) {
        step.replica = static_cast<std::size_t>(random.below(3));
        step.from = (step.replica + 1 + static_cast<std::size_t>(random.below(2))) % 3;
        step.what = random.below(3) == 0 ? operation::kind::join : operation::kind::mutate;
        // Small numbers collide more often: half of the mutations use few bits.
        step.bits = random() >> (random.chance(50) ? 56 : 0);
    }
    return history;
}

/// Runs `history` on three fresh replicas and returns the name of the first law
/// that breaks, if any: the delta laws at each mutation; at the end the lattice
/// laws for the three states, and that the join of all deltas, the newest first, is
/// the join of all states.
///
/// Times of the authors advance every third step, so that some are equal.
template <delta_crdt T, class Mutate>
[[nodiscard]] std::optional<std::string_view> broken_law(std::vector<operation> const& history,
                                                         Mutate&& mutate) {
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
        author const by{replica_id{step.replica + 1}, hlc::at(1 + at / 3),
                        ++sequences[step.replica]};
        auto const apply = [&](T& target) { return mutate(target, by, step.bits); };
        if (auto const broken = broken_delta_law(state, apply)) {
            return broken;
        }
        deltas.push_back(apply(state));
    }
    auto const& [a, b, c] = states;
    if (auto const broken = broken_lattice_law(a, b, c)) {
        return broken;
    }
    T folded;
    for (auto delta = deltas.rbegin(); delta != deltas.rend(); ++delta) {
        folded.join(*delta);
    }
    if (joined(joined(a, b), c) != folded) {
        return "fold: ⊔ deltas == ⊔ states";
    }
    return std::nullopt;
}

/// Tries the laws of `T` on `rounds` random histories.
///
/// `mutate(state, author, bits)` does whatever `bits` stand for and returns the
/// delta. It is a pure function of its arguments.
///
/// Returns an empty string if every law held; otherwise which law broke, the seed
/// and a minimal history that breaks it, as text:
///
///   duplicate delta: after ⊔ delta == after
///   seed 42, round 3, shrunk to 1 of 17 operations:
///     replica 0 mutates with 0x1f
template <delta_crdt T, class Mutate>
[[nodiscard]] std::string check_laws(std::uint64_t seed, unsigned rounds, Mutate mutate) {
    splitmix64 random{seed};
    for (unsigned round = 0; round < rounds; ++round) {
        auto const history = random_history(random, 1 + round % 24);
        if (!broken_law<T>(history, mutate)) {
            continue;
        }
        auto const minimal = shrunk(history, [&](std::vector<operation> const& candidate) {
            return broken_law<T>(candidate, mutate).has_value();
        });
        std::string report{broken_law<T>(minimal, mutate).value_or("not reproducible")};
        report += "\nseed " + std::to_string(seed) + ", round " + std::to_string(round) +
                  ", shrunk to " + std::to_string(minimal.size()) + " of " +
                  std::to_string(history.size()) + " operations:";
        for (auto const& step : minimal) {
            report += "\n  " + to_string(step);
        }
        return report;
    }
    return {};
}

} // namespace joinery::testing
