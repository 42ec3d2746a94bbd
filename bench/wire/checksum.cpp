#include <joinery/testing/random.hpp>
#include <joinery/wire/checksum.hpp>

#include <benchmark/benchmark.h>
#include <boost/crc.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>

using namespace joinery;

namespace {

bytes random_bytes(std::size_t count) {
    testing::splitmix64 random{42};
    bytes out(count);
    std::generate(out.begin(), out.end(), [&] { return static_cast<std::byte>(random()); });
    return out;
}

/// Runs `sum` over as many bytes as the benchmark's argument says.
template <class Sum>
void each_input(benchmark::State& state, Sum&& sum) {
    auto const input = random_bytes(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        benchmark::DoNotOptimize(sum(input));
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

void checksum(benchmark::State& state) {
    each_input(state, [](bytes const& input) { return wire::crc32c(input); });
}
void checksum_by_tables(benchmark::State& state) {
    each_input(state,
               [](bytes const& input) { return ~wire::detail::crc32c_portable(input, ~0U); });
}
void peer_boost_checksum(benchmark::State& state) {
    each_input(state, [](bytes const& input) {
        boost::crc_optimal<32, 0x1edc6f41, 0xffffffff, 0xffffffff, true, true> crc;
        crc.process_bytes(input.data(), input.size());
        return crc.checksum();
    });
}
/// Reading every byte once.
void limit_sum(benchmark::State& state) {
    each_input(state, [](bytes const& input) {
        return std::accumulate(
            input.begin(), input.end(), std::uint64_t{0},
            [](std::uint64_t sum, std::byte b) { return sum + static_cast<std::uint64_t>(b); });
    });
}

BENCHMARK(checksum)->Name("checksum/crc32c")->Arg(128)->Arg(1 << 20);
BENCHMARK(checksum_by_tables)->Name("checksum/tables")->Arg(128)->Arg(1 << 20);
BENCHMARK(peer_boost_checksum)->Name("checksum/boost")->Arg(128)->Arg(1 << 20);
BENCHMARK(limit_sum)->Name("checksum/read_once")->Arg(128)->Arg(1 << 20);

} // namespace
