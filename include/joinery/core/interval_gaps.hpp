#pragma once

#include <joinery/core/interval_blocks.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace joinery::detail {

/// The intervals above the prefix of an `interval_set`. One lies in the object itself: a delta has
/// seen one dot, and should allocate nothing to say so. More lie in blocks.
///
/// Complexity   as `interval_blocks`; no allocation up to one interval.
class interval_gaps {
public:
    interval_gaps() = default;
    interval_gaps(interval_gaps const& other)
        : one_{other.is_many() ? address_of(new interval_blocks{other.many()}) : other.one_} {}
    interval_gaps(interval_gaps&& other) noexcept : one_{std::exchange(other.one_, {})} {}
    interval_gaps& operator=(interval_gaps other) noexcept {
        std::swap(one_, other.one_);
        return *this;
    }
    ~interval_gaps() {
        if (is_many()) {
            delete &many();
        }
    }

    [[nodiscard]] bool empty() const { return one_ == interval{}; }
    [[nodiscard]] std::size_t size() const {
        return is_many() ? many().size() : one_.first != 0 ? 1 : 0;
    }

    [[nodiscard]] bool contains(std::uint64_t sequence) const {
        return is_many() ? many().contains(sequence)
                         : one_.first <= sequence && sequence <= one_.last;
    }
    /// The first interval that ends at or after `sequence`; null if there is none.
    [[nodiscard]] interval const* ending_at_or_after(std::uint64_t sequence) const {
        return is_many()                           ? many().ending_at_or_after(sequence)
               : one_.last >= sequence && !empty() ? &one_
                                                   : nullptr;
    }

    /// Precondition: `in.first > 1`.
    void insert(interval in) {
        if (is_many()) {
            many().insert(in);
            look_for_one();
        } else if (empty()) {
            one_ = in;
        } else if (in.first - 1 <= one_.last && one_.first - 1 <= in.last) {
            one_ = {std::min(one_.first, in.first), std::max(one_.last, in.last)};
        } else {
            make_many().insert(in);
        }
    }
    /// Appends; precondition: `in` lies behind every interval and is not adjacent to the last one.
    void push_back(interval in) {
        if (empty()) {
            one_ = in;
        } else {
            make_many().push_back(in);
        }
    }
    /// Takes away the intervals that touch the prefix [1, upto] and returns the prefix with them.
    std::uint64_t pop_front(std::uint64_t upto) {
        if (is_many()) {
            upto = many().pop_front(upto);
            look_for_one();
        } else if (!empty() && one_.first - 1 <= upto) {
            upto = std::max(upto, std::exchange(one_, {}).last);
        }
        return upto;
    }

    template <class Function>
    void for_each(Function&& function) const {
        if (is_many()) {
            many().for_each(function);
        } else if (!empty()) {
            function(one_);
        }
    }

    friend bool operator==(interval_gaps const& a, interval_gaps const& b) {
        return a.is_many() && b.is_many() ? a.many() == b.many() : a.one_ == b.one_;
    }

private:
    static_assert(sizeof(std::uintptr_t) <= sizeof(std::uint64_t));

    static interval address_of(interval_blocks* blocks) {
        return {0, reinterpret_cast<std::uintptr_t>(blocks)};
    }
    [[nodiscard]] bool is_many() const { return one_.first == 0 && one_.last != 0; }
    [[nodiscard]] interval_blocks& many() const {
        return *reinterpret_cast<interval_blocks*>(static_cast<std::uintptr_t>(one_.last));
    }
    interval_blocks& make_many() {
        if (!is_many()) {
            auto const first = std::exchange(one_, address_of(new interval_blocks));
            many().push_back(first);
        }
        return many();
    }
    /// Equal sets look alike.
    void look_for_one() {
        if (many().size() <= 1) {
            auto* const blocks = &many();
            one_ = blocks->size() == 0 ? interval{} : blocks->front();
            delete blocks;
        }
    }

    interval one_{}; ///< `first` is 0: none, or many at the address in `last`
};

} // namespace joinery::detail
