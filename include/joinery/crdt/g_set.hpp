#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/crdt/sorted_blocks.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
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
/// See also `aw_set`, whose elements can be removed.
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
    ///
    /// Precondition: `element == element` (not a NaN).
    delta_type insert(T element) {
        delta_type delta;
        if (elements_.insert(element)) {
            delta.elements_.append(std::move(element));
        }
        return delta;
    }

    void join(g_set const& other) { elements_.merge(other.elements_); }

    friend bool operator==(g_set const& a, g_set const& b) { return a.elements_ == b.elements_; }

    template <class Archive>
    void save(Archive& archive) const {
        archive(std::uint64_t{size()});
        for (auto const& element : elements_) {
            archive(element);
        }
    }

    /// Stops at the first element that is out of order or twice there; the set
    /// is then empty and not canonical.
    template <class Archive>
    void load(Archive& archive) {
        *this = {};
        std::uint64_t count = 0;
        archive(count);
        for (; count > 0; --count) {
            T element{};
            archive(element);
            auto const is_next = is_bottom() ? element == element : elements_.back() < element;
            if (!is_next) {
                *this = {};
                is_canonical_ = false;
                return;
            }
            elements_.append(std::move(element));
        }
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
