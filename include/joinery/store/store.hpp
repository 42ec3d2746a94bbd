#pragma once

#include <joinery/core/bytes.hpp>
#include <joinery/core/replica_id.hpp>
#include <joinery/core/result.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Where replicas keep what must outlive the process.
namespace joinery::store {

/// The greatest sequence number that a store takes: 2^63 - 1, what a signed column holds.
inline constexpr std::uint64_t sequence_max = std::numeric_limits<std::int64_t>::max();

/// The changeset that `origin` made of its operations `first` to `last`.
///
/// The store does not look into `body`; it compares and returns it.
struct changeset_view {
    replica_id origin;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    byte_view body;
};

/// One value of the small key-value area: an identity, a clock's ceiling, a cursor.
struct entry_view {
    std::string_view key;
    byte_view value;
};

/// The changesets of `origin` that end at or before `upto`, once a snapshot holds them.
struct forgotten {
    replica_id origin;
    std::uint64_t upto = 0;
};

/// What one commit writes, in the order of the members; it owns nothing.
struct batch {
    std::span<changeset_view const> changesets{};
    std::span<entry_view const> entries{};
    std::optional<byte_view> snapshot{}; ///< Replaces the one before. Its version is inside.
    std::span<forgotten const> forgets{};

    [[nodiscard]] bool empty() const {
        return changesets.empty() && entries.empty() && !snapshot && forgets.empty();
    }
};

/// Keeps changesets, entries and one snapshot for one replica: all that stands between the
/// replica and a power cut.
///
/// A replica sends nothing before `commit` has returned success for it.
///
/// Minimal complete definition
///   `commit`, `read`, `origins`, `entry`, `snapshot` and moving.
///
/// Laws (run by the store tests for every model)
///   atomic       `commit` writes the whole batch, or returns an error and nothing of it is read.
///   durable      what a successful `commit` wrote is read until it is replaced or forgotten;
///                for a store on a disk also after the process was killed.
///   idempotent   a changeset that is there with the same range and the same bytes is accepted
///                again and changes nothing.
///   one history  stored ranges of one origin are disjoint. A changeset that overlaps a stored one
///                and differs in range or bytes is `errc::equivocation`.
///   ordered      `read(origin, after, visit)` visits every changeset with `last > after`,
///                ascending, until `visit` returns false. A gap in the sequence is no error.
///   forgetful    a forgotten changeset is not read again; one that ends later stays whole.
///
/// A range that is not `1 <= first <= last <= sequence_max` is `errc::invalid_argument`. The views
/// that `visit` receives live until it returns, and `visit` does not call the store.
///
/// Models: `memory`, `sqlite`.
template <class S>
concept store = std::movable<S> &&
    requires(S& writer, S const& reader, batch const& changes, replica_id origin,
             std::uint64_t after, bool (*visit)(changeset_view const&), std::string_view key) {
    { writer.commit(changes) } -> std::same_as<result<void>>;
    { reader.read(origin, after, visit) } -> std::same_as<result<void>>;
    { reader.origins() } -> std::same_as<result<std::vector<replica_id>>>;
    { reader.entry(key) } -> std::same_as<result<std::optional<bytes>>>;
    { reader.snapshot() } -> std::same_as<result<std::optional<bytes>>>;
};

/// What `read` calls; false stops it.
template <class F>
concept changeset_visitor = std::predicate<F&, changeset_view const&>;

} // namespace joinery::store

namespace joinery::detail {

[[nodiscard]] inline std::string range_text(std::uint64_t first, std::uint64_t last) {
    return std::to_string(first) + " to " + std::to_string(last);
}

/// What every store refuses before it looks at its content.
[[nodiscard]] inline result<void> check_ranges(store::batch const& changes) {
    for (auto const& changeset : changes.changesets) {
        auto const [origin, first, last, body] = changeset;
        if (first == 0 || first > last || last > store::sequence_max) {
            return failure(errc::invalid_argument, "a changeset of replica " + origin.to_string() +
                                                       " has the range " + range_text(first, last) +
                                                       ", which is not within 1 to 2^63 - 1");
        }
    }
    return {};
}

/// Two histories of one origin met in one store.
[[nodiscard]] inline failure equivocation(store::changeset_view const& refused, std::uint64_t first,
                                          std::uint64_t last) {
    return failure(errc::equivocation, "replica " + refused.origin.to_string() +
                                           " has another changeset " + range_text(first, last) +
                                           " in the store than the one now given for " +
                                           range_text(refused.first, refused.last));
}

} // namespace joinery::detail
