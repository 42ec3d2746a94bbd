#pragma once

#include <joinery/testing/codec_laws.hpp>
#include <joinery/testing/edited.hpp>
#include <joinery/testing/explore.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace joinery::tests {

using testing::letter;
using testing::past;
using testing::past_edit;
using testing::specification;

/// Whether JOINERY_EXHAUSTIVE=thorough asks for the long histories.
inline bool is_thorough() {
    auto const* const wanted = std::getenv("JOINERY_EXHAUSTIVE");
    return wanted != nullptr && std::string_view{wanted} == "thorough";
}

/// Steps of the histories: a few for each build, more for a thorough run.
struct scope {
    std::size_t small = 6;
    std::size_t thorough = 7;
    /// In a thorough run, of histories that differ in who is who one is tried: for types whose
    /// value does not depend on ids. The short histories are always tried with all of them.
    bool are_replicas_alike = false;
};

/// "insert(x) erase(x)": what any replica may do at any time.
template <class T>
std::string alphabet_of(specification<T> const& spec) {
    std::string out;
    for (auto const& one : spec.edits) {
        out += (out.empty() ? "" : " ") + one.name();
    }
    return out;
}

/// Explores every history of three replicas, prints how many states there were, and fails with a
/// picture of the shortest history that breaks a law.
template <class T>
void verify(char const* name, specification<T> spec, scope const& within = {}) {
    using clock = std::chrono::steady_clock;
    auto const start = clock::now();
    auto const alphabet = alphabet_of(spec);
    testing::explore_options const options{
        .replicas = 3,
        .steps_max = is_thorough() ? within.thorough : within.small,
        .are_replicas_alike = is_thorough() && within.are_replicas_alike};
    auto const found = testing::explore(testing::with_codec(std::move(spec)), options);
    auto const seconds = std::chrono::duration<double>(clock::now() - start).count();
    std::printf("%s: 3 replicas%s, %zu steps of %s, join, deliver: %s, %.1f s\n", name,
                options.are_replicas_alike ? ", alike" : "", options.steps_max, alphabet.c_str(),
                found.counts().c_str(), seconds);
    std::fflush(stdout);
    INFO(found.report());
    CHECK(found.ok());
    CHECK(found.is_complete);
}

/// Whether the argument of an edit begins with a key: "a" of "a.x".
inline bool is_under(past_edit const& one, std::string_view key) {
    return one.argument.starts_with(key) &&
           (one.argument.size() == key.size() || one.argument[key.size()] == '.');
}

/// The sum of the arguments of some edits, "decrement" counted down.
inline std::int64_t sum_of(past const& known, std::uint64_t edits) {
    std::int64_t sum = 0;
    past::for_each(edits, [&](std::size_t at) {
        auto const& one = known[at];
        auto const dot = one.argument.rfind('.');
        auto const amount = std::atoll(
            std::string{one.argument.substr(dot == std::string_view::npos ? 0 : dot + 1)}.c_str());
        sum += one.verb == "decrement" ? -amount : amount;
    });
    return sum;
}

/// Counting that can be reset: for each replica, what it counted behind the last of its edits that
/// a reset has seen. A delta of a counter brings the sum of its replica, so that its latest edit
/// stands for all, back to where this replica last began anew.
class counting {
public:
    /// `is_count(edit)` and `is_reset(edit)` say what is about this counter.
    template <class IsCount, class IsReset>
    counting(past const& known, IsCount&& is_count, IsReset&& is_reset) : known_{known} {
        for (std::size_t at = 0; at < known.size(); ++at) {
            counts_ |= std::uint64_t{is_count(known[at]) ? 1U : 0U} << at;
            resets_ |= std::uint64_t{is_reset(known[at]) ? 1U : 0U} << at;
        }
    }

    [[nodiscard]] std::uint64_t counted(std::uint64_t edits) const {
        std::uint64_t out = 0;
        for (std::size_t replica = 0; replica < 4; ++replica) {
            auto const last = latest(edits, replica);
            if (last == 0) {
                continue;
            }
            auto const least = std::max(first(last, replica) - 1, floor(edits, replica));
            past::for_each(counts_, [&](std::size_t at) {
                auto const& one = known_[at];
                auto const is_in =
                    one.replica == replica && least < one.sequence && one.sequence <= last;
                out |= std::uint64_t{is_in ? 1U : 0U} << at;
            });
        }
        return out;
    }

private:
    [[nodiscard]] std::uint64_t latest(std::uint64_t edits, std::size_t replica) const {
        std::uint64_t last = 0;
        past::for_each(edits & counts_, [&](std::size_t at) {
            last = known_[at].replica == replica ? std::max(last, known_[at].sequence) : last;
        });
        return last;
    }
    /// The last edit of a replica that a reset has taken. The delta of a reset says what it took,
    /// and nothing of what earlier ones had taken before.
    [[nodiscard]] std::uint64_t floor(std::uint64_t edits, std::size_t replica) const {
        std::uint64_t out = 0;
        past::for_each(edits & resets_, [&](std::size_t at) {
            auto const before = known_[at].before;
            auto const seen = latest(before, replica);
            out = std::max(out, seen > floor(before, replica) ? seen : 0);
        });
        return out;
    }
    /// Where the sum began that the edit `sequence` brings: behind the last edit that had nothing
    /// in front of it but what was reset.
    [[nodiscard]] std::uint64_t first(std::uint64_t sequence, std::size_t replica) const {
        auto const before = known_[place_of(sequence, replica)].before;
        auto const previous = latest(before, replica);
        return previous <= floor(before, replica) ? sequence : first(previous, replica);
    }
    [[nodiscard]] std::size_t place_of(std::uint64_t sequence, std::size_t replica) const {
        std::size_t place = 0;
        past::for_each(counts_, [&](std::size_t at) {
            place = known_[at].replica == replica && known_[at].sequence == sequence ? at : place;
        });
        return place;
    }

    past const& known_;
    std::uint64_t counts_ = 0;
    std::uint64_t resets_ = 0;
};

} // namespace joinery::tests
