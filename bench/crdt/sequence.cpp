#include <joinery/crdt/sequence.hpp>
#include <joinery/testing/random.hpp>

#include <algorithm>
#include <common/workloads.hpp>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

using namespace joinery;

// A list of 1,000,000 integers: built at once and one by one, edited at 10,000 random places, and
// merged; `std::vector` beside, and blocks of integers that are found by counting.

namespace {

using list = sequence<std::uint32_t>;
using values = std::vector<std::uint32_t>;

constexpr std::size_t n = 1'000'000;
constexpr std::size_t edits = 10'000;
constexpr replica_id alice{1};
constexpr replica_id bob{2};

values const& numbers() {
    static auto const all = [] {
        values out(n);
        std::iota(out.begin(), out.end(), 0U);
        return out;
    }();
    return all;
}

list const& built() {
    static auto const whole = [] {
        list out;
        (void)out.insert(alice, 0, std::span<std::uint32_t const>{numbers()});
        return out;
    }();
    return whole;
}

/// Inserts and erases at random places, one after the other.
template <class Insert, class Erase>
void edit(std::size_t size, std::uint64_t seed, Insert&& insert, Erase&& erase) {
    testing::splitmix64 random{seed};
    for (std::size_t i = 0; i < edits; ++i) {
        insert(random.below(size + 1), static_cast<std::uint32_t>(i));
        erase(random.below(size + 1));
    }
}

void edit(list& target, replica_id self, std::uint64_t seed) {
    edit(
        target.size(), seed,
        [&](std::size_t at, std::uint32_t value) {
            (void)target.insert(self, at, std::span<std::uint32_t const>{&value, 1});
        },
        [&](std::size_t at) { (void)target.erase(self, at, 1); });
}

/// Integers in blocks. An index is found by adding up the sizes of blocks.
class blocks {
public:
    explicit blocks(values const& all) {
        for (std::size_t i = 0; i < all.size(); i += size_max / 2) {
            auto const end = std::min(all.size(), i + size_max / 2);
            all_.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(i),
                              all.begin() + static_cast<std::ptrdiff_t>(end));
        }
    }

    void insert(std::size_t at, std::uint32_t value) {
        auto const block = find(at);
        auto& into = all_[block];
        into.insert(into.begin() + static_cast<std::ptrdiff_t>(at), value);
        if (into.size() > size_max) {
            auto const half = into.begin() + size_max / 2;
            values rest(half, into.end());
            into.erase(half, into.end());
            all_.insert(all_.begin() + static_cast<std::ptrdiff_t>(block) + 1, std::move(rest));
        }
    }

    void erase(std::size_t at) {
        auto& from = all_[find(at)];
        from.erase(from.begin() + static_cast<std::ptrdiff_t>(at));
    }

    [[nodiscard]] std::size_t count() const { return all_.size(); }

private:
    static constexpr std::ptrdiff_t size_max = 1'024;

    /// The block of an item, and in `at` its place there.
    std::size_t find(std::size_t& at) const {
        std::size_t block = 0;
        while (block + 1 < all_.size() && at >= all_[block].size()) {
            at -= all_[block++].size();
        }
        return block;
    }

    std::vector<values> all_;
};

void limit_build(benchmark::State& state) {
    for (auto _ : state) {
        values plain;
        bench::measure(state, [&] { plain = numbers(); });
        benchmark::DoNotOptimize(plain.data());
    }
}

void build(benchmark::State& state) {
    for (auto _ : state) {
        list whole;
        bench::measure(state, [&] {
            (void)whole.insert(alice, 0, std::span<std::uint32_t const>{numbers()});
        });
        bench::require(state, whole.size() == n, "items are missing");
    }
}

void build_one_by_one(benchmark::State& state) {
    for (auto _ : state) {
        testing::splitmix64 random{1};
        list whole;
        bench::measure(state, [&] {
            for (std::size_t i = 0; i < n; ++i) {
                auto const value = static_cast<std::uint32_t>(i);
                (void)whole.insert(alice, random.below(i + 1),
                                   std::span<std::uint32_t const>{&value, 1});
            }
        });
        bench::require(state, whole.size() == n, "items are missing");
    }
}

void limit_edit_vector(benchmark::State& state) {
    for (auto _ : state) {
        auto plain = numbers();
        bench::measure(state, [&] {
            edit(
                n, 7,
                [&](std::size_t at, std::uint32_t value) {
                    plain.insert(plain.begin() + static_cast<std::ptrdiff_t>(at), value);
                },
                [&](std::size_t at) {
                    plain.erase(plain.begin() + static_cast<std::ptrdiff_t>(at));
                });
        });
        benchmark::DoNotOptimize(plain.data());
    }
}

void limit_edit_blocks(benchmark::State& state) {
    for (auto _ : state) {
        blocks plain{numbers()};
        bench::measure(state, [&] {
            edit(
                n, 7, [&](std::size_t at, std::uint32_t value) { plain.insert(at, value); },
                [&](std::size_t at) { plain.erase(at); });
        });
        benchmark::DoNotOptimize(plain.count());
    }
}

void edit_10k_10k(benchmark::State& state) {
    for (auto _ : state) {
        auto target = built();
        bench::measure(state, [&] { edit(target, alice, 7); });
        bench::require(state, target.size() == n, "items are missing");
    }
}

/// Two replicas that both edited; one takes the state, or only what it lacks, of the other.
template <bool IsDelta>
void merge(benchmark::State& state) {
    auto mine = built();
    auto theirs = built();
    edit(mine, alice, 7);
    edit(theirs, bob, 8);
    auto const delta = IsDelta ? theirs.difference(mine) : theirs;
    for (auto _ : state) {
        auto target = mine;
        bench::measure(state, [&] { target.join(delta); });
        bench::require(state, target.waiting() == 0 && target.size() > n - edits,
                       "items are missing");
    }
}

void encode(benchmark::State& state) {
    auto whole = built();
    edit(whole, alice, 7);
    for (auto _ : state) {
        bytes encoded;
        bench::measure(state, [&] { encoded = whole.encode(); });
        state.counters["state_bytes"] = static_cast<double>(encoded.size());
    }
}

void load(benchmark::State& state) {
    auto whole = built();
    edit(whole, alice, 7);
    auto const encoded = whole.encode();
    for (auto _ : state) {
        std::size_t size = 0;
        bench::measure(state, [&] {
            auto const loaded = list::decode(encoded);
            size = loaded ? loaded->size() : 0;
        });
        bench::require(state, size == whole.size(), "items are missing");
    }
}

void limit_merge(benchmark::State& state) {
    auto const half = n / 2;
    for (auto _ : state) {
        values merged(n);
        bench::measure(state, [&] {
            std::copy_n(numbers().begin(), half, merged.begin());
            std::copy(numbers().begin() + half, numbers().end(), merged.begin() + half);
        });
        benchmark::DoNotOptimize(merged.data());
    }
}

[[maybe_unused]] auto const registered = [] {
    bench::add("sequence/limit_build", limit_build);
    bench::add("sequence/build", build);
    bench::add("sequence/build_one_by_one", build_one_by_one)->Iterations(1);
    bench::add("sequence/limit_edit_vector", limit_edit_vector)->Iterations(1);
    bench::add("sequence/limit_edit_blocks", limit_edit_blocks);
    bench::add("sequence/edit_10k_10k", edit_10k_10k);
    bench::add("sequence/limit_merge_copy", limit_merge);
    bench::add("sequence/merge_state", merge<false>);
    bench::add("sequence/merge_delta", merge<true>);
    bench::add("sequence/encode", encode);
    bench::add("sequence/load", load);
    return 0;
}();

} // namespace
