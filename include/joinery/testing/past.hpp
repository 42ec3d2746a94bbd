#pragma once

#include <joinery/core/hlc.hpp>

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery::testing {

/// One edit of a history, as an oracle sees it.
struct past_edit {
    std::string_view verb;     ///< "insert"
    std::string_view argument; ///< "x"
    std::size_t what = 0;      ///< Its place in the alphabet.
    std::size_t replica = 0;   ///< Who made it: 0, 1, ...
    std::uint64_t sequence = 0;
    hlc time;
    /// The edits that the replica had seen when it made this one, as a set of places.
    std::uint64_t before = 0;
};

/// What a replica knows: the edits that it has seen, and which of them had seen which.
///
/// Edits are numbered so that what an edit has seen comes before it. Sets of them are masks of 64
/// bits. Edits arrive in any order, so that a replica may have seen an edit and not what its author
/// had seen: the list holds those as well, `seen` tells them apart. For the same reason "has seen"
/// is not transitive.
///
/// Reference   Burckhardt, Gotsman, Yang, Zawirski, "Replicated Data Types: Specification,
///             Verification, Optimality", POPL 2014: a type is a function of the operations and
///             the relations of visibility and arbitration between them.
class past {
public:
    /// Precondition: at most 64 edits, each of which has seen none behind it.
    past(std::vector<past_edit> edits, std::uint64_t seen) : edits_{std::move(edits)}, seen_{seen} {
        assert(edits_.size() <= 64 && "a mask has 64 bits");
    }

    [[nodiscard]] std::size_t size() const { return edits_.size(); }
    [[nodiscard]] past_edit const& operator[](std::size_t at) const { return edits_[at]; }

    /// The edits that the replica has seen.
    [[nodiscard]] std::uint64_t seen() const { return seen_; }
    [[nodiscard]] bool has_seen(std::size_t at) const { return (seen_ >> at & 1) != 0; }

    /// Whether the author of `later` had seen `earlier`.
    [[nodiscard]] bool saw(std::size_t later, std::size_t earlier) const {
        return (edits_[later].before >> earlier & 1) != 0;
    }

    /// The edits that were seen and for which `wanted(edit)` holds.
    template <class Predicate>
    [[nodiscard]] std::uint64_t where(Predicate&& wanted) const {
        std::uint64_t out = 0;
        for_each(seen_,
                 [&](std::size_t at) { out |= wanted(edits_[at]) ? std::uint64_t{1} << at : 0; });
        return out;
    }

    /// The edits among `edits` that are in force: nobody among them has replaced or removed them.
    /// `overrides(later, earlier)` says whether `later` does so if it has `earlier` in front of it,
    /// that is, if its author had seen `earlier` in force.
    ///
    /// Where deltas are delivered in causal order, that is whether it had seen it at all.
    template <class Overrides>
    [[nodiscard]] std::uint64_t in_force(std::uint64_t edits, Overrides&& overrides) const {
        std::array<std::uint64_t, 64> gone{};
        auto const left_of = [&](std::uint64_t some) {
            auto left = some;
            for_each(some, [&](std::size_t at) { left &= ~gone[at]; });
            return left;
        };
        for (std::size_t later = 0; later < size(); ++later) {
            for_each(left_of(edits_[later].before), [&](std::size_t earlier) {
                auto const is_over = overrides(edits_[later], edits_[earlier]);
                gone[later] |= std::uint64_t{is_over ? 1U : 0U} << earlier;
            });
        }
        return left_of(edits);
    }

    /// The greatest of a set of edits by (time, replica, sequence): the last writer.
    ///
    /// Precondition: the set is not empty.
    [[nodiscard]] past_edit const& last(std::uint64_t edits) const {
        assert(edits != 0 && "no edit is the last of none");
        auto best = static_cast<std::size_t>(std::countr_zero(edits));
        for_each(edits, [&](std::size_t at) {
            auto const& a = edits_[best];
            auto const& b = edits_[at];
            auto const is_later = a.time != b.time         ? a.time < b.time
                                  : a.replica != b.replica ? a.replica < b.replica
                                                           : a.sequence < b.sequence;
            best = is_later ? at : best;
        });
        return edits_[best];
    }

    /// Calls `visit(place)` for each edit of a set, in ascending order.
    template <class Visit>
    static void for_each(std::uint64_t edits, Visit&& visit) {
        for (; edits != 0; edits &= edits - 1) {
            visit(static_cast<std::size_t>(std::countr_zero(edits)));
        }
    }

private:
    std::vector<past_edit> edits_;
    std::uint64_t seen_;
};

} // namespace joinery::testing
