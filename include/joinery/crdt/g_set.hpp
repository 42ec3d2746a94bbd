#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/crdt/sorted_blocks.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace joinery {

/// A set that only grows.
///
/// Concurrent writes   union.
/// State               the elements, sorted, in blocks of at most 256.
/// Complexity          n elements: insert and contains O(log n); join with m
///                     elements O(n + m), O(m log n) if m is small. A join that
///                     brings nothing new does not allocate.
/// Reference           Shapiro et al., "A comprehensive study of Convergent and
///                     Commutative Replicated Data Types", RR-7506, 2011, §3.3.1.
///
/// See also `two_phase_set` and `aw_set`, whose elements can be removed.
template <class T>
requires std::regular<T> && std::totally_ordered<T>
class g_set {
public:
    using value_type = std::vector<T>;
    using delta_type = g_set;
    using const_iterator = typename sorted_blocks<T>::const_iterator;

    /// A copy of the elements in ascending order. Iterate to avoid the copy.
    [[nodiscard]] value_type value() const {
        value_type all;
        all.reserve(size());
        for (auto const& element : elements_) {
            all.push_back(element);
        }
        return all;
    }

    [[nodiscard]] bool is_bottom() const { return elements_.empty(); }
    [[nodiscard]] std::size_t size() const { return elements_.size(); }
    [[nodiscard]] bool contains(T const& element) const { return elements_.contains(element); }

    /// The elements in ascending order. Any change invalidates iterators.
    [[nodiscard]] const_iterator begin() const { return elements_.begin(); }
    [[nodiscard]] const_iterator end() const { return elements_.end(); }

    /// Adds `element` and returns the change to send, which is empty if it was
    /// there already.
    /// Of the two floating-point zeros the positive one stands for both.
    ///
    /// Precondition: `element == element` (not a NaN).
    delta_type insert(T element) {
        delta_type delta;
        element = detail::sole_form(std::move(element));
        if (elements_.insert(element)) {
            delta.elements_.append(std::move(element));
        }
        return delta;
    }

    void join(g_set const& other) { elements_.merge(other.elements_); }

    /// Visits a set of each element, ascending.
    template <class Visit>
    void decompose(Visit&& visit) const {
        for (auto const& element : elements_) {
            delta_type part;
            part.elements_.append(element);
            visit(std::move(part));
        }
    }

    /// The elements that `other` lacks. O(n + m), O(n log m) if n is small.
    [[nodiscard]] delta_type difference(g_set const& other) const {
        delta_type news;
        news.elements_ = elements_.difference(
            other.elements_, [](T const&, T const&) { return std::optional<T>{}; });
        return news;
    }

    friend bool operator==(g_set const& a, g_set const& b) { return a.elements_ == b.elements_; }

    template <class Archive>
    void save(Archive& archive) const {
        elements_.save(archive, [&](T const& element) { archive(element); });
    }

    /// Stops at the first element that is out of order or twice there; the set
    /// is then empty and not canonical.
    template <class Archive>
    void load(Archive& archive) {
        is_canonical_ = elements_.load(archive, [&](T& element) {
            archive(element);
            return true;
        });
    }

    /// Whether the bytes that this set was loaded from were acceptable.
    [[nodiscard]] bool is_canonical() const { return is_canonical_; }

    /// The mutators as a replica offers them: identity and recording of the
    /// delta are the target's.
    template <class Target>
    class editor {
    public:
        explicit editor(Target target) : target_{std::move(target)} {}

        void insert(T element) {
            target_.change(
                [&](g_set& set, author const&) { return set.insert(std::move(element)); });
        }

    private:
        Target target_;
    };

private:
    sorted_blocks<T> elements_;
    bool is_canonical_ = true;
};

static_assert(delta_crdt<g_set<int>>);

} // namespace joinery
