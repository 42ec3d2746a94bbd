#pragma once

#include <joinery/core/dot.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/core/replica_id.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery {

/// How far each replica's operations were received without a hole.
///
/// The only thing that may be acknowledged to a peer or stored as a cursor: an operation above a
/// hole is not in it, so that the peer sends what is missing.
///
/// Concurrent writes   join takes the greater sequence of each replica.
/// State               24 bytes for each replica; a replica at zero is not stored.
/// Complexity          n replicas: of and covers(dot) O(log n); raise O(log n) for a known replica
///                     and O(n) for a new one; join and covers(version_vector) O(n).
/// Reference           Parker et al., "Detection of Mutual Inconsistency in Distributed Systems",
///                     IEEE TSE 9(3), 1983.
///
/// See also `causal_context`, which knows what lies above a hole too.
class version_vector {
public:
    struct entry {
        replica_id replica;
        std::uint64_t upto = 0;

        friend constexpr bool operator==(entry const&, entry const&) = default;
    };
    using const_iterator = std::vector<entry>::const_iterator;

    [[nodiscard]] bool empty() const { return entries_.empty(); }
    /// How many replicas have a sequence above zero.
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    /// Entries in the order of their replicas.
    [[nodiscard]] const_iterator begin() const { return entries_.begin(); }
    [[nodiscard]] const_iterator end() const { return entries_.end(); }

    /// The last sequence of `replica` without a hole before it; 0 if there is none.
    [[nodiscard]] std::uint64_t of(replica_id replica) const {
        auto const at = position(replica);
        return is_at(at, replica) ? entries_[at].upto : 0;
    }

    [[nodiscard]] bool covers(dot const& d) const { return d.sequence <= of(d.replica); }

    /// Whether nothing in `other` is new here.
    [[nodiscard]] bool covers(version_vector const& other) const {
        std::size_t mine = 0;
        for (auto const& theirs : other.entries_) {
            while (mine < size() && entries_[mine].replica < theirs.replica) {
                ++mine;
            }
            if (!is_at(mine, theirs.replica) || entries_[mine].upto < theirs.upto) {
                return false;
            }
        }
        return true;
    }

    /// Moves `replica` up to `upto`; never down.
    void raise(replica_id replica, std::uint64_t upto) {
        if (upto == 0) {
            return;
        }
        auto const at = position(replica);
        if (!is_at(at, replica)) {
            entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(at), {replica, upto});
        } else if (entries_[at].upto < upto) {
            entries_[at].upto = upto;
        }
    }

    void join(version_vector const& other) {
        if (covers(other)) {
            return;
        }
        std::vector<entry> joined;
        joined.reserve(size() + other.size());
        auto mine = begin();
        for (auto const& theirs : other.entries_) {
            while (mine != end() && mine->replica < theirs.replica) {
                joined.push_back(*mine++);
            }
            joined.push_back(theirs);
            if (mine != end() && mine->replica == theirs.replica) {
                joined.back().upto = mine->upto < theirs.upto ? theirs.upto : mine->upto;
                ++mine;
            }
        }
        joined.insert(joined.end(), mine, end());
        entries_ = std::move(joined);
    }

    friend bool operator==(version_vector const&, version_vector const&) = default;

private:
    [[nodiscard]] bool is_at(std::size_t at, replica_id replica) const {
        return at < entries_.size() && entries_[at].replica == replica;
    }

    /// The first entry whose replica is not less than `replica`. By hand, because `<algorithm>`
    /// takes 0.1 s to compile and this header is in every program.
    [[nodiscard]] std::size_t position(replica_id replica) const {
        std::size_t first = 0;
        for (auto count = entries_.size(); count > 0;) {
            auto const half = count / 2;
            if (entries_[first + half].replica < replica) {
                first += half + 1;
                count -= half + 1;
            } else {
                count = half;
            }
        }
        return first;
    }

    std::vector<entry> entries_; // sorted by replica, each once, none at zero
};

static_assert(join_semilattice<version_vector>);

} // namespace joinery
