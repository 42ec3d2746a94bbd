#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/core/stable_cut.hpp>
#include <joinery/crdt/lww_register.hpp>
#include <joinery/crdt/sole_form.hpp>
#include <joinery/crdt/sorted_blocks.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace joinery {

/// A map in which for each key the last write wins, be it an assignment or an erase.
///
/// Concurrent writes   of one key: the greatest author wins, as in `lww_register`; of different
///                     keys: all of them. An erase of a key that is not there is no write.
/// State               for each key that was ever written its last write; an erased key leaves a
///                     tombstone, which is the key and an author.
/// Forgetting          `forget` drops tombstones that no write can come under any more.
/// Complexity          n keys, tombstones included: assign, erase and find O(log n); join with m
///                     keys O(n + m), O(m log n) if m is small. A join that brings no new key
///                     allocates for values alone, and nothing if it changes nothing.
/// Equivocation        as in `lww_register`; between values without an order, nothing stands above
///                     all.
/// Reference           Shapiro et al., "A comprehensive study of Convergent and Commutative
///                     Replicated Data Types", RR-7506, 2011, §3.2.1 (for each key).
///
/// See also `or_map`, which erases what was observed, and nests other types.
template <class Key, std::regular T>
requires std::regular<Key> && std::totally_ordered<Key>
class lww_map {
    using write = lww_register<std::optional<T>>;

public:
    using key_type = Key;
    using value_type = std::vector<std::pair<Key, T>>;
    using delta_type = lww_map;

    /// A copy of the keys and values in the order of the keys.
    [[nodiscard]] value_type value() const {
        value_type all;
        all.reserve(size());
        for_each([&](Key const& key, T const& value) { all.emplace_back(key, value); });
        return all;
    }

    /// Calls `visit(key, value)` in the order of the keys.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (auto const& one : entries_) {
            if (one.last.value()) {
                visit(one.key, *one.last.value());
            }
        }
    }

    /// Whether nothing was ever written, or all of it was forgotten.
    [[nodiscard]] bool is_bottom() const { return entries_.empty(); }
    [[nodiscard]] std::size_t size() const { return entries_.size() - tombstones_; }
    /// How many erased keys are remembered.
    [[nodiscard]] std::size_t tombstones() const { return tombstones_; }
    [[nodiscard]] bool contains(Key const& key) const { return find(key) != nullptr; }

    /// The value of `key`; null if there is none. Valid until the map changes.
    [[nodiscard]] T const* find(Key const& key) const {
        auto const* const found = entries_.find(key);
        return found != nullptr && found->last.value() ? &*found->last.value() : nullptr;
    }

    /// Who wrote `key` last, be it an erase; `author{}` if nobody did.
    [[nodiscard]] author written_by(Key const& key) const {
        auto const* const found = entries_.find(key);
        return found != nullptr ? found->last.written_by() : author{};
    }

    /// Writes the value of `key` and returns the change to send, which is empty if a later write is
    /// known.
    ///
    /// Precondition: `key == key` (not a NaN); `by` is not `author{}` and wrote nothing else under
    /// this key.
    delta_type assign(author const& by, Key key, T value) {
        return put(by, std::move(key), std::optional<T>{std::move(value)});
    }

    /// Erases `key` and returns the change to send, which is empty if the key is not there or a
    /// later write is known. Precondition as for `assign`.
    delta_type erase(author const& by, Key const& key) {
        return contains(key) ? put(by, key, std::nullopt) : delta_type{};
    }

    void join(lww_map const& other) {
        entries_.merge(
            other.entries_,
            [&](entry& mine, entry const& theirs) {
                tombstones_ -= mine.is_tombstone() ? 1 : 0;
                mine.last.join(theirs.last);
                tombstones_ += mine.is_tombstone() ? 1 : 0;
            },
            [&](entry const& theirs) { tombstones_ += theirs.is_tombstone() ? 1 : 0; });
    }

    /// Visits a map of each key's last write, tombstones included, in the order of the keys.
    template <class Visit>
    void decompose(Visit&& visit) const {
        for (auto const& one : entries_) {
            delta_type part;
            part.entries_.append(one);
            part.count_tombstones();
            visit(std::move(part));
        }
    }

    /// The writes that are news to `other`. O(n + m).
    [[nodiscard]] delta_type difference(lww_map const& other) const {
        delta_type news;
        news.entries_ =
            entries_.difference(other.entries_, [](entry const& mine, entry const& theirs) {
                auto last = mine.last.difference(theirs.last);
                return last.is_bottom() ? std::optional<entry>{}
                                        : std::optional<entry>{{mine.key, std::move(last)}};
            });
        news.count_tombstones();
        return news;
    }

    /// Drops the tombstones with a time up to `cut.complete_until` that `cut.seen_by_all` covers.
    ///
    /// That every member has seen an erase is not enough. A member may have assigned the key
    /// earlier, out of sight: its write loses where the tombstone is, and brings the key back where
    /// it is not. Below `complete_until` there is no such write: all that were made with such a
    /// time have been seen by everybody, and whatever comes is later and wins over the tombstone
    /// anyway.
    ///
    /// Precondition: this map has seen the cut; authors are stamped by clocks, so that one
    /// replica's times ascend. O(n).
    void forget(stable_cut const& cut) {
        tombstones_ -= entries_.erase_if([&](entry const& one) {
            auto const& by = one.last.written_by();
            return one.is_tombstone() && !(cut.complete_until < by.time) &&
                   cut.seen_by_all.covers(by.id());
        });
    }

    friend bool operator==(lww_map const& a, lww_map const& b) { return a.entries_ == b.entries_; }

    template <class Archive>
    void save(Archive& archive) const {
        entries_.save(archive, [&](entry const& one) {
            auto const& by = one.last.written_by();
            auto const has_value = !one.is_tombstone();
            archive(one.key, by.time.bits, by.replica.high(), by.replica.low(), by.sequence,
                    has_value);
            if (has_value) {
                archive(*one.last.value());
            }
        });
    }

    /// Stops at the first key that is out of order, twice there or without an author; the map is
    /// then empty and not canonical.
    template <class Archive>
    void load(Archive& archive) {
        is_canonical_ = entries_.load(archive, [&](entry& one) {
            author by;
            std::uint64_t high = 0;
            std::uint64_t low = 0;
            auto has_value = false;
            archive(one.key, by.time.bits, high, low, by.sequence, has_value);
            by.replica = replica_id{high, low};
            std::optional<T> value;
            if (has_value) {
                archive(value.emplace());
            }
            one.last.assign(by, std::move(value));
            return by != author{};
        });
        count_tombstones();
    }

    /// Whether the bytes that this map was loaded from were acceptable.
    [[nodiscard]] bool is_canonical() const { return is_canonical_; }

    /// The mutators as a replica offers them: identity and recording of the delta are the target's.
    template <class Target>
    class editor {
    public:
        explicit editor(Target target) : target_{std::move(target)} {}

        void assign(Key key, T value) {
            target_.change([&](lww_map& map, author const& by) {
                return map.assign(by, std::move(key), std::move(value));
            });
        }

        void erase(Key const& key) {
            target_.change([&](lww_map& map, author const& by) { return map.erase(by, key); });
        }

    private:
        Target target_;
    };

private:
    struct entry {
        Key key{};
        write last{};

        [[nodiscard]] bool is_tombstone() const { return !last.value().has_value(); }
        friend bool operator==(entry const&, entry const&) = default;
    };

    delta_type put(author const& by, Key key, std::optional<T> value) {
        delta_type delta;
        entry one{detail::sole_form(std::move(key)), {}};
        one.last.assign(by, std::move(value));
        if (auto const [mine, is_new] = entries_.find_or_insert(one); !is_new) {
            if (one.last.is_below(mine->last)) {
                return delta;
            }
            tombstones_ -= mine->is_tombstone() ? 1 : 0;
            mine->last.join(one.last);
            tombstones_ += mine->is_tombstone() ? 1 : 0;
        }
        delta.entries_.append(std::move(one));
        delta.count_tombstones();
        return delta;
    }

    void count_tombstones() {
        tombstones_ = 0;
        for (auto const& one : entries_) {
            tombstones_ += one.is_tombstone() ? 1 : 0;
        }
    }

    sorted_blocks<entry, &entry::key> entries_;
    std::size_t tombstones_ = 0;
    bool is_canonical_ = true;
};

static_assert(delta_crdt<lww_map<int, int>>);

} // namespace joinery
