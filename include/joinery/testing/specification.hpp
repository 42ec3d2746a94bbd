#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/bytes.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/testing/past.hpp>
#include <joinery/testing/text_of.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace joinery::testing {

namespace detail {

template <class T>
std::function<bytes(T const&)> own_encoding() {
    if constexpr (requires(T const& state) {
                      { state.encode() } -> std::same_as<bytes>;
                  }) {
        return [](T const& state) { return state.encode(); };
    } else {
        return {};
    }
}

} // namespace detail

/// What `explore` has to know about a type: a small alphabet of edits, and what a replica must show
/// that knows a given past.
///
/// A pure function of the past says what is right without saying how, and so has none of the bugs
/// of what it judges.
template <delta_crdt T>
struct specification {
    using state_type = T;
    using delta_type = typename T::delta_type;

    /// One letter of the alphabet; drawn as "insert(x)".
    struct edit {
        std::string verb;
        std::string argument;
        /// Changes the state and returns the delta; nothing if it is refused in this state.
        std::function<std::optional<delta_type>(T&, author const&)> apply;
        /// How far the clock of the author is ahead of all that it has seen.
        std::uint64_t ticks = 1;

        [[nodiscard]] std::string name() const { return verb + '(' + argument + ')'; }
    };

    std::vector<edit> edits{};

    /// What a user sees, as text.
    std::function<std::string(T const&)> read = [](T const& state) { return text_of(state); };

    /// The oracle: the text that `read` must give. Without it only convergence is checked.
    std::function<std::string(past const&)> expected{};

    /// Which earlier edits the delta of the edit at `at` also carries. A counter, for instance,
    /// sends its replica's sum. Without it a delta carries its own edit alone.
    std::function<std::uint64_t(past const&, std::size_t at)> carries{};

    /// Canonical bytes of a state: replicas that have seen the same edits must have the same.
    /// Without it they are compared by `==`. Types with a member `encode` have it from the start.
    std::function<bytes(T const&)> encode = detail::own_encoding<T>();

    /// The name of a law of a single state that is broken, checked at each new state.
    std::function<std::optional<std::string_view>(T const&)> broken_law{};
};

/// For `specification::carries`: all earlier edits of the same replica with the same verb.
[[nodiscard]] inline std::uint64_t own_of_the_same_verb(past const& known, std::size_t at) {
    return known.where([&](past_edit const& other) {
        return other.replica == known[at].replica && other.verb == known[at].verb &&
               other.sequence < known[at].sequence;
    });
}

} // namespace joinery::testing
