#include <joinery/crdt/position_history.hpp>

#include <common/recordings.hpp>
#include <cstddef>
#include <memory>
#include <vector>

#include "support/position_replay.hpp"

using namespace joinery;
using bench::trace;

// W8r: every recorded text of several authors as it is written, in positions at the versions of its
// authors.

namespace {

std::vector<tests::recorded_transaction> transactions_of(trace const& of) {
    auto const agents = tests::agents_of(of);
    return tests::recorded_transactions(of, [&](std::size_t i) { return agents[i]; });
}

/// All transactions as they are written: positions at the version of each one's author.
tests::text_history replayed(std::vector<tests::recorded_transaction> const& all) {
    tests::text_history out;
    for (auto const& one : all) {
        benchmark::DoNotOptimize(out.apply(one.look()));
    }
    return out;
}

void replay_positions(benchmark::State& state, bench::recording& of) {
    auto const all = transactions_of(of.read());
    for (auto _ : state) {
        tests::text_history target;
        bench::measure(state, [&] { target = replayed(all); });
        bench::require(state, target.value().value() == of.read().end, bench::wrong_text);
    }
}

void memory_of_positions(benchmark::State& state, bench::recording& of) {
    auto const all = transactions_of(of.read());
    for (auto _ : state) {
        bench::start_counting();
        tests::text_history target;
        bench::measure(state, [&] { target = replayed(all); });
        bench::count_memory(state, of, bench::stop_counting());
    }
}

[[maybe_unused]] auto const registered = [] {
    bench::for_each_recording("concurrent", [](auto const& of) {
        bench::add_for("W8r/replay", of, replay_positions);
        bench::add_for("W8r/memory", of, memory_of_positions, 1);
    });
    return 0;
}();

} // namespace
