#include <boost/unordered/unordered_flat_map.hpp>

#include <string>
#include <sys/resource.h>

#include "documents.hpp"

// W10: 1,000,000 pairs. Memory is that of the process at its peak, so that each of these wants a
// process of its own; `bench/run` gives it one.

namespace {

constexpr std::size_t n = 1'000'000;

double peak_bytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) * 1024.0;
}

template <std::size_t PerEdit>
void set(benchmark::State& state, char const* peak) {
    auto const& all = bench::kv(n);
    auto const before = peak_bytes();
    for (auto _ : state) {
        bench::replica replica{bench::alice};
        bench::measure(state, [&] {
            bench::fill(replica, 0, n, PerEdit,
                        [&](std::size_t i) -> std::string const& { return all[i].second; });
        });
        bench::require(state, replica.state().size() == n, "keys are missing");
        state.counters[peak] = (peak_bytes() - before) / n;
    }
}

void limit(benchmark::State& state) {
    auto const& all = bench::kv(n);
    auto const before = peak_bytes();
    for (auto _ : state) {
        boost::unordered_flat_map<std::string, std::string> map;
        bench::measure(state, [&] {
            for (auto const& [key, value] : all) {
                map.insert_or_assign(key, value);
            }
        });
        state.counters["limit_peak_bytes_per_entry"] = (peak_bytes() - before) / n;
    }
}

[[maybe_unused]] auto const registered = [] {
    bench::add("W10/limit_insert", limit)->Iterations(1);
    bench::add("W10/set", [](benchmark::State& state) {
        set<1000>(state, "peak_bytes_per_entry_above_input");
    })->Iterations(1);
    bench::add("W10/set_tx1", [](benchmark::State& state) {
        set<1>(state, "peak_bytes_per_entry_tx1");
    })->Iterations(1);
    return 0;
}();

} // namespace
