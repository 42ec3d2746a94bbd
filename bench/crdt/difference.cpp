#include <joinery/crdt/document.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>

#include <common/workloads.hpp>
#include <cstdint>
#include <string>

using namespace joinery;

namespace {

// Two maps of n entries that differ in 10: what one lacks of the other, and what joining them
// costs.

constexpr replica_id alice{0x1111'1111'1111'1111, 1};
constexpr replica_id bob{0x2222'2222'2222'2222, 2};
constexpr std::size_t differing = 10;

using map = or_map<std::string, mv_register<std::string>>;

/// What the copy of the map has missed.
enum class missed { nothing, writes, erasures };

author by(replica_id who, std::uint64_t time) {
    return {who, hlc::at(time), 0};
}

map filled(std::size_t count) {
    auto const& all = bench::kv(count);
    map out;
    out.edit(by(alice, 1), [&](auto entries) {
        for (std::size_t i = 0; i < count; ++i) {
            entries.at(all[i].first).assign(all[i].second);
        }
    });
    return out;
}

struct two_maps {
    map ours;
    map theirs;
};

two_maps maps(std::size_t count, missed what) {
    two_maps out;
    out.ours = filled(count);
    out.theirs = out.ours;
    auto const& all = bench::kv(count);
    out.ours.edit(by(bob, 2), [&](auto entries) {
        for (std::size_t i = 0; i < differing && what != missed::nothing; ++i) {
            auto const& key = all[i * count / differing].first;
            if (what == missed::writes) {
                entries.at(key).assign("news");
            } else {
                entries.erase(key);
            }
        }
    });
    return out;
}

void difference(benchmark::State& state, missed what) {
    auto const two = maps(static_cast<std::size_t>(state.range(0)), what);
    for (auto _ : state) {
        map news;
        bench::measure(state, [&] { news = two.ours.difference(two.theirs); });
        auto joined = two.theirs;
        joined.join(news);
        bench::require(state, joined.digest() == two.ours.digest(), "the difference is incomplete");
    }
}
void difference_of_writes(benchmark::State& state) {
    difference(state, missed::writes);
}
void difference_of_erasures(benchmark::State& state) {
    difference(state, missed::erasures);
}
void difference_of_nothing(benchmark::State& state) {
    difference(state, missed::nothing);
}

/// The same map by another way: its entries lie in another order, as after a load from bytes.
void difference_in_other_order(benchmark::State& state) {
    auto const count = static_cast<std::size_t>(state.range(0));
    auto const two = maps(count, missed::writes);
    auto const theirs = map::decode(two.theirs.encode()).value();
    for (auto _ : state) {
        map news;
        bench::measure(state, [&] { news = two.ours.difference(theirs); });
        bench::require(state, news.size() == differing, "the difference is not what differs");
    }
}

void join_of_states(benchmark::State& state) {
    auto const two = maps(static_cast<std::size_t>(state.range(0)), missed::writes);
    for (auto _ : state) {
        auto joined = two.theirs;
        bench::measure(state, [&] { joined.join(two.ours); });
        bench::require(state, joined.digest() == two.ours.digest(), "the join is wrong");
    }
}

void join_in_other_order(benchmark::State& state) {
    auto const two = maps(static_cast<std::size_t>(state.range(0)), missed::writes);
    auto const theirs = map::decode(two.theirs.encode()).value();
    for (auto _ : state) {
        auto joined = theirs;
        bench::measure(state, [&] { joined.join(two.ours); });
        bench::require(state, joined.digest() == two.ours.digest(), "the join is wrong");
    }
}

void join_of_difference(benchmark::State& state, missed what) {
    auto const two = maps(static_cast<std::size_t>(state.range(0)), what);
    auto const news = two.ours.difference(two.theirs);
    for (auto _ : state) {
        auto joined = two.theirs;
        bench::measure(state, [&] { joined.join(news); });
        bench::require(state, joined.digest() == two.ours.digest(), "the join is wrong");
    }
}
void join_of_difference_of_writes(benchmark::State& state) {
    join_of_difference(state, missed::writes);
}
void join_of_difference_of_erasures(benchmark::State& state) {
    join_of_difference(state, missed::erasures);
}

void decompose(benchmark::State& state) {
    auto const whole = filled(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        std::size_t parts = 0;
        bench::measure(state, [&] { whole.decompose([&](map const&) { ++parts; }); });
        bench::require(state, parts == static_cast<std::size_t>(state.range(0)), "a part is lost");
    }
}

void add(char const* name, void (*run)(benchmark::State&)) {
    bench::add(name, run)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);
}

[[maybe_unused]] auto const registered = [] {
    add("difference/10_writes", difference_of_writes);
    add("difference/10_erasures", difference_of_erasures);
    add("difference/nothing", difference_of_nothing);
    add("difference/10_writes_other_order", difference_in_other_order);
    add("difference/limit_join_of_states", join_of_states);
    add("difference/limit_join_of_states_other_order", join_in_other_order);
    add("difference/join_10_writes", join_of_difference_of_writes);
    add("difference/join_10_erasures", join_of_difference_of_erasures);
    bench::add("difference/decompose", decompose)->Arg(1'000)->Arg(100'000);
    return 0;
}();

} // namespace
