#include <joinery/crdt/g_set.hpp>
#include <joinery/testing/random.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

using namespace joinery;

namespace {

template <class T>
std::vector<T> elements(std::size_t count, std::uint64_t seed) {
    testing::splitmix64 random{seed};
    std::vector<T> all;
    all.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        if constexpr (std::is_same_v<T, std::string>) {
            all.push_back(random.hex());
        } else {
            all.push_back(random());
        }
    }
    return all;
}

template <class T>
g_set<T> set_of(std::vector<T> const& all) {
    g_set<T> set;
    for (auto const& element : all) {
        set.insert(element);
    }
    return set;
}

template <class T>
void insert(benchmark::State& state) {
    auto const all = elements<T>(static_cast<std::size_t>(state.range(0)), 42);
    for (auto _ : state) {
        benchmark::DoNotOptimize(set_of(all));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

template <class T>
void limit_insert(benchmark::State& state) {
    auto const all = elements<T>(static_cast<std::size_t>(state.range(0)), 42);
    for (auto _ : state) {
        std::set<T> set;
        for (auto const& element : all) {
            set.insert(element);
        }
        benchmark::DoNotOptimize(set);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// Half of the elements of each side are shared.
template <class T>
void join(benchmark::State& state) {
    auto const count = static_cast<std::size_t>(state.range(0));
    auto const all = elements<T>(count + count / 2, 42);
    auto const middle = static_cast<std::ptrdiff_t>(count / 2);
    auto const left = set_of(std::vector<T>(all.begin(), all.end() - middle));
    auto const right = set_of(std::vector<T>(all.begin() + middle, all.end()));
    for (auto _ : state) {
        state.PauseTiming();
        auto merged = left;
        state.ResumeTiming();
        merged.join(right);
        benchmark::DoNotOptimize(merged);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

template <class T>
void limit_join(benchmark::State& state) {
    auto const count = static_cast<std::size_t>(state.range(0));
    auto const all = elements<T>(count + count / 2, 42);
    auto const middle = static_cast<std::ptrdiff_t>(count / 2);
    std::vector<T> left(all.begin(), all.end() - middle);
    std::vector<T> right(all.begin() + middle, all.end());
    std::sort(left.begin(), left.end());
    std::sort(right.begin(), right.end());
    for (auto _ : state) {
        std::vector<T> merged;
        std::set_union(left.begin(), left.end(), right.begin(), right.end(),
                       std::back_inserter(merged));
        benchmark::DoNotOptimize(merged);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// A join that brings nothing new.
template <class T>
void join_same(benchmark::State& state) {
    auto set = set_of(elements<T>(static_cast<std::size_t>(state.range(0)), 42));
    auto const same = set;
    for (auto _ : state) {
        set.join(same);
        benchmark::DoNotOptimize(set);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

template <class T>
void contains(benchmark::State& state) {
    auto const all = elements<T>(static_cast<std::size_t>(state.range(0)), 42);
    auto const set = set_of(all);
    testing::splitmix64 random{1};
    for (auto _ : state) {
        benchmark::DoNotOptimize(set.contains(random.pick(all)));
    }
}

void sizes(benchmark::internal::Benchmark* bench) {
    bench->Arg(10)->Arg(1'000)->Arg(1'000'000);
}

BENCHMARK_TEMPLATE(insert, std::uint64_t)->Name("g_set<u64>/insert")->Apply(sizes);
BENCHMARK_TEMPLATE(limit_insert, std::uint64_t)->Name("g_set<u64>/std_set_insert")->Apply(sizes);
BENCHMARK_TEMPLATE(join, std::uint64_t)->Name("g_set<u64>/join")->Apply(sizes);
BENCHMARK_TEMPLATE(limit_join, std::uint64_t)->Name("g_set<u64>/limit_set_union")->Apply(sizes);
BENCHMARK_TEMPLATE(join_same, std::uint64_t)->Name("g_set<u64>/join_same")->Apply(sizes);
BENCHMARK_TEMPLATE(contains, std::uint64_t)->Name("g_set<u64>/contains")->Apply(sizes);
BENCHMARK_TEMPLATE(insert, std::string)->Name("g_set<string>/insert")->Apply(sizes);
BENCHMARK_TEMPLATE(limit_insert, std::string)->Name("g_set<string>/std_set_insert")->Apply(sizes);
BENCHMARK_TEMPLATE(join, std::string)->Name("g_set<string>/join")->Apply(sizes);
BENCHMARK_TEMPLATE(limit_join, std::string)->Name("g_set<string>/limit_set_union")->Apply(sizes);
BENCHMARK_TEMPLATE(join_same, std::string)->Name("g_set<string>/join_same")->Apply(sizes);
BENCHMARK_TEMPLATE(contains, std::string)->Name("g_set<string>/contains")->Apply(sizes);

} // namespace
