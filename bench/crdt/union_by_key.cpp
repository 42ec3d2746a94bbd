#include <joinery/core/decomposition.hpp>
#include <joinery/crdt/max_register.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/crdt/union_by_key.hpp>
#include <joinery/testing/random.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

using namespace joinery;

namespace {

struct row {
    BOOST_HANA_DEFINE_STRUCT(row, (std::uint64_t, id), (pn_counter, stock),
                             (max_register<std::uint64_t>, best));
};
using table = union_by_key<row, &row::id>;

std::vector<std::uint64_t> ids(std::size_t count) {
    testing::splitmix64 random{42};
    std::vector<std::uint64_t> all(count);
    for (auto& id : all) {
        id = random();
    }
    return all;
}

table table_of(std::vector<std::uint64_t> const& all) {
    table out;
    for (auto const id : all) {
        out.change(id, &row::stock,
                   [](pn_counter& stock) { return stock.increment(replica_id{1}); });
    }
    return out;
}

void change(benchmark::State& state) {
    auto const all = ids(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        benchmark::DoNotOptimize(table_of(all));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void join_same(benchmark::State& state) {
    auto whole = table_of(ids(static_cast<std::size_t>(state.range(0))));
    auto const same = whole;
    for (auto _ : state) {
        whole.join(same);
        benchmark::DoNotOptimize(whole);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// A copy, and a join with a table of half of these records and as many new ones.
void join(benchmark::State& state) {
    auto const count = static_cast<std::size_t>(state.range(0));
    auto const all = ids(count + count / 2);
    auto const middle = static_cast<std::ptrdiff_t>(count / 2);
    auto const left = table_of({all.begin(), all.end() - middle});
    auto const right = table_of({all.begin() + middle, all.end()});
    for (auto _ : state) {
        auto merged = left;
        merged.join(right);
        benchmark::DoNotOptimize(merged);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// The limit of a change: a number under a key in a tree.
void limit_change(benchmark::State& state) {
    auto const all = ids(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        std::map<std::uint64_t, std::uint64_t> out;
        for (auto const id : all) {
            ++out[id];
        }
        benchmark::DoNotOptimize(out);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// Two tables that differ in one field of ten records.
void difference(benchmark::State& state) {
    auto const all = ids(static_cast<std::size_t>(state.range(0)));
    auto const base = table_of(all);
    auto news = base;
    for (std::size_t i = 0; i < 10; ++i) {
        news.change(all[i * (all.size() / 10)], &row::best,
                    [](max_register<std::uint64_t>& best) { return best.assign(7); });
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize(joinery::difference(news, base));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void sizes(benchmark::internal::Benchmark* bench) {
    bench->Arg(10)->Arg(1'000)->Arg(1'000'000);
}

BENCHMARK(change)->Name("union_by_key/change")->Apply(sizes);
BENCHMARK(limit_change)->Name("union_by_key/std_map_change")->Apply(sizes);
BENCHMARK(join)->Name("union_by_key/join")->Apply(sizes);
BENCHMARK(join_same)->Name("union_by_key/join_same")->Apply(sizes);
BENCHMARK(difference)->Name("union_by_key/difference_10")->Apply(sizes);

} // namespace
