#include <joinery/core/decomposition.hpp>
#include <joinery/crdt/bounded_counter.hpp>
#include <joinery/crdt/g_set.hpp>
#include <joinery/crdt/lww_map.hpp>
#include <joinery/crdt/max_register.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/crdt/two_phase_set.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>
#include <cereal/types/map.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "crdt/plain_checks.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

using settings_map = lww_map<std::string, int>;
using first_register = lww_register<std::string, first_wins>;

struct inner {
    BOOST_HANA_DEFINE_STRUCT(inner, (max_register<int>, best), (settings_map, settings));
};
struct account {
    BOOST_HANA_DEFINE_STRUCT(account, (first_register, owner), (bounded_counter, credit),
                             (two_phase_set<std::string>, keys), (product<inner>, more));
};
using accounts = product<account>;

static_assert(delta_crdt<accounts>);
static_assert(decomposable<accounts>);

author at(replica_id who, std::uint64_t time = 1, std::uint64_t sequence = 1) {
    return {who, hlc::at(time), sequence};
}

template <class Editor>
void change(Editor e, std::uint64_t bits) {
    auto const small = bits / 8 % 4;
    auto const text = std::string(1, static_cast<char>('a' + small));
    switch (bits % 8) {
    case 0:
        return e[&account::owner].assign(text);
    case 1:
        return e[&account::credit].increment(small);
    case 2:
        return e[&account::credit].decrement(small);
    case 3:
        return e[&account::keys].insert(text);
    case 4:
        return e[&account::keys].erase(text);
    case 5:
        return e[&account::more][&inner::best].assign(static_cast<int>(small));
    case 6:
        return e[&account::more][&inner::settings].assign(text, static_cast<int>(bits / 32 % 9));
    default:
        return e[&account::more][&inner::settings].erase(text);
    }
}

accounts change_account(accounts& one, author const& by, std::uint64_t bits) {
    return one.edit(by, [&](auto e) { change(e, bits); });
}

accounts some_account() {
    accounts one;
    one.edit(at(alice), [](auto e) {
        e[&account::owner].assign("ada");
        e[&account::credit].increment(5);
        e[&account::keys].insert("k");
        e[&account::more][&inner::settings].assign("volume", 3);
    });
    return one;
}

} // namespace

TEST_CASE("product: its parts are its fields' parts", "[crdt][product]") {
    auto const parts = decompose(some_account());

    REQUIRE(parts.size() == 4);
    CHECK(parts[0][&account::owner].value() == "ada");
    CHECK(parts[0][&account::credit].is_bottom());
    CHECK(parts[1][&account::credit].value() == 5);
    CHECK(parts[2][&account::keys].contains("k"));
    CHECK(parts[3][&account::more][&inner::settings].size() == 1);
    CHECK(decompose(accounts{}).empty());
}

TEST_CASE("product: a difference has the news of each field", "[crdt][product]") {
    auto const here = some_account();
    auto there = here;
    there.edit(at(bob, 2), [](auto e) {
        e[&account::credit].increment(2);
        e[&account::more][&inner::best].assign(7);
    });

    auto const news = there.difference(here);

    CHECK(news[&account::owner].is_bottom());
    CHECK(news[&account::keys].is_bottom());
    CHECK(news[&account::credit].value() == 2);
    CHECK(news[&account::more][&inner::best].value() == 7);
    CHECK(testing::joined(here, news) == there);
    CHECK(here.difference(there).is_bottom());
}

TEST_CASE("product: forgetting reaches nested products", "[crdt][product][forget]") {
    auto one = some_account();
    one.edit(at(alice, 2, 2), [](auto e) { e[&account::more][&inner::settings].erase("volume"); });
    stable_cut cut;
    cut.seen_by_all.raise(alice, 2);
    cut.complete_until = hlc::at(2);
    CHECK(one[&account::more][&inner::settings].tombstones() == 1);

    one.forget(cut);

    CHECK(one[&account::more][&inner::settings].tombstones() == 0);
    CHECK(one[&account::credit].value() == 5);
}

TEST_CASE("product: hostile bytes of plain fields are refused or canonical",
          "[crdt][product][hostile]") {
    CHECK(tests::broken_codec(accounts{}) == "");
    CHECK(tests::broken_codec(some_account()) == "");
}

TEST_CASE("product: laws of a record of plain types", "[crdt][product][laws]") {
    auto const seed = GENERATE(range(0U, 10U));
    CHECK(testing::check_laws<accounts>(seed, 60, change_account) == "");
}

TEST_CASE("product: five deltas of plain fields give one value in every delivery",
          "[crdt][product][exhaustive]") {
    accounts here;
    accounts there;
    std::vector<accounts> deltas;
    deltas.push_back(change_account(here, at(alice, 1, 1), 25));
    deltas.push_back(change_account(there, at(bob, 1, 1), 8));
    there.join(here);
    deltas.push_back(change_account(here, at(alice, 2, 2), 10));
    deltas.push_back(change_account(there, at(bob, 3, 2), 14));
    deltas.push_back(change_account(there, at(bob, 4, 3), 15));

    CHECK(testing::check_deliveries<accounts>(deltas) == "");
}

namespace {

struct mixed {
    using map_of_registers = or_map<std::string, mv_register<int>>;
    using tags_of = std::map<std::string, int>;
    BOOST_HANA_DEFINE_STRUCT(mixed, (max_register<int>, best), (map_of_registers, notes),
                             (lww_register<tags_of>, tags));
};

} // namespace

TEST_CASE("product: a map of causal values is encoded beside cereal's standard maps",
          "[crdt][product]") {
    product<mixed> one;
    (void)one.edit(at(alice), [](auto e) { e[&mixed::notes].at("a").assign(3); });
    (void)one.edit(at(alice, 2, 2), [](auto e) { e[&mixed::tags].assign({{"x", 1}}); });

    auto const read = wire::decode<product<mixed>>(wire::encode(one));

    REQUIRE(read);
    CHECK(*read == one);
    CHECK((*read)[&mixed::notes].at("a").latest() == 3);
}
