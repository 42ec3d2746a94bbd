#include <joinery/crdt/floor_counter.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <vector>

using namespace joinery;
using detail::floor_counter;

namespace {

void increment(floor_counter& counter, replica_slot who, std::uint64_t sequence,
               std::int64_t amount) {
    counter.join(counter.incremented(who, sequence, amount));
}
void reset(floor_counter& counter) {
    for (auto const& e : counter.floored()) {
        counter.join(e);
    }
}
void join(floor_counter& counter, floor_counter const& other) {
    for (auto const& e : other.entries()) {
        counter.join(e);
    }
}

} // namespace

TEST_CASE("floor_counter: increments of all replicas add up", "[crdt][floor_counter]") {
    floor_counter counter;
    increment(counter, 0, 1, 5);
    increment(counter, 0, 2, -2);
    increment(counter, 1, 1, 10);

    CHECK(counter.value() == 13);
    CHECK(counter.is_live());
}

TEST_CASE("floor_counter: a reset removes what it has seen", "[crdt][floor_counter]") {
    floor_counter counter;
    increment(counter, 0, 1, 5);
    reset(counter);

    CHECK(counter.value() == 0);
    CHECK_FALSE(counter.is_live());
    CHECK_FALSE(counter.is_bottom());
}

TEST_CASE("floor_counter: an increment that a reset has not seen survives exactly",
          "[crdt][floor_counter]") {
    floor_counter left;
    increment(left, 0, 1, 5);
    auto right = left;
    increment(left, 0, 2, 7);
    reset(right);

    join(left, right);
    join(right, left);

    CHECK(left.value() == 7);
    CHECK(right.value() == 7);
}

TEST_CASE("floor_counter: a new epoch begins after a reset", "[crdt][floor_counter]") {
    floor_counter counter;
    increment(counter, 0, 1, 5);
    auto const old = counter;
    reset(counter);
    increment(counter, 0, 3, 2);

    join(counter, old);

    CHECK(counter.value() == 2);
    CHECK(counter.entries().front().start == 3);
}

TEST_CASE("floor_counter: a sum stays at the ends of its range", "[crdt][floor_counter]") {
    constexpr auto max = std::numeric_limits<std::int64_t>::max();
    floor_counter counter;
    increment(counter, 0, 1, max);
    increment(counter, 0, 2, max);
    increment(counter, 1, 1, max);

    CHECK(counter.value() == max);
}

// All interleavings of increments, resets and joins of two replicas, against the set of increments
// and the set of those that a reset has seen.
TEST_CASE("floor_counter: every short history of two replicas is exact",
          "[crdt][floor_counter][exhaustive]") {
    struct side {
        floor_counter counter;
        std::uint64_t seen = 0;  // a bit for each increment
        std::uint64_t reset = 0; // and for each that a reset has seen
        std::uint64_t sequence = 0;
    };
    constexpr unsigned steps = 7;
    constexpr unsigned actions = 6;
    unsigned histories = 1;
    for (unsigned i = 0; i < steps; ++i) {
        histories *= actions;
    }
    unsigned wrong = 0;
    for (unsigned history = 0; history < histories; ++history) {
        side sides[2];
        auto left = history;
        for (unsigned step = 0; step < steps; ++step, left /= actions) {
            auto const who = left % 2;
            auto& here = sides[who];
            auto const& there = sides[1 - who];
            switch (left % actions / 2) {
            case 0:
                increment(here.counter, who, ++here.sequence, std::int64_t{1} << step);
                here.seen |= std::uint64_t{1} << step;
                break;
            case 1:
                ++here.sequence;
                reset(here.counter);
                here.reset |= here.seen;
                break;
            default:
                join(here.counter, there.counter);
                here.seen |= there.seen;
                here.reset |= there.reset;
            }
            wrong += static_cast<std::uint64_t>(here.counter.value()) != (here.seen & ~here.reset);
        }
    }
    CHECK(wrong == 0);
}
