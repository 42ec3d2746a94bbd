#include <joinery/core/decomposition.hpp>

#include <catch2/catch.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace joinery;

namespace {

/// Takes itself apart, and leaves the difference to the parts.
struct bits {
    using delta_type = bits;
    unsigned set = 0;

    void join(bits const& other) { set |= other.set; }
    template <class Visit>
    void decompose(Visit&& visit) const {
        for (unsigned bit = 1; bit != 0 && bit <= set; bit <<= 1) {
            if ((set & bit) != 0) {
                visit(bits{bit});
            }
        }
    }
    friend bool operator==(bits const&, bits const&) = default;
};

/// Cannot be taken apart.
struct opaque {
    unsigned value = 0;
    void join(opaque const& other) { value = value < other.value ? other.value : value; }
    friend bool operator==(opaque const&, opaque const&) = default;
};

struct flags {
    BOOST_HANA_DEFINE_STRUCT(flags, (bits, mine), (std::optional<bits>, yours));
};
using table = std::map<std::string, flags>;
struct everything {
    BOOST_HANA_DEFINE_STRUCT(everything, (table, rows), (std::set<int>, numbers),
                             (std::pair<bits, std::tuple<bits, bits>>, rest));
};
struct half_opaque {
    BOOST_HANA_DEFINE_STRUCT(half_opaque, (bits, clear), (opaque, dark));
};

template <class T>
T joined(T a, T const& b) {
    joinery::join(a, b);
    return a;
}

everything arbitrary(std::mt19937_64& random) {
    auto const some = [&] { return bits{static_cast<unsigned>(random() & random() & 7)}; };
    everything out;
    for (auto count = random() % 3; count > 0; --count) {
        auto& row = out.rows[std::string(1, static_cast<char>('a' + random() % 3))];
        row.mine = some();
        if (random() % 2 == 0) {
            row.yours = some();
        }
    }
    for (auto count = random() % 3; count > 0; --count) {
        out.numbers.insert(static_cast<int>(random() % 4));
    }
    out.rest = {some(), {some(), some()}};
    return out;
}

} // namespace

TEST_CASE("decomposable: a type is if it takes itself apart, or its parts do",
          "[core][decomposition]") {
    STATIC_REQUIRE(decomposable<bits>);
    STATIC_REQUIRE(decomposable<std::optional<bits>>);
    STATIC_REQUIRE(decomposable<std::map<int, std::pair<bits, std::set<int>>>>);
    STATIC_REQUIRE(decomposable<everything>);
    STATIC_REQUIRE_FALSE(decomposable<opaque>);
    CHECK(is_below(opaque{1}, opaque{2}));
    STATIC_REQUIRE_FALSE(decomposable<std::optional<opaque>>);
    STATIC_REQUIRE_FALSE(decomposable<half_opaque>);
    STATIC_REQUIRE_FALSE(decomposable<int>);
    STATIC_REQUIRE(std::same_as<delta_of<everything>, everything>);
    STATIC_REQUIRE(std::same_as<delta_of<bits>, bits>);
}

TEST_CASE("decompose: bottom has no parts", "[core][decomposition]") {
    CHECK(decompose(bits{}).empty());
    CHECK(decompose(everything{}).empty());
    CHECK(decompose(std::optional<bits>{}).empty());
    CHECK(decompose(std::set<int>{}).empty());
}

TEST_CASE("decompose: what is there and bottom is a part of its own", "[core][decomposition]") {
    using maybe = std::optional<bits>;
    using map = std::map<int, bits>;

    CHECK(decompose(maybe{bits{}}) == std::vector{maybe{bits{}}});
    CHECK(decompose(maybe{bits{5}}) == std::vector{maybe{bits{1}}, maybe{bits{4}}});
    CHECK(decompose(map{{1, {}}, {2, {3}}}) ==
          std::vector{map{{1, {}}}, map{{2, {1}}}, map{{2, {2}}}});
}

TEST_CASE("decompose: parts come in the order of fields, keys and their parts",
          "[core][decomposition]") {
    flags const both{bits{3}, bits{4}};
    std::vector<unsigned> mine;
    std::vector<unsigned> yours;
    decompose(both, [&](flags const& part) {
        mine.push_back(part.mine.set);
        yours.push_back(part.yours.value_or(bits{}).set);
    });

    CHECK(mine == std::vector{1U, 2U, 0U});
    CHECK(yours == std::vector{0U, 0U, 4U});
}

TEST_CASE("difference: only what the other lacks", "[core][decomposition]") {
    using map = std::map<int, bits>;
    map const left{{0, {1}}, {1, {7}}, {2, {1}}, {4, {}}};
    map const right{{1, {5}}, {2, {3}}, {3, {1}}};

    CHECK(difference(left, right) == map{{0, {1}}, {1, {2}}, {4, {}}});
    CHECK(difference(right, left) == map{{2, {2}}, {3, {1}}});
    CHECK(difference(left, left).empty());
    CHECK(difference(std::set<int>{1, 2, 9}, std::set<int>{2, 3}) == std::set<int>{1, 9});
    CHECK(difference(std::optional{bits{3}}, std::optional{bits{1}}) == std::optional{bits{2}});
    CHECK(difference(std::optional{bits{1}}, std::optional{bits{3}}) == std::nullopt);
    CHECK(difference(std::optional{bits{}}, std::optional<bits>{}) == std::optional{bits{}});
}

TEST_CASE("is_below: everything said is already held", "[core][decomposition]") {
    CHECK(is_below(bits{}, bits{}));
    CHECK(is_below(bits{1}, bits{3}));
    CHECK_FALSE(is_below(bits{5}, bits{3}));
    CHECK(is_below(everything{}, everything{}));
}

TEST_CASE("decomposition: the laws hold for any mixture", "[core][decomposition][laws]") {
    auto const seed = GENERATE(range(0U, 200U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto const a = arbitrary(random);
    auto const b = arbitrary(random);
    auto const parts = decompose(a);

    everything all;
    for (auto const& part : parts) {
        joinery::join(all, part);
    }
    CHECK(equal(all, a));
    for (std::size_t left_out = 0; left_out < parts.size(); ++left_out) {
        everything rest;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (i != left_out) {
                joinery::join(rest, parts[i]);
            }
        }
        CHECK_FALSE(equal(rest, a));
    }
    auto const news = difference(a, b);
    CHECK(equal(joined(b, news), joined(b, a)));
    decompose(news, [&](everything const& part) { CHECK_FALSE(is_below(part, b)); });
    CHECK(is_bottom(difference(b, joined(a, b))));
}
