#include <joinery/crdt/pn_counter.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

using namespace joinery;

namespace {

pn_counter with_replicas(std::uint64_t count, std::uint64_t amount) {
    pn_counter counter;
    for (std::uint64_t id = 1; id <= count; ++id) {
        counter.increment(replica_id{id}, amount + id);
        counter.decrement(replica_id{id}, id);
    }
    return counter;
}

void increment(benchmark::State& state) {
    auto counter = with_replicas(static_cast<std::uint64_t>(state.range(0)), 1);
    for (auto _ : state) {
        benchmark::DoNotOptimize(counter.increment(replica_id{1}));
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

/// The limit of a join and of a value: every number is read once.
void limit_sum(benchmark::State& state) {
    std::vector<std::uint64_t> const numbers(static_cast<std::size_t>(state.range(0)) * 2, 3);
    for (auto _ : state) {
        std::uint64_t sum = 0;
        for (auto const number : numbers) {
            sum += number;
        }
        benchmark::DoNotOptimize(sum);
    }
}

void value(benchmark::State& state) {
    auto counter = with_replicas(static_cast<std::uint64_t>(state.range(0)), 1);
    for (auto _ : state) {
        benchmark::DoNotOptimize(counter);
        benchmark::DoNotOptimize(counter.value());
    }
}

BENCHMARK(increment)->Name("pn_counter/increment")->Arg(1)->Arg(10)->Arg(1'000);
BENCHMARK(join)->Name("pn_counter/join")->Arg(1)->Arg(10)->Arg(1'000);
BENCHMARK(value)->Name("pn_counter/value")->Arg(1)->Arg(10)->Arg(1'000);
BENCHMARK(limit_sum)->Name("pn_counter/limit_sum")->Arg(1)->Arg(10)->Arg(1'000);

} // namespace
