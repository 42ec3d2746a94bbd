#include <joinery/crdt/text.hpp>

#include <common/workloads.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "support/hostile_siblings.hpp"

using namespace joinery;

// Ten to a hundred thousand items at one place, which honest texts never have.

namespace {

/// The cost of each insert, as the siblings at one place become more.
void hostile(benchmark::State& state, tests::sibling_order order) {
    auto const count = static_cast<std::size_t>(state.range(0));
    std::vector<text> deltas;
    tests::for_each_sibling(
        order, count, [&](tests::sibling const& one) { deltas.push_back(tests::delta_of(one)); });
    for (auto _ : state) {
        text target;
        auto const begin = bench::cpu_seconds();
        for (auto const& delta : deltas) {
            target.join(delta);
        }
        auto const seconds = bench::cpu_seconds() - begin;
        state.SetIterationTime(seconds);
        state.counters["ns_per_insert"] = seconds * 1e9 / static_cast<double>(count);
        bench::require(state, target.size() >= count, "items are missing");
    }
}

[[maybe_unused]] auto const registered = [] {
    for (auto const order : tests::all_sibling_orders) {
        auto const name = std::string{"text/hostile_"} + tests::name_of(order);
        benchmark::RegisterBenchmark(name.c_str(),
                                     [order](benchmark::State& state) { hostile(state, order); })
            ->Arg(10'000)
            ->Arg(31'600)
            ->Arg(100'000)
            ->UseManualTime()
            ->Iterations(1)
            ->Unit(benchmark::kMillisecond);
    }
    return 0;
}();

} // namespace
