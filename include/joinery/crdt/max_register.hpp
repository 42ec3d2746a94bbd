#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/crdt/register_policy.hpp>
#include <joinery/crdt/sole_form.hpp>

#include <concepts>
#include <utility>

namespace joinery {

/// The greatest value that was ever assigned.
///
/// Concurrent writes   the greatest wins, by `Less`; who wrote it, and when, does not matter.
/// State               the value, and whether there is one. Of the two floating-point zeros the
///                     positive one stands for both.
/// Complexity          everything O(1), apart from copying a value.
/// Reference           Baquero, Almeida, Cunha, Ferreira, "Composition in State-based Replicated
///                     Data Types", Bulletin of the EATCS 123, 2017 (chains).
///
/// `Less` is a strict total order without state: values of which neither precedes are equal.
///
/// See also `min_register`; `lww_register` with `highest_wins`, which knows the author.
template <std::regular T, class Less = detail::value_less>
requires std::predicate<Less, T const&, T const&>
class max_register {
public:
    using value_type = T;
    using delta_type = max_register;

    max_register() = default;

    /// The greatest value; `T{}` if none was ever assigned.
    [[nodiscard]] T const& value() const { return value_; }

    /// Whether no value was ever assigned.
    [[nodiscard]] bool is_bottom() const { return !has_value_; }

    /// Raises the value to `value` and returns the change to send, which is empty if the present
    /// one is as great.
    ///
    /// Precondition: `value == value` (not a NaN).
    delta_type assign(T value) {
        delta_type delta;
        delta.value_ = detail::sole_form(std::move(value));
        delta.has_value_ = true;
        if (delta.is_below(*this)) {
            return {};
        }
        join(delta);
        return delta;
    }

    void join(max_register const& other) {
        if (!other.is_below(*this)) {
            value_ = other.value_;
            has_value_ = true;
        }
    }

    /// Visits the register itself, unless it is bottom: there is nothing to take apart.
    template <class Visit>
    void decompose(Visit&& visit) const {
        if (has_value_) {
            visit(*this);
        }
    }

    /// The whole of it if it is greater than `other`.
    [[nodiscard]] delta_type difference(max_register const& other) const {
        return is_below(other) ? delta_type{} : *this;
    }

    friend bool operator==(max_register const& a, max_register const& b) {
        return a.has_value_ == b.has_value_ && a.value_ == b.value_;
    }

    template <class Archive>
    void save(Archive& archive) const {
        archive(has_value_);
        if (has_value_) {
            archive(value_);
        }
    }

    template <class Archive>
    void load(Archive& archive) {
        max_register loaded;
        archive(loaded.has_value_);
        if (loaded.has_value_) {
            archive(loaded.value_);
            loaded.is_canonical_ = detail::is_sole_form(loaded.value_);
        }
        *this = std::move(loaded);
    }

    /// Whether the bytes that it was loaded from were acceptable: no NaN, no negative zero.
    [[nodiscard]] bool is_canonical() const { return is_canonical_; }

    /// The mutators as a replica offers them: identity and recording of the delta are the target's.
    template <class Target>
    class editor {
    public:
        explicit editor(Target target) : target_{std::move(target)} {}

        void assign(T value) {
            target_.change(
                [&](max_register& state, author const&) { return state.assign(std::move(value)); });
        }

    private:
        Target target_;
    };

private:
    [[nodiscard]] bool is_below(max_register const& other) const {
        return !has_value_ || (other.has_value_ && !Less{}(other.value_, value_));
    }

    T value_{};
    bool has_value_ = false;
    bool is_canonical_ = true;
};

static_assert(delta_crdt<max_register<int>>);

} // namespace joinery
