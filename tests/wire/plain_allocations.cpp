#include <joinery/core/decomposition.hpp>
#include <joinery/crdt/bounded_counter.hpp>
#include <joinery/crdt/g_counter.hpp>
#include <joinery/crdt/g_set.hpp>
#include <joinery/crdt/lexicographic.hpp>
#include <joinery/crdt/lww_map.hpp>
#include <joinery/crdt/lww_register.hpp>
#include <joinery/crdt/max_register.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/crdt/two_phase_set.hpp>
#include <joinery/crdt/union_by_key.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "allocation_cap.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};

author at(std::uint64_t time) {
    return {alice, hlc::at(time), time};
}

/// Too long to live inside of a std::string.
std::string text(std::uint64_t number) {
    return "a text that needs memory of its own, number " + std::to_string(1'000 + number);
}

/// What `action` asks for, in bytes.
template <class Action>
std::size_t allocated(Action action) {
    testing::allocation_cap const all{std::size_t{1} << 40};
    action();
    return all.peak();
}

struct row {
    BOOST_HANA_DEFINE_STRUCT(row, (std::string, id), (pn_counter, stock),
                             (g_set<std::string>, tags));
};
using table = union_by_key<row, &row::id>;
using edition = lexicographic<max_register<std::string>, g_set<std::string>>;
using standard = std::map<std::string, std::pair<g_counter, std::optional<g_set<std::string>>>>;
struct everything {
    BOOST_HANA_DEFINE_STRUCT(everything, (g_set<std::string>, names), (pn_counter, count),
                             (lww_register<std::string>, title));
};

/// A value with `count` of everything, different where `salt` is.
template <class T>
T make(std::uint64_t count, std::uint64_t salt) {
    T out;
    for (std::uint64_t i = 1; i <= count; ++i) {
        auto const word = text(i * 2 + salt);
        if constexpr (std::same_as<T, g_counter>) {
            out.increment(replica_id{i}, i + salt);
        } else if constexpr (std::same_as<T, pn_counter>) {
            out.increment(replica_id{i}, i + salt);
            out.decrement(replica_id{i}, i + salt);
        } else if constexpr (std::same_as<T, bounded_counter>) {
            (void)out.increment(replica_id{i}, i + 2 + salt);
            (void)out.decrement(replica_id{i}, 1 + salt);
            (void)out.transfer(replica_id{i}, replica_id{i + 1}, 1);
        } else if constexpr (std::same_as<T, lww_map<std::string, std::string>>) {
            out.assign(at(i * 2 + salt), word, word);
            if (i % 3 == 0) {
                out.erase(at(i * 2 + salt + 1), word);
            }
        } else if constexpr (std::same_as<T, table>) {
            row one;
            one.id = word;
            one.stock.increment(alice, i + salt);
            one.tags.insert(word);
            out.insert(std::move(one));
        } else if constexpr (std::same_as<T, edition>) {
            out.change_first([&](auto& first) { return first.assign(text(900)); });
            out.change_second([&](auto& second) { return second.insert(word); });
        } else if constexpr (std::same_as<T, standard>) {
            out[word].first.increment(alice, i + salt);
            out[word].second.emplace().insert(word);
        } else if constexpr (std::same_as<T, product<everything>>) {
            out.edit(at(i), [&](auto e) {
                e[&everything::names].insert(word);
                e[&everything::count].increment();
                e[&everything::title].assign(word);
            });
        } else if constexpr (std::same_as<T, lww_register<std::string>>) {
            out.assign(at(i + salt), word);
        } else if constexpr (std::same_as<T, max_register<std::string>>) {
            out.assign(word);
        } else {
            out.insert(word);
        }
    }
    return out;
}

} // namespace

TEMPLATE_TEST_CASE("allocations: a join or a difference that brings nothing new asks for no memory",
                   "[wire][allocations]", g_counter, pn_counter, bounded_counter,
                   lww_register<std::string>, max_register<std::string>, g_set<std::string>,
                   two_phase_set<std::string>, (lww_map<std::string, std::string>), table, edition,
                   product<everything>, standard) {
    auto const count = GENERATE(as<std::uint64_t>{}, 1, 10, 1'000);
    CAPTURE(count);
    auto here = make<TestType>(count, 0);
    auto const part = make<TestType>(count / 3 + 1, 0);
    auto const other = make<TestType>(count, 1);
    joinery::join(here, other);
    joinery::join(here, part);
    auto const same = here;

    CHECK(allocated([&] { joinery::join(here, part); }) == 0);
    CHECK(allocated([&] { joinery::join(here, other); }) == 0);
    CHECK(allocated([&] { joinery::join(here, same); }) == 0);
    CHECK(allocated([&] { (void)joinery::difference(part, here); }) == 0);
    CHECK(allocated([&] { (void)joinery::difference(other, here); }) == 0);
    CHECK(allocated([&] { (void)joinery::difference(here, same); }) == 0);
    CHECK(joinery::equal(here, same));
    CHECK(allocated([&] { (void)make<TestType>(2, 0); }) > 0); // or nothing is counted
}

TEST_CASE("allocations: a mutator that changes nothing asks for no memory", "[wire][allocations]") {
    auto counter = make<pn_counter>(100, 0);
    auto bounded = make<bounded_counter>(100, 0);
    auto numbers = make<g_set<std::string>>(100, 0);
    auto twice = make<two_phase_set<std::string>>(100, 0);
    twice.erase(text(2));
    auto map = make<lww_map<std::string, std::string>>(100, 0);
    auto title = make<lww_register<std::string>>(3, 0);
    auto best = make<max_register<std::string>>(3, 0);
    auto rows = make<table>(100, 0);
    auto const known = text(2);
    auto const absent = text(7);
    auto arguments = std::tuple{known, known, known, known, known, known};
    auto one = *rows.find(known);

    CHECK(allocated([&] {
              counter.increment(alice, 0);
              counter.decrement(alice, 0);
              (void)bounded.increment(alice, 0);
              (void)bounded.decrement(alice, 0);
              (void)bounded.transfer(alice, replica_id{2}, 0);
              numbers.insert(std::move(std::get<0>(arguments)));
              twice.insert(std::move(std::get<1>(arguments)));
              twice.erase(absent);
              twice.erase(known);
              map.assign(at(1), std::move(std::get<2>(arguments)),
                         std::move(std::get<3>(arguments)));
              map.erase(at(500), absent);
              title.assign(at(1), std::move(std::get<4>(arguments)));
              best.assign(std::move(std::get<5>(arguments)));
              rows.change(known, &row::stock,
                          [](pn_counter& stock) { return stock.increment(alice, 0); });
          }) == 0);
}

TEST_CASE("allocations: counters of known replicas count without memory", "[wire][allocations]") {
    auto counter = make<pn_counter>(100, 0);
    auto bounded = make<bounded_counter>(100, 0);

    CHECK(allocated([&] {
              counter.increment(alice, 3);
              counter.decrement(replica_id{50}, 3);
              (void)bounded.increment(alice, 3);
              (void)bounded.decrement(alice, 1);
          }) == 0);
}
