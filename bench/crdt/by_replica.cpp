#include <joinery/core/decomposition.hpp>
#include <joinery/crdt/bounded_counter.hpp>
#include <joinery/crdt/dw_flag.hpp>
#include <joinery/crdt/ew_flag.hpp>
#include <joinery/crdt/g_counter.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/crdt/resettable_counter.hpp>
#include <joinery/testing/edited.hpp>
#include <joinery/testing/random.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace joinery;

namespace {

// Types whose state has an entry for each replica that wrote concurrently: n replicas, each once.
// A causal type names its replicas in its context as well, which is made for thousands of them; a
// million elements of such types are in `causal_types.cpp`.

using ids = std::vector<replica_id>;

ids replicas(std::size_t count) {
    testing::splitmix64 random{42};
    ids all;
    for (std::size_t i = 0; i < count; ++i) {
        all.emplace_back(random(), i);
    }
    return all;
}

struct counting {
    template <class Editor>
    static void write(Editor counter) {
        counter.increment(3);
    }
};
struct assigning {
    template <class Editor>
    static void write(Editor reg) {
        reg.assign(std::uint64_t{7});
    }
};
struct enabling {
    template <class Editor>
    static void write(Editor flag) {
        flag.enable();
    }
};

template <class T, class Work>
void write_as(T& state, replica_id who, std::uint64_t sequence) {
    (void)testing::edited(state, author{who, hlc::at(sequence), sequence},
                          [](auto editor) { Work::write(std::move(editor)); });
}

/// What some replicas have written without having heard of each other, joined pair by pair.
template <class T, class Work>
T written_by(ids const& all, std::size_t from, std::size_t end) {
    T out;
    if (end - from == 1) {
        write_as<T, Work>(out, all[from], 1);
    } else if (end > from) {
        auto const middle = from + (end - from) / 2;
        out = written_by<T, Work>(all, from, middle);
        out.join(written_by<T, Work>(all, middle, end));
    }
    return out;
}

std::size_t size_of(benchmark::State const& state) {
    return static_cast<std::size_t>(state.range(0));
}
void count_items(benchmark::State& state) {
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// A copy of three quarters, and a join with the last three quarters.
template <class T, class Work>
void join(benchmark::State& state) {
    auto const n = size_of(state);
    auto const all = replicas(n);
    auto const left = written_by<T, Work>(all, 0, n - n / 4);
    auto const right = written_by<T, Work>(all, n / 4, n);
    for (auto _ : state) {
        auto merged = left;
        merged.join(right);
        benchmark::DoNotOptimize(merged);
    }
    count_items(state);
}

template <class T, class Work>
void join_same(benchmark::State& state) {
    auto whole = written_by<T, Work>(replicas(size_of(state)), 0, size_of(state));
    auto const same = whole;
    for (auto _ : state) {
        whole.join(same);
        benchmark::DoNotOptimize(whole);
    }
    count_items(state);
}

template <class T, class Work>
void value(benchmark::State& state) {
    auto const whole = written_by<T, Work>(replicas(size_of(state)), 0, size_of(state));
    for (auto _ : state) {
        benchmark::DoNotOptimize(whole.value());
    }
    count_items(state);
}

/// What the last replica has written once more.
template <class T, class Work>
void difference(benchmark::State& state) {
    auto const all = replicas(size_of(state));
    auto const base = written_by<T, Work>(all, 0, all.size());
    auto news = base;
    write_as<T, Work>(news, all.back(), 2);
    for (auto _ : state) {
        benchmark::DoNotOptimize(joinery::difference(news, base));
    }
    count_items(state);
}

/// The limit of `join`: an array of numbers is copied, and joined with another one that is sorted
/// in the same way.
void limit_join(benchmark::State& state) {
    auto const n = size_of(state);
    auto all = replicas(n);
    std::sort(all.begin(), all.end());
    std::vector<std::pair<replica_id, std::uint64_t>> left;
    std::vector<std::pair<replica_id, std::uint64_t>> right;
    for (std::size_t i = 0; i < n; ++i) {
        if (i < n - n / 4) {
            left.emplace_back(all[i], i);
        }
        if (i >= n / 4) {
            right.emplace_back(all[i], i);
        }
    }
    for (auto _ : state) {
        auto mine = left;
        decltype(left) merged;
        merged.reserve(n);
        std::set_union(mine.begin(), mine.end(), right.begin(), right.end(),
                       std::back_inserter(merged));
        benchmark::DoNotOptimize(merged);
    }
    count_items(state);
}

void add_one(std::string const& name, void (*run)(benchmark::State&), std::int64_t most) {
    benchmark::RegisterBenchmark(("by_replica/" + name).c_str(), run)
        ->Arg(10)
        ->Arg(1'000)
        ->Arg(most)
        ->MinTime(0.1);
}

template <class T, class Work>
void add(std::string const& name, std::int64_t most) {
    add_one(name + "/join", join<T, Work>, most);
    add_one(name + "/join_same", join_same<T, Work>, most);
    add_one(name + "/value", value<T, Work>, most);
    add_one(name + "/difference", difference<T, Work>, most);
}

[[maybe_unused]] auto const registered = [] {
    constexpr std::int64_t plain = 1'000'000;
    constexpr std::int64_t causal = 10'000;
    add_one("limit_join", limit_join, plain);
    add<g_counter, counting>("g_counter", plain);
    add<pn_counter, counting>("pn_counter", plain);
    add<bounded_counter, counting>("bounded_counter", plain);
    add<resettable_counter, counting>("resettable_counter", causal);
    add<mv_register<std::uint64_t>, assigning>("mv_register", causal);
    add<ew_flag, enabling>("ew_flag", causal);
    add<dw_flag, enabling>("dw_flag", causal);
    return 0;
}();

} // namespace
