#pragma once

#include <joinery/core/forget.hpp>
#include <joinery/core/stable_cut.hpp>
#include <joinery/core/version_vector.hpp>
#include <joinery/testing/history.hpp>
#include <joinery/testing/laws.hpp>
#include <joinery/testing/shrink.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace joinery::testing {

namespace detail {

/// Three replicas in two worlds: in one they forget what is stable, in the other nothing.
template <delta_crdt T>
class two_worlds {
public:
    template <class Mutate>
    void run(operation const& step, std::size_t at, Mutate& mutate) {
        auto const r = step.replica;
        now_ = hlc::at(1 + at / 3);
        if (step.what == operation::kind::join) {
            keeping_[r].join(keeping_[step.from]);
            forgetting_[r].join(forgetting_[step.from]);
            for (std::size_t author = 0; author < 3; ++author) {
                seen_[r][author] = std::max(seen_[r][author], seen_[step.from][author]);
            }
        } else if (step.what == operation::kind::forget) {
            joinery::forget(forgetting_[r], cut());
        } else if (!(r == 2 && is_retired_)) {
            auto const by = author_of(step, at, ++seen_[r][r]);
            times_[r].push_back(by.time);
            (void)mutate(keeping_[r], by, step.bits);
            (void)mutate(forgetting_[r], by, step.bits);
        }
    }

    /// From now on carol writes nothing.
    void retire() { is_retired_ = true; }

    template <class Read>
    [[nodiscard]] std::optional<std::string_view> broken(Read& read) const {
        for (std::size_t i = 0; i < 3; ++i) {
            if (!(read(keeping_[i]) == read(forgetting_[i]))) {
                return "stable: forget changes no value, and no later edit or join";
            }
            for (std::size_t j = 0; j < 3; ++j) {
                if (!(read(joined(keeping_[i], keeping_[j])) ==
                      read(joined(forgetting_[i], forgetting_[j])))) {
                    return "stable: forget changes no join with a peer at or past the cut";
                }
            }
            auto once = forgetting_[i];
            joinery::forget(once, cut());
            if (!(read(once) == read(keeping_[i]))) {
                return "stable: forget changes no value, and no later edit or join";
            }
            auto twice = once;
            joinery::forget(twice, cut());
            if (twice != once) {
                return "forgotten: what was forgotten is not forgotten again";
            }
        }
        return std::nullopt;
    }

private:
    [[nodiscard]] stable_cut cut() const {
        stable_cut out;
        out.complete_until = hlc{now_.bits - 1};
        std::array<std::uint64_t, 3> stable{};
        for (std::size_t author = 0; author < 3; ++author) {
            stable[author] = std::min({seen_[0][author], seen_[1][author], seen_[2][author]});
            if (stable[author] < times_[author].size()) {
                auto const first = times_[author][stable[author]];
                out.complete_until = std::min(out.complete_until, hlc{first.bits - 1});
            }
        }
        for (std::size_t author = 0; author < 3; ++author) {
            replica_id const id{author + 1};
            out.seen_by_all.raise(id, prefix(id, stable[author]));
        }
        if (is_retired_ && stable[2] == times_[2].size()) {
            out.retired = {replica_id{3}};
        }
        return out;
    }

    /// What all have seen of the dots of `id`: a causal value tells, of others each edit is one.
    [[nodiscard]] std::uint64_t prefix(replica_id id, std::uint64_t edits) const {
        if constexpr (requires { keeping_[0].context().prefix().of(id); }) {
            return std::min({keeping_[0].context().prefix().of(id),
                             keeping_[1].context().prefix().of(id),
                             keeping_[2].context().prefix().of(id)});
        } else {
            return edits;
        }
    }

    std::array<T, 3> keeping_;
    std::array<T, 3> forgetting_;
    std::array<std::array<std::uint64_t, 3>, 3> seen_{};
    std::array<std::vector<hlc>, 3> times_;
    hlc now_ = hlc::at(1);
    bool is_retired_ = false;
};

template <delta_crdt T, class Mutate, class Read>
std::optional<std::string_view> broken_stability(std::vector<operation> const& history,
                                                 Mutate& mutate, Read& read) {
    two_worlds<T> worlds;
    for (std::size_t at = 0; at < history.size(); ++at) {
        if (at == history.size() / 2) {
            worlds.retire();
        }
        worlds.run(history[at], at, mutate);
        if (auto const broken = worlds.broken(read)) {
            return broken;
        }
    }
    return std::nullopt;
}

} // namespace detail

/// Tries the law of `forget` on `rounds` random histories: they run twice, once with replicas that
/// forget what is stable, and after each step `read` shows the same in both.
///
/// `read(state)` gives what a user sees, as something that `==` compares; `text_of` by default. In
/// the second half of a history the third replica is retired.
///
/// Returns an empty string if the law held; otherwise the same as `check_laws`.
template <delta_crdt T, class Mutate, class Read>
[[nodiscard]] std::string check_stability(std::uint64_t seed, unsigned rounds, Mutate mutate,
                                          Read read) {
    splitmix64 random{seed};
    for (unsigned round = 0; round < rounds; ++round) {
        auto history = random_history(random, 2 + round % 24);
        for (auto& step : history) {
            if (random.chance(25)) {
                step.what = operation::kind::forget;
            }
        }
        if (!detail::broken_stability<T>(history, mutate, read)) {
            continue;
        }
        auto const minimal = shrunk(history, [&](std::vector<operation> const& candidate) {
            return detail::broken_stability<T>(candidate, mutate, read).has_value();
        });
        std::string broken{detail::broken_stability<T>(minimal, mutate, read).value_or("")};
        return detail::failure_report<T>(std::move(broken), seed, round, history.size(), minimal,
                                         mutate);
    }
    return {};
}

template <delta_crdt T, class Mutate>
[[nodiscard]] std::string check_stability(std::uint64_t seed, unsigned rounds, Mutate mutate) {
    return check_stability<T>(seed, rounds, std::move(mutate),
                              [](T const& state) { return text_of(state); });
}

} // namespace joinery::testing
