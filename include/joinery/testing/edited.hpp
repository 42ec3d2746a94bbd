#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/testing/specification.hpp>

#include <optional>
#include <string>
#include <utility>

namespace joinery::testing {

namespace detail {

/// What the editor of a plain lattice reaches its state through.
template <class T>
struct recording_target {
    T* whole;
    typename T::delta_type* delta;
    author const* who;

    [[nodiscard]] author const& by() const { return *who; }
    [[nodiscard]] T& state() { return *whole; }
    void record(typename T::delta_type const& change) { delta->join(change); }
    template <class Error>
    void fail(Error const&) {}
    template <class F>
    void change(F&& f) {
        record(f(*whole, *who));
    }
};

} // namespace detail

/// Changes `state` through the editor of its type, as a replica would, and returns the delta.
template <delta_crdt T, class Change>
typename T::delta_type edited(T& state, author const& by, Change&& change) {
    if constexpr (requires { state.edit(by, [](auto&&) {}); }) {
        return state.edit(by, std::forward<Change>(change));
    } else {
        typename T::delta_type delta;
        using target = detail::recording_target<T>;
        change(typename T::template editor<target>{target{&state, &delta, &by}});
        return delta;
    }
}

/// A letter of the alphabet of `explore` that uses the editor of the type:
/// `letter<aw_set<int>>("insert", "1", [](auto set) { set.insert(1); })`.
template <delta_crdt T, class Change>
[[nodiscard]] typename specification<T>::edit letter(std::string verb, std::string argument,
                                                     Change change) {
    return {std::move(verb), std::move(argument),
            [change](T& state, author const& by) -> std::optional<typename T::delta_type> {
                return edited(state, by, change);
            }};
}

} // namespace joinery::testing
