#include <joinery/crdt/lww_register.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

using namespace joinery;

namespace {

constexpr replica_id self{1};

void assign(benchmark::State& state) {
    lww_register<std::string> reg;
    std::string const value(static_cast<std::size_t>(state.range(0)), 'x');
    std::uint64_t sequence = 0;
    for (auto _ : state) {
        ++sequence;
        benchmark::DoNotOptimize(reg.assign({self, hlc{sequence}, sequence}, value));
    }
}

/// The limit of an assignment: the value copied into the state and into the delta.
void limit_copy(benchmark::State& state) {
    std::string const value(static_cast<std::size_t>(state.range(0)), 'x');
    std::string first;
    for (auto _ : state) {
        std::string second{value};
        first = second;
        benchmark::DoNotOptimize(first);
        benchmark::DoNotOptimize(second);
    }
}

void join_loser(benchmark::State& state) {
    lww_register<std::string> winner;
    lww_register<std::string> loser;
    winner.assign({self, hlc{9}, 1}, std::string(static_cast<std::size_t>(state.range(0)), 'x'));
    loser.assign({self, hlc{8}, 2}, std::string(static_cast<std::size_t>(state.range(0)), 'y'));
    for (auto _ : state) {
        winner.join(loser);
        benchmark::DoNotOptimize(winner);
    }
}

BENCHMARK(assign)->Name("lww_register/assign")->Arg(8)->Arg(1'000);
BENCHMARK(limit_copy)->Name("lww_register/limit_copy")->Arg(8)->Arg(1'000);
BENCHMARK(join_loser)->Name("lww_register/join_loser")->Arg(8)->Arg(1'000);

} // namespace
