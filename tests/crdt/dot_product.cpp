#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/boxed.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include "crdt/causal_history.hpp"
#include "crdt/hostile.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

struct address {
    BOOST_HANA_DEFINE_STRUCT(address, (mv_register<std::string>, city),
                             (mv_register<std::string>, street));
};
struct contact {
    BOOST_HANA_DEFINE_STRUCT(contact, (mv_register<std::string>, name), (aw_set<int>, tags),
                             (product<address>, home), (mv_register<std::string>, note));
};
using contacts = or_map<std::string, product<contact>>;
using texts = std::vector<std::string>;

static_assert(delta_crdt<product<contact>>);
static_assert(detail::causal_type<product<contact>>);
static_assert(detail::has_partial<product<contact>::store_type>);
static_assert(!detail::has_partial<product<address>::store_type>);

author by(replica_id who, std::uint64_t time = 1) {
    return {who, hlc::at(time), 0};
}

/// Does one of what can be done to a contact.
template <class Editor>
void change(Editor e, std::uint64_t bits) {
    auto const number = static_cast<int>(bits / 8 % 3);
    switch (bits % 8) {
    case 0:
        e[&contact::name].assign(std::to_string(number));
        break;
    case 1:
        e[&contact::note].assign(std::to_string(number));
        break;
    case 2:
    case 3:
        e[&contact::tags].insert(number);
        break;
    case 4:
        e[&contact::tags].erase(number);
        break;
    case 5:
        e[&contact::home][&address::city].assign(std::to_string(number));
        break;
    case 6:
        e[&contact::home][&address::street].clear();
        break;
    default:
        e[&contact::name].clear();
        e[&contact::home][&address::street].assign("both");
    }
}

product<contact> change_contact(product<contact>& one, author const& who, std::uint64_t bits) {
    return one.edit(who, [&](auto e) {
        change(e, bits);
        change(e, bits / 64);
    });
}

contacts change_contacts(contacts& all, author const& who, std::uint64_t bits) {
    auto const key = "key" + std::to_string(bits % 3);
    return all.edit(who, [&](auto e) {
        if (bits / 3 % 5 == 0) {
            e.erase(key);
        } else {
            change(e.at(key), bits / 16);
        }
    });
}

contacts one_contact() {
    contacts all;
    all.edit(by(alice), [](auto e) {
        e.at("ada")[&contact::name].assign("Ada");
        e.at("ada")[&contact::tags].insert(1);
        e.at("ada")[&contact::home][&address::city].assign("London");
    });
    return all;
}

} // namespace

TEST_CASE("dot_product: a field of a fresh record reads as empty", "[crdt][dot_product]") {
    product<contact> const fresh;

    CHECK(fresh.is_bottom());
    CHECK(fresh[&contact::name].empty());
    CHECK(fresh[&contact::home][&address::city].empty());
    CHECK(contacts{}.at("absent")[&contact::tags].value().empty());
}

TEST_CASE("dot_product: fields of one type are told apart", "[crdt][dot_product]") {
    product<contact> one;

    one.edit(by(alice), [](auto e) {
        e[&contact::name].assign("name");
        e[&contact::note].assign("note");
        e[&contact::home][&address::street].assign("street");
    });

    CHECK(one[&contact::name].latest() == "name");
    CHECK(one[&contact::note].latest() == "note");
    CHECK(one[&contact::home][&address::city].empty());
    CHECK(one[&contact::home][&address::street].latest() == "street");
}

TEST_CASE("dot_product: one context serves all fields", "[crdt][dot_product]") {
    product<contact> one;

    auto const delta = one.edit(by(alice), [](auto e) {
        e[&contact::name].assign("name");
        e[&contact::tags].insert(1);
        e[&contact::home][&address::city].assign("city");
    });

    REQUIRE(one.context().slot_count() == 1);
    CHECK(one.context().seen_of(0).prefix() == 3);
    CHECK(delta == one);
}

TEST_CASE("dot_product: concurrent writes of different fields both stay", "[crdt][dot_product]") {
    auto left = one_contact();
    auto right = left;
    left.edit(by(alice, 2), [](auto e) { e.at("ada")[&contact::name].assign("Lovelace"); });
    right.edit(by(bob, 2), [](auto e) { e.at("ada")[&contact::note].assign("analyst"); });

    left.join(right);

    CHECK(left.at("ada")[&contact::name].latest() == "Lovelace");
    CHECK(left.at("ada")[&contact::note].latest() == "analyst");
    CHECK_FALSE(left.at("ada")[&contact::name].has_conflict());
}

TEST_CASE("dot_product: an erased record survives in part where somebody else wrote",
          "[crdt][dot_product]") {
    auto left = one_contact();
    auto right = left;
    auto const erased = left.erase(alice, "ada");
    right.edit(by(bob, 2), [](auto e) { e.at("ada")[&contact::tags].insert(2); });

    right.join(erased);
    left.join(right);

    CHECK(left == right);
    CHECK(right.at("ada")[&contact::name].empty());
    CHECK(right.at("ada")[&contact::home][&address::city].empty());
    CHECK(right.at("ada")[&contact::tags].value() == std::vector{2});
}

TEST_CASE("dot_product: a record goes with the last of its fields", "[crdt][dot_product]") {
    contacts all;
    all.edit(by(alice), [](auto e) {
        e.at("ada")[&contact::home][&address::city].assign("London");
        e.at("ada")[&contact::tags].insert(1);
    });

    all.edit(by(alice), [](auto e) { e.at("ada")[&contact::tags].erase(1); });
    CHECK(all.contains("ada"));
    all.edit(by(alice), [](auto e) { e.at("ada")[&contact::home][&address::city].clear(); });

    CHECK(all.empty());
    CHECK_FALSE(all.is_bottom());
}

TEST_CASE("dot_product: a delta names what it changes alone", "[crdt][dot_product]") {
    product<contact> one;
    one.edit(by(alice), [](auto e) {
        for (int i = 0; i < 5'000; ++i) {
            e[&contact::tags].insert(i);
        }
    });
    auto const before = one;

    auto const delta = one.edit(by(alice), [](auto e) { e[&contact::tags].erase(17); });

    CHECK(delta.is_partial());
    CHECK(delta.encode().size() < 64);
    CHECK(testing::joined(before, delta) == one);
    CHECK_FALSE(testing::joined(delta, before).is_partial());
    CHECK(testing::joined(delta, before) == one);
    auto const decoded = product<contact>::decode(delta.encode());
    REQUIRE(decoded);
    CHECK(decoded->is_partial());
    CHECK(*decoded == delta);
}

TEST_CASE("dot_product: a partial state with a complete map is refused", "[crdt][dot_product]") {
    product<contact> one;
    auto const delta = one.edit(by(alice), [](auto e) { e[&contact::tags].insert(1); });
    auto encoded = one.encode();
    REQUIRE(encoded.front() == std::byte{0});

    encoded.front() = std::byte{1};
    auto partial = delta.encode();
    partial.front() = std::byte{0};

    CHECK_FALSE(product<contact>::decode(encoded));
    CHECK_FALSE(product<contact>::decode(partial));
}

TEST_CASE("dot_product: copies are values, and what was moved from can be used again",
          "[crdt][dot_product]") {
    auto all = one_contact();
    auto copy = all;
    copy.edit(by(bob), [](auto e) { e.at("ada")[&contact::name].assign("other"); });
    CHECK(all == one_contact());

    auto moved = std::move(all);
    CHECK(moved == one_contact());
    all = moved;
    CHECK(all == moved);
    all.join(all);
    CHECK(all == moved);
    all.join(contacts{moved});
    CHECK(all == moved);
}

TEST_CASE("dot_product: lattice and delta laws", "[crdt][dot_product][laws]") {
    CHECK(testing::check_laws<product<contact>>(11, tests::rounds(150), change_contact) == "");
    CHECK(testing::check_laws<contacts>(12, tests::rounds(150), change_contacts) == "");
}

TEST_CASE("dot_product: histories as bytes converge with those in memory",
          "[crdt][dot_product][laws]") {
    auto const seed = GENERATE(range(0U, 40U));
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    contacts left;
    contacts right;
    contacts folded;
    for (unsigned step = 0; step < 40; ++step) {
        auto& one = random.chance(50) ? left : right;
        auto const who = &one == &left ? alice : bob;
        auto const delta = change_contacts(one, by(who, step), random());
        REQUIRE(tests::joins_encoded(folded, delta));
        if (random.chance(20)) {
            REQUIRE(tests::joins_encoded(one, folded));
        }
    }

    auto joined = left;
    joined.join(right);

    CHECK(joined == folded);
    CHECK(joined.digest() == folded.digest());
    auto const decoded = contacts::decode(joined.encode());
    REQUIRE(decoded);
    CHECK(decoded->encode() == joined.encode());
    joined.compact();
    CHECK(joined == folded);
}

TEST_CASE("dot_product: hostile bytes are refused or canonical", "[crdt][dot_product][hostile]") {
    auto left = one_contact();
    auto const before = left;
    auto const delta = left.edit(by(alice, 2), [](auto e) {
        e.at("ada")[&contact::tags].erase(1);
        e.at("alan")[&contact::name].assign("Alan");
    });
    auto right = before;
    auto const erased = right.erase(bob, "ada");
    product<contact> record;
    auto const in_record = record.edit(by(alice), [](auto e) {
        e[&contact::tags].insert(1);
        e[&contact::home][&address::city].assign("c");
    });

    CHECK(tests::broken_by_bytes(before, left, tests::hostility::all_values) == "");
    CHECK(tests::broken_by_bytes(delta, right, tests::hostility::all_values) == "");
    CHECK(tests::broken_by_bytes(erased, left, tests::hostility::all_values) == "");
    CHECK(tests::broken_by_bytes(record, product<contact>{}, tests::hostility::all_values) == "");
    CHECK(tests::broken_by_bytes(in_record, record, tests::hostility::all_values) == "");
}

TEST_CASE("dot_product: every delivery of five operations gives one value",
          "[crdt][dot_product][exhaustive]") {
    contacts left;
    contacts right;
    std::vector<contacts> deltas;
    deltas.push_back(left.edit(by(alice), [](auto e) {
        e.at("ada")[&contact::name].assign("Ada");
        e.at("ada")[&contact::tags].insert(1);
    }));
    deltas.push_back(right.edit(
        by(bob), [](auto e) { e.at("ada")[&contact::home][&address::city].assign("London"); }));
    right.join(left);
    deltas.push_back(left.erase(alice, "ada"));
    deltas.push_back(right.edit(by(bob, 2), [](auto e) {
        e.at("ada")[&contact::tags].erase(1);
        e.at("ada")[&contact::name].assign("Lovelace");
    }));
    left.join(deltas[1]);
    deltas.push_back(left.erase(alice, "ada"));

    CHECK(testing::check_deliveries<contacts>(deltas) == "");
}

TEST_CASE("dot_product: every delivery of edits of one record gives one value",
          "[crdt][dot_product][exhaustive]") {
    auto const seed = GENERATE(range(0U, 20U));
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    product<contact> left;
    product<contact> right;
    std::vector<product<contact>> deltas;
    for (unsigned step = 0; deltas.size() < 4; ++step) {
        auto& one = step % 2 == 0 ? left : right;
        deltas.push_back(change_contact(one, by(step % 2 == 0 ? alice : bob, step), random()));
        if (step == 1) {
            right.join(left);
        }
    }

    CHECK(testing::check_deliveries<product<contact>>(deltas) == "");
}
