#include <joinery/testing/codec_laws.hpp>
#include <joinery/testing/explore.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "broken_lattices.hpp"

using namespace joinery;
using namespace joinery::testing;
using namespace joinery::tests;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// The letters "raise(v)" for a type that is a maximum, or should be.
template <class T>
specification<T> raising(std::vector<std::uint64_t> const& values) {
    specification<T> spec;
    for (auto const value : values) {
        spec.edits.push_back({"raise", std::to_string(value), [value](T& state, author const&) {
                                  T delta{};
                                  static_cast<maximum&>(delta) = state.maximum::raise(value);
                                  return delta;
                              }});
    }
    spec.read = [](T const& state) { return std::to_string(state.value); };
    spec.expected = [](past const& known) {
        std::uint64_t best = 0;
        past::for_each(known.seen(), [&](std::size_t at) {
            best = std::max<std::uint64_t>(best, std::stoull(std::string{known[at].argument}));
        });
        return std::to_string(best);
    };
    return spec;
}

/// One edit that does nothing but write down who made it.
struct who_wrote {
    using delta_type = who_wrote;
    std::uint64_t edits = 0; // a bit for each

    void join(who_wrote const& other) { edits |= other.edits; }
    friend bool operator==(who_wrote const&, who_wrote const&) = default;
};
specification<who_wrote> writing() {
    specification<who_wrote> spec;
    spec.edits = {{"write", "", [](who_wrote& state, author const& by) {
                       who_wrote const delta{std::uint64_t{1}
                                             << (by.replica.low() * 16 + by.sequence)};
                       state.join(delta);
                       return delta;
                   }}};
    spec.read = [](who_wrote const& state) { return std::to_string(state.edits); };
    return spec;
}

} // namespace

TEST_CASE("explore: one edit of one of two replicas has five states", "[testing][explore]") {
    // Nothing; either has written; and each of these after it has arrived.
    auto const found = explore(writing(), {.replicas = 2, .steps_max = 9, .edits_max = 1});

    CHECK(found.ok());
    CHECK(found.is_complete);
    CHECK(found.states == 5);
}

TEST_CASE("explore: two edits of two replicas, counted by hand", "[testing][explore]") {
    // Edits up to two, at one replica or at both; each of the other's edits is there or not.
    //   none 1; one: 2 * 2; two of one replica, of which the other has any: 2 * 4;
    //   one of each: unseen by both when made 4, by one of them 2 * 2.
    auto const found = explore(writing(), {.replicas = 2, .steps_max = 9, .edits_max = 2});

    CHECK(found.ok());
    CHECK(found.states == 1 + 4 + 8 + 4 + 4);
}

TEST_CASE("explore: causal delivery visits fewer states", "[testing][explore]") {
    auto const found = explore(
        writing(), {.replicas = 2, .steps_max = 9, .edits_max = 2, .is_delivery_causal = true});

    CHECK(found.states == 1 + 4 + 6 + 4 + 4);
}

TEST_CASE("explore: replicas that are alike visit fewer states", "[testing][explore]") {
    auto const found = explore(
        writing(), {.replicas = 2, .steps_max = 9, .edits_max = 1, .are_replicas_alike = true});

    CHECK(found.states == 3);
}

TEST_CASE("explore: histories are counted as sequences of steps", "[testing][explore]") {
    // The empty one, two edits, each followed by its delivery or by a join.
    auto const found = explore(writing(), {.replicas = 2, .steps_max = 2, .edits_max = 1});

    CHECK(found.histories == 1 + 2 + 4);
}

TEST_CASE("explore: a budget that is used up is said", "[testing][explore]") {
    auto const found = explore(writing(), {.replicas = 3, .steps_max = 5, .states_max = 100});

    CHECK(found.ok());
    CHECK_FALSE(found.is_complete);
    CHECK(found.states <= 100);
    CHECK_THAT(found.report(), Contains("cut off"));
}

TEST_CASE("explore: a maximum is what its specification says", "[testing][explore]") {
    auto const found = explore(raising<maximum>({1, 2}), {.steps_max = 5});

    CHECK(found.ok());
    CHECK(found.states > 1000);
}

TEST_CASE("explore: a join that keeps its own value in a tie diverges", "[testing][explore]") {
    specification<keeps_mine> spec;
    for (std::uint64_t const value : {7U, 8U}) {
        spec.edits.push_back(
            {"assign", std::to_string(value), [value](keeps_mine& state, author const& by) {
                 keeps_mine const delta{by.time.bits, value};
                 state.join(delta);
                 return delta;
             }});
    }
    spec.read = [](keeps_mine const& state) { return std::to_string(state.value); };

    auto const found = explore(spec);

    CHECK_THAT(found.report(),
               StartsWith("convergence: replicas that have seen the same edits are equal"));
    CHECK(found.drawing == R"(alice  --assign(7)----- 7
                   \
bob    --assign(8)--o-- 8

carol  ---------------- 0
the same edits, seen in another way:
alice  --assign(7)--o-- 7
                   /
bob    --assign(8)----- 8

carol  ---------------- 0
)");
}

TEST_CASE("explore: what the oracle does not expect is drawn", "[testing][explore]") {
    auto spec = raising<maximum>({1, 2});
    spec.expected = [](past const& known) {
        return std::to_string(std::popcount(known.seen())); // right for one edit alone
    };

    auto const found = explore(spec);

    CHECK(found.broken == "oracle: 2 is shown, 1 was expected");
    CHECK(found.drawing == R"(alice  --raise(2)-- 2

bob    ------------ 0

carol  ------------ 0
)");
}

TEST_CASE("explore: a delta that adds when it comes twice is found", "[testing][explore]") {
    CHECK_THAT(explore(raising<adds_twice>({1})).broken, StartsWith("duplicate delta"));
}

TEST_CASE("explore: a delta that forgets is found", "[testing][explore]") {
    specification<forgetful_delta> spec;
    spec.edits = {{"raise", "128",
                   [](forgetful_delta& state, author const&) { return state.raise(128 + 5); }}};

    CHECK_THAT(explore(spec).broken, StartsWith("delta: before ⊔ delta == after"));
}

TEST_CASE("explore: deltas that need an order are found, and accepted in that order",
          "[testing][explore]") {
    specification<needs_order> spec;
    spec.edits = {{"raise", "1", [](needs_order& state, author const&) {
                       needs_order::step const delta{state.value, state.value + 1};
                       state.join(delta);
                       return delta;
                   }}};
    spec.read = [](needs_order const& state) { return std::to_string(state.value); };

    CHECK_FALSE(explore(spec, {.replicas = 2}).ok());
    CHECK(explore(spec, {.replicas = 2, .is_delivery_causal = true}).ok());
}

TEST_CASE("explore: a batch that forgets is found if nothing else explains it",
          "[testing][explore]") {
    struct forgets_in_batches {
        struct delta {
            std::uint64_t bits = 0;
            void join(delta const& other) { bits ^= other.bits; }
            bool operator==(delta const&) const = default;
        };
        using delta_type = delta;
        std::uint64_t bits = 0;
        void join(forgets_in_batches const& other) { bits |= other.bits; }
        void join(delta const& change) { bits |= change.bits; }
        bool operator==(forgets_in_batches const&) const = default;
    };
    specification<forgets_in_batches> spec;
    for (std::uint64_t const mask : {1U, 3U}) {
        spec.edits.push_back(
            {"add", std::to_string(mask), [mask](forgets_in_batches& state, author const&) {
                 state.bits |= mask;
                 return forgets_in_batches::delta{mask};
             }});
    }
    spec.read = [](forgets_in_batches const& state) { return std::to_string(state.bits); };

    auto const found = explore(spec, {.replicas = 2, .steps_max = 3});

    CHECK(found.broken == "fold: the batch of all deltas shows 0");
    CHECK(found.drawing == R"(alice  --add(1)-add(1)-- 1

bob    ----------------- 0
)");
}

TEST_CASE("explore: an edit that is refused is no step", "[testing][explore]") {
    auto spec = raising<maximum>({3});
    spec.edits[0].apply = [](maximum&, author const&) { return std::nullopt; };

    auto const found = explore(spec);

    CHECK(found.states == 1);
    CHECK(found.steps > 0);
}

TEST_CASE("explore: the clock of an author is ahead of all it has seen", "[testing][explore]") {
    auto spec = writing();
    spec.edits[0].ticks = 5;
    spec.expected = [](past const& known) {
        std::uint64_t all = 0;
        auto is_ahead = true;
        past::for_each(known.seen(), [&](std::size_t at) {
            all |= std::uint64_t{1} << ((known[at].replica + 1) * 16 + known[at].sequence);
            past::for_each(known[at].before, [&](std::size_t earlier) {
                is_ahead = is_ahead && known[earlier].time < known[at].time;
            });
        });
        return is_ahead ? std::to_string(all) : "late";
    };

    CHECK(explore(spec).ok());
}
