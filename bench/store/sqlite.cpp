#include <joinery/store/memory.hpp>
#include <joinery/store/sqlite.hpp>

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <unistd.h>

// What a durable commit costs, beside the physical limit of the same disk: appending the same bytes
// to a file and waiting for fdatasync. Everything is in the directory that TMPDIR names, else in
// the present one: /tmp may be memory.

namespace {

using namespace joinery;
using options = store::sqlite::open_options;

constexpr replica_id alice{1};

class scratch_directory {
public:
    scratch_directory() {
        auto const* const parent = std::getenv("TMPDIR");
        auto name = (std::filesystem::path{parent != nullptr ? parent : "."} / "bench-store-XXXXXX")
                        .string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no scratch directory can be made");
        }
        path_ = name;
    }
    scratch_directory(scratch_directory const&) = delete;
    scratch_directory& operator=(scratch_directory const&) = delete;
    ~scratch_directory() { std::filesystem::remove_all(path_); }

    [[nodiscard]] std::filesystem::path operator/(char const* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

/// `count` changesets of `size` bytes, each with the sequence after the one before.
class workload {
public:
    explicit workload(benchmark::State const& state)
        : body_(static_cast<std::size_t>(state.range(1)), std::byte{0x5a}),
          changesets_(static_cast<std::size_t>(state.range(0))) {}

    [[nodiscard]] std::span<store::changeset_view const> next() {
        for (auto& each : changesets_) {
            ++sequence_;
            each = {alice, sequence_, sequence_, body_};
        }
        return changesets_;
    }

    void report(benchmark::State& state) const {
        auto const items = static_cast<std::int64_t>(sequence_);
        state.SetItemsProcessed(items);
        state.SetBytesProcessed(items * static_cast<std::int64_t>(body_.size()));
    }

private:
    bytes body_;
    std::vector<store::changeset_view> changesets_;
    std::uint64_t sequence_ = 0;
};

template <store::store Store>
void commit(benchmark::State& state, Store& target) {
    workload work{state};
    for (auto _ : state) {
        if (auto done = target.commit({.changesets = work.next()}); !done) {
            state.SkipWithError(done.error().message.c_str());
            break;
        }
    }
    work.report(state);
}

void sqlite_commit(benchmark::State& state, options::synchronous sync) {
    scratch_directory directory;
    auto target = store::sqlite::open(directory / "store", {.sync = sync}).value();
    commit(state, target);
}

void memory_commit(benchmark::State& state) {
    store::memory target;
    commit(state, target);
}

void limit_append_fdatasync(benchmark::State& state) {
    scratch_directory directory;
    auto const file = ::open((directory / "file").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    workload work{state};
    bytes joined;
    for (auto _ : state) {
        joined.clear();
        for (auto const& each : work.next()) {
            joined.insert(joined.end(), each.body.begin(), each.body.end());
        }
        if (::write(file, joined.data(), joined.size()) != static_cast<::ssize_t>(joined.size()) ||
            ::fdatasync(file) != 0) {
            state.SkipWithError("the file cannot be written");
            break;
        }
    }
    ::close(file);
    work.report(state);
}

void sqlite_read(benchmark::State& state) {
    scratch_directory directory;
    auto target = store::sqlite::open(directory / "store").value();
    workload work{state};
    if (auto done = target.commit({.changesets = work.next()}); !done) {
        state.SkipWithError(done.error().message.c_str());
    }
    for (auto _ : state) {
        std::size_t total = 0;
        auto const done = target.read(alice, 0, [&](store::changeset_view const& each) {
            total += each.body.size();
            return true;
        });
        benchmark::DoNotOptimize(total);
        benchmark::DoNotOptimize(done.has_value());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
    state.SetBytesProcessed(state.iterations() * state.range(0) * state.range(1));
}

void shapes(benchmark::internal::Benchmark* registered) {
    registered->ArgNames({"changesets", "bytes"})
        ->Args({1, 100})
        ->Args({1, 10'000})
        ->Args({1'000, 100})
        ->Args({1'000, 10'000})
        ->UseRealTime();
}

} // namespace

BENCHMARK(limit_append_fdatasync)->Apply(shapes);
BENCHMARK_CAPTURE(sqlite_commit, full, options::synchronous::full)->Apply(shapes);
BENCHMARK_CAPTURE(sqlite_commit, normal, options::synchronous::normal)->Apply(shapes);
BENCHMARK(memory_commit)->Apply(shapes);
BENCHMARK(sqlite_read)
    ->ArgNames({"changesets", "bytes"})
    ->Args({100'000, 100})
    ->Args({1'000, 10'000});
