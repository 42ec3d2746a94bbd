#include <joinery/crdt/aw_set.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <common/workloads.hpp>
#include <cstdint>
#include <string>

using namespace joinery;

namespace {

// W4: A inserts 100,000 strings and erases half of them, B concurrently inserts 100,000, of which A
// had 50,000; B is merged into A. 125,000 survive, whichever id is greater.

constexpr replica_id small{0x1111'1111'1111'1111, 1};
constexpr replica_id great{0x2222'2222'2222'2222, 2};

using set = aw_set<std::string>;
using flat_map = boost::unordered_flat_map<std::string, std::uint64_t>;

void insert(set& to, replica_id self, std::size_t from) {
    auto const& all = bench::kv(150'000);
    to.edit(author{self, {}, 0}, [&](auto elements) {
        for (auto i = from; i < from + 100'000; ++i) {
            elements.insert(all[i].first);
        }
    });
}

void erase(set& to, replica_id self) {
    auto const& all = bench::kv(150'000);
    to.edit(author{self, {}, 0}, [&](auto elements) {
        for (std::size_t i = 0; i < 100'000; i += 2) {
            elements.erase(all[i].first);
        }
    });
}

void limit_merge(benchmark::State& state) {
    auto const& all = bench::kv(150'000);
    for (auto _ : state) {
        flat_map map;
        for (std::size_t i = 0; i < 100'000; ++i) {
            map.emplace(all[i].first, i);
        }
        for (std::size_t i = 0; i < 100'000; i += 2) {
            map.erase(all[i].first);
        }
        bench::measure(state, [&] {
            for (std::size_t i = 50'000; i < 150'000; ++i) {
                map.emplace(all[i].first, i);
            }
            benchmark::DoNotOptimize(map);
        });
    }
}

template <bool Swapped>
void merge(benchmark::State& state) {
    set a;
    set b;
    insert(a, Swapped ? great : small, 0);
    erase(a, Swapped ? great : small);
    insert(b, Swapped ? small : great, 50'000);
    for (auto _ : state) {
        auto merged = a;
        bench::measure(state, [&] { merged.join(b); });
        bench::require(state, merged.size() == 125'000, "an insert was lost or an erase undone");
    }
}

void merge_encoded(benchmark::State& state) {
    set a;
    set b;
    insert(a, small, 0);
    erase(a, small);
    insert(b, great, 50'000);
    auto const encoded = b.encode();
    for (auto _ : state) {
        auto merged = a;
        bench::measure(state, [&] { (void)merged.join_encoded(encoded); });
        bench::require(state, merged.size() == 125'000, "an insert was lost or an erase undone");
        state.counters["state_bytes"] = static_cast<double>(encoded.size());
    }
}

void merge_delta(benchmark::State& state) {
    set a;
    set b;
    insert(a, small, 0);
    erase(a, small);
    auto const& all = bench::kv(150'000);
    auto const delta = b.edit(author{great, {}, 0}, [&](auto elements) {
        for (std::size_t i = 50'000; i < 150'000; ++i) {
            elements.insert(all[i].first);
        }
    });
    for (auto _ : state) {
        auto merged = a;
        bench::measure(state, [&] { merged.join(delta); });
        bench::require(state, merged.size() == 125'000, "an insert was lost or an erase undone");
    }
}

[[maybe_unused]] auto const registered = [] {
    bench::add("W4/limit_merge", limit_merge);
    bench::add("W4/merge_in_memory", merge<false>);
    bench::add("W4/merge_in_memory_swapped_ids", merge<true>);
    bench::add("W4/merge_state", merge_encoded);
    bench::add("W4/merge_delta", merge_delta);
    return 0;
}();

} // namespace
