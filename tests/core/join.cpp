#include <joinery/core/join.hpp>
#include <joinery/core/version_vector.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>

using namespace joinery;

namespace {

/// A lattice of its own, with the least that one needs.
struct greatest {
    int value = 0;

    void join(greatest const& other) { value = value < other.value ? other.value : value; }
    friend bool operator==(greatest const&, greatest const&) = default;
};

struct scores {
    BOOST_HANA_DEFINE_STRUCT(scores, (greatest, best), (std::optional<greatest>, last));
};

using keyed = std::map<std::string, scores>;
using everything = std::tuple<std::pair<greatest, std::set<int>>, std::optional<keyed>>;

struct season {
    BOOST_HANA_DEFINE_STRUCT(season, (keyed, players), (everything, rest));
};

struct with_number {
    BOOST_HANA_DEFINE_STRUCT(with_number, (greatest, best), (int, number));
};

template <class T>
T joined(T a, T const& b) {
    joinery::join(a, b);
    return a;
}

season arbitrary(std::mt19937_64& random) {
    auto const small = [&] { return static_cast<int>(random() % 3); };
    season out;
    for (auto count = random() % 3; count > 0; --count) {
        auto& one = out.players[std::string(1, static_cast<char>('a' + small()))];
        one.best.value = small();
        if (random() % 2 == 0) {
            one.last = greatest{small()};
        }
    }
    auto& [both, maybe] = out.rest;
    both.first.value = small();
    both.second.insert(small());
    if (random() % 2 == 0) {
        maybe = out.players;
    }
    return out;
}

} // namespace

TEST_CASE("join: standard types are lattices if their parts are", "[core][join]") {
    STATIC_REQUIRE(lattice<greatest>);
    STATIC_REQUIRE(lattice<version_vector>);
    STATIC_REQUIRE(lattice<std::optional<greatest>>);
    STATIC_REQUIRE(lattice<std::pair<greatest, std::set<std::string>>>);
    STATIC_REQUIRE(lattice<std::map<int, std::tuple<greatest, greatest>>>);
    STATIC_REQUIRE(lattice<std::tuple<>>);
    STATIC_REQUIRE(lattice<season>);
    STATIC_REQUIRE(lattice<std::map<int, season>>);
    STATIC_REQUIRE_FALSE(lattice<int>);
    STATIC_REQUIRE_FALSE(lattice<std::optional<int>>);
    STATIC_REQUIRE_FALSE(lattice<std::pair<greatest, int>>);
    STATIC_REQUIRE_FALSE(lattice<std::tuple<greatest, int>>);
    STATIC_REQUIRE_FALSE(lattice<std::map<int, int>>);
    STATIC_REQUIRE_FALSE(lattice<std::string>);
    STATIC_REQUIRE_FALSE(lattice<with_number>);
    STATIC_REQUIRE_FALSE(lattice<std::map<int, with_number>>);
}

TEST_CASE("join: a join by member keeps its own meaning", "[core][join]") {
    STATIC_REQUIRE(join_semilattice<greatest>);
    STATIC_REQUIRE_FALSE(join_semilattice<std::optional<greatest>>);
    STATIC_REQUIRE_FALSE(join_semilattice<season>);
}

TEST_CASE("join: an optional without a value lies below all that have one", "[core][join]") {
    std::optional<greatest> const none;
    std::optional<greatest> const fresh{greatest{}};
    std::optional<greatest> const two{greatest{2}};
    std::optional<greatest> const three{greatest{3}};

    CHECK(joined(none, fresh) == fresh);
    CHECK(joined(fresh, none) == fresh);
    CHECK(joined(two, three) == three);
    CHECK(joined(three, two) == three);
    CHECK(is_bottom(none));
    CHECK_FALSE(is_bottom(fresh));
}

TEST_CASE("join: pairs and tuples join part by part", "[core][join]") {
    using two = std::pair<greatest, std::set<int>>;
    CHECK(joined(two{{3}, {1}}, two{{2}, {2}}) == two{{3}, {1, 2}});
    using three = std::tuple<greatest, greatest, greatest>;
    CHECK(joined(three{{3}, {1}, {0}}, three{{1}, {2}, {0}}) == three{{3}, {2}, {0}});
    CHECK(is_bottom(three{}));
    CHECK_FALSE(is_bottom(three{{0}, {0}, {1}}));
}

TEST_CASE("join: a map joins the values of equal keys and takes the others", "[core][join]") {
    using map = std::map<int, greatest>;
    map const left{{1, {5}}, {3, {1}}, {9, {0}}};
    map const right{{0, {7}}, {1, {4}}, {3, {2}}, {4, {4}}};

    CHECK(joined(left, right) == map{{0, {7}}, {1, {5}}, {3, {2}}, {4, {4}}, {9, {0}}});
    CHECK(joined(right, left) == joined(left, right));
    CHECK_FALSE(is_bottom(map{{1, {0}}}));
}

TEST_CASE("join: sets unite, whatever their order", "[core][join]") {
    using descending = std::set<int, std::greater<>>;
    CHECK(joined(std::set<int>{1, 5}, std::set<int>{0, 3, 5, 7}) == std::set<int>{0, 1, 3, 5, 7});
    CHECK(joined(descending{1, 5}, descending{0, 7}) == descending{0, 1, 5, 7});
}

TEST_CASE("join: equal reaches records without == inside of standard types", "[core][join]") {
    using table = std::map<int, std::pair<scores, std::tuple<scores>>>;
    table const one{{1, {{{2}, greatest{1}}, {scores{{3}, {}}}}}};
    auto other = one;
    CHECK(equal(one, other));

    std::get<0>(other[1].second).best.value = 4;
    CHECK_FALSE(equal(one, other));
    CHECK_FALSE(equal(one, table{}));
    CHECK_FALSE(equal(one, table{{2, one.at(1)}}));
}

TEST_CASE("join: a value joined with itself is itself", "[core][join]") {
    std::mt19937_64 random{7};
    auto value = arbitrary(random);
    auto const before = value;

    joinery::join(value, value);

    CHECK(equal(value, before));
}

TEST_CASE("join: the lattice laws hold for any mixture", "[core][join][laws]") {
    auto const seed = GENERATE(range(0U, 200U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto const a = arbitrary(random);
    auto const b = arbitrary(random);
    auto const c = arbitrary(random);

    CHECK(equal(joined(a, a), a));
    CHECK(equal(joined(a, b), joined(b, a)));
    CHECK(equal(joined(joined(a, b), c), joined(a, joined(b, c))));
    CHECK(equal(joined(season{}, a), a));
    CHECK(is_bottom(season{}));
}
