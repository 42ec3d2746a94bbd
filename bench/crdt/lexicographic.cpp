#include <joinery/core/decomposition.hpp>
#include <joinery/crdt/g_set.hpp>
#include <joinery/crdt/lexicographic.hpp>
#include <joinery/crdt/max_register.hpp>
#include <joinery/testing/random.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <vector>

using namespace joinery;

namespace {

// n elements under an edition.

using elements = g_set<std::uint64_t>;
using plan = lexicographic<max_register<std::uint64_t>, elements>;

std::vector<std::uint64_t> numbers(std::size_t count) {
    testing::splitmix64 random{42};
    std::vector<std::uint64_t> all(count);
    for (auto& one : all) {
        one = random();
    }
    return all;
}

plan plan_of(std::vector<std::uint64_t> const& all, std::size_t from, std::size_t end,
             std::uint64_t edition = 1) {
    plan out;
    out.change_first([&](auto& first) { return first.assign(edition); });
    for (auto i = from; i < end; ++i) {
        out.change_second([&](elements& second) { return second.insert(all[i]); });
    }
    return out;
}

void change_second(benchmark::State& state) {
    auto const all = numbers(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        benchmark::DoNotOptimize(plan_of(all, 0, all.size()));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// What `change_second` cannot be below: the same elements go into the part alone.
void limit_insert(benchmark::State& state) {
    auto const all = numbers(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        elements out;
        for (auto const one : all) {
            benchmark::DoNotOptimize(out.insert(one));
        }
        benchmark::DoNotOptimize(out);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

template <class T>
void join_copies(benchmark::State& state, T const& left, T const& right) {
    for (auto _ : state) {
        auto merged = left;
        merged.join(right);
        benchmark::DoNotOptimize(merged);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// A copy, and a join of one edition with half of the elements that are new.
void join(benchmark::State& state) {
    auto const n = static_cast<std::size_t>(state.range(0));
    auto const all = numbers(n + n / 2);
    auto const left = plan_of(all, 0, n);
    auto const right = plan_of(all, n / 2, n + n / 2);
    join_copies(state, left, right);
}

/// What `join` cannot be below: the same join of the second part alone.
void limit_join(benchmark::State& state) {
    auto const n = static_cast<std::size_t>(state.range(0));
    auto const all = numbers(n + n / 2);
    auto const left = plan_of(all, 0, n).second();
    auto const right = plan_of(all, n / 2, n + n / 2).second();
    join_copies(state, left, right);
}

/// A copy, and a join with a greater edition, which replaces it.
void join_greater(benchmark::State& state) {
    auto const n = static_cast<std::size_t>(state.range(0));
    auto const all = numbers(n);
    auto const left = plan_of(all, 0, n);
    auto const right = plan_of(all, 0, n, 2);
    join_copies(state, left, right);
}

/// Two plans of which one has ten elements more.
void difference(benchmark::State& state) {
    auto const n = static_cast<std::size_t>(state.range(0));
    auto const all = numbers(n + 10);
    auto const base = plan_of(all, 0, n);
    auto const news = plan_of(all, 0, n + 10);
    for (auto _ : state) {
        benchmark::DoNotOptimize(joinery::difference(news, base));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void sizes(benchmark::internal::Benchmark* bench) {
    bench->Arg(10)->Arg(1'000)->Arg(1'000'000);
}

BENCHMARK(change_second)->Name("lexicographic/change_second")->Apply(sizes);
BENCHMARK(limit_insert)->Name("lexicographic/limit_insert")->Apply(sizes);
BENCHMARK(join)->Name("lexicographic/join")->Apply(sizes);
BENCHMARK(limit_join)->Name("lexicographic/limit_join")->Apply(sizes);
BENCHMARK(join_greater)->Name("lexicographic/join_greater")->Apply(sizes);
BENCHMARK(difference)->Name("lexicographic/difference_10")->Apply(sizes);

} // namespace
