#include <joinery/crdt/document.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <common/workloads.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

using namespace joinery;

namespace {

// Documents of n keys, under each granularity and policy.

constexpr replica_id alice{1};
constexpr replica_id bob{2};

author by(replica_id who, std::uint64_t time) {
    return {who, hlc::at(time), 0};
}

std::size_t size_of(benchmark::State const& state) {
    return static_cast<std::size_t>(state.range(0));
}
void count_items(benchmark::State& state) {
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

template <class Document>
void set(Document& doc, replica_id who, std::uint64_t time, std::size_t from, std::size_t end) {
    auto const& all = bench::kv(end);
    doc.edit(by(who, time), [&](auto editor) {
        for (auto i = from; i < end; ++i) {
            editor.set(all[i].first, static_cast<std::int64_t>(i));
        }
    });
}

template <class Document>
void erase_every_second(Document& doc, std::size_t count) {
    auto const& all = bench::kv(count);
    doc.edit(by(bob, 2), [&](auto editor) {
        for (std::size_t i = 0; i < count; i += 2) {
            editor.erase(all[i].first);
        }
    });
}

template <class Document>
void write(benchmark::State& state) {
    (void)bench::kv(size_of(state));
    for (auto _ : state) {
        Document doc;
        set(doc, alice, 1, 0, size_of(state));
        benchmark::DoNotOptimize(doc);
    }
    count_items(state);
}

/// The least that a write does: a string goes into a hash map.
void limit_write(benchmark::State& state) {
    auto const& all = bench::kv(size_of(state));
    for (auto _ : state) {
        boost::unordered_flat_map<std::string, std::int64_t> map;
        for (std::size_t i = 0; i < size_of(state); ++i) {
            map.emplace(all[i].first, static_cast<std::int64_t>(i));
        }
        benchmark::DoNotOptimize(map);
    }
    count_items(state);
}

/// One side has erased every second key; the other has half as many new ones.
template <class Document>
void join(benchmark::State& state) {
    auto const count = size_of(state);
    Document left;
    set(left, alice, 1, 0, count);
    auto right = left;
    erase_every_second(right, count);
    set(left, alice, 2, count, count + count / 2);
    for (auto _ : state) {
        state.PauseTiming();
        auto merged = left;
        state.ResumeTiming();
        merged.join(right);
        benchmark::DoNotOptimize(merged);
    }
    count_items(state);
}

/// Two documents of which one has ten keys more.
template <class Document>
void difference(benchmark::State& state) {
    Document base;
    set(base, alice, 1, 0, size_of(state));
    auto news = base;
    set(news, bob, 2, size_of(state), size_of(state) + 10);
    for (auto _ : state) {
        benchmark::DoNotOptimize(news.difference(base));
    }
    count_items(state);
}

void add_one(std::string const& name, void (*run)(benchmark::State&)) {
    benchmark::RegisterBenchmark(("documents/" + name).c_str(), run)
        ->Arg(10)
        ->Arg(1'000)
        ->Arg(1'000'000)
        ->MinTime(0.1);
}

template <class Document>
void add(std::string const& name) {
    add_one(name + "/write", write<Document>);
    add_one(name + "/join", join<Document>);
    add_one(name + "/difference_10", difference<Document>);
}

[[maybe_unused]] auto const registered = [] {
    add_one("limit_write", limit_write);
    add<document>("observed_reset");
    add<basic_document<deep_merge, remove_wins>>("remove_wins");
    add<basic_document<deep_merge, update_wins_whole>>("update_wins_whole");
    add<basic_document<top_level>>("top_level");
    return 0;
}();

} // namespace
