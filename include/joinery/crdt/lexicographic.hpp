#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/decomposition.hpp>
#include <joinery/core/forget.hpp>
#include <joinery/core/lattice.hpp>

#include <concepts>
#include <utility>

namespace joinery {

/// A pair whose first part decides: the greater one brings its whole second part along, and equal
/// ones join their second parts.
///
/// For a value that is replaced as a whole and changed in between: a first part that says which
/// edition it is, a second one that is written under it. `A` is best a chain, such as
/// `max_register`.
///
/// Concurrent writes   under equal first parts: as `B` joins. Under different ones: what was
///                     written under the lesser one is gone. Under two of which neither is the
///                     greater (never in a chain): their join, and nothing under it.
/// State               both parts.
/// Forgetting          the second part's; the first is compared, and stays as it is.
/// Complexity          that of the parts, and a `difference` of the first ones.
/// Reference           Almeida, Shoker, Baquero, "Delta State Replicated Data Types", JPDC 111,
///                     2018, §4.3 (lexicographic product).
template <decomposable A, decomposable B>
requires std::same_as<delta_of<A>, A> && std::same_as<delta_of<B>, B>
class lexicographic {
public:
    using first_type = A;
    using second_type = B;
    using delta_type = lexicographic;

    [[nodiscard]] A const& first() const { return first_; }
    [[nodiscard]] B const& second() const { return second_; }

    [[nodiscard]] bool is_bottom() const {
        return joinery::is_bottom(first_) && joinery::is_bottom(second_);
    }

    /// Raises the first part by `mutate(A&)`, drops the second one, and returns the change to send,
    /// which is empty if the first part stayed as it was.
    template <std::invocable<A&> Mutate>
    delta_type change_first(Mutate&& mutate) {
        auto const before = first_;
        std::forward<Mutate>(mutate)(first_);
        if (joinery::equal(before, first_)) {
            return {};
        }
        second_ = B{};
        return *this;
    }

    /// Changes the second part by `mutate(B&)`, which returns the change of that part, and returns
    /// the change to send: it names the whole first part.
    template <std::invocable<B&> Mutate>
    delta_type change_second(Mutate&& mutate) {
        delta_type delta;
        delta.second_ = std::forward<Mutate>(mutate)(second_);
        if (!joinery::is_bottom(delta.second_)) {
            delta.first_ = first_;
        }
        return delta;
    }

    void join(lexicographic const& other) {
        if (joinery::is_bottom(joinery::difference(other.first_, first_))) {
            if (joinery::equal(first_, other.first_)) {
                joinery::join(second_, other.second_);
            }
        } else if (joinery::is_bottom(joinery::difference(first_, other.first_))) {
            *this = other;
        } else {
            joinery::join(first_, other.first_);
            second_ = B{};
        }
    }

    /// Visits the parts of the second under the whole first, or those of the first if there is no
    /// second.
    template <class Visit>
    void decompose(Visit&& visit) const {
        if (joinery::is_bottom(second_)) {
            joinery::decompose(first_, [&](A const& part) {
                delta_type one;
                one.first_ = part;
                visit(std::move(one));
            });
            return;
        }
        joinery::decompose(second_, [&](B const& part) {
            delta_type one;
            one.first_ = first_;
            one.second_ = part;
            visit(std::move(one));
        });
    }

    /// Bottom, the news of the second part, the whole pair, or the news of the first part: what
    /// changes `other`.
    [[nodiscard]] delta_type difference(lexicographic const& other) const {
        delta_type news;
        auto first = joinery::difference(first_, other.first_);
        if (!joinery::is_bottom(first)) {
            auto const is_greater = joinery::is_bottom(joinery::difference(other.first_, first_));
            if (is_greater && !joinery::is_bottom(second_)) {
                return *this;
            }
            news.first_ = std::move(first);
        } else if (joinery::equal(first_, other.first_)) {
            news.second_ = joinery::difference(second_, other.second_);
            if (!joinery::is_bottom(news.second_)) {
                news.first_ = first_;
            }
        }
        return news;
    }

    /// Drops what `cut` makes superfluous in the second part.
    void forget(stable_cut const& cut) { joinery::forget(second_, cut); }

    friend bool operator==(lexicographic const& a, lexicographic const& b) {
        return joinery::equal(a.first_, b.first_) && joinery::equal(a.second_, b.second_);
    }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(first_, second_);
    }

    /// Whether the bytes that it was loaded from were acceptable.
    [[nodiscard]] bool is_canonical() const { return is_good(first_) && is_good(second_); }

    /// The mutators as a replica offers them: those of the parts.
    template <class Target>
    class editor;

private:
    template <class Part>
    [[nodiscard]] static bool is_good(Part const& part) {
        if constexpr (requires { part.is_canonical(); }) {
            return part.is_canonical();
        } else {
            return true;
        }
    }

    A first_{};
    B second_{};
};

/// Changes a pair; made by a replica's `edit`.
template <decomposable A, decomposable B>
requires std::same_as<delta_of<A>, A> && std::same_as<delta_of<B>, B>
template <class Target>
class lexicographic<A, B>::editor {
    struct first_target {
        Target target;

        template <class F>
        void change(F&& f) {
            target.change([&](lexicographic& pair, author const& by) {
                return pair.change_first([&](A& first) { return f(first, by); });
            });
        }
    };

    struct second_target {
        Target target;

        template <class F>
        void change(F&& f) {
            target.change([&](lexicographic& pair, author const& by) {
                return pair.change_second([&](B& second) { return f(second, by); });
            });
        }
    };

public:
    explicit editor(Target target) : target_{std::move(target)} {}

    /// The editor of the first part: raising it drops the second one.
    [[nodiscard]] auto first() {
        return typename A::template editor<first_target>{first_target{target_}};
    }
    /// The editor of the second part.
    [[nodiscard]] auto second() {
        return typename B::template editor<second_target>{second_target{target_}};
    }

private:
    Target target_;
};

} // namespace joinery
