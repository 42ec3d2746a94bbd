#pragma once

#include <joinery/core/lattice.hpp>
#include <joinery/core/record.hpp>

#include <algorithm>
#include <concepts>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace joinery {

namespace detail {

/// Whether `T` is a standard type that is made of lattices, and `Test<Part>::value` for them.
template <class T, template <class> class Test>
inline constexpr bool standard_parts_are = false;
template <class L, template <class> class Test>
inline constexpr bool standard_parts_are<std::optional<L>, Test> = Test<L>::value;
template <class A, class B, template <class> class Test>
inline constexpr bool standard_parts_are<std::pair<A, B>, Test> = Test<A>::value&& Test<B>::value;
template <class... Ls, template <class> class Test>
inline constexpr bool standard_parts_are<std::tuple<Ls...>, Test> = (Test<Ls>::value && ...);
template <class K, class L, class Less, class Allocator, template <class> class Test>
inline constexpr bool standard_parts_are<std::map<K, L, Less, Allocator>, Test> = Test<L>::value;
template <class T, class Less, class Allocator, template <class> class Test>
inline constexpr bool standard_parts_are<std::set<T, Less, Allocator>, Test> = true;

template <class T>
struct is_lattice;

template <class T>
constexpr bool has_lattice_join() {
    if constexpr (join_semilattice<T>) {
        return true;
    } else if constexpr (standard_parts_are<T, is_lattice>) {
        return true;
    } else if constexpr (record<T>) {
        return all_fields_are<T, is_lattice>();
    } else {
        return false;
    }
}

template <class T>
struct is_lattice : std::bool_constant<has_lattice_join<T>()> {};

template <class T>
concept standard_lattice = standard_parts_are<T, is_lattice>;

} // namespace detail

/// What `joinery::join` joins: a `join_semilattice`, a record of lattices, or a standard type that
/// is a lattice because its parts are.
///
/// type                      join                                        bottom
/// `std::optional<L>`        the values if both have one, else the one   none
/// `std::pair`, `std::tuple` each part                                   each part's
/// `std::map<K, L>`          the union of the keys; values of equal      empty
///                           keys join
/// `std::set<T>`             union                                       empty
/// record                    each field                                  each field's
template <class T>
concept lattice = std::default_initializable<T> && std::copyable<T> && detail::is_lattice<T>::value;

/// A record whose every field is a lattice. It is itself one; its laws follow from those of its
/// fields.
template <class T>
concept lattice_record = record<T> && lattice<T>;

namespace detail {

/// Members of one class, so that each overload finds all others.
struct lattice_join {
    template <class T>
    static constexpr void join(T& into, T const& from) {
        if constexpr (join_semilattice<T>) {
            into.join(from);
        } else if constexpr (standard_lattice<T>) {
            join_parts(into, from);
        } else {
            for_each_field(into, from, [](std::string_view, auto& mine, auto const& theirs) {
                lattice_join::join(mine, theirs);
            });
        }
    }

    template <class L>
    static void join_parts(std::optional<L>& into, std::optional<L> const& from) {
        if (into && from) {
            join(*into, *from);
        } else if (from) {
            into = from;
        }
    }
    template <class A, class B>
    static void join_parts(std::pair<A, B>& into, std::pair<A, B> const& from) {
        join(into.first, from.first);
        join(into.second, from.second);
    }
    template <class... Ls>
    static void join_parts(std::tuple<Ls...>& into, std::tuple<Ls...> const& from) {
        [&]<std::size_t... i>(std::index_sequence<i...>) {
            (join(std::get<i>(into), std::get<i>(from)), ...);
        }
        (std::index_sequence_for<Ls...>{});
    }
    template <class K, class L, class Less, class Allocator>
    static void join_parts(std::map<K, L, Less, Allocator>& into,
                           std::map<K, L, Less, Allocator> const& from) {
        auto hint = into.begin();
        for (auto const& [key, theirs] : from) {
            auto const size = into.size();
            hint = into.try_emplace(hint, key, theirs);
            if (into.size() == size) {
                join(hint->second, theirs);
            }
            ++hint;
        }
    }
    template <class T, class Less, class Allocator>
    static void join_parts(std::set<T, Less, Allocator>& into,
                           std::set<T, Less, Allocator> const& from) {
        auto hint = into.begin();
        for (auto const& element : from) {
            hint = std::next(into.insert(hint, element));
        }
    }
};

/// Compares part by part, since the `==` of a standard type does not know records without one.
struct lattice_equal {
    template <class T>
    static constexpr bool equal(T const& a, T const& b) {
        if constexpr (standard_lattice<T>) {
            return equal_parts(a, b);
        } else if constexpr (std::equality_comparable<T>) {
            return a == b;
        } else {
            return equal_fields(a, b);
        }
    }
    template <class Record>
    static constexpr bool equal_fields(Record const& a, Record const& b) {
        auto all = true;
        for_each_field(a, b, [&](std::string_view, auto const& x, auto const& y) {
            all = all && lattice_equal::equal(x, y);
        });
        return all;
    }

    template <class L>
    static bool equal_parts(std::optional<L> const& a, std::optional<L> const& b) {
        return a.has_value() == b.has_value() && (!a || equal(*a, *b));
    }
    template <class A, class B>
    static bool equal_parts(std::pair<A, B> const& a, std::pair<A, B> const& b) {
        return equal(a.first, b.first) && equal(a.second, b.second);
    }
    template <class... Ls>
    static bool equal_parts(std::tuple<Ls...> const& a, std::tuple<Ls...> const& b) {
        return [&]<std::size_t... i>(std::index_sequence<i...>) {
            return (equal(std::get<i>(a), std::get<i>(b)) && ...);
        }
        (std::index_sequence_for<Ls...>{});
    }
    template <class K, class L, class Less, class Allocator>
    static bool equal_parts(std::map<K, L, Less, Allocator> const& a,
                            std::map<K, L, Less, Allocator> const& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](auto const& x, auto const& y) {
            return x.first == y.first && equal(x.second, y.second);
        });
    }
    template <class T, class Less, class Allocator>
    static bool equal_parts(std::set<T, Less, Allocator> const& a,
                            std::set<T, Less, Allocator> const& b) {
        return a == b;
    }
};

struct lattice_bottom {
    template <class T>
    static constexpr bool is_bottom(T const& x) {
        if constexpr (requires { x.is_bottom(); }) {
            return x.is_bottom();
        } else if constexpr (standard_lattice<T>) {
            return has_no_parts(x);
        } else if constexpr (record<T>) {
            auto all = true;
            for_each_field(x, [&](std::string_view, auto const& field) {
                all = all && lattice_bottom::is_bottom(field);
            });
            return all;
        } else {
            return x == T{};
        }
    }

    template <class L>
    static bool has_no_parts(std::optional<L> const& x) {
        return !x.has_value();
    }
    template <class A, class B>
    static bool has_no_parts(std::pair<A, B> const& x) {
        return is_bottom(x.first) && is_bottom(x.second);
    }
    template <class... Ls>
    static bool has_no_parts(std::tuple<Ls...> const& x) {
        return std::apply([](auto const&... parts) { return (is_bottom(parts) && ...); }, x);
    }
    template <class K, class L, class Less, class Allocator>
    static bool has_no_parts(std::map<K, L, Less, Allocator> const& x) {
        return x.empty();
    }
    template <class T, class Less, class Allocator>
    static bool has_no_parts(std::set<T, Less, Allocator> const& x) {
        return x.empty();
    }
};

} // namespace detail

/// Joins `from` into `into`, whatever kind of lattice they are: by the member `join` if there is
/// one, otherwise part by part.
///
/// Complexity   the sum of the parts' joins; maps and sets O(m log n), O(n + m) if most keys are in
///              both. Allocates only for what is new.
template <lattice T>
constexpr void join(T& into, T const& from) {
    detail::lattice_join::join(into, from);
}

/// Whether two lattices are equal: with `==`, or part by part where there is none.
template <lattice T>
[[nodiscard]] constexpr bool equal(T const& a, T const& b) {
    return detail::lattice_equal::equal(a, b);
}

/// Whether every field of `a` equals the same field of `b`; nested records without `==` are
/// compared field by field.
template <record Record>
[[nodiscard]] constexpr bool equal(Record const& a, Record const& b) {
    return detail::lattice_equal::equal_fields(a, b);
}
template <lattice_record Record>
[[nodiscard]] constexpr bool equal(Record const& a, Record const& b) {
    return detail::lattice_equal::equal_fields(a, b);
}

/// Whether nothing was ever written: `x.is_bottom()`, that no part was, or that `x` equals a fresh
/// one.
template <lattice T>
[[nodiscard]] constexpr bool is_bottom(T const& x) {
    return detail::lattice_bottom::is_bottom(x);
}

} // namespace joinery
