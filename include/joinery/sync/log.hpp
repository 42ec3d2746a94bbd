#pragma once

#include <joinery/core/digest.hpp>
#include <joinery/core/hash.hpp>
#include <joinery/core/replica_table.hpp>
#include <joinery/core/version_vector.hpp>
#include <joinery/sync/changeset.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery::sync {

/// Which changesets a replica holds: for each origin a contiguous history, and pointers to those of
/// them that lie in memory.
///
/// It is what a transport may acknowledge, which is not what the state has seen: a removal can know
/// of a dot whose changeset has not come yet.
class log {
public:
    /// One origin's history, up to `last`. Changesets up to `start` are in the store alone.
    struct history {
        std::uint64_t start = 0;
        std::uint64_t last = 0;
        std::uint64_t head = 0; ///< chained hash of the last changeset
        hlc time{};             ///< of the last changeset
        struct mark {
            std::uint64_t first;
            std::byte const* record;
        };
        std::vector<mark> marks;
    };

    [[nodiscard]] replica_slot find(replica_id origin) const { return origins_.find(origin); }
    replica_slot intern(replica_id origin) {
        auto const slot = origins_.intern(origin);
        if (slot == histories_.size()) {
            histories_.push_back({});
        }
        return slot;
    }
    [[nodiscard]] replica_slot size() const { return origins_.size(); }
    [[nodiscard]] replica_id origin(replica_slot slot) const { return origins_[slot]; }
    [[nodiscard]] history const& at(replica_slot slot) const { return histories_[slot]; }

    /// The slots of all origins with changesets, in the order of their ids.
    [[nodiscard]] std::vector<replica_slot> slots_by_id() const {
        auto slots = origins_.slots_by_id();
        std::erase_if(slots, [&](replica_slot slot) { return histories_[slot].last == 0; });
        return slots;
    }

    [[nodiscard]] version_vector version() const {
        version_vector out;
        for (replica_slot slot = 0; slot < size(); ++slot) {
            out.raise(origins_[slot], histories_[slot].last);
        }
        return out;
    }

    /// The number of operations in all histories.
    [[nodiscard]] std::uint64_t operation_count() const {
        std::uint64_t sum = 0;
        for (replica_slot slot = 0; slot < size(); ++slot) {
            sum += histories_[slot].last;
        }
        return sum;
    }

    /// Order-free digest of all histories: equal digests mean equal changesets.
    [[nodiscard]] digest128 digest() const {
        multiset_digest sum;
        for (replica_slot slot = 0; slot < size(); ++slot) {
            auto const& h = histories_[slot];
            if (h.last != 0) {
                auto const id = origins_[slot];
                auto const where = hash_mix(id.high() ^ h.last, id.low() ^ h.head);
                sum.add({hash_mix(where, h.head ^ h.last), where});
            }
        }
        return sum.value();
    }

    /// Appends a changeset whose record lies at `record` for as long as the log.
    void append(replica_slot slot, changeset const& in, std::uint64_t hash,
                std::byte const* record) {
        auto& h = histories_[slot];
        if (h.marks.empty()) {
            h.marks.reserve(4);
        }
        h.marks.push_back({in.first, record});
        h.last = in.last();
        h.head = hash;
        h.time = in.time;
    }

    /// Says that a history up to `last` is in the store alone.
    void resume(replica_slot slot, std::uint64_t last, std::uint64_t head, hlc time) {
        auto& h = histories_[slot];
        h.start = h.last = last;
        h.head = head;
        h.time = time;
        h.marks.clear();
    }

    [[nodiscard]] changeset read(replica_slot slot, history::mark mark) const {
        auto const header = detail::record_header::at(mark.record);
        auto const* const body = mark.record + detail::record_header::bytes;
        return {origins_[slot],
                mark.first,
                header.count,
                hlc{header.time},
                {body, header.body_bytes},
                {body + header.body_bytes, std::size_t{header.others} * 16}};
    }

    /// The first changeset in memory with a dot after `sequence`; that is the last one most often.
    [[nodiscard]] std::size_t first_after(replica_slot slot, std::uint64_t sequence) const {
        auto const& h = histories_[slot];
        if (h.last <= sequence) {
            return h.marks.size();
        }
        if (!h.marks.empty() && h.marks.back().first <= sequence + 1) {
            return h.marks.size() - 1;
        }
        auto const at = std::upper_bound(
            h.marks.begin(), h.marks.end(), sequence + 1,
            [](std::uint64_t wanted, history::mark const& m) { return wanted < m.first; });
        return at == h.marks.begin() ? 0 : static_cast<std::size_t>(at - h.marks.begin()) - 1;
    }

    /// Whether `in` lies in memory with other bytes, or overlaps what does.
    [[nodiscard]] bool contradicts(replica_slot slot, changeset const& in) const {
        auto const& h = histories_[slot];
        if (in.first <= h.start) {
            return false;
        }
        auto const at = first_after(slot, in.first - 1);
        if (at == h.marks.size()) {
            return false;
        }
        return !is_same(read(slot, h.marks[at]), in);
    }

    /// The chained hash after the changeset that ends at `sequence`; 0 if that is not known.
    [[nodiscard]] std::uint64_t hash_at(replica_slot slot, std::uint64_t sequence) const {
        auto const& h = histories_[slot];
        if (sequence == h.last) {
            return h.head;
        }
        if (sequence <= h.start || sequence > h.last) {
            return 0;
        }
        auto const& mark = h.marks[first_after(slot, sequence - 1)];
        auto const header = detail::record_header::at(mark.record);
        return mark.first + header.count - 1 == sequence ? header.hash : 0;
    }

private:
    replica_table origins_;
    small_list<history, 2> histories_; // by slot
};

} // namespace joinery::sync
