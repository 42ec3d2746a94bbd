#pragma once

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
///
/// See also `core/join.hpp`, which joins records of lattices field by field.
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

/// Calls `function(name, field_of_a, field_of_b, field_of_c)` for each field of three records of
/// one type.
template <record A, record B, record C, class Function>
requires std::same_as<std::remove_cv_t<A>, std::remove_cv_t<B>> &&
    std::same_as<std::remove_cv_t<A>, std::remove_cv_t<C>>
constexpr void for_each_field(A& a, B& b, C& c, Function&& function) {
    auto const visit = [&](auto const& field) {
        auto const& access = boost::hana::second(field);
        function(detail::field_name<decltype(field)>, access(a), access(b), access(c));
    };
    boost::hana::for_each(boost::hana::accessors<std::remove_cv_t<A>>(), visit);
}

namespace detail {

/// Whether `Test<Field>::value` for the type of every field.
template <class Record, template <class> class Test>
constexpr bool all_fields_are() {
    return decltype(boost::hana::unpack(boost::hana::accessors<Record>(), [](auto... fields) {
        return std::bool_constant<(Test<std::remove_cvref_t<decltype(boost::hana::second(fields)(
                                       std::declval<Record&>()))>>::value &&
                                   ...)>{};
    }))::value;
}

} // namespace detail

} // namespace joinery
