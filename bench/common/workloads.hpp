#pragma once

#include <joinery/testing/random.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

namespace bench {

using pairs = std::vector<std::pair<std::string, std::string>>;

/// `kv(n)`: keys and values of 16 hexadecimal digits, seed 42.
inline pairs const& kv(std::size_t count) {
    static pairs all;
    static joinery::testing::splitmix64 random{42};
    while (all.size() < count) {
        auto key = random.hex();
        all.emplace_back(std::move(key), random.hex());
    }
    return all;
}

/// Values of 16 hexadecimal digits from `seed`.
inline std::vector<std::string> values(std::size_t count, std::uint64_t seed) {
    joinery::testing::splitmix64 random{seed};
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(random.hex());
    }
    return out;
}

/// Appends `text` as a length byte and its bytes, as the limits encode it.
inline void put(std::string& out, std::string const& text) {
    out.push_back(static_cast<char>(text.size()));
    out += text;
}

/// Reads what `put` wrote and moves `at` behind it.
inline std::string get(char const*& at) {
    auto const size = static_cast<std::size_t>(*at++);
    std::string out(at, size);
    at += size;
    return out;
}

/// Seconds that this thread has run. Other programs on the machine do not make it longer by taking
/// the processor, only by sharing its caches.
inline double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Runs `work` as one iteration and counts only its own time.
template <class F>
void measure(benchmark::State& state, F&& work) {
    auto const begin = cpu_seconds();
    work();
    state.SetIterationTime(cpu_seconds() - begin);
}

/// Ends the benchmark with a sentence if `holds` is false: a fast wrong answer is no figure.
inline void require(benchmark::State& state, bool holds, char const* sentence) {
    if (!holds) {
        state.SkipWithError(sentence);
    }
}

/// A benchmark whose iterations prepare fresh objects and time one call with `measure`.
inline benchmark::internal::Benchmark* add(char const* name, void (*run)(benchmark::State&)) {
    return benchmark::RegisterBenchmark(name, run)->UseManualTime()->Iterations(3)->Unit(
        benchmark::kMillisecond);
}

} // namespace bench
