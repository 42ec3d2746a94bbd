#include <joinery/testing/random.hpp>
#include <joinery/wire/codec.hpp>
#include <joinery/wire/msgpack_archive.hpp>

#include <benchmark/benchmark.h>
#include <cereal/archives/portable_binary.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

using namespace joinery;

namespace {

using strings = std::vector<std::string>;

/// About 27 bytes each.
strings some_strings(benchmark::State const& state) {
    testing::splitmix64 random{42};
    strings out;
    for (auto i = state.range(0); i != 0; --i) {
        out.push_back("key-" + std::to_string(random()));
    }
    return out;
}

template <class Format>
void encode(benchmark::State& state) {
    auto const value = some_strings(state);
    byte_writer out;
    for (auto _ : state) {
        out.clear();
        wire::encode_to<Format>(out, value);
        benchmark::DoNotOptimize(out);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

template <class Format>
void decode(benchmark::State& state) {
    auto const input = wire::encode<Format>(some_strings(state));
    for (auto _ : state) {
        benchmark::DoNotOptimize(wire::decode<strings, Format>(input));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// cereal's own archive, which believes the sizes that it reads.
void peer_cereal_encode(benchmark::State& state) {
    auto const value = some_strings(state);
    for (auto _ : state) {
        std::ostringstream out;
        cereal::PortableBinaryOutputArchive{out}(value);
        benchmark::DoNotOptimize(out);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
void peer_cereal_decode(benchmark::State& state) {
    std::ostringstream out;
    cereal::PortableBinaryOutputArchive{out}(some_strings(state));
    for (auto _ : state) {
        std::istringstream in{out.str()};
        strings value;
        cereal::PortableBinaryInputArchive{in}(value);
        benchmark::DoNotOptimize(value);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void limit_copy_of_strings(benchmark::State& state) {
    auto const value = some_strings(state);
    for (auto _ : state) {
        benchmark::DoNotOptimize(strings(value));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(encode<wire::compact>)->Name("codec/compact_write")->Arg(10)->Arg(500'000);
BENCHMARK(encode<wire::msgpack>)->Name("codec/msgpack_write")->Arg(10)->Arg(500'000);
BENCHMARK(peer_cereal_encode)->Name("codec/cereal_write")->Arg(10)->Arg(500'000);
BENCHMARK(decode<wire::compact>)->Name("codec/compact_read")->Arg(10)->Arg(500'000);
BENCHMARK(decode<wire::msgpack>)->Name("codec/msgpack_read")->Arg(10)->Arg(500'000);
BENCHMARK(peer_cereal_decode)->Name("codec/cereal_read")->Arg(10)->Arg(500'000);
BENCHMARK(limit_copy_of_strings)->Name("codec/copy")->Arg(10)->Arg(500'000);

} // namespace
