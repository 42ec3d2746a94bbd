#include <joinery/crdt/aw_set.hpp>
#include <joinery/sync/replica.hpp>
#include <joinery/sync/version_exchange.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <common/workloads.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace joinery;

namespace {

// W4 with a log: inserts and erases in edits of 1000, and B's changesets applied to A from bytes.

using replica = sync::replica<aw_set<std::string>>;
constexpr replica_id small{0x1111'1111'1111'1111, 1};
constexpr replica_id great{0x2222'2222'2222'2222, 2};
constexpr std::size_t n = 100'000;

template <class Change>
void in_edits(replica& to, std::size_t from, std::size_t step, Change&& change) {
    for (auto i = from; i < from + n;) {
        (void)to.edit([&](auto set) {
            for (std::size_t k = 0; k < 1000 && i < from + n; ++k, i += step) {
                change(set, bench::kv(from + n)[i].first);
            }
        });
    }
}
void insert(replica& to, std::size_t from) {
    in_edits(to, from, 1, [](auto& set, std::string const& element) { set.insert(element); });
}
void erase_half(replica& to) {
    in_edits(to, 0, 2, [](auto& set, std::string const& element) { set.erase(element); });
}

void limit_insert(benchmark::State& state) {
    auto const& all = bench::kv(150'000);
    for (auto _ : state) {
        boost::unordered_flat_map<std::string, std::uint64_t> map;
        bench::measure(state, [&] {
            for (std::size_t i = 0; i < n; ++i) {
                map.emplace(all[i].first, i);
            }
        });
    }
}

void limit_erase(benchmark::State& state) {
    auto const& all = bench::kv(150'000);
    for (auto _ : state) {
        boost::unordered_flat_map<std::string, std::uint64_t> map;
        for (std::size_t i = 0; i < n; ++i) {
            map.emplace(all[i].first, i);
        }
        bench::measure(state, [&] {
            for (std::size_t i = 0; i < n; i += 2) {
                map.erase(all[i].first);
            }
        });
    }
}

void insert_100k(benchmark::State& state) {
    bench::kv(150'000);
    for (auto _ : state) {
        replica set{small};
        bench::measure(state, [&] { insert(set, 0); });
        bench::require(state, set.state().size() == n, "elements are missing");
    }
}

void remove_50k(benchmark::State& state) {
    bench::kv(150'000);
    for (auto _ : state) {
        replica set{small};
        insert(set, 0);
        bench::measure(state, [&] { erase_half(set); });
        bench::require(state, set.state().size() == n / 2, "elements are left");
    }
}

void merge(benchmark::State& state, replica_id id_a, replica_id id_b, char const* survivors) {
    bench::kv(150'000);
    replica b{id_b};
    insert(b, 50'000);
    byte_writer message;
    (void)b.for_each_change({}, [&](auto const& in) {
        sync::write_answer(message, in, 0);
        return true;
    });
    for (auto _ : state) {
        replica a{id_a};
        insert(a, 0);
        erase_half(a);
        bench::measure(state, [&] {
            byte_reader reader{message.view()};
            (void)sync::read_answers(reader, {}, {}, [&](auto const& in) { (void)a.receive(in); });
        });
        bench::require(state, a.state().size() == 125'000, "an insert was lost");
        state.counters[survivors] = static_cast<double>(a.state().size());
        state.counters["msg_bytes"] = static_cast<double>(message.size());
    }
}

[[maybe_unused]] auto const registered = [] {
    bench::add("W4/limit_insert_100k", limit_insert);
    bench::add("W4/insert_100k", insert_100k);
    bench::add("W4/limit_erase_50k", limit_erase);
    bench::add("W4/remove_50k", remove_50k);
    bench::add("W4/merge", [](auto& state) { merge(state, small, great, "survivors"); });
    bench::add("W4/merge_swapped_ids",
               [](auto& state) { merge(state, great, small, "survivors_swapped_ids"); });
    return 0;
}();

} // namespace
