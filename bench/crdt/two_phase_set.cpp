#include <joinery/core/decomposition.hpp>
#include <joinery/crdt/two_phase_set.hpp>
#include <joinery/testing/random.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

using namespace joinery;

namespace {

using numbers = two_phase_set<std::uint64_t>;

std::vector<std::uint64_t> elements(std::size_t count) {
    testing::splitmix64 random{42};
    std::vector<std::uint64_t> all(count);
    for (auto& element : all) {
        element = random();
    }
    return all;
}

numbers set_of(std::vector<std::uint64_t> const& all) {
    numbers set;
    for (auto const element : all) {
        set.insert(element);
    }
    return set;
}

void insert(benchmark::State& state) {
    auto const all = elements(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        benchmark::DoNotOptimize(set_of(all));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void limit_insert(benchmark::State& state) {
    auto const all = elements(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        std::set<std::uint64_t> set(all.begin(), all.end());
        benchmark::DoNotOptimize(set);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void erase(benchmark::State& state) {
    auto const all = elements(static_cast<std::size_t>(state.range(0)));
    auto const whole = set_of(all);
    for (auto _ : state) {
        state.PauseTiming();
        auto set = whole;
        state.ResumeTiming();
        for (auto const element : all) {
            set.erase(element);
        }
        benchmark::DoNotOptimize(set);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// The other side has erased every second element, and has as many new ones.
void join(benchmark::State& state) {
    auto const count = static_cast<std::size_t>(state.range(0));
    auto const all = elements(count + count / 2);
    auto const left = set_of({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)});
    auto right = set_of(all);
    for (std::size_t i = 0; i < count; i += 2) {
        right.erase(all[i]);
    }
    for (auto _ : state) {
        state.PauseTiming();
        auto merged = left;
        state.ResumeTiming();
        merged.join(right);
        benchmark::DoNotOptimize(merged);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void join_same(benchmark::State& state) {
    auto set = set_of(elements(static_cast<std::size_t>(state.range(0))));
    auto const same = set;
    for (auto _ : state) {
        set.join(same);
        benchmark::DoNotOptimize(set);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// Two sets of which one has erased ten elements more.
void difference(benchmark::State& state) {
    auto const all = elements(static_cast<std::size_t>(state.range(0)));
    auto const base = set_of(all);
    auto news = base;
    for (std::size_t i = 0; i < 10; ++i) {
        news.erase(all[i * (all.size() / 10)]);
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize(joinery::difference(news, base));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void sizes(benchmark::internal::Benchmark* bench) {
    bench->Arg(10)->Arg(1'000)->Arg(1'000'000);
}

BENCHMARK(insert)->Name("two_phase_set/insert")->Apply(sizes);
BENCHMARK(limit_insert)->Name("two_phase_set/std_set_insert")->Apply(sizes);
BENCHMARK(erase)->Name("two_phase_set/erase")->Apply(sizes);
BENCHMARK(join)->Name("two_phase_set/join")->Apply(sizes);
BENCHMARK(join_same)->Name("two_phase_set/join_same")->Apply(sizes);
BENCHMARK(difference)->Name("two_phase_set/difference_10")->Apply(sizes);

} // namespace
