#pragma once

#include <joinery/core/author.hpp>
#include <joinery/testing/random.hpp>
#include <joinery/testing/schedule.hpp>
#include <joinery/testing/text_of.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace joinery::testing {

/// One step of a random history of three replicas.
struct operation {
    enum class kind { mutate, join, forget };

    kind what = kind::mutate;
    std::size_t replica = 0; ///< Who does it: 0, 1 or 2.
    std::size_t from = 0;    ///< Whose state is joined, if it is a join.
    std::uint64_t bits = 0;  ///< What the mutation does: for the user's function to interpret.

    friend bool operator==(operation const&, operation const&) = default;
};

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

namespace detail {

inline std::string hex_of(std::uint64_t bits) {
    std::string digits;
    for (; bits != 0 || digits.empty(); bits >>= 4) {
        digits.insert(digits.begin(), "0123456789abcdef"[bits & 15]);
    }
    return "0x" + digits;
}

/// "insert(x)", if the mutator can name what it does.
template <class Mutate>
std::string name_of(Mutate const& mutate, std::uint64_t bits) {
    if constexpr (requires { std::string{mutate.name(bits)}; }) {
        return mutate.name(bits);
    } else {
        return "mutate(" + hex_of(bits) + ')';
    }
}

/// Who mutates in step `at`: times advance every third step, so that some are equal.
inline author author_of(operation const& step, std::size_t at, std::uint64_t sequence) {
    return {replica_id{step.replica + 1}, hlc::at(1 + at / 3), sequence};
}

/// A history as text, with what the replicas show at its end.
template <class T, class Mutate>
std::string drawn(std::vector<operation> const& history, Mutate& mutate) {
    using kind = schedule::event::kind;
    schedule picture;
    std::array<T, 3> states;
    std::array<std::uint64_t, 3> sequences{};
    for (std::size_t at = 0; at < history.size(); ++at) {
        auto const& step = history[at];
        if (step.what == operation::kind::join) {
            states[step.replica].join(states[step.from]);
            picture.events.push_back({kind::join, step.replica, {}, step.from});
        } else if (step.what == operation::kind::forget) {
            picture.events.push_back({kind::edit, step.replica, "forget"});
        } else {
            auto const by = author_of(step, at, ++sequences[step.replica]);
            (void)mutate(states[step.replica], by, step.bits);
            picture.events.push_back({kind::edit, step.replica, name_of(mutate, step.bits)});
        }
    }
    for (auto const& state : states) {
        picture.values.push_back(text_of(state));
    }
    return picture.draw();
}

/// The report of a failure: what broke, how to replay it, and the minimal history.
template <class T, class Mutate>
std::string failure_report(std::string broken, std::uint64_t seed, unsigned round,
                           std::size_t length, std::vector<operation> const& minimal,
                           Mutate& mutate) {
    broken += "\nseed " + std::to_string(seed) + ", round " + std::to_string(round) +
              ", shrunk to " + std::to_string(minimal.size()) + " of " + std::to_string(length) +
              " operations:\n";
    return broken + drawn<T>(minimal, mutate);
}

} // namespace detail
} // namespace joinery::testing
