#pragma once

#include <joinery/store/store.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <utility>

namespace joinery::store {

/// A store that lasts as long as its object.
///
/// It keeps every law of the concept but the disk. It is a value: a copy is a backup, and
/// assigning the copy back is what restoring that backup does to a replica.
///
/// Complexity   n changesets of an origin: commit O(log n) for each changeset, and what it copies;
///              read O(log n) and its visits; forget O(those it drops).
///
/// See also `sqlite`, which keeps the same on a disk.
class memory {
public:
    [[nodiscard]] result<void> commit(batch const& changes) {
        if (auto checked = detail::check_ranges(changes); !checked) {
            return checked;
        }
        std::map<std::string, bytes, std::less<>> entries;
        for (auto const& [key, value] : changes.entries) {
            entries.insert_or_assign(std::string{key}, bytes(value.begin(), value.end()));
        }
        std::optional<bytes> snapshot;
        if (changes.snapshot) {
            snapshot.emplace(changes.snapshot->begin(), changes.snapshot->end());
        }
        insertion added{*this};
        for (auto const& changeset : changes.changesets) {
            if (auto inserted = added.insert(changeset); !inserted) {
                return inserted;
            }
        }
        added.keep();
        entries.merge(entries_);
        entries_.swap(entries);
        if (snapshot) {
            snapshot_.swap(snapshot);
        }
        for (auto const& [origin, upto] : changes.forgets) {
            forget(origin, upto);
        }
        return {};
    }

    template <changeset_visitor Visit>
    [[nodiscard]] result<void> read(replica_id origin, std::uint64_t after, Visit visit) const {
        auto const found = logs_.find(origin);
        if (found == logs_.end() || after >= sequence_max) {
            return {};
        }
        auto const& log = found->second;
        auto at = log.upper_bound(after);
        if (at != log.begin() && std::prev(at)->second.last > after) {
            --at;
        }
        for (; at != log.end(); ++at) {
            if (!visit(changeset_view{origin, at->first, at->second.last, at->second.body})) {
                break;
            }
        }
        return {};
    }

    /// Returns every origin that has a changeset here, ascending.
    [[nodiscard]] result<std::vector<replica_id>> origins() const {
        std::vector<replica_id> found;
        found.reserve(logs_.size());
        for (auto const& [origin, log] : logs_) {
            found.push_back(origin);
        }
        return found;
    }

    [[nodiscard]] result<std::optional<bytes>> entry(std::string_view key) const {
        auto const found = entries_.find(key);
        return found == entries_.end() ? std::nullopt : std::optional{found->second};
    }

    [[nodiscard]] result<std::optional<bytes>> snapshot() const { return snapshot_; }

    friend bool operator==(memory const&, memory const&) = default;

private:
    struct stored {
        std::uint64_t last = 0;
        bytes body;

        friend bool operator==(stored const&, stored const&) = default;
    };
    using log_type = std::map<std::uint64_t, stored>; // by first; ranges are disjoint

    /// The changesets of one commit; takes them out again unless they are kept.
    class insertion {
    public:
        explicit insertion(memory& target) : target_{target} {}
        insertion(insertion const&) = delete;
        insertion& operator=(insertion const&) = delete;
        ~insertion() {
            for (auto const& [origin, first] : added_) {
                target_.erase(origin, first);
            }
        }

        [[nodiscard]] result<void> insert(changeset_view const& changeset) {
            auto const [origin, first, last, body] = changeset;
            auto const found = target_.logs_.find(origin);
            if (found != target_.logs_.end()) {
                // Ranges are disjoint: if any overlaps, the one that begins last below `last` does.
                auto at = found->second.upper_bound(last);
                if (at != found->second.begin() && (--at)->second.last >= first) {
                    auto const same = at->first == first && at->second.last == last &&
                                      std::ranges::equal(at->second.body, body);
                    return same ? result<void>{}
                                : detail::equivocation(changeset, at->first, at->second.last);
                }
            }
            stored copy{last, bytes(body.begin(), body.end())};
            added_.emplace_back(origin, first);
            target_.logs_[origin].emplace(first, std::move(copy));
            return {};
        }

        void keep() { added_.clear(); }

    private:
        memory& target_;
        std::vector<std::pair<replica_id, std::uint64_t>> added_;
    };

    void erase(replica_id origin, std::uint64_t first) {
        auto const found = logs_.find(origin);
        if (found != logs_.end()) {
            found->second.erase(first);
            erase_if_empty(found);
        }
    }

    void forget(replica_id origin, std::uint64_t upto) {
        auto const found = logs_.find(origin);
        if (found == logs_.end()) {
            return;
        }
        auto& log = found->second;
        while (!log.empty() && log.begin()->second.last <= upto) {
            log.erase(log.begin());
        }
        erase_if_empty(found);
    }

    void erase_if_empty(std::map<replica_id, log_type>::iterator origin) {
        if (origin->second.empty()) {
            logs_.erase(origin);
        }
    }

    std::map<replica_id, log_type> logs_; // no log is empty
    std::map<std::string, bytes, std::less<>> entries_;
    std::optional<bytes> snapshot_;
};

static_assert(store<memory>);

} // namespace joinery::store
