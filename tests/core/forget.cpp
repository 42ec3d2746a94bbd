#include <joinery/core/forget.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

/// Counts the tombstones that it keeps.
struct keeper {
    int kept = 0;

    void join(keeper const& other) { kept = kept < other.kept ? other.kept : kept; }
    void forget(stable_cut const& cut) {
        if (cut.seen_by_all.covers(dot{alice, 1})) {
            kept = 0;
        }
    }
    friend bool operator==(keeper const&, keeper const&) = default;
};

struct forgetful {
    BOOST_HANA_DEFINE_STRUCT(forgetful, (keeper, field), (version_vector, other));
};

stable_cut cut_at(std::uint64_t sequence) {
    stable_cut cut;
    cut.seen_by_all.raise(alice, sequence);
    return cut;
}

} // namespace

TEST_CASE("stable_cut: a fresh one is about nothing", "[core][stable_cut]") {
    stable_cut const fresh;

    CHECK_FALSE(fresh.seen_by_all.covers(dot{alice, 1}));
    CHECK_FALSE(fresh.is_retired(alice));
    CHECK(fresh.complete_until == hlc{});
}

TEST_CASE("stable_cut: knows which ids never write again", "[core][stable_cut]") {
    stable_cut const cut{{}, {alice, replica_id{3}}, {}};

    CHECK(cut.is_retired(alice));
    CHECK_FALSE(cut.is_retired(bob));
    CHECK(cut.is_retired(replica_id{3}));
    CHECK_FALSE(cut.is_retired(replica_id{4}));
}

TEST_CASE("forget: the member decides, and types without one are left alone", "[core][forget]") {
    keeper one{3};
    forget(one, cut_at(0));
    CHECK(one.kept == 3);
    forget(one, cut_at(1));
    CHECK(one == keeper{});

    version_vector other;
    other.raise(alice, 4);
    auto number = 7;
    forget(other, cut_at(1));
    forget(number, cut_at(1));
    CHECK(other.of(alice) == 4);
    CHECK(number == 7);
}

TEST_CASE("forget: reaches into records and standard types", "[core][forget]") {
    using nested = std::map<int, std::tuple<std::optional<keeper>, std::pair<keeper, forgetful>>>;
    nested all{{1, {keeper{1}, {keeper{2}, {keeper{3}, {}}}}}, {2, {}}};
    std::set<int> numbers{1, 2};

    forget(all, cut_at(1));
    forget(numbers, cut_at(1));

    auto const& [maybe, both] = all.at(1);
    CHECK(maybe.value().kept == 0);
    CHECK(both.first.kept == 0);
    CHECK(both.second.field.kept == 0);
    CHECK_FALSE(std::get<0>(all.at(2)).has_value());
    CHECK(numbers.size() == 2);
}
