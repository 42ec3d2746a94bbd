#include <joinery/core/interval_set.hpp>
#include <joinery/core/join.hpp>
#include <joinery/core/record.hpp>
#include <joinery/core/version_vector.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace joinery;

namespace {

struct progress {
    BOOST_HANA_DEFINE_STRUCT(progress, (version_vector, received), (interval_set, written));
};

template <class T>
struct both {
    BOOST_HANA_DEFINE_STRUCT(both, (T, left), (T, right));
};

struct account {
    BOOST_HANA_DEFINE_STRUCT(account, (progress, own), (both<version_vector>, peers));
};

struct with_plain_field {
    BOOST_HANA_DEFINE_STRUCT(with_plain_field, (version_vector, received), (int, count));
};

struct undescribed {
    version_vector received;
};

struct nothing {
    BOOST_HANA_DEFINE_STRUCT(nothing);
};

} // namespace

namespace elsewhere {

struct described_outside {
    version_vector received;
    int unlisted = 0;
    interval_set written;
};

} // namespace elsewhere

BOOST_HANA_ADAPT_STRUCT(elsewhere::described_outside, received, written);

namespace {

account arbitrary(std::mt19937_64& random) {
    account out;
    out.own.received.raise(replica_id{random() % 3}, random() % 4);
    auto const first = 1 + random() % 9;
    out.own.written.insert(first, first + random() % 3);
    out.peers.left.raise(replica_id{random() % 3}, random() % 4);
    out.peers.right.raise(replica_id{random() % 3}, random() % 4);
    return out;
}

account joined(account a, account const& b) {
    join(a, b);
    return a;
}

} // namespace

TEST_CASE("record: only described structs are records", "[core][record]") {
    STATIC_REQUIRE(record<progress>);
    STATIC_REQUIRE(record<progress const>);
    STATIC_REQUIRE(record<both<int>>);
    STATIC_REQUIRE(record<elsewhere::described_outside>);
    STATIC_REQUIRE_FALSE(record<undescribed>);
    STATIC_REQUIRE_FALSE(record<version_vector>);
    STATIC_REQUIRE_FALSE(record<int>);
}

TEST_CASE("record: a lattice only if each of its fields is one", "[core][record]") {
    STATIC_REQUIRE(lattice_record<progress>);
    STATIC_REQUIRE(lattice_record<account>);
    STATIC_REQUIRE(lattice_record<both<both<interval_set>>>);
    STATIC_REQUIRE(lattice_record<elsewhere::described_outside>);
    STATIC_REQUIRE_FALSE(lattice_record<with_plain_field>);
    STATIC_REQUIRE_FALSE(lattice_record<both<int>>);
    STATIC_REQUIRE_FALSE(lattice_record<version_vector>);
}

TEST_CASE("record: names and count are known at compile time", "[core][record]") {
    STATIC_REQUIRE(field_count<account> == 2);
    STATIC_REQUIRE(field_count<nothing> == 0);
    STATIC_REQUIRE(field_names<account>() == std::array<std::string_view, 2>{"own", "peers"});
    STATIC_REQUIRE(field_names<both<int>>() == std::array<std::string_view, 2>{"left", "right"});
    STATIC_REQUIRE(field_names<elsewhere::described_outside>() ==
                   std::array<std::string_view, 2>{"received", "written"});
}

TEST_CASE("record: fields are visited in order and may be changed", "[core][record]") {
    both<int> numbers{1, 2};
    std::vector<std::pair<std::string, int>> seen;

    for_each_field(numbers, [](std::string_view, int& field) { field *= 10; });
    for_each_field(std::as_const(numbers), [&](std::string_view name, int const& field) {
        seen.emplace_back(name, field);
    });

    CHECK(seen == std::vector<std::pair<std::string, int>>{{"left", 10}, {"right", 20}});
}

TEST_CASE("record: two records are visited side by side", "[core][record]") {
    both<int> sums{1, 2};
    both<int> const more{30, 40};

    for_each_field(sums, more, [](std::string_view, int& x, int const& y) { x += y; });

    CHECK(sums.left == 31);
    CHECK(sums.right == 42);
}

TEST_CASE("record: three records are visited side by side", "[core][record]") {
    both<int> sums;
    both<int> const some{1, 2};
    both<int> const more{30, 40};

    for_each_field(sums, some, more,
                   [](std::string_view, int& x, int const& y, int const& z) { x = y + z; });

    CHECK(sums.left == 31);
    CHECK(sums.right == 42);
}

TEST_CASE("record: join reaches the fields of nested records", "[core][record]") {
    account here;
    here.own.received.raise(replica_id{1}, 3);
    here.peers.left.raise(replica_id{1}, 1);
    account there;
    there.own.received.raise(replica_id{1}, 2);
    there.own.written.insert(1, 4);
    there.peers.left.raise(replica_id{2}, 9);

    join(here, there);

    CHECK(here.own.received.of(replica_id{1}) == 3);
    CHECK(here.own.written.prefix() == 4);
    CHECK(here.peers.left.size() == 2);
    CHECK(here.peers.right.empty());
}

TEST_CASE("record: a struct described outside joins the listed fields only", "[core][record]") {
    elsewhere::described_outside here{{}, 1, {}};
    elsewhere::described_outside there{{}, 2, {}};
    there.written.insert(1, 4);

    join(here, there);

    CHECK(here.written.prefix() == 4);
    CHECK(here.unlisted == 1);
    CHECK(equal(here, there));
}

TEST_CASE("record: equal compares every field at every depth", "[core][record]") {
    account const fresh;
    auto changed = fresh;
    CHECK(equal(fresh, changed));

    changed.peers.right.raise(replica_id{1}, 1);
    CHECK_FALSE(equal(fresh, changed));
}

TEST_CASE("record: the lattice laws follow from the fields", "[core][record][laws]") {
    auto const seed = GENERATE(range(0U, 200U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto const a = arbitrary(random);
    auto const b = arbitrary(random);
    auto const c = arbitrary(random);

    CHECK(equal(joined(a, a), a));
    CHECK(equal(joined(a, b), joined(b, a)));
    CHECK(equal(joined(joined(a, b), c), joined(a, joined(b, c))));
    CHECK(equal(joined(account{}, a), a));
}
