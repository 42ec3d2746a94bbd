#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/dw_flag.hpp>
#include <joinery/crdt/ew_flag.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/crdt/resettable_counter.hpp>
#include <joinery/crdt/rw_set.hpp>
#include <joinery/testing/random.hpp>

#include <benchmark/benchmark.h>
#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace joinery;

namespace {

// Types of the catalogue beside each other: the same work for sets, and for maps of what a key may
// hold under each policy.

constexpr replica_id alice{1};
constexpr replica_id bob{2};

using number = std::uint64_t;

struct into_set {
    template <class Editor>
    static void write(Editor& set, number n) {
        set.insert(n);
    }
};
struct into_register {
    template <class Editor>
    static void write(Editor& map, number n) {
        map.at(n).assign(n);
    }
};
struct into_counter {
    template <class Editor>
    static void write(Editor& map, number n) {
        map.at(n).increment();
    }
};
struct task {
    BOOST_HANA_DEFINE_STRUCT(task, (mv_register<number>, title), (aw_set<number>, tags));
};
struct into_product {
    template <class Editor>
    static void write(Editor& map, number n) {
        map.at(n)[&task::title].assign(n);
    }
};
struct into_flag {
    template <class Editor>
    static void write(Editor& map, number n) {
        map.at(n).enable();
    }
};

std::vector<number> numbers(std::size_t count) {
    testing::splitmix64 random{42};
    std::vector<number> all(count);
    for (auto& one : all) {
        one = random();
    }
    return all;
}

author by(replica_id who) {
    return {who, hlc::at(1), 0};
}

template <class T, class Work>
void write_all(T& to, replica_id who, std::vector<number> const& all, std::size_t from,
               std::size_t end) {
    to.edit(by(who), [&](auto editor) {
        for (auto i = from; i < end; ++i) {
            Work::write(editor, all[i]);
        }
    });
}

template <class T>
void erase_every_second(T& from, replica_id who, std::vector<number> const& all) {
    from.edit(by(who), [&](auto editor) {
        for (std::size_t i = 0; i < all.size(); i += 2) {
            editor.erase(all[i]);
        }
    });
}

template <class T, class Work>
void write(benchmark::State& state) {
    auto const count = static_cast<std::size_t>(state.range(0));
    auto const all = numbers(count);
    for (auto _ : state) {
        T value;
        write_all<T, Work>(value, alice, all, 0, count);
        benchmark::DoNotOptimize(value);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

template <class T, class Work>
void erase(benchmark::State& state) {
    auto const all = numbers(static_cast<std::size_t>(state.range(0)));
    T whole;
    write_all<T, Work>(whole, alice, all, 0, all.size());
    for (auto _ : state) {
        state.PauseTiming();
        auto value = whole;
        state.ResumeTiming();
        erase_every_second(value, bob, all);
        benchmark::DoNotOptimize(value);
    }
    state.SetItemsProcessed(state.iterations() * (state.range(0) / 2));
}

/// One side has erased every second element; the other has half as many new ones.
template <class T, class Work>
void join(benchmark::State& state) {
    auto const count = static_cast<std::size_t>(state.range(0));
    auto const all = numbers(count + count / 2);
    T left;
    write_all<T, Work>(left, alice, all, 0, count);
    auto right = left;
    erase_every_second(right, bob, {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)});
    write_all<T, Work>(left, alice, all, count, all.size());
    for (auto _ : state) {
        state.PauseTiming();
        auto merged = left;
        state.ResumeTiming();
        merged.join(right);
        benchmark::DoNotOptimize(merged);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// Two states of which one has ten writes more.
template <class T, class Work>
void difference(benchmark::State& state) {
    auto const count = static_cast<std::size_t>(state.range(0));
    auto const all = numbers(count + 10);
    T base;
    write_all<T, Work>(base, alice, all, 0, count);
    auto news = base;
    write_all<T, Work>(news, bob, all, count, all.size());
    for (auto _ : state) {
        benchmark::DoNotOptimize(news.difference(base));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

using hash_map = boost::unordered_flat_map<number, number>;

/// The least that a write does: a number goes into a hash map.
void limit_write(benchmark::State& state) {
    auto const all = numbers(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        hash_map map;
        for (auto const one : all) {
            map.emplace(one, one);
        }
        benchmark::DoNotOptimize(map);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// The least that an erase does. Each of the erased elements is found by its hash.
void limit_erase(benchmark::State& state) {
    auto const all = numbers(static_cast<std::size_t>(state.range(0)));
    hash_map whole;
    for (auto const one : all) {
        whole.emplace(one, one);
    }
    for (auto _ : state) {
        state.PauseTiming();
        auto map = whole;
        state.ResumeTiming();
        for (std::size_t i = 0; i < all.size(); i += 2) {
            map.erase(all[i]);
        }
        benchmark::DoNotOptimize(map);
    }
    state.SetItemsProcessed(state.iterations() * (state.range(0) / 2));
}

/// The least that a join does: what this side has is looked up in the other one, and here if it
/// goes; in the order in which it was written, as the entries of both sides lie.
void limit_join(benchmark::State& state) {
    auto const count = static_cast<std::size_t>(state.range(0));
    auto const all = numbers(count + count / 2);
    hash_map left;
    hash_map right;
    for (std::size_t i = 0; i < all.size(); ++i) {
        left.emplace(all[i], i);
        if (i < count && i % 2 == 1) {
            right.emplace(all[i], i);
        }
    }
    for (auto _ : state) {
        state.PauseTiming();
        auto merged = left;
        state.ResumeTiming();
        std::size_t erased = 0;
        for (std::size_t i = 0; i < count; ++i) {
            erased += right.contains(all[i]) ? 0 : merged.erase(all[i]);
        }
        benchmark::DoNotOptimize(erased);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void add_one(std::string const& name, void (*run)(benchmark::State&)) {
    benchmark::RegisterBenchmark(name.c_str(), run)
        ->Arg(10)
        ->Arg(1'000)
        ->Arg(1'000'000)
        ->MinTime(0.1);
}

template <class T, class Work>
void add(std::string const& name) {
    add_one(name + "/write", write<T, Work>);
    add_one(name + "/erase", erase<T, Work>);
    add_one(name + "/join", join<T, Work>);
    add_one(name + "/difference_10", difference<T, Work>);
}

template <class Policy>
void add_maps(std::string const& policy) {
    add<or_map<number, mv_register<number>, Policy>, into_register>("map_of_registers/" + policy);
    add<or_map<number, resettable_counter, Policy>, into_counter>("map_of_counters/" + policy);
}

bool const is_registered = [] {
    add_one("causal_types/limit_write", limit_write);
    add_one("causal_types/limit_erase", limit_erase);
    add_one("causal_types/limit_join", limit_join);
    add<aw_set<number>, into_set>("aw_set");
    add<rw_set<number>, into_set>("rw_set");
    add<or_map<number, ew_flag>, into_flag>("map_of_ew_flags");
    add<or_map<number, dw_flag>, into_flag>("map_of_dw_flags");
    add<or_map<number, product<task>>, into_product>("map_of_products");
    add_maps<observed_reset>("observed_reset");
    add_maps<remove_wins>("remove_wins");
    add_maps<update_wins_whole>("update_wins_whole");
    return true;
}();

} // namespace
