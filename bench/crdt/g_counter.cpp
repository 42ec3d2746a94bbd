#include <joinery/crdt/g_counter.hpp>
#include <joinery/testing/random.hpp>

#include <benchmark/benchmark.h>
#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

using namespace joinery;

namespace {

constexpr std::size_t replica_count = 1'000;

/// W1 (b): 1000 states of 1000 entries, the same replicas in each.
struct merge_input {
    std::vector<std::uint64_t> ids = std::vector<std::uint64_t>(replica_count);
    std::vector<std::vector<std::uint64_t>> totals{replica_count,
                                                   std::vector<std::uint64_t>(replica_count)};

    merge_input() {
        testing::splitmix64 random{42};
        for (auto& row : totals) {
            for (auto& total : row) {
                total = static_cast<std::uint32_t>(random());
            }
        }
        for (auto& id : ids) {
            id = random();
        }
        std::sort(ids.begin(), ids.end());
    }

    [[nodiscard]] std::uint64_t expected() const {
        std::uint64_t sum = 0;
        for (std::size_t column = 0; column < replica_count; ++column) {
            std::uint64_t greatest = 0;
            for (auto const& row : totals) {
                greatest = std::max(greatest, row[column]);
            }
            sum += greatest;
        }
        return sum;
    }
};

merge_input const& input() {
    static merge_input const instance;
    return instance;
}

std::vector<g_counter> const& counters() {
    static auto const all = [] {
        std::vector<g_counter> states(replica_count);
        for (std::size_t row = 0; row < replica_count; ++row) {
            for (std::size_t column = 0; column < replica_count; ++column) {
                auto const id = input().ids[column];
                states[row].increment(replica_id{id, id ^ 77}, input().totals[row][column]);
            }
        }
        return states;
    }();
    return all;
}

void increment(benchmark::State& state) {
    for (auto _ : state) {
        g_counter counter;
        for (int i = 0; i < 1'000'000; ++i) {
            benchmark::DoNotOptimize(counter);
            benchmark::DoNotOptimize(counter.increment(replica_id{0x1111'1111'1111'1111, 1}));
        }
        if (counter.value() != 1'000'000) {
            state.SkipWithError("wrong value");
        }
    }
}

void limit_increment(benchmark::State& state) {
    for (auto _ : state) {
        boost::unordered_flat_map<std::uint64_t, std::uint64_t> map;
        for (int i = 0; i < 1'000'000; ++i) {
            benchmark::DoNotOptimize(map);
            ++map[0x1111'1111'1111'1111];
        }
    }
}

void merge(benchmark::State& state) {
    auto const expected = input().expected();
    auto const& all = counters();
    for (auto _ : state) {
        g_counter merged;
        for (auto const& counter : all) {
            merged.join(counter);
        }
        benchmark::DoNotOptimize(merged);
        if (merged.value() != expected) {
            state.SkipWithError("wrong value");
        }
    }
}

void limit_merge(benchmark::State& state) {
    std::vector<std::vector<std::pair<std::uint64_t, std::uint64_t>>> rows(replica_count);
    for (std::size_t row = 0; row < replica_count; ++row) {
        for (std::size_t column = 0; column < replica_count; ++column) {
            rows[row].emplace_back(input().ids[column], input().totals[row][column]);
        }
    }
    for (auto _ : state) {
        boost::unordered_flat_map<std::uint64_t, std::uint64_t> merged;
        for (auto const& row : rows) {
            for (auto const& [id, total] : row) {
                auto& mine = merged[id];
                mine = std::max(mine, total);
            }
        }
        benchmark::DoNotOptimize(merged);
    }
}

/// A delta of one entry joined into a counter of 1000 replicas.
void join_delta(benchmark::State& state) {
    auto counter = counters()[0];
    std::vector<g_counter> deltas(replica_count);
    for (std::size_t i = 0; i < replica_count; ++i) {
        auto const id = input().ids[i * 7 % replica_count];
        deltas[i].increment(replica_id{id, id ^ 77}, i);
    }
    std::size_t at = 0;
    for (auto _ : state) {
        counter.join(deltas[at++ % replica_count]);
        benchmark::DoNotOptimize(counter);
    }
}

/// Two states with different replicas: 1000 each, half of them shared.
void merge_different(benchmark::State& state) {
    g_counter left;
    g_counter right;
    testing::splitmix64 random{7};
    for (std::uint64_t i = 0; i < 3 * replica_count / 2; ++i) {
        replica_id const id{random(), i};
        if (i < replica_count) {
            left.increment(id, i + 1);
        }
        if (i >= replica_count / 2) {
            right.increment(id, i + 2);
        }
    }
    for (auto _ : state) {
        auto merged = left;
        merged.join(right);
        benchmark::DoNotOptimize(merged);
    }
}

BENCHMARK(increment)->Name("W1/inc_1M")->Unit(benchmark::kMillisecond);
BENCHMARK(limit_increment)->Name("W1/limit_inc")->Unit(benchmark::kMillisecond);
BENCHMARK(merge)->Name("W1/merge_1000x1000")->Unit(benchmark::kMillisecond);
BENCHMARK(limit_merge)->Name("W1/limit_merge_1000x1000")->Unit(benchmark::kMillisecond);
BENCHMARK(join_delta)->Name("g_counter/join_delta_into_1000");
BENCHMARK(merge_different)->Name("g_counter/merge_1000_into_1000_half_shared");

} // namespace
