#pragma once

#include <joinery/core/join.hpp>
#include <joinery/core/stable_cut.hpp>

#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace joinery {

namespace detail {

struct lattice_forget {
    template <class T>
    static void forget(T& x, stable_cut const& cut) {
        if constexpr (requires { x.forget(cut); }) {
            x.forget(cut);
        } else if constexpr (standard_lattice<T>) {
            forget_parts(x, cut);
        } else if constexpr (record<T>) {
            for_each_field(
                x, [&](std::string_view, auto& field) { lattice_forget::forget(field, cut); });
        }
    }

    template <class L>
    static void forget_parts(std::optional<L>& x, stable_cut const& cut) {
        if (x) {
            forget(*x, cut);
        }
    }
    template <class A, class B>
    static void forget_parts(std::pair<A, B>& x, stable_cut const& cut) {
        forget(x.first, cut);
        forget(x.second, cut);
    }
    template <class... Ls>
    static void forget_parts(std::tuple<Ls...>& x, stable_cut const& cut) {
        std::apply([&](auto&... parts) { (forget(parts, cut), ...); }, x);
    }
    template <class K, class L, class Less, class Allocator>
    static void forget_parts(std::map<K, L, Less, Allocator>& x, stable_cut const& cut) {
        for (auto& [key, part] : x) {
            forget(part, cut);
        }
    }
    template <class T, class Less, class Allocator>
    static void forget_parts(std::set<T, Less, Allocator>&, stable_cut const&) {}
};

} // namespace detail

/// Drops what `cut` makes superfluous: tombstones, floors, parts of retired replicas.
///
/// Calls the member `x.forget(cut)` if there is one, and reaches into records and standard types.
/// Types that keep nothing superfluous have no such member; nothing happens to them.
///
/// Complexity   the sum of the parts'.
template <class T>
void forget(T& x, stable_cut const& cut) {
    detail::lattice_forget::forget(x, cut);
}

} // namespace joinery
