#include <joinery/core/version_vector.hpp>
#include <joinery/testing/laws.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};
constexpr replica_id carol{3};

version_vector arbitrary(std::mt19937_64& random) {
    version_vector out;
    for (auto steps = random() % 12; steps > 0; --steps) {
        out.raise(replica_id{random() % 8}, random() % 4);
    }
    return out;
}

} // namespace

TEST_CASE("version_vector: knows nothing at first", "[core][version_vector]") {
    version_vector const fresh;

    CHECK(fresh.empty());
    CHECK(fresh.of(alice) == 0);
    CHECK_FALSE(fresh.covers(dot{alice, 1}));
}

TEST_CASE("version_vector: covers a prefix", "[core][version_vector]") {
    version_vector seen;
    seen.raise(alice, 3);

    CHECK(seen.of(alice) == 3);
    CHECK(seen.covers(dot{alice, 3}));
    CHECK_FALSE(seen.covers(dot{alice, 4}));
    CHECK_FALSE(seen.covers(dot{bob, 1}));
}

TEST_CASE("version_vector: raise never lowers", "[core][version_vector]") {
    version_vector seen;
    seen.raise(alice, 3);
    seen.raise(alice, 2);

    CHECK(seen.of(alice) == 3);
}

TEST_CASE("version_vector: a replica at zero is not stored", "[core][version_vector]") {
    version_vector seen;
    seen.raise(alice, 0);

    CHECK(seen.empty());
    CHECK(seen == version_vector{});
}

TEST_CASE("version_vector: entries are sorted and each is there once", "[core][version_vector]") {
    version_vector seen;
    seen.raise(carol, 1);
    seen.raise(alice, 2);
    seen.raise(bob, 3);
    seen.raise(carol, 4);

    std::vector<version_vector::entry> const entries(seen.begin(), seen.end());

    CHECK(entries == std::vector<version_vector::entry>{{alice, 2}, {bob, 3}, {carol, 4}});
}

TEST_CASE("version_vector: concurrent ones do not cover each other", "[core][version_vector]") {
    version_vector left;
    left.raise(alice, 2);
    left.raise(bob, 1);
    version_vector right;
    right.raise(alice, 1);
    right.raise(bob, 2);

    CHECK_FALSE(left.covers(right));
    CHECK_FALSE(right.covers(left));
    left.join(right);
    CHECK(left.covers(right));
    CHECK(left.of(alice) == 2);
    CHECK(left.of(bob) == 2);
}

TEST_CASE("version_vector: agrees with a map, whatever happens", "[core][version_vector]") {
    auto const seed = GENERATE(range(0U, 300U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto left = arbitrary(random);
    auto const right = arbitrary(random);
    std::map<replica_id, std::uint64_t> model;
    bool right_is_covered = true;
    for (auto const& [replica, upto] : left) {
        model[replica] = upto;
    }
    for (auto const& [replica, upto] : right) {
        right_is_covered = right_is_covered && upto <= model[replica];
        model[replica] = std::max(model[replica], upto);
    }

    CHECK(left.covers(right) == right_is_covered);
    left.join(right);

    CHECK(left.size() == model.size());
    for (auto const& [replica, upto] : model) {
        CHECK(left.of(replica) == upto);
    }
}

TEST_CASE("version_vector: lattice laws", "[core][version_vector][laws]") {
    auto const seed = GENERATE(range(0U, 300U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto const a = arbitrary(random);
    auto const b = arbitrary(random);
    auto const c = arbitrary(random);

    CHECK(testing::broken_lattice_law(a, b, c) == std::nullopt);
    CHECK(a.covers(b) == (testing::joined(a, b) == a));
}
