#include <joinery/core/causal_context.hpp>
#include <joinery/testing/laws.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <set>

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

causal_context random_context(testing::splitmix64& random, std::set<dot>& expected) {
    causal_context out;
    for (auto left = random.below(60); left > 0; --left) {
        replica_id const who{random.below(12), random.below(2)};
        auto const first = 1 + random.below(40);
        auto const last = first + random.below(4);
        out.insert(out.intern(who), first, last);
        for (auto sequence = first; sequence <= last; ++sequence) {
            expected.insert({who, sequence});
        }
    }
    return out;
}

bool holds_exactly(causal_context const& context, std::set<dot> const& expected) {
    for (std::uint64_t id = 0; id < 24; ++id) {
        for (std::uint64_t sequence = 0; sequence < 50; ++sequence) {
            dot const d{replica_id{id / 2, id % 2}, sequence};
            if (context.contains(d) != (expected.count(d) != 0)) {
                return false;
            }
        }
    }
    return true;
}

} // namespace

TEST_CASE("causal_context: a replica that was only given a slot was not seen",
          "[core][causal_context]") {
    causal_context context;
    context.intern(alice);

    CHECK(context.empty());
    CHECK(context == causal_context{});
    CHECK_FALSE(context.contains(dot{alice, 1}));
}

TEST_CASE("causal_context: slots keep their replica and are ordered by id",
          "[core][causal_context]") {
    causal_context context;
    for (std::uint64_t i = 20; i > 0; --i) {
        CHECK(context.intern(replica_id{i}) == 20 - i);
    }

    CHECK(context.find(replica_id{7}) == 13);
    CHECK(context.find(replica_id{21}) == causal_context::no_slot);
    CHECK(context.slots_by_id().front() == 19);
    CHECK(context.global({13, 4}) == dot{replica_id{7}, 4});
}

TEST_CASE("causal_context: only what has no hole before it is acknowledged",
          "[core][causal_context]") {
    causal_context context;
    context.insert(dot{alice, 1});
    context.insert(dot{alice, 3});
    context.insert(dot{bob, 2});

    CHECK(context.prefix().of(alice) == 1);
    CHECK(context.prefix().of(bob) == 0);
    context.insert(dot{alice, 2});
    CHECK(context.prefix().of(alice) == 3);
}

TEST_CASE("causal_context: the next dot follows the prefix", "[core][causal_context]") {
    causal_context context;
    auto const slot = context.intern(alice);

    CHECK(context.global(context.next(slot)) == dot{alice, 1});
    CHECK(context.global(context.next(slot)) == dot{alice, 2});
    CHECK(context.contains(dot{alice, 2}));
}

TEST_CASE("causal_context: it is a set of dots, and join is the union", "[core][causal_context]") {
    auto const seed = GENERATE(range(0U, 60U));
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    std::set<dot> left_dots;
    std::set<dot> right_dots;
    std::set<dot> other_dots;
    auto left = random_context(random, left_dots);
    auto const right = random_context(random, right_dots);
    auto const other = random_context(random, other_dots);
    CHECK(holds_exactly(left, left_dots));
    CHECK((left == right) == (left_dots == right_dots));
    CHECK(testing::broken_lattice_law(left, right, other) == std::nullopt);

    left.join(right);
    left_dots.insert(right_dots.begin(), right_dots.end());

    CHECK(holds_exactly(left, left_dots));
}

TEST_CASE("causal_context: a difference is what was seen here and not there",
          "[core][causal_context]") {
    auto const seed = GENERATE(range(0U, 100U));
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    std::set<dot> our_dots;
    std::set<dot> their_dots;
    auto const ours = random_context(random, our_dots);
    auto const theirs = random_context(random, their_dots);
    auto expected = our_dots;
    for (auto const& d : their_dots) {
        expected.erase(d);
    }

    auto const fresh = ours.difference(theirs);

    CHECK(holds_exactly(fresh, expected));
    CHECK(fresh.count() == expected.size());
    CHECK(testing::joined(theirs, fresh) == testing::joined(theirs, ours));
    CHECK(fresh.slot_count() <= ours.slot_count());
    CHECK(ours.difference(ours).slot_count() == 0);
}

TEST_CASE("causal_context: its parts are its dots, by replica and sequence",
          "[core][causal_context]") {
    auto const seed = GENERATE(range(0U, 30U));
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    std::set<dot> dots;
    auto const whole = random_context(random, dots);

    causal_context folded;
    auto next = dots.begin();
    auto is_ordered = true;
    whole.decompose([&](causal_context const& part) {
        is_ordered = is_ordered && part.count() == 1 && part.contains(*next++);
        folded.join(part);
    });

    CHECK(is_ordered);
    CHECK(next == dots.end());
    CHECK(folded == whole);
}

TEST_CASE("causal_context: many replicas are learned at once as they are one by one",
          "[core][causal_context]") {
    std::mt19937_64 random{5};
    for (std::size_t const known : {0U, 1U, 9U, 400U}) {
        causal_context ours;
        causal_context theirs;
        for (std::size_t i = 0; i < known; ++i) {
            ours.insert(dot{replica_id{1 + random() % 500}, 1});
        }
        for (std::size_t i = 0; i < 300; ++i) {
            theirs.insert(dot{replica_id{1 + random() % 500}, 1 + random() % 3});
        }
        auto one_by_one = ours;
        for (replica_slot slot = 0; slot < theirs.slot_count(); ++slot) {
            one_by_one.intern(theirs.id_of(slot));
        }

        auto const slots = ours.intern_all(theirs);

        CHECK(ours.slot_count() == one_by_one.slot_count());
        for (replica_slot slot = 0; slot < theirs.slot_count(); ++slot) {
            REQUIRE(ours.id_of(slots[slot]) == theirs.id_of(slot));
            REQUIRE(ours.find(theirs.id_of(slot)) == slots[slot]);
        }
        auto const order = ours.slots_by_id();
        CHECK(std::is_sorted(order.begin(), order.end(),
                             [&](auto a, auto b) { return ours.id_of(a) < ours.id_of(b); }));
        auto const fresh = ours.intern(replica_id{9999});
        CHECK(fresh == ours.slot_count() - 1);
    }
}
