#pragma once

#include <joinery/core/lattice.hpp>

#include <boost/hana/accessors.hpp>
#include <boost/hana/adapt_struct.hpp>
#include <boost/hana/concept/struct.hpp>
#include <boost/hana/define_struct.hpp>
#include <boost/hana/first.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/second.hpp>
#include <boost/hana/string.hpp>
#include <boost/hana/unpack.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace joinery {

/// A struct whose fields and their names are known at compile time, because it was described with
/// `BOOST_HANA_DEFINE_STRUCT` inside it or with `BOOST_HANA_ADAPT_STRUCT` outside of it.
template <class T>
concept record = boost::hana::Struct<std::remove_cv_t<T>>::value;

namespace detail {

/// The name in one of Hana's (name, accessor) pairs.
template <class Field>
inline constexpr std::string_view
    field_name = std::remove_cvref_t<decltype(boost::hana::first(std::declval<Field>()))>::c_str();

} // namespace detail

/// How many fields a record has, those of nested records not counted.
template <record Record>
inline constexpr std::size_t field_count = decltype(boost::hana::unpack(
    boost::hana::accessors<std::remove_cv_t<Record>>(), [](auto... fields) {
        return std::integral_constant<std::size_t, sizeof...(fields)>{};
    }))::value;

/// The names of the fields in the order of their declaration.
template <record Record>
[[nodiscard]] constexpr std::array<std::string_view, field_count<Record>> field_names() {
    return boost::hana::unpack(boost::hana::accessors<std::remove_cv_t<Record>>(),
                               [](auto... fields) {
                                   return std::array<std::string_view, sizeof...(fields)>{
                                       detail::field_name<decltype(fields)>...};
                               });
}

/// Calls `function(name, field)` for each field in the order of their declaration.
template <record Record, class Function>
constexpr void for_each_field(Record& value, Function&& function) {
    auto const visit = [&](auto const& field) {
        function(detail::field_name<decltype(field)>, boost::hana::second(field)(value));
    };
    boost::hana::for_each(boost::hana::accessors<std::remove_cv_t<Record>>(), visit);
}

/// Calls `function(name, field_of_a, field_of_b)` for each field of two records of one type.
template <record A, record B, class Function>
requires std::same_as<std::remove_cv_t<A>, std::remove_cv_t<B>>
constexpr void for_each_field(A& a, B& b, Function&& function) {
    auto const visit = [&](auto const& field) {
        auto const& access = boost::hana::second(field);
        function(detail::field_name<decltype(field)>, access(a), access(b));
    };
    boost::hana::for_each(boost::hana::accessors<std::remove_cv_t<A>>(), visit);
}

namespace detail {

template <class T>
constexpr bool is_joinable();

template <class Record>
constexpr bool has_joinable_fields() {
    return decltype(boost::hana::unpack(boost::hana::accessors<Record>(), [](auto... fields) {
        return std::bool_constant<(is_joinable<std::remove_cvref_t<decltype(boost::hana::second(
                                       fields)(std::declval<Record&>()))>>() &&
                                   ...)>{};
    }))::value;
}

template <class T>
constexpr bool is_joinable() {
    if constexpr (join_semilattice<T>) {
        return true;
    } else if constexpr (record<T>) {
        return has_joinable_fields<T>();
    } else {
        return false;
    }
}

} // namespace detail

/// A record whose every field is a lattice, or again such a record. It is itself a lattice, by
/// `join` and `equal` below; its laws follow from those of its fields.
template <class T>
concept lattice_record = record<T> && std::default_initializable<T> && std::copyable<T> &&
    detail::is_joinable<T>();

/// Joins each field of `from` into the same field of `into`.
///
/// Complexity   the sum of the fields' joins.
template <lattice_record Record>
constexpr void join(Record& into, Record const& from) {
    for_each_field(into, from, [](std::string_view, auto& mine, auto const& theirs) {
        if constexpr (join_semilattice<std::remove_cvref_t<decltype(mine)>>) {
            mine.join(theirs);
        } else {
            joinery::join(mine, theirs);
        }
    });
}

/// Whether every field of `a` equals the same field of `b`; nested records without `==` are
/// compared field by field.
template <record Record>
[[nodiscard]] constexpr bool equal(Record const& a, Record const& b) {
    bool all = true;
    for_each_field(a, b, [&](std::string_view, auto const& x, auto const& y) {
        if constexpr (std::equality_comparable<std::remove_cvref_t<decltype(x)>>) {
            all = all && x == y;
        } else {
            all = all && joinery::equal(x, y);
        }
    });
    return all;
}

} // namespace joinery
