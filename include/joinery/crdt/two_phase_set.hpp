#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/crdt/sole_form.hpp>
#include <joinery/crdt/sorted_blocks.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace joinery {

/// A set from which an element that was erased never returns.
///
/// Concurrent writes   an erase wins over any insert of the same element, earlier, concurrent or
///                     later.
/// State               every element that was ever inserted, sorted, with a flag for the erased
///                     ones; each goes from absent to present to erased.
/// Forgetting          nothing: the flag is what keeps an element from coming back.
/// Complexity          n elements, erased ones included: insert, erase and contains O(log n); join
///                     with m elements O(n + m), O(m log n) if m is small. A join that brings no
///                     new element does not allocate.
/// Reference           Shapiro et al., "A comprehensive study of Convergent and Commutative
///                     Replicated Data Types", RR-7506, 2011, §3.3.2.
///
/// See also `aw_set`, whose elements can be inserted again.
template <class T>
requires std::regular<T> && std::totally_ordered<T>
class two_phase_set {
public:
    using value_type = std::vector<T>;
    using delta_type = two_phase_set;

    /// A copy of the elements in ascending order.
    [[nodiscard]] value_type value() const {
        value_type all;
        all.reserve(size());
        for_each([&](T const& element) { all.push_back(element); });
        return all;
    }

    /// Calls `visit(element)` in ascending order, erased ones left out.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (auto const& one : entries_) {
            if (!one.is_erased) {
                visit(one.element);
            }
        }
    }

    /// Whether nothing was ever inserted; a set that is empty now may have been not.
    [[nodiscard]] bool is_bottom() const { return entries_.empty(); }
    [[nodiscard]] std::size_t size() const { return entries_.size() - erased_; }

    [[nodiscard]] bool contains(T const& element) const {
        auto const* const found = entries_.find(element);
        return found != nullptr && !found->is_erased;
    }
    /// Whether `element` was erased, so that it can never be inserted again.
    [[nodiscard]] bool was_erased(T const& element) const {
        auto const* const found = entries_.find(element);
        return found != nullptr && found->is_erased;
    }

    /// Adds `element` and returns the change to send, which is empty if it was there already or was
    /// erased before. Of the two floating-point zeros the positive one stands for both.
    ///
    /// Precondition: `element == element` (not a NaN).
    delta_type insert(T element) {
        entry one{detail::sole_form(std::move(element)), false};
        return entries_.insert(one) ? of(std::move(one)) : delta_type{};
    }

    /// Removes `element` for ever and returns the change to send, which is empty if it is not
    /// there.
    delta_type erase(T const& element) {
        auto* const found = entries_.find(element);
        if (found == nullptr || found->is_erased) {
            return {};
        }
        found->is_erased = true;
        ++erased_;
        return of(*found);
    }

    void join(two_phase_set const& other) {
        entries_.merge(
            other.entries_,
            [&](entry& mine, entry const& theirs) {
                erased_ += theirs.is_erased && !mine.is_erased ? 1 : 0;
                mine.is_erased = mine.is_erased || theirs.is_erased;
            },
            [&](entry const& theirs) { erased_ += theirs.is_erased ? 1 : 0; });
    }

    /// Visits a set of each element, present or erased, ascending.
    template <class Visit>
    void decompose(Visit&& visit) const {
        for (auto const& one : entries_) {
            visit(of(one));
        }
    }

    /// The elements that `other` lacks, and those that only this set knows to be erased. O(n + m).
    [[nodiscard]] delta_type difference(two_phase_set const& other) const {
        delta_type news;
        news.entries_ =
            entries_.difference(other.entries_, [](entry const& mine, entry const& theirs) {
                return mine.is_erased && !theirs.is_erased ? std::optional{mine} : std::nullopt;
            });
        news.count_erased();
        return news;
    }

    friend bool operator==(two_phase_set const& a, two_phase_set const& b) {
        return a.entries_ == b.entries_;
    }

    template <class Archive>
    void save(Archive& archive) const {
        entries_.save(archive, [&](entry const& one) { archive(one.element, one.is_erased); });
    }

    /// Stops at the first element that is out of order or twice there; the set is then empty and
    /// not canonical.
    template <class Archive>
    void load(Archive& archive) {
        is_canonical_ = entries_.load(archive, [&](entry& one) {
            archive(one.element, one.is_erased);
            return true;
        });
        count_erased();
    }

    /// Whether the bytes that this set was loaded from were acceptable.
    [[nodiscard]] bool is_canonical() const { return is_canonical_; }

    /// The mutators as a replica offers them: identity and recording of the delta are the target's.
    template <class Target>
    class editor {
    public:
        explicit editor(Target target) : target_{std::move(target)} {}

        void insert(T element) {
            target_.change(
                [&](two_phase_set& set, author const&) { return set.insert(std::move(element)); });
        }

        void erase(T const& element) {
            target_.change([&](two_phase_set& set, author const&) { return set.erase(element); });
        }

    private:
        Target target_;
    };

private:
    struct entry {
        T element{};
        bool is_erased = false;

        friend bool operator==(entry const&, entry const&) = default;
    };

    [[nodiscard]] static two_phase_set of(entry one) {
        two_phase_set set;
        set.erased_ = one.is_erased ? 1 : 0;
        set.entries_.append(std::move(one));
        return set;
    }

    void count_erased() {
        erased_ = 0;
        for (auto const& one : entries_) {
            erased_ += one.is_erased ? 1 : 0;
        }
    }

    sorted_blocks<entry, &entry::element> entries_;
    std::size_t erased_ = 0; ///< How many of them are.
    bool is_canonical_ = true;
};

static_assert(delta_crdt<two_phase_set<int>>);

} // namespace joinery
