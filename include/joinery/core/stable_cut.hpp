#pragma once

#include <joinery/core/hlc.hpp>
#include <joinery/core/replica_id.hpp>
#include <joinery/core/version_vector.hpp>

#include <cstddef>
#include <vector>

namespace joinery {

/// What can no longer be contradicted: the input of `forget`.
///
/// A cut is about a fixed set of members. It is made by whoever knows them, out of what they
/// acknowledge; a member that never answers holds it back until it is expelled.
///
/// Precondition of `forget(cut)`
///   The state that forgets has itself seen the cut.
///
/// Law of `forget(cut)`
///   It changes no value, no later join with a peer at or past the cut, and no digest of the
///   value. A peer that has not seen the cut is sent a state, not joined with.
///
/// See also `forget`, which reaches into records; `version_vector`.
struct stable_cut {
    /// Every member has seen these operations.
    version_vector seen_by_all;

    /// Ids that never write again and whose every operation is in `seen_by_all`. Ascending.
    std::vector<replica_id> retired{};

    /// Every operation, of whomever, that is stamped with this time or an earlier one is in
    /// `seen_by_all`. Zero if that is not known: what is arbitrated by time is then kept.
    ///
    /// The least of what the members last announced, each its own clock together with its own last
    /// sequence, counting only announcements whose sequence `seen_by_all` has reached.
    hlc complete_until{};

    [[nodiscard]] bool is_retired(replica_id id) const {
        for (auto const& one : retired) {
            if (!(one < id)) {
                return one == id;
            }
        }
        return false;
    }

    friend bool operator==(stable_cut const&, stable_cut const&) = default;
};

} // namespace joinery
