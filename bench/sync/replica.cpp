#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "documents.hpp"

using namespace joinery;
using bench::alice;
using bench::bob;

namespace {

constexpr std::size_t n = 100'000;

struct lww {
    std::string value;
    std::uint64_t time = 0;
    std::uint32_t replica = 0;
};
using flat_map = boost::unordered_flat_map<std::string, std::string>;
using flat_lww = boost::unordered_flat_map<std::string, lww>;

std::string const& own_value(std::size_t i) {
    return bench::kv(n)[i].second;
}

// W2: 100,000 pairs into an empty document.

void w2_limit_insert(benchmark::State& state) {
    auto const& all = bench::kv(150'000);
    for (auto _ : state) {
        flat_map map;
        bench::measure(state, [&] {
            for (std::size_t i = 0; i < n; ++i) {
                map.insert_or_assign(all[i].first, all[i].second);
            }
        });
    }
}

void w2_limit_decode(benchmark::State& state) {
    auto const& all = bench::kv(150'000);
    std::string encoded;
    for (std::size_t i = 0; i < n; ++i) {
        bench::put(encoded, all[i].first);
        bench::put(encoded, all[i].second);
    }
    for (auto _ : state) {
        flat_map map;
        bench::measure(state, [&] {
            map.reserve(n);
            for (auto const* at = encoded.data(); at != encoded.data() + encoded.size();) {
                auto key = bench::get(at);
                map.emplace(std::move(key), bench::get(at));
            }
        });
    }
}

void w2_limit_encode(benchmark::State& state) {
    auto const& all = bench::kv(150'000);
    flat_map map;
    for (std::size_t i = 0; i < n; ++i) {
        map.insert_or_assign(all[i].first, all[i].second);
    }
    for (auto _ : state) {
        std::string encoded;
        bench::measure(state, [&] {
            encoded.reserve(n * 34);
            for (auto const& [key, value] : map) {
                bench::put(encoded, key);
                bench::put(encoded, value);
            }
        });
    }
}

template <std::size_t PerEdit>
void w2_set(benchmark::State& state) {
    bench::kv(150'000);
    for (auto _ : state) {
        bench::replica replica{alice};
        bench::measure(state, [&] { bench::fill(replica, 0, n, PerEdit, own_value); });
        bench::require(state, replica.state().size() == n, "keys are missing");
    }
}

bench::replica const& filled() {
    static auto const replica = [] {
        bench::replica out{alice};
        bench::fill(out, 0, n, 1000, own_value);
        return out;
    }();
    return replica;
}

void w2_encode(benchmark::State& state) {
    auto const& replica = filled();
    for (auto _ : state) {
        bytes encoded;
        bench::measure(state, [&] { encoded = replica.state().encode(); });
        state.counters["bytes"] = static_cast<double>(encoded.size());
    }
}

void w2_load(benchmark::State& state) {
    auto const encoded = filled().state().encode();
    for (auto _ : state) {
        document loaded;
        // As read from a file: the document keeps the buffer.
        owned_bytes buffer{encoded.size()};
        std::memcpy(buffer.data(), encoded.data(), encoded.size());
        bench::measure(state, [&] {
            auto const joined = loaded.join_encoded(std::move(buffer), encoded.size());
            bench::require(state, joined.has_value(), "refused");
        });
        bench::require(state, loaded.size() == n, "keys are missing");
    }
}

void w2_get(benchmark::State& state) {
    auto const& replica = filled();
    auto const& all = bench::kv(150'000);
    for (auto _ : state) {
        std::size_t sum = 0;
        bench::measure(state, [&] {
            for (std::size_t i = 0; i < n; ++i) {
                sum += replica.state().at(all[i].first).value().as_string().size();
            }
        });
        bench::require(state, sum == 16 * n, "values are missing");
    }
}

void w2_receive(benchmark::State& state) {
    auto const& from = filled();
    for (auto _ : state) {
        bench::replica to{bob};
        bench::exchange exchange;
        exchange.ask(to);
        exchange.answer(from);
        auto taken = false;
        bench::measure(state, [&] { taken = exchange.take(to); });
        bench::require(state, taken && to.state().size() == n, "keys are missing");
        state.counters["changes_bytes"] = static_cast<double>(exchange.answer_bytes());
    }
}

// W3: two documents of 100,000 pairs, 50,000 keys in both, one applied to the other.

void w3_limit(benchmark::State& state) {
    auto const& all = bench::kv(150'000);
    auto const theirs = bench::values(n, 43);
    std::string encoded;
    for (std::size_t i = 0; i < n; ++i) {
        bench::put(encoded, all[i + 50'000].first);
        bench::put(encoded, theirs[i]);
        std::uint64_t const time = i + 1;
        encoded.append(reinterpret_cast<char const*>(&time), sizeof time);
    }
    for (auto _ : state) {
        flat_lww map;
        for (std::size_t i = 0; i < n; ++i) {
            map[all[i].first] = {all[i].second, i + 1, 1};
        }
        bench::measure(state, [&] {
            for (auto const* at = encoded.data(); at != encoded.data() + encoded.size();) {
                auto key = bench::get(at);
                auto value = bench::get(at);
                std::uint64_t time = 0;
                std::memcpy(&time, at, sizeof time);
                at += sizeof time;
                auto& mine = map[std::move(key)];
                if (std::pair{time, 2U} > std::pair{mine.time, mine.replica}) {
                    mine = {std::move(value), time, 2};
                }
            }
        });
        bench::require(state, map.size() == 150'000, "keys are missing");
    }
}

struct w3_sides {
    bench::replica a{alice};
    bench::replica b{bob};
    w3_sides() {
        auto const theirs = bench::values(n, 43);
        bench::kv(150'000);
        bench::fill(a, 0, n, 1000, own_value);
        bench::fill(b, 50'000, n, 1000,
                    [&](std::size_t i) -> std::string const& { return theirs[i - 50'000]; });
    }
};

void w3_apply(benchmark::State& state, bench::replica w3_sides::*to,
              bench::replica w3_sides::*from) {
    for (auto _ : state) {
        w3_sides sides;
        bench::exchange exchange;
        exchange.ask(sides.*to);
        exchange.answer(sides.*from);
        auto taken = false;
        bench::measure(state, [&] { taken = exchange.take(sides.*to); });
        bench::require(state, taken && (sides.*to).state().size() == 150'000, "keys are missing");
        state.counters["bytes_one_side"] = static_cast<double>(exchange.answer_bytes());
    }
}

void w3_join(benchmark::State& state) {
    w3_sides const sides;
    for (auto _ : state) {
        auto joined = sides.a.state();
        bench::measure(state, [&] { joined.join(sides.b.state()); });
        bench::require(state, joined.size() == 150'000, "keys are missing");
    }
}

void w3_join_encoded(benchmark::State& state) {
    w3_sides const sides;
    auto const encoded = sides.b.state().encode();
    for (auto _ : state) {
        auto joined = sides.a.state();
        bench::measure(state, [&] { (void)joined.join_encoded(encoded); });
        bench::require(state, joined.size() == 150'000, "keys are missing");
    }
}

// W5: ten keys of 100,000 change and are carried over.

void w5_limit(benchmark::State& state) {
    auto const& all = bench::kv(150'000);
    flat_lww map;
    for (std::size_t i = 0; i < n; ++i) {
        map[all[i].first] = {all[i].second, i + 1, 1};
    }
    testing::splitmix64 random{44};
    for (auto _ : state) {
        bench::pairs changes;
        for (int i = 0; i < 10; ++i) {
            changes.emplace_back(all[static_cast<std::uint32_t>(random()) % n].first, random.hex());
        }
        bench::measure(state, [&] {
            for (auto const& [key, value] : changes) {
                auto& mine = map[key];
                mine = {value, mine.time + 1, 2};
            }
        });
    }
}

void w5_change(benchmark::State& state) {
    auto const& all = bench::kv(150'000);
    bench::replica a{alice};
    bench::replica b{bob};
    bench::fill(b, 0, n, 1000, own_value);
    bench::exchange exchange;
    exchange.ask(a);
    exchange.answer(b);
    exchange.take(a);
    testing::splitmix64 random{44};
    std::size_t most = 0;
    for (auto _ : state) {
        bench::pairs changes;
        for (int i = 0; i < 10; ++i) {
            changes.emplace_back(all[static_cast<std::uint32_t>(random()) % n].first, random.hex());
        }
        auto taken = false;
        bench::measure(state, [&] {
            (void)b.edit([&](auto doc) {
                for (auto const& [key, value] : changes) {
                    doc.set(key, value);
                }
            });
            exchange.ask(a);
            exchange.answer(b);
            taken = exchange.take(a);
        });
        bench::require(state, taken, "the change was not taken");
        most = std::max(most, exchange.bytes());
    }
    bench::require(state, a.digest() == b.digest(), "the replicas differ");
    // Two frames of at most 7 bytes more.
    state.counters["bytes_both"] = static_cast<double>(most + 14);
}

// W7: 10,000 documents of ten fields, one changed on each side, all synchronized.

constexpr std::size_t documents = 10'000;

void w7_limit(benchmark::State& state) {
    struct record {
        std::array<lww, 10> fields;
    };
    for (auto _ : state) {
        testing::splitmix64 random{47};
        std::vector<record> a(documents);
        for (auto& r : a) {
            for (auto& f : r.fields) {
                f = {random.hex(), 1, 1};
            }
        }
        auto b = a;
        for (std::size_t k = 0; k < documents; ++k) {
            a[k].fields[k % 10] = {random.hex(), 2, 1};
            b[k].fields[(k * 7 + 3) % 10] = {random.hex(), 2, 2};
        }
        bench::measure(state, [&] {
            for (std::size_t k = 0; k < documents; ++k) {
                for (std::size_t f = 0; f < 10; ++f) {
                    auto& x = a[k].fields[f];
                    auto& y = b[k].fields[f];
                    if (std::pair{y.time, y.replica} > std::pair{x.time, x.replica}) {
                        x = y;
                    } else if (std::pair{x.time, x.replica} > std::pair{y.time, y.replica}) {
                        y = x;
                    }
                }
            }
            benchmark::DoNotOptimize(a);
        });
    }
}

struct w7_sides {
    std::vector<std::string> names;
    std::vector<std::string> fields = bench::values(10 * documents, 47);
    std::vector<bench::replica> a;
    std::vector<bench::replica> b;
    bench::exchange to_a;
    bench::exchange to_b;

    w7_sides() {
        for (int f = 0; f < 10; ++f) {
            names.push_back("field" + std::to_string(f));
        }
        a.reserve(documents);
        b.reserve(documents);
    }
    void create() {
        for (std::size_t k = 0; k < documents; ++k) {
            a.emplace_back(alice);
            (void)a.back().edit([&](auto doc) {
                for (std::size_t f = 0; f < 10; ++f) {
                    doc.set(names[f], fields[k * 10 + f]);
                }
            });
        }
    }
    bool load() {
        auto taken = true;
        for (std::size_t k = 0; k < documents; ++k) {
            b.emplace_back(bob);
            to_b.ask(b[k]);
            to_b.answer(a[k]);
            taken = to_b.take(b[k]) && taken;
        }
        return taken;
    }
    void change() {
        auto const mine = bench::values(documents, 48);
        auto const theirs = bench::values(documents, 49);
        for (std::size_t k = 0; k < documents; ++k) {
            (void)a[k].edit([&](auto doc) { doc.set(names[k % 10], mine[k]); });
            (void)b[k].edit([&](auto doc) { doc.set(names[(7 * k + 3) % 10], theirs[k]); });
        }
    }
    bool sync(std::size_t& bytes) {
        auto taken = true;
        for (std::size_t k = 0; k < documents; ++k) {
            to_a.ask(a[k]);
            to_b.ask(b[k]);
            to_a.answer(b[k]);
            to_b.answer(a[k]);
            taken = to_a.take(a[k]) && to_b.take(b[k]) && taken;
            bytes += to_a.bytes() + to_b.bytes();
        }
        return taken;
    }
};

void w7_create(benchmark::State& state) {
    for (auto _ : state) {
        w7_sides sides;
        bench::measure(state, [&] { sides.create(); });
    }
}

void w7_load(benchmark::State& state) {
    for (auto _ : state) {
        w7_sides sides;
        sides.create();
        bench::measure(state, [&] { bench::require(state, sides.load(), "not taken"); });
    }
}

void w7_sync(benchmark::State& state) {
    for (auto _ : state) {
        w7_sides sides;
        sides.create();
        sides.load();
        sides.change();
        std::size_t bytes = 0;
        bench::measure(state, [&] { bench::require(state, sides.sync(bytes), "not taken"); });
        for (std::size_t k = 0; k < documents; ++k) {
            bench::require(state, sides.a[k].digest() == sides.b[k].digest(), "documents differ");
        }
        // Four frames of 6 bytes more for each document.
        state.counters["sync_bytes"] = static_cast<double>(bytes + 24 * documents);
    }
}

[[maybe_unused]] auto const registered = [] {
    bench::add("W2/limit_insert", w2_limit_insert);
    bench::add("W2/set_tx1000", w2_set<1000>);
    bench::add("W2/set_tx1", w2_set<1>);
    bench::add("W2/limit_load", w2_limit_decode);
    bench::add("W2/load", w2_load);
    bench::add("W2/receive_all", w2_receive);
    bench::add("W2/limit_encode", w2_limit_encode);
    bench::add("W2/encode", w2_encode);
    bench::add("W2/get_100k", w2_get);
    bench::add("W3/limit_merge_decode", w3_limit);
    bench::add("W3/apply_B_to_A", [](auto& state) { w3_apply(state, &w3_sides::a, &w3_sides::b); });
    bench::add("W3/apply_A_to_B", [](auto& state) { w3_apply(state, &w3_sides::b, &w3_sides::a); });
    bench::add("W3/join_in_memory_B_into_A", w3_join);
    bench::add("W3/join_encoded", w3_join_encoded);
    bench::add("W5/limit_apply_10", w5_limit)->Iterations(300)->Unit(benchmark::kMicrosecond);
    bench::add("W5/total", w5_change)->Iterations(300)->Unit(benchmark::kMicrosecond);
    bench::add("W7/limit_merge_arrays", w7_limit);
    bench::add("W7/create", w7_create);
    bench::add("W7/load", w7_load);
    bench::add("W7/sync_all", w7_sync);
    return 0;
}();

} // namespace
