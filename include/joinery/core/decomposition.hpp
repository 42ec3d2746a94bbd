#pragma once

#include <joinery/core/join.hpp>

#include <concepts>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace joinery {

namespace detail {

template <class T>
struct delta_of {
    using type = T;
};
template <class T>
requires requires {
    typename T::delta_type;
}
struct delta_of<T> {
    using type = typename T::delta_type;
};

struct any_visitor {
    template <class Part>
    void operator()(Part&&) const {}
};

template <class T>
concept decomposes_itself = requires(T const& x) {
    x.decompose(any_visitor{});
};

template <class T>
concept differs_itself = requires(T const& x) {
    { x.difference(x) } -> std::convertible_to<typename delta_of<T>::type>;
};

template <class T>
struct is_decomposable;

template <class T>
constexpr bool has_parts() {
    if constexpr (decomposes_itself<T>) {
        return true;
    } else if constexpr (standard_parts_are<T, is_decomposable>) {
        return true;
    } else if constexpr (record<T>) {
        return all_fields_are<T, is_decomposable>();
    } else {
        return false;
    }
}

template <class T>
struct is_decomposable : std::bool_constant<has_parts<T>()> {};

} // namespace detail

/// What the changes of a lattice are expressed in: `T::delta_type` if there is one, otherwise `T`.
template <class T>
using delta_of = typename detail::delta_of<T>::type;

/// A lattice that can be taken apart, and compared with another one for what is news.
///
/// Minimal complete definition
///   `x.decompose(visit)` calls `visit(part)` with each part, a `delta_of<T>`, in an order that
///   the state alone decides. Records and standard types go part by part.
///   `x.difference(other)` is optional: what it would be follows from `decompose`.
///
/// Laws, for all `x`, `y`
///   the join of all parts of `x` is `x`; bottom has no parts
///   no part can be left out: the join of all others is not `x`
///   y ⊔ difference(x, y) == y ⊔ x, and no part of the difference is below y
///
/// Reference   Enes, Almeida, Baquero, Leitão, "Efficient Synchronization of State-based CRDTs",
///             ICDE 2019, §III.
template <class T>
concept decomposable = lattice<T> && detail::is_decomposable<T>::value;

/// Whether `b` already holds everything that `a` says: `b ⊔ a == b`.
///
/// Complexity   a copy of `b` and a join.
template <class A, lattice B>
[[nodiscard]] bool is_below(A const& a, B const& b) {
    auto both = b;
    if constexpr (std::same_as<A, B>) {
        joinery::join(both, a);
    } else {
        both.join(a);
    }
    return joinery::equal(both, b);
}

namespace detail {

struct lattice_parts {
    template <class T, class Visit>
    static void decompose(T const& x, Visit&& visit) {
        if constexpr (decomposes_itself<T>) {
            x.decompose(visit);
        } else if constexpr (standard_lattice<T>) {
            decompose_standard(x, visit);
        } else {
            T part{};
            for_each_field(x, part, [&](std::string_view, auto const& field, auto& slot) {
                lattice_parts::decompose(field, [&](auto&& piece) {
                    slot = std::forward<decltype(piece)>(piece);
                    visit(std::as_const(part));
                });
                slot = {};
            });
        }
    }

    template <class L, class Visit>
    static void decompose_standard(std::optional<L> const& x, Visit& visit) {
        if (x && joinery::is_bottom(*x)) {
            visit(std::optional<L>{L{}});
        } else if (x) {
            decompose(*x, [&](auto&& part) {
                visit(std::optional<L>{std::forward<decltype(part)>(part)});
            });
        }
    }
    template <class A, class B, class Visit>
    static void decompose_standard(std::pair<A, B> const& x, Visit& visit) {
        decompose(x.first, [&](auto&& part) {
            visit(std::pair<A, B>{std::forward<decltype(part)>(part), B{}});
        });
        decompose(x.second, [&](auto&& part) {
            visit(std::pair<A, B>{A{}, std::forward<decltype(part)>(part)});
        });
    }
    template <class... Ls, class Visit>
    static void decompose_standard(std::tuple<Ls...> const& x, Visit& visit) {
        [&]<std::size_t... i>(std::index_sequence<i...>) {
            (decompose(std::get<i>(x),
                       [&](auto&& part) {
                           std::tuple<Ls...> whole{};
                           std::get<i>(whole) = std::forward<decltype(part)>(part);
                           visit(std::move(whole));
                       }),
             ...);
        }
        (std::index_sequence_for<Ls...>{});
    }
    template <class K, class L, class Less, class Allocator, class Visit>
    static void decompose_standard(std::map<K, L, Less, Allocator> const& x, Visit& visit) {
        auto const visit_one = [&](K const& key, auto&& part) {
            std::map<K, L, Less, Allocator> one;
            one.try_emplace(key, std::forward<decltype(part)>(part));
            visit(std::move(one));
        };
        for (auto const& entry : x) {
            if (joinery::is_bottom(entry.second)) {
                visit_one(entry.first, L{});
            }
            decompose(entry.second, [&](auto&& part) {
                visit_one(entry.first, std::forward<decltype(part)>(part));
            });
        }
    }
    template <class T, class Less, class Allocator, class Visit>
    static void decompose_standard(std::set<T, Less, Allocator> const& x, Visit& visit) {
        for (auto const& element : x) {
            visit(std::set<T, Less, Allocator>{element});
        }
    }
};

struct lattice_difference {
    template <class T>
    static typename delta_of<T>::type of(T const& a, T const& b) {
        if constexpr (differs_itself<T>) {
            return a.difference(b);
        } else {
            typename delta_of<T>::type news{};
            take(news, a, b);
            return news;
        }
    }

    template <class T>
    static void take(typename delta_of<T>::type& news, T const& a, T const& b) {
        if constexpr (decomposes_itself<T>) {
            a.decompose([&](auto&& part) {
                if (!joinery::is_below(part, b)) {
                    joinery::join(news, part);
                }
            });
        } else {
            for_each_field(news, a, b, [](std::string_view, auto& slot, auto const& x, auto& y) {
                slot = lattice_difference::of(x, y);
            });
        }
    }
    template <class L>
    static void take(std::optional<L>& news, std::optional<L> const& a, std::optional<L> const& b) {
        if (a && !b) {
            news = a;
        } else if (a) {
            if (auto inner = of(*a, *b); !joinery::is_bottom(inner)) {
                news = std::move(inner);
            }
        }
    }
    template <class A, class B>
    static void take(std::pair<A, B>& news, std::pair<A, B> const& a, std::pair<A, B> const& b) {
        news.first = of(a.first, b.first);
        news.second = of(a.second, b.second);
    }
    template <class... Ls>
    static void take(std::tuple<Ls...>& news, std::tuple<Ls...> const& a,
                     std::tuple<Ls...> const& b) {
        [&]<std::size_t... i>(std::index_sequence<i...>) {
            ((std::get<i>(news) = of(std::get<i>(a), std::get<i>(b))), ...);
        }
        (std::index_sequence_for<Ls...>{});
    }
    template <class K, class L, class Less, class Allocator>
    static void take(std::map<K, L, Less, Allocator>& news,
                     std::map<K, L, Less, Allocator> const& a,
                     std::map<K, L, Less, Allocator> const& b) {
        auto const less = a.key_comp();
        auto theirs = b.begin();
        for (auto const& [key, mine] : a) {
            while (theirs != b.end() && less(theirs->first, key)) {
                ++theirs;
            }
            if (theirs == b.end() || less(key, theirs->first)) {
                news.emplace_hint(news.end(), key, mine);
            } else if (auto inner = of(mine, theirs->second); !joinery::is_bottom(inner)) {
                news.emplace_hint(news.end(), key, std::move(inner));
            }
        }
    }
    template <class T, class Less, class Allocator>
    static void take(std::set<T, Less, Allocator>& news, std::set<T, Less, Allocator> const& a,
                     std::set<T, Less, Allocator> const& b) {
        auto const less = a.key_comp();
        auto theirs = b.begin();
        for (auto const& mine : a) {
            while (theirs != b.end() && less(*theirs, mine)) {
                ++theirs;
            }
            if (theirs == b.end() || less(mine, *theirs)) {
                news.emplace_hint(news.end(), mine);
            }
        }
    }
};

} // namespace detail

/// Calls `visit(part)` with each irredundant part of `x`.
template <decomposable T, class Visit>
void decompose(T const& x, Visit&& visit) {
    detail::lattice_parts::decompose(x, visit);
}

/// The irredundant parts of `x`: none of them follows from the others, and their join is `x`.
template <decomposable T>
[[nodiscard]] std::vector<delta_of<T>> decompose(T const& x) {
    std::vector<delta_of<T>> parts;
    detail::lattice_parts::decompose(
        x, [&](auto&& part) { parts.push_back(std::forward<decltype(part)>(part)); });
    return parts;
}

/// The smallest delta that lifts `b` to `b ⊔ a`: what somebody who has `b` has to be sent.
///
/// Complexity   by a member `difference`: as that says, in this library O(n + m). Otherwise O(n m).
template <decomposable T>
[[nodiscard]] delta_of<T> difference(T const& a, T const& b) {
    return detail::lattice_difference::of(a, b);
}

} // namespace joinery
