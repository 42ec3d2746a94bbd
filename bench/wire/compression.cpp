#include <joinery/testing/random.hpp>
#include <joinery/wire/compression.hpp>

#include <benchmark/benchmark.h>
#include <zstd.h>

#include <cstddef>
#include <string>

using namespace joinery;

namespace {

/// Text with repetitions, as changesets have them.
bytes text_of(benchmark::State const& state) {
    testing::splitmix64 random{42};
    std::string out;
    while (out.size() < static_cast<std::size_t>(state.range(0))) {
        out += "{\"id\":" + std::to_string(random() % 1'000'000) + ",\"name\":\"record\"},";
    }
    out.resize(static_cast<std::size_t>(state.range(0)));
    auto const view = as_bytes(out);
    return {view.begin(), view.end()};
}

void compress(benchmark::State& state) {
    auto const input = text_of(state);
    for (auto _ : state) {
        benchmark::DoNotOptimize(wire::zstd{}.compress(input));
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

void decompress(benchmark::State& state) {
    auto const packed = wire::zstd{}.compress(text_of(state)).value();
    for (auto _ : state) {
        benchmark::DoNotOptimize(wire::zstd{}.decompress(packed, {}));
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

/// The library in one call into a buffer of the right size: no cap, and no memory of its own.
void limit_zstd_decompress(benchmark::State& state) {
    auto const packed = wire::zstd{}.compress(text_of(state)).value();
    bytes output(static_cast<std::size_t>(state.range(0)));
    auto* const context = ZSTD_createDCtx();
    for (auto _ : state) {
        benchmark::DoNotOptimize(ZSTD_decompressDCtx(context, output.data(), output.size(),
                                                     packed.data(), packed.size()));
    }
    ZSTD_freeDCtx(context);
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(compress)->Name("compression/write")->Arg(200)->Arg(1 << 20);
BENCHMARK(decompress)->Name("compression/read")->Arg(200)->Arg(1 << 20);
BENCHMARK(limit_zstd_decompress)->Name("compression/zstd_read")->Arg(200)->Arg(1 << 20);

} // namespace
