#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/document.hpp>
#include <joinery/crdt/g_set.hpp>
#include <joinery/crdt/lww_register.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>
#include <joinery/wire/codec.hpp>
#include <joinery/wire/msgpack_archive.hpp>

#include <catch2/catch.hpp>
#include <cereal/types/vector.hpp>

#include <string>
#include <utility>
#include <vector>

#include "crdt/causal_model.hpp"
#include "crdt/hostile.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

struct scores {
    BOOST_HANA_DEFINE_STRUCT(scores, (pn_counter, points), (lww_register<std::string>, rank));
};
struct names {
    BOOST_HANA_DEFINE_STRUCT(names, (mv_register<std::string>, first),
                             (mv_register<std::string>, last));
};
struct player {
    BOOST_HANA_DEFINE_STRUCT(player, (lww_register<std::string>, motto), (pn_counter, logins),
                             (aw_set<int>, tags), (mv_register<std::string>, mail),
                             (product<scores>, results), (product<names>, called));
};
using players = product<player>;

static_assert(delta_crdt<players>);
static_assert(!detail::causal_type<players>);
static_assert(detail::causal_type<product<names>>);

author by(replica_id who, std::uint64_t time = 1, std::uint64_t sequence = 1) {
    return {who, hlc::at(time), sequence};
}

template <class Editor>
void change(Editor e, std::uint64_t bits) {
    auto const number = static_cast<int>(bits / 16 % 3);
    switch (bits % 10) {
    case 0:
        e[&player::motto].assign("motto " + std::to_string(bits % 1'000));
        break;
    case 1:
        e[&player::logins].increment(bits % 5);
        break;
    case 2:
        e[&player::logins].decrement();
        break;
    case 3:
        e[&player::tags].insert(number);
        break;
    case 4:
        e[&player::tags].erase(number);
        break;
    case 5:
        e[&player::mail].assign(std::to_string(number));
        break;
    case 6:
        e[&player::mail].clear();
        break;
    case 7:
        e[&player::results][&scores::points].increment(3);
        break;
    case 8:
        e[&player::called][&names::first].assign(std::to_string(number));
        break;
    default:
        e[&player::called][&names::last].assign("last");
        e[&player::tags].insert(9);
    }
}

players change_player(players& one, author const& who, std::uint64_t bits) {
    return one.edit(who, [&](auto e) {
        change(e, bits);
        // An author writes a register once.
        if (bits % 10 != 0) {
            change(e, bits / 64 * 10 + bits % 7 + 1);
        }
    });
}

players some_player() {
    players one;
    one.edit(by(alice), [](auto e) {
        e[&player::motto].assign("onward");
        e[&player::logins].increment(2);
        e[&player::tags].insert(1);
        e[&player::mail].assign("a@b");
        e[&player::results][&scores::points].increment(40);
        e[&player::called][&names::first].assign("Ada");
    });
    return one;
}

/// Bytes are refused, or they are the one encoding of the value that they give.
template <class T>
std::string broken_codec(T const& honest) {
    std::string broken;
    tests::for_each_mutation(
        wire::encode(honest), tests::hostility::all_values, [&](bytes const& damaged) {
            if (auto const value = wire::decode<T>(damaged);
                value && wire::encode(*value) != damaged) {
                broken = "bytes were accepted that are not canonical: " + tests::hex(damaged);
            }
        });
    return broken;
}

struct holder {
    std::vector<g_set<int>> sets{};

    template <class Archive>
    void serialize(Archive& archive) {
        archive(sets);
    }
};

} // namespace

TEST_CASE("product: every field joins as its type does", "[crdt][product]") {
    auto left = some_player();
    auto right = left;
    left.edit(by(alice, 2), [](auto e) {
        e[&player::motto].assign("left");
        e[&player::logins].increment(3);
        e[&player::tags].erase(1);
        e[&player::mail].assign("left");
    });
    right.edit(by(bob, 3), [](auto e) {
        e[&player::motto].assign("right");
        e[&player::logins].decrement();
        e[&player::tags].insert(1);
        e[&player::mail].assign("right");
        e[&player::results][&scores::rank].assign("first");
        e[&player::called][&names::last].assign("Lovelace");
    });

    auto joined = right;
    joined.join(left);
    left.join(right);

    CHECK(left == joined);
    CHECK(left[&player::motto].value() == "right");
    CHECK(left[&player::logins].value() == 4);
    CHECK(left[&player::tags].value() == std::vector{1});
    CHECK(left[&player::mail].size() == 2);
    CHECK(left[&player::results][&scores::rank].value() == "first");
    CHECK(left[&player::results][&scores::points].value() == 40);
    CHECK(left[&player::called][&names::last].latest() == "Lovelace");
}

TEST_CASE("product: a delta holds the changed fields alone", "[crdt][product]") {
    auto one = some_player();
    auto const before = one;

    auto const delta = one.edit(by(bob), [](auto e) {
        e[&player::logins].increment();
        e[&player::tags].insert(2);
    });

    CHECK(delta[&player::motto].is_bottom());
    CHECK(delta[&player::results].is_bottom());
    CHECK(delta[&player::logins].value() == 1);
    CHECK(delta[&player::tags].value() == std::vector{2});
    CHECK(testing::joined(before, delta) == one);
    CHECK(one.edit(by(bob), [](auto) {}).is_bottom());
    CHECK(one.edit(by(bob), [](auto e) { e[&player::tags].erase(77); }).is_bottom());
}

TEST_CASE("product: copies are values, and what was moved from can be used again",
          "[crdt][product]") {
    auto one = some_player();
    auto copy = one;
    copy.edit(by(bob), [](auto e) { e[&player::tags].insert(5); });
    CHECK(one == some_player());

    auto const moved = std::move(one);
    CHECK(moved == some_player());
    one = moved;
    one.join(one);
    CHECK(one == moved);
}

TEST_CASE("product: lattice and delta laws", "[crdt][product][laws]") {
    CHECK(testing::check_laws<players>(3, tests::rounds(100), change_player) == "");
}

TEST_CASE("product: every delivery of five operations gives one value",
          "[crdt][product][exhaustive]") {
    players left;
    players right;
    std::vector<players> deltas;
    deltas.push_back(change_player(left, by(alice, 1, 1), 3));
    deltas.push_back(change_player(right, by(bob, 1, 1), 10));
    right.join(left);
    deltas.push_back(change_player(right, by(bob, 2, 2), 4));
    deltas.push_back(change_player(left, by(alice, 3, 2), 26));
    deltas.push_back(change_player(left, by(alice, 4, 3), 9));

    CHECK(testing::check_deliveries<players>(deltas) == "");
}

TEST_CASE("product: it comes back from its bytes", "[crdt][product][codec]") {
    auto one = some_player();
    auto const delta = one.edit(by(bob), [](auto e) { e[&player::tags].erase(1); });

    for (auto const& value : {players{}, one, delta}) {
        auto const encoded = wire::encode(value);
        auto const decoded = wire::decode<players>(encoded);
        REQUIRE(decoded);
        CHECK(*decoded == value);
        CHECK(wire::encode(*decoded) == encoded);
        auto const named = wire::decode<players, wire::msgpack>(wire::encode<wire::msgpack>(value));
        REQUIRE(named);
        CHECK(*named == value);
    }
    CHECK(tests::hex(wire::encode(players{})) == "000000000000");
    REQUIRE(wire::decode<players>(wire::encode(delta)));
    CHECK(testing::joined(some_player(), *wire::decode<players>(wire::encode(delta))) == one);
}

TEST_CASE("product: hostile bytes are refused or canonical", "[crdt][product][hostile]") {
    auto one = some_player();
    auto const delta = one.edit(by(bob), [](auto e) { e[&player::tags].erase(1); });

    CHECK(broken_codec(one) == "");
    CHECK(broken_codec(delta) == "");
}

TEST_CASE("product: a field that is there and empty is refused", "[crdt][product][hostile]") {
    // The second field, a counter, is announced, and has no slots on either side.
    bytes const announced{std::byte{0}, std::byte{1}, std::byte{0}, std::byte{0},
                          std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}};

    auto const refused = wire::decode<players>(announced);

    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::not_canonical);
}

TEST_CASE("codec: a lattice that is not canonical is refused wherever it stands",
          "[crdt][product][codec]") {
    // A list of one set, whose two elements descend.
    bytes const nested{std::byte{1}, std::byte{2}, std::byte{4}, std::byte{2}};

    auto const refused = wire::decode<holder>(nested);

    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::not_canonical);
    CHECK_FALSE(wire::decode<g_set<int>>(bytes{std::byte{2}, std::byte{4}, std::byte{2}}));
    CHECK(wire::decode<g_set<int>>(bytes{std::byte{2}, std::byte{2}, std::byte{4}}));
}
