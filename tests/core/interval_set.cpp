#include <joinery/core/interval_set.hpp>
#include <joinery/testing/laws.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <random>
#include <set>
#include <vector>

using namespace joinery;

namespace {

using model_set = std::set<std::uint64_t>;
using intervals = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

intervals above_prefix(interval_set const& set) {
    intervals out;
    set.for_each_gap(
        [&](std::uint64_t first, std::uint64_t last) { out.emplace_back(first, last); });
    return out;
}

/// What an interval_set of these members has to look like from outside.
struct expected {
    std::uint64_t prefix = 0;
    intervals above;

    explicit expected(model_set const& members) {
        for (auto const member : members) {
            if (member == prefix + 1) {
                prefix = member;
            } else if (!above.empty() && above.back().second + 1 == member) {
                above.back().second = member;
            } else {
                above.emplace_back(member, member);
            }
        }
    }
};

void check_against(interval_set const& set, model_set const& model, std::uint64_t probe_max) {
    expected const want{model};
    CHECK(set.prefix() == want.prefix);
    CHECK(above_prefix(set) == want.above);
    CHECK(set.gap_count() == want.above.size());
    CHECK(set.empty() == model.empty());
    std::size_t wrong = 0;
    for (std::uint64_t probe = 0; probe <= probe_max; ++probe) {
        wrong += set.contains(probe) != model.contains(probe) ? 1 : 0;
    }
    CHECK(wrong == 0);
}

void insert_range(interval_set& set, model_set& model, std::uint64_t first, std::uint64_t last) {
    set.insert(first, last);
    for (auto sequence = first; sequence <= last; ++sequence) {
        model.insert(sequence);
    }
}

struct workload {
    std::uint64_t sequence_max;
    unsigned insertions;
    std::uint64_t length_max;
};

void insert_random(interval_set& set, model_set& model, workload const& load,
                   std::mt19937_64& random) {
    for (unsigned i = 0; i < load.insertions; ++i) {
        auto const first = 1 + random() % load.sequence_max;
        auto const length = random() % 20 == 0 ? 1 + random() % load.length_max : 1;
        insert_range(set, model, first, first + length - 1);
    }
}

interval_set every_second(std::uint64_t first, std::uint64_t count) {
    interval_set out;
    for (std::uint64_t i = 0; i < count; ++i) {
        out.insert(first + 2 * i, first + 2 * i);
    }
    return out;
}

} // namespace

TEST_CASE("interval_set: a fresh set has seen nothing", "[core][interval_set]") {
    interval_set const fresh;

    CHECK(fresh.empty());
    CHECK(fresh.prefix() == 0);
    CHECK_FALSE(fresh.contains(0));
    CHECK_FALSE(fresh.contains(1));
}

TEST_CASE("interval_set: sequences in order make a prefix and no gap", "[core][interval_set]") {
    interval_set set;
    set.insert(1, 1);
    set.insert(2, 2);
    set.insert(3, 7);

    CHECK(set.prefix() == 7);
    CHECK(set.gap_count() == 0);
    CHECK(set.contains(7));
    CHECK_FALSE(set.contains(8));
}

TEST_CASE("interval_set: what lies above a gap is seen but not in the prefix",
          "[core][interval_set]") {
    interval_set set;
    set.insert(1, 2);
    set.insert(5, 6);
    set.insert(9, 9);

    CHECK(set.prefix() == 2);
    CHECK(set.contains(5));
    CHECK_FALSE(set.contains(3));
    CHECK(above_prefix(set) == intervals{{5, 6}, {9, 9}});
}

TEST_CASE("interval_set: filling the first gap raises the prefix over what follows",
          "[core][interval_set]") {
    interval_set set;
    set.insert(1, 2);
    set.insert(5, 6);
    set.insert(9, 9);
    set.insert(3, 4);

    CHECK(set.prefix() == 6);
    CHECK(above_prefix(set) == intervals{{9, 9}});
}

TEST_CASE("interval_set: adjacent intervals become one", "[core][interval_set]") {
    interval_set set;
    set.insert(5, 6);
    set.insert(9, 9);
    set.insert(7, 8);

    CHECK(above_prefix(set) == intervals{{5, 9}});
}

TEST_CASE("interval_set: the owner mints the sequences of the prefix", "[core][interval_set]") {
    interval_set set;

    CHECK(set.next() == 1);
    CHECK(set.next() == 2);
    CHECK(set.contains(2));
    CHECK(set.prefix() == 2);
}

TEST_CASE("interval_set: the greatest sequence is no special case", "[core][interval_set]") {
    constexpr auto greatest = std::numeric_limits<std::uint64_t>::max();
    interval_set set;
    set.insert(greatest, greatest);
    set.insert(greatest - 5, greatest - 2);
    CHECK(set.contains(greatest));
    CHECK_FALSE(set.contains(greatest - 1));

    set.insert(greatest - 1, greatest);
    CHECK(above_prefix(set) == intervals{{greatest - 5, greatest}});

    set.insert(1, greatest - 6);
    CHECK(set.prefix() == greatest);
    CHECK(set.gap_count() == 0);
    set.insert(greatest, greatest);
    CHECK(set.prefix() == greatest);
}

TEST_CASE("interval_set: a copy is a value of its own", "[core][interval_set]") {
    auto const original = every_second(3, 600);
    auto copy = original;
    copy.insert(4, 4);
    CHECK(copy != original);
    CHECK_FALSE(original.contains(4));

    auto moved = std::move(copy);
    CHECK(moved.contains(4));
    copy = original;
    CHECK(copy == original);
}

TEST_CASE("interval_set: one range swallows thousands of gaps", "[core][interval_set]") {
    auto set = every_second(3, 5'000);
    REQUIRE(set.gap_count() == 5'000);

    set.insert(1'000, 9'000);
    CHECK(set.gap_count() == 499 + 1 + 499);
    CHECK(set.contains(4'000));

    set.insert(1, 20'000);
    CHECK(set.prefix() == 20'000);
    CHECK(set == [] {
        interval_set whole;
        whole.insert(1, 20'000);
        return whole;
    }());
}

TEST_CASE("interval_set: equality does not depend on the order of arrival",
          "[core][interval_set]") {
    auto const seed = GENERATE(range(0U, 5U));
    CAPTURE(seed);
    std::vector<std::uint64_t> order(20'000);
    std::iota(order.begin(), order.end(), std::uint64_t{1});
    std::shuffle(order.begin(), order.end(), std::mt19937_64{seed});
    interval_set shuffled;
    for (auto const i : order) {
        shuffled.insert(3 * i, 3 * i);
    }
    interval_set ascending;
    for (std::uint64_t i = 1; i <= order.size(); ++i) {
        ascending.insert(3 * i, 3 * i);
    }

    CHECK(shuffled.gap_count() == 20'000);
    CHECK(shuffled == ascending);
    ascending.insert(4, 4);
    CHECK(shuffled != ascending);
}

TEST_CASE("interval_set: dots in random order end as one prefix", "[core][interval_set]") {
    auto const seed = GENERATE(range(0U, 5U));
    CAPTURE(seed);
    std::vector<std::uint64_t> order(20'000);
    std::iota(order.begin(), order.end(), std::uint64_t{1});
    std::shuffle(order.begin(), order.end(), std::mt19937_64{seed});
    interval_set set;
    for (auto const sequence : order) {
        set.insert(sequence, sequence);
    }

    CHECK(set.prefix() == 20'000);
    CHECK(set.gap_count() == 0);
}

TEST_CASE("interval_set: agrees with std::set on few and on many gaps",
          "[core][interval_set][model]") {
    auto const load = GENERATE(workload{60, 40, 10}, workload{2'000, 400, 100},
                               workload{20'000, 3'000, 30}, workload{20'000, 6'000, 2'000});
    auto const seed = GENERATE(range(0U, 12U));
    CAPTURE(seed, load.sequence_max, load.insertions, load.length_max);
    std::mt19937_64 random{seed};
    interval_set left;
    interval_set right;
    model_set left_model;
    model_set right_model;

    insert_random(left, left_model, load, random);
    insert_random(right, right_model, {load.sequence_max, load.insertions / 7, 3}, random);
    auto const probe_max = load.sequence_max + load.length_max;
    check_against(left, left_model, probe_max);
    check_against(right, right_model, probe_max);

    auto joined = left;
    joined.join(right);
    auto joined_model = left_model;
    joined_model.insert(right_model.begin(), right_model.end());
    check_against(joined, joined_model, probe_max);

    // A set that a join has built takes further insertions as any other.
    insert_random(joined, joined_model, load, random);
    check_against(joined, joined_model, probe_max);
}

TEST_CASE("interval_set: joining with itself changes nothing", "[core][interval_set]") {
    auto set = every_second(3, 1'000);
    auto const before = set;

    set.join(set);

    CHECK(set == before);
}

TEST_CASE("interval_set: lattice laws", "[core][interval_set][laws]") {
    auto const load = GENERATE(workload{30, 12, 5}, workload{4'000, 900, 10});
    auto const seed = GENERATE(range(0U, 60U));
    CAPTURE(seed, load.sequence_max);
    std::mt19937_64 random{seed};
    auto const arbitrary = [&] {
        interval_set set;
        model_set ignored;
        insert_random(set, ignored, {load.sequence_max, load.insertions / (1 + seed % 3), 5},
                      random);
        return set;
    };
    auto const a = arbitrary();
    auto const b = arbitrary();
    auto const c = arbitrary();

    CHECK(testing::broken_lattice_law(a, b, c) == std::nullopt);
}

TEST_CASE("interval_set: a difference is what was seen here and not there",
          "[core][interval_set]") {
    interval_set ours;
    ours.insert(1, 9);
    ours.insert(12, 20);
    interval_set theirs;
    theirs.insert(1, 4);
    theirs.insert(6, 7);
    theirs.insert(11, 14);
    theirs.insert(20, 30);

    auto const fresh = ours.difference(theirs);

    CHECK(fresh.prefix() == 0);
    CHECK(above_prefix(fresh) == intervals{{5, 5}, {8, 9}, {15, 19}});
    CHECK(fresh.count() == 8);
    CHECK(ours.difference(ours).empty());
    CHECK(ours.difference({}) == ours);
    CHECK(interval_set{}.difference(ours).empty());
}

TEST_CASE("interval_set: a difference at the end of the numbers ends", "[core][interval_set]") {
    auto const last = std::numeric_limits<std::uint64_t>::max();
    interval_set ours;
    ours.insert(last - 2, last);
    interval_set theirs;
    theirs.insert(last - 1, last);

    CHECK(above_prefix(ours.difference(theirs)) == intervals{{last - 2, last - 2}});
    CHECK(theirs.difference(ours).empty());
    std::size_t parts = 0;
    theirs.decompose([&](interval_set const&) { ++parts; });
    CHECK(parts == 2);
}

TEST_CASE("interval_set: differences and parts of random sets", "[core][interval_set][laws]") {
    auto const seed = GENERATE(range(0U, 60U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    workload const load{seed % 3 == 0 ? 3'000U : 60U, seed % 3 == 0 ? 1'200U : 30U, 20};
    interval_set ours;
    interval_set theirs;
    model_set our_model;
    model_set their_model;
    insert_random(ours, our_model, load, random);
    insert_random(theirs, their_model, load, random);
    if (seed % 4 == 0) {
        insert_range(ours, our_model, 1, 1 + random() % 50);
        insert_range(theirs, their_model, 1, 1 + random() % 50);
    }
    model_set expected;
    std::set_difference(our_model.begin(), our_model.end(), their_model.begin(), their_model.end(),
                        std::inserter(expected, expected.end()));

    auto const fresh = ours.difference(theirs);

    check_against(fresh, expected, load.sequence_max + 30);
    CHECK(fresh.count() == expected.size());
    interval_set folded;
    auto order = our_model.begin();
    auto is_ascending = true;
    ours.decompose([&](interval_set const& part) {
        is_ascending = is_ascending && part.count() == 1 && part.contains(*order++);
        folded.join(part);
    });
    CHECK(is_ascending);
    CHECK(folded == ours);
}
