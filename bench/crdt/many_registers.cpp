#include <joinery/core/decomposition.hpp>
#include <joinery/crdt/lww_register.hpp>
#include <joinery/crdt/max_register.hpp>
#include <joinery/crdt/min_register.hpp>
#include <joinery/testing/edited.hpp>
#include <joinery/testing/random.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace joinery;

namespace {

// Registers are small: n of them, one behind the other, as in a record or an array of the user's.

using number = std::uint64_t;

std::vector<number> numbers(std::size_t count, std::uint64_t seed) {
    testing::splitmix64 random{seed};
    std::vector<number> all(count);
    for (auto& one : all) {
        one = random();
    }
    return all;
}

std::size_t size_of(benchmark::State const& state) {
    return static_cast<std::size_t>(state.range(0));
}
void count_items(benchmark::State& state) {
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

template <class Register>
std::vector<Register> written(std::vector<number> const& values, std::uint64_t who) {
    std::vector<Register> all(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        auto const value = values[i];
        // Half of the writes of each side are the later ones.
        (void)testing::edited(all[i], author{replica_id{who}, hlc::at(1 + value % 1'000), i + 1},
                              [value](auto reg) { reg.assign(value); });
    }
    return all;
}

template <class Register>
void assign(benchmark::State& state) {
    auto const values = numbers(size_of(state), 1);
    for (auto _ : state) {
        benchmark::DoNotOptimize(written<Register>(values, 1));
    }
    count_items(state);
}

/// A copy of all, and a join of each with another one.
template <class Register>
void join(benchmark::State& state) {
    auto const left = written<Register>(numbers(size_of(state), 1), 1);
    auto const right = written<Register>(numbers(size_of(state), 2), 2);
    for (auto _ : state) {
        auto merged = left;
        for (std::size_t i = 0; i < merged.size(); ++i) {
            merged[i].join(right[i]);
        }
        benchmark::DoNotOptimize(merged);
    }
    count_items(state);
}

template <class Register>
void difference(benchmark::State& state) {
    auto const left = written<Register>(numbers(size_of(state), 1), 1);
    auto const right = written<Register>(numbers(size_of(state), 2), 2);
    for (auto _ : state) {
        std::size_t news = 0;
        for (std::size_t i = 0; i < left.size(); ++i) {
            news += joinery::difference(left[i], right[i]).is_bottom() ? 0 : 1;
        }
        benchmark::DoNotOptimize(news);
    }
    count_items(state);
}

/// The limit of a join: numbers are copied, and each is the greater of two.
template <class Number>
void limit_join(benchmark::State& state) {
    std::vector<Number> left(size_of(state));
    auto right = left;
    testing::splitmix64 random{1};
    for (std::size_t i = 0; i < left.size(); ++i) {
        left[i] = Number{.value = random()};
        right[i] = Number{.value = random()};
    }
    for (auto _ : state) {
        auto merged = left;
        for (std::size_t i = 0; i < merged.size(); ++i) {
            merged[i] = std::max(merged[i], right[i]);
        }
        benchmark::DoNotOptimize(merged);
    }
    count_items(state);
}

/// A number, if there is one.
struct perhaps_number {
    number value = 0;
    bool is_there = true;
    friend bool operator<(perhaps_number const& a, perhaps_number const& b) {
        return !a.is_there || a.value < b.value;
    }
};
/// A number and who wrote it, when.
struct stamped_number {
    number value = 0;
    author by{};
    friend bool operator<(stamped_number const& a, stamped_number const& b) {
        return a.value < b.value;
    }
};

void add_one(std::string const& name, void (*run)(benchmark::State&)) {
    benchmark::RegisterBenchmark(("many_registers/" + name).c_str(), run)
        ->Arg(10)
        ->Arg(1'000)
        ->Arg(1'000'000)
        ->MinTime(0.1);
}

template <class Register>
void add(std::string const& name) {
    add_one(name + "/assign", assign<Register>);
    add_one(name + "/join", join<Register>);
    add_one(name + "/difference", difference<Register>);
}

[[maybe_unused]] auto const registered = [] {
    add_one("limit_join", limit_join<perhaps_number>);
    add_one("limit_join_stamped", limit_join<stamped_number>);
    add<max_register<number>>("max_register");
    add<min_register<number>>("min_register");
    add<lww_register<number>>("newest_wins");
    add<lww_register<number, first_wins>>("first_wins");
    add<lww_register<number, highest_wins>>("highest_wins");
    return 0;
}();

} // namespace
