#include <joinery/wire/frame.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstring>

using namespace joinery;

namespace {

bytes payload_of(benchmark::State const& state) {
    return bytes(static_cast<std::size_t>(state.range(0)), std::byte{'x'});
}

void frame_write(benchmark::State& state) {
    auto const payload = payload_of(state);
    for (auto _ : state) {
        benchmark::DoNotOptimize(wire::encode_frame(2, payload));
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

void frame_read(benchmark::State& state) {
    auto const sent = wire::encode_frame(2, payload_of(state));
    for (auto _ : state) {
        wire::frame_decoder<> decoder;
        decoder.feed(sent);
        benchmark::DoNotOptimize(decoder.next());
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

/// What both have to do at least.
void limit_copy(benchmark::State& state) {
    auto const payload = payload_of(state);
    for (auto _ : state) {
        bytes copy(payload);
        benchmark::DoNotOptimize(copy.data());
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(frame_write)->Name("frame/write")->Arg(60)->Arg(8 << 20);
BENCHMARK(frame_read)->Name("frame/read")->Arg(60)->Arg(8 << 20);
BENCHMARK(limit_copy)->Name("frame/copy")->Arg(60)->Arg(8 << 20);

} // namespace
