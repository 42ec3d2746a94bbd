#pragma once

#include <joinery/core/bugs.hpp>
#include <joinery/core/byte_pool.hpp>
#include <joinery/core/byte_reader.hpp>
#include <joinery/core/causal_context.hpp>
#include <joinery/core/hlc.hpp>
#include <joinery/crdt/held.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace joinery::detail {

/// What all dot stores of one causal value share: its context, its bytes, the seed of its indexes.
struct causal_root {
    causal_context context;
    byte_pool pool;
    std::uint64_t hash_seed = 0x9e3779b97f4a7c15ULL;
    std::size_t value_bytes_max = 1024 * 1024; ///< of one value that a local edit writes
};

/// What the other side of a join has seen, by our slots.
///
/// A delta names one or two replicas. Of more there is a table of all slots while they are few or
/// most are named; otherwise what is named, in order, so that a small delta costs nothing for each
/// replica that we know.
class seen_by_them {
public:
    /// `slots` are ours for theirs; `seen(i)` is what they have seen of their slot `i`.
    template <class Seen>
    seen_by_them(slot_list const& slots, replica_slot slot_count, Seen&& seen) {
        constexpr std::size_t few = 64;
        constexpr std::size_t most = 8;
        if (slots.size() <= named_.size()) {
            for (std::size_t i = 0; i < slots.size(); ++i) {
                named_[i] = {slots[i], seen(i)};
            }
        } else if (slot_count <= few || slots.size() * most >= slot_count) {
            dense_.resize(slot_count);
            for (std::size_t i = 0; i < slots.size(); ++i) {
                dense_[slots[i]] = seen(i);
            }
        } else {
            for (std::size_t i = 0; i < slots.size(); ++i) {
                sparse_.emplace_back(slots[i], seen(i));
            }
            std::sort(sparse_.begin(), sparse_.end());
        }
    }

    /// Null if they know nothing of the replica.
    [[nodiscard]] interval_set const* of(replica_slot slot) const {
        for (auto const& [named, seen] : named_) {
            if (named == slot) {
                return seen;
            }
        }
        if (slot < dense_.size()) {
            return dense_[slot];
        }
        auto const at = std::lower_bound(
            sparse_.begin(), sparse_.end(), slot,
            [](auto const& entry, replica_slot wanted) { return entry.first < wanted; });
        return at != sparse_.end() && at->first == slot ? at->second : nullptr;
    }

private:
    using slot_seen = std::pair<replica_slot, interval_set const*>;

    std::array<slot_seen, 2> named_{slot_seen{causal_context::no_slot, nullptr},
                                    slot_seen{causal_context::no_slot, nullptr}};
    std::vector<interval_set const*> dense_;
    std::vector<slot_seen> sparse_;
};

/// One join of a whole causal value: what both sides have seen, in our slots.
///
/// A join reads its right side through a *source*, which is a store in memory, a state's bytes or
/// one piece of a changeset; so each join is written once. A frame answers the two questions of
/// every dot-store join, always about the contexts as they were before it.
struct state_frame {
    causal_root& root;
    bytes_owner owner;
    slot_list const& slots; ///< their slot -> our slot
    seen_by_them theirs;
    std::uint32_t equivocations = 0; ///< dots that came with two payloads

    [[nodiscard]] bool we_saw(local_dot d) const { return root.context.contains(d); }
    [[nodiscard]] bool they_saw(local_dot d) const {
        auto const* const seen = theirs.of(d.slot());
        return seen != nullptr && seen->contains(d.sequence());
    }
    [[nodiscard]] bool they_saw_something_of_ours() const { return true; }
    [[nodiscard]] local_dot import(local_dot d) const { return {slots[d.slot()], d.sequence()}; }
};

/// The dots that one piece supersedes: almost always none or one; sorted above a few.
class superseded_dots {
public:
    void clear() {
        count_ = 0;
        more_.clear();
    }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    void push_back(local_dot d) {
        if (count_ < few) {
            few_[count_] = d;
        } else {
            more_.push_back(d);
        }
        ++count_;
    }
    void seal() { std::sort(more_.begin(), more_.end()); }
    [[nodiscard]] bool contains(local_dot d) const {
        auto const in_place = count_ < few ? count_ : few;
        for (std::uint32_t i = 0; i < in_place; ++i) {
            if (few_[i] == d) {
                return true;
            }
        }
        return !more_.empty() && std::binary_search(more_.begin(), more_.end(), d);
    }

private:
    static constexpr std::uint32_t few = 4;
    local_dot few_[few];
    std::uint32_t count_ = 0;
    std::vector<local_dot> more_;
};

/// The join of one piece: they have seen its dot and what it supersedes, nothing else.
struct piece_frame {
    causal_root& root;
    bytes_owner owner;
    hlc time;                                ///< of the changeset
    std::vector<replica_slot> const& others; ///< its table of foreign replicas, in our slots
    std::vector<local_dot>& implied;         ///< seen by the piece, not by us before
    local_dot d{};
    std::uint32_t dots = 1; ///< how many dots from `d` on the piece has; set by who reads it
    bool is_live = false;
    superseded_dots superseded{};
    std::uint32_t equivocations = 0;

    void imply(local_dot other) {
        if (!root.context.contains(other)) {
            implied.push_back(other);
        }
    }
    [[nodiscard]] bool we_saw(local_dot other) const { return root.context.contains(other); }
    [[nodiscard]] bool they_saw(local_dot other) const {
        if (bugs::removal_spares_other_writers && other.slot() != d.slot()) {
            return false;
        }
        return other == d || superseded.contains(other);
    }
    /// Without it, walking a subtree in search of superseded dots would be in vain.
    [[nodiscard]] bool they_saw_something_of_ours() const { return !superseded.empty(); }
};

/// What the checking pass over a changeset's pieces knows.
struct piece_check {
    std::uint64_t first;        ///< sequence of the changeset's first dot
    std::uint32_t others;       ///< size of its table of foreign replicas
    std::uint64_t sequence = 0; ///< of the piece at hand
    std::uint64_t dots = 1;     ///< how many dots the piece has; set by who checks it
    bool is_live = false;
    std::uint32_t depth = 0; ///< of what is inside of the root
};

/// The deepest nesting that any decoder accepts and any editor makes.
inline constexpr std::uint32_t nesting_max = 64;

/// Reading a state's bytes: rank of a replica id -> slot of the root that reads.
struct state_input {
    byte_reader& reader;
    slot_list const& slots;
    bool is_partial;
};

/// A store that can say of itself that it speaks only about what it names.
template <class Store>
concept has_partial = requires(Store& store) {
    store.make_partial();
};

/// What the checking pass over a state's bytes knows.
struct state_check {
    std::span<replica_id const> ids;    ///< by rank, ascending
    std::span<interval_set const> seen; ///< by rank
    bool is_partial;                    ///< maps say whether they are
    bool is_inside_complete = false;    ///< so that the maps below are complete as well
    bool is_at_root = true;             ///< where the maps of a partial state are partial
    std::uint32_t depth = 0;
    std::uint64_t mentioned = 0;     ///< replicas that are named without a rank, at most
    std::uint64_t removed_items = 0; ///< of sequences

    [[nodiscard]] bool contains(std::uint64_t rank, std::uint64_t sequence) const {
        return rank < seen.size() && seen[rank].contains(sequence);
    }
};

/// The levels of nesting in the bytes of an empty store.
template <class Store>
constexpr std::uint32_t empty_levels() {
    if constexpr (requires { Store::levels; }) {
        return Store::levels;
    } else {
        return Store::is_composite ? 1 : 0;
    }
}

/// The level of a store that an editor reaches through `Parent`.
template <class Parent, class Store>
struct level_below {
    static_assert(Parent::depth + empty_levels<Store>() <= nesting_max,
                  "joinery: an editor reaches deeper than values may be nested");
    static constexpr std::uint32_t depth = Parent::depth + (Store::is_composite ? 1 : 0);
};

/// Checks nesting for as long as it lives.
class nesting_guard {
public:
    /// `more`: the levels that its bytes need beside this one.
    nesting_guard(std::uint32_t& depth, byte_reader& reader, std::uint32_t more = 0)
        : depth_{depth} {
        if (++depth_ + more > nesting_max) {
            reader.fail(errc::too_deep, "values are nested too deeply");
        }
    }
    nesting_guard(nesting_guard const&) = delete;
    nesting_guard& operator=(nesting_guard const&) = delete;
    ~nesting_guard() { --depth_; }

private:
    std::uint32_t& depth_;
};

} // namespace joinery::detail
