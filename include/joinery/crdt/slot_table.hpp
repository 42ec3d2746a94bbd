#pragma once

#include <joinery/core/replica_id.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

namespace joinery {

/// What each replica has contributed: a map from replica id to a total that
/// only grows. The state that counters are made of.
///
/// Concurrent writes   each replica raises its own total; a join keeps the
///                     greater total of each replica.
/// State               two parallel arrays sorted by id; a table of one entry
///                     lives inside the object, so that a delta allocates nothing.
///                     A total of zero is not stored.
/// Complexity          n entries: lookup O(log n), O(1) for the replica that was
///                     raised last; a new replica O(n). Join with m entries:
///                     O(m log n), O(n + m) if it brings new replicas; it does not
///                     allocate unless it does.
class slot_table {
public:
    /// The exact sum of all totals: `high` * 2^64 + `low`.
    struct wide_sum {
        std::uint64_t high = 0;
        std::uint64_t low = 0;

        constexpr void add(std::uint64_t amount) {
            low += amount;
            high += low < amount ? 1 : 0;
        }

        /// The sum less `other`, brought to the nearest `uint64_t`: never below 0.
        [[nodiscard]] constexpr std::uint64_t less(wide_sum other) const {
            if (high < other.high || (high == other.high && low < other.low)) {
                return 0;
            }
            auto const borrow = low < other.low ? std::uint64_t{1} : std::uint64_t{0};
            return high - other.high == borrow ? low - other.low
                                               : std::numeric_limits<std::uint64_t>::max();
        }
    };

    slot_table() = default;

    /// A table of one entry, or none if `total` is 0.
    slot_table(replica_id id, std::uint64_t total) : only_id_{id}, only_total_{total} {}

    [[nodiscard]] std::size_t size() const {
        return ids_.empty() ? std::size_t{only_total_ != 0} : ids_.size();
    }

    [[nodiscard]] bool empty() const { return size() == 0; }

    /// The replicas in ascending order. Valid until the table changes.
    [[nodiscard]] std::span<replica_id const> ids() const { return {first_id(), size()}; }

    /// The totals, in the order of `ids()`. Valid until the table changes.
    [[nodiscard]] std::span<std::uint64_t const> totals() const { return {first_total(), size()}; }

    /// The total of `id`; 0 if it has contributed nothing.
    [[nodiscard]] std::uint64_t of(replica_id id) const {
        auto const at = seek(0, id);
        return is_at(at, id) ? first_total()[at] : 0;
    }

    [[nodiscard]] wide_sum sum() const {
        wide_sum sum;
        for (std::size_t i = 0; i < size(); ++i) {
            sum.add(first_total()[i]);
        }
        return sum;
    }

    /// Adds to the total of `id`, which stays at 2^64 - 1 once it gets there.
    /// Returns the new total.
    std::uint64_t add(replica_id id, std::uint64_t amount) {
        auto const at = is_at(hint_, id) ? hint_ : seek(0, id);
        if (!is_at(at, id)) {
            insert(at, id, amount);
            return amount;
        }
        hint_ = at;
        auto& total = first_total()[at];
        auto const room = std::numeric_limits<std::uint64_t>::max() - total;
        return total += amount < room ? amount : room;
    }

    /// Makes the total of `id` at least `total`.
    void raise(replica_id id, std::uint64_t total) {
        auto const at = seek(0, id);
        if (is_at(at, id)) {
            raise_at(at, total);
        } else {
            insert(at, id, total);
        }
    }

    void join(slot_table const& other) {
        if (empty()) {
            *this = other;
        } else if (has_same_ids(other)) {
            raise_all(other);
        } else if (auto const missing = raise_known(other); missing > 0) {
            insert_missing(other, missing);
        }
    }

    /// The entries whose totals are above those of `other`. O(m) seeks; allocates nothing if there
    /// is at most one.
    [[nodiscard]] slot_table difference(slot_table const& other) const {
        slot_table news;
        std::size_t at = 0;
        for (std::size_t i = 0; i < size(); ++i) {
            auto const id = first_id()[i];
            auto const total = first_total()[i];
            at = other.seek(at, id);
            if (!other.is_at(at, id) || other.first_total()[at] < total) {
                news.insert(news.size(), id, total);
            }
        }
        return news;
    }

    friend bool operator==(slot_table const& a, slot_table const& b) {
        return a.has_same_ids(b) &&
               std::memcmp(a.first_total(), b.first_total(), a.size() * sizeof(std::uint64_t)) == 0;
    }

    template <class Archive>
    void save(Archive& archive) const {
        archive(std::uint64_t{size()});
        for (std::size_t i = 0; i < size(); ++i) {
            archive(first_id()[i].high(), first_id()[i].low(), first_total()[i]);
        }
    }

    /// Stops at the first entry that is out of order, twice there or zero; the
    /// table is then empty and not canonical.
    template <class Archive>
    void load(Archive& archive) {
        *this = {};
        std::uint64_t count = 0;
        archive(count);
        for (; count > 0; --count) {
            std::uint64_t high = 0;
            std::uint64_t low = 0;
            std::uint64_t total = 0;
            archive(high, low, total);
            replica_id const id{high, low};
            if (total == 0 || (!empty() && !(first_id()[size() - 1] < id))) {
                *this = {};
                is_canonical_ = false;
                return;
            }
            insert(size(), id, total);
        }
    }

    /// Whether the bytes that this table was loaded from were acceptable.
    [[nodiscard]] bool is_canonical() const { return is_canonical_; }

private:
    static_assert(std::has_unique_object_representations_v<replica_id>,
                  "equal replica ids must have equal bytes");

    [[nodiscard]] replica_id const* first_id() const {
        return ids_.empty() ? &only_id_ : ids_.data();
    }

    [[nodiscard]] std::uint64_t const* first_total() const {
        return ids_.empty() ? &only_total_ : totals_.data();
    }

    [[nodiscard]] std::uint64_t* first_total() {
        return ids_.empty() ? &only_total_ : totals_.data();
    }

    [[nodiscard]] bool is_at(std::size_t at, replica_id id) const {
        return at < size() && first_id()[at] == id;
    }

    /// The first place at or after `from` whose id is not less than `id`. The
    /// stride doubles first: a walk over m sorted ids costs O(m log(n / m)).
    [[nodiscard]] std::size_t seek(std::size_t from, replica_id id) const {
        auto const* const ids = first_id();
        auto const end = size();
        std::size_t stride = 1;
        while (stride <= end - from && ids[from + stride - 1] < id) {
            from += stride;
            stride *= 2;
        }
        auto length = stride - 1 < end - from ? stride - 1 : end - from;
        while (length > 0) {
            auto const half = length / 2;
            auto const is_before = ids[from + half] < id;
            from += is_before ? half + 1 : 0;
            length = is_before ? length - half - 1 : half;
        }
        return from;
    }

    [[nodiscard]] bool has_same_ids(slot_table const& other) const {
        return size() == other.size() &&
               std::memcmp(first_id(), other.first_id(), size() * sizeof(replica_id)) == 0;
    }

    void raise_at(std::size_t at, std::uint64_t total) {
        auto& mine = first_total()[at];
        mine = mine < total ? total : mine;
    }

    void raise_all(slot_table const& other) {
        auto* const mine = first_total();
        auto const* const theirs = other.first_total();
        for (std::size_t i = 0, n = size(); i < n; ++i) {
            mine[i] = mine[i] < theirs[i] ? theirs[i] : mine[i];
        }
    }

    /// Raises the totals of the replicas that both tables name; returns how many
    /// only `other` names.
    [[nodiscard]] std::size_t raise_known(slot_table const& other) {
        std::size_t missing = 0;
        std::size_t at = 0;
        for (std::size_t i = 0; i < other.size(); ++i) {
            auto const id = other.first_id()[i];
            at = seek(at, id);
            if (is_at(at, id)) {
                raise_at(at, other.first_total()[i]);
            } else {
                ++missing;
            }
        }
        return missing;
    }

    /// Merges from the back, so that every entry moves once and none is copied
    /// to a second table.
    void insert_missing(slot_table const& other, std::size_t missing) {
        auto mine = size();
        auto theirs = other.size();
        grow(mine + missing);
        for (auto out = mine + missing; out > mine;) {
            --out;
            auto const theirs_id = other.first_id()[theirs - 1];
            if (mine > 0 && !(ids_[mine - 1] < theirs_id)) {
                --mine;
                theirs -= ids_[mine] == theirs_id ? 1 : 0;
                ids_[out] = ids_[mine];
                totals_[out] = totals_[mine];
            } else {
                --theirs;
                ids_[out] = theirs_id;
                totals_[out] = other.first_total()[theirs];
            }
        }
    }

    void insert(std::size_t at, replica_id id, std::uint64_t total) {
        if (total == 0) {
            return;
        }
        if (empty()) {
            only_id_ = id;
            only_total_ = total;
            return;
        }
        grow(size() + 1);
        for (auto out = size() - 1; out > at; --out) {
            ids_[out] = ids_[out - 1];
            totals_[out] = totals_[out - 1];
        }
        ids_[at] = id;
        totals_[at] = total;
    }

    /// Moves the inner entry out to the arrays if it was in use.
    void grow(std::size_t size) {
        auto const was_inner = ids_.empty();
        totals_.resize(size);
        ids_.resize(size);
        if (was_inner) {
            ids_[0] = only_id_;
            totals_[0] = only_total_;
        }
    }

    std::vector<replica_id> ids_;
    std::vector<std::uint64_t> totals_;
    replica_id only_id_;
    std::uint64_t only_total_ = 0;
    std::size_t hint_ = 0;
    bool is_canonical_ = true;
};

} // namespace joinery
