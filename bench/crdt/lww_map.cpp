#include <joinery/core/decomposition.hpp>
#include <joinery/crdt/lww_map.hpp>
#include <joinery/testing/random.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace joinery;

namespace {

using map = lww_map<std::string, std::uint64_t>;

author at(std::uint64_t time) {
    return {replica_id{1}, hlc::at(time), time};
}

std::vector<std::string> keys(std::size_t count, std::uint64_t seed) {
    testing::splitmix64 random{seed};
    std::vector<std::string> all;
    all.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        all.push_back(random.hex());
    }
    return all;
}

map map_of(std::vector<std::string> const& all, std::uint64_t time = 1) {
    map out;
    for (auto const& key : all) {
        out.assign(at(time), key, time);
    }
    return out;
}

void assign(benchmark::State& state) {
    auto const all = keys(static_cast<std::size_t>(state.range(0)), 42);
    for (auto _ : state) {
        benchmark::DoNotOptimize(map_of(all));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// The least that a map of last writes does: a key, a value and a time in a tree.
void limit_assign(benchmark::State& state) {
    auto const all = keys(static_cast<std::size_t>(state.range(0)), 42);
    for (auto _ : state) {
        std::map<std::string, std::pair<author, std::uint64_t>> out;
        for (auto const& key : all) {
            out[key] = {at(1), 1};
        }
        benchmark::DoNotOptimize(out);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void find(benchmark::State& state) {
    auto const all = keys(static_cast<std::size_t>(state.range(0)), 42);
    auto const whole = map_of(all);
    testing::splitmix64 random{1};
    for (auto _ : state) {
        benchmark::DoNotOptimize(whole.find(random.pick(all)));
    }
}

/// Half of the keys of each side are shared; of these the other side's writes are later.
void join(benchmark::State& state) {
    auto const count = static_cast<std::size_t>(state.range(0));
    auto const all = keys(count + count / 2, 42);
    auto const middle = static_cast<std::ptrdiff_t>(count / 2);
    auto const left = map_of({all.begin(), all.end() - middle}, 1);
    auto const right = map_of({all.begin() + middle, all.end()}, 2);
    for (auto _ : state) {
        state.PauseTiming();
        auto merged = left;
        state.ResumeTiming();
        merged.join(right);
        benchmark::DoNotOptimize(merged);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// A join that brings nothing new.
void join_same(benchmark::State& state) {
    auto whole = map_of(keys(static_cast<std::size_t>(state.range(0)), 42));
    auto const same = whole;
    for (auto _ : state) {
        whole.join(same);
        benchmark::DoNotOptimize(whole);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// The limit of a join that brings nothing new: two sorted trees are read side by side.
void limit_join_same(benchmark::State& state) {
    std::map<std::string, author> whole;
    for (auto const& key : keys(static_cast<std::size_t>(state.range(0)), 42)) {
        whole[key] = at(1);
    }
    auto const same = whole;
    for (auto _ : state) {
        auto theirs = same.begin();
        std::size_t later = 0;
        for (auto const& [key, by] : whole) {
            later += key == theirs->first && by < theirs->second ? 1 : 0;
            ++theirs;
        }
        benchmark::DoNotOptimize(later);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// Two maps that differ in ten keys.
void difference(benchmark::State& state) {
    auto const all = keys(static_cast<std::size_t>(state.range(0)), 42);
    auto const base = map_of(all);
    auto news = base;
    for (std::size_t i = 0; i < 10; ++i) {
        news.assign(at(9), all[i * (all.size() / 10)], 9);
    }
    for (auto _ : state) {
        auto const found = joinery::difference(news, base);
        if (found.size() != 10) {
            state.SkipWithError("ten keys differ");
        }
        benchmark::DoNotOptimize(found);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// Half of the keys are tombstones that go.
void forget(benchmark::State& state) {
    auto const all = keys(static_cast<std::size_t>(state.range(0)), 42);
    auto whole = map_of(all);
    for (std::size_t i = 0; i < all.size(); i += 2) {
        whole.erase(at(2), all[i]);
    }
    stable_cut cut;
    cut.seen_by_all.raise(replica_id{1}, 2);
    cut.complete_until = hlc::at(2);
    for (auto _ : state) {
        state.PauseTiming();
        auto forgetting = whole;
        state.ResumeTiming();
        forgetting.forget(cut);
        benchmark::DoNotOptimize(forgetting);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void sizes(benchmark::internal::Benchmark* bench) {
    bench->Arg(10)->Arg(1'000)->Arg(1'000'000);
}

BENCHMARK(assign)->Name("lww_map/assign")->Apply(sizes);
BENCHMARK(limit_assign)->Name("lww_map/std_map_assign")->Apply(sizes);
BENCHMARK(find)->Name("lww_map/find")->Apply(sizes);
BENCHMARK(join)->Name("lww_map/join")->Apply(sizes);
BENCHMARK(join_same)->Name("lww_map/join_same")->Apply(sizes);
BENCHMARK(limit_join_same)->Name("lww_map/std_map_compare")->Apply(sizes);
BENCHMARK(difference)->Name("lww_map/difference_10")->Apply(sizes);
BENCHMARK(forget)->Name("lww_map/forget")->Apply(sizes);

} // namespace
