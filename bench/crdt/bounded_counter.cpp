#include <joinery/core/decomposition.hpp>
#include <joinery/crdt/bounded_counter.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>

using namespace joinery;

namespace {

constexpr std::uint64_t plenty = std::uint64_t{1} << 50;

/// Each replica has gained, spent, and handed something to its neighbour.
bounded_counter with_replicas(std::uint64_t count, std::uint64_t amount) {
    bounded_counter counter;
    for (std::uint64_t id = 1; id <= count; ++id) {
        (void)counter.increment(replica_id{id}, plenty + amount);
        (void)counter.decrement(replica_id{id}, id);
        (void)counter.transfer(replica_id{id}, replica_id{id + 1}, id);
    }
    return counter;
}

void increment(benchmark::State& state) {
    auto counter = with_replicas(static_cast<std::uint64_t>(state.range(0)), 1);
    for (auto _ : state) {
        benchmark::DoNotOptimize(counter.increment(replica_id{1}));
    }
}

void decrement(benchmark::State& state) {
    auto counter = with_replicas(static_cast<std::uint64_t>(state.range(0)), 1);
    for (auto _ : state) {
        benchmark::DoNotOptimize(counter.decrement(replica_id{1}));
    }
}

void join(benchmark::State& state) {
    auto const replicas = static_cast<std::uint64_t>(state.range(0));
    auto counter = with_replicas(replicas, 1);
    auto const other = with_replicas(replicas, 2);
    for (auto _ : state) {
        counter.join(other);
        benchmark::DoNotOptimize(counter);
    }
}

void difference(benchmark::State& state) {
    auto const replicas = static_cast<std::uint64_t>(state.range(0));
    auto const base = with_replicas(replicas, 1);
    auto news = base;
    (void)news.increment(replica_id{1});
    for (auto _ : state) {
        benchmark::DoNotOptimize(joinery::difference(news, base));
    }
}

void sizes(benchmark::internal::Benchmark* bench) {
    bench->Arg(1)->Arg(10)->Arg(1'000);
}

BENCHMARK(increment)->Name("bounded_counter/increment")->Apply(sizes);
BENCHMARK(decrement)->Name("bounded_counter/decrement")->Apply(sizes);
BENCHMARK(join)->Name("bounded_counter/join")->Apply(sizes);
BENCHMARK(difference)->Name("bounded_counter/difference")->Apply(sizes);

} // namespace
