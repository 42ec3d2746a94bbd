#include <joinery/core/forget.hpp>
#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/boxed.hpp>
#include <joinery/crdt/document.hpp>
#include <joinery/crdt/forget_resets.hpp>
#include <joinery/crdt/map_policies.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/crdt/resettable_counter.hpp>
#include <joinery/testing/laws.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "document_model.hpp"

using namespace joinery;
using testing::joined;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

template <class T>
inline constexpr bool forgets = requires(T value, stable_cut const& cut) {
    value.forget(cut);
};
static_assert(forgets<document>);
static_assert(forgets<basic_document<top_level>>);
static_assert(!forgets<aw_set<int>>);

struct shelf {
    BOOST_HANA_DEFINE_STRUCT(shelf, (aw_set<int>, tags), (resettable_counter, loans),
                             (or_map<int, boxed<shelf>>, parts));
};
struct page {
    BOOST_HANA_DEFINE_STRUCT(page, (aw_set<int>, tags), (or_map<int, boxed<page>>, parts));
};
static_assert(forgets<resettable_counter>);
static_assert(forgets<product<shelf>>);
static_assert(forgets<or_map<int, boxed<shelf>>>);
static_assert(!forgets<product<page>>);
static_assert(!forgets<or_map<int, boxed<page>>>);

/// What every one of `members` has seen.
template <class Members>
stable_cut cut_of(Members const& members) {
    stable_cut out;
    for (auto const& entry : members[0].context().prefix()) {
        auto upto = entry.upto;
        for (auto const& member : members) {
            upto = std::min(upto, member.context().prefix().of(entry.replica));
        }
        out.seen_by_all.raise(entry.replica, upto);
    }
    return out;
}

void change(document& doc, document& shadow, replica_id who, testing::splitmix64& random,
            std::vector<std::pair<document, document>>* log) {
    auto const time = hlc::at(1);
    std::string const key(1, static_cast<char>('a' + random.below(2)));
    std::string const below(1, static_cast<char>('n' + random.below(2)));
    auto const amount = static_cast<std::int64_t>(random.below(5)) - 1;
    auto const what = random.below(6);
    auto const edit = [&](auto e) {
        switch (what) {
        case 0:
            return e.erase(key);
        case 1:
            return e.erase({key, below});
        case 2:
            return e.set({key, below}, amount);
        default:
            return e.increment({key, below}, amount);
        }
    };
    auto delta = doc.edit(author{who, time, 0}, edit);
    auto shadow_delta = shadow.edit(author{who, time, 0}, edit);
    if (log != nullptr && !delta.is_bottom()) {
        log->emplace_back(std::move(delta), std::move(shadow_delta));
    }
}

bool is_same(document const& doc, document const& shadow) {
    return tests::shown(doc.read()) == tests::shown(shadow.read()) &&
           doc.digest() == shadow.digest() && doc.context() == shadow.context();
}

} // namespace

TEST_CASE("forget: a counter that was reset leaves nothing behind once everybody knows",
          "[crdt][forget]") {
    document left;
    tests::increment(left, alice, {"a", "n"}, 3);
    auto right = left;
    tests::erase(left, bob, "a");
    right.join(left);
    auto const digest = left.digest();
    auto const size = left.encode().size();

    forget(left, cut_of(std::array{left, right}));

    CHECK(left.encode().size() < size);
    CHECK(left.digest() == digest);
    CHECK(detail::causal_access::store(left).is_bottom());
    CHECK(is_same(joined(left, right), right));
    CHECK(is_same(joined(right, left), right));
    tests::increment(left, bob, {"a", "n"}, 4);
    tests::increment(right, alice, {"a", "n"}, 5);
    CHECK(joined(left, right).find({"a", "n"}).counter() == 9);
    CHECK(joined(right, left).find({"a", "n"}).counter() == 9);
}

// 2: increment; 1 joins 2; 2: reset; 2: forget; 2 joins 1. Nobody else has seen the reset.
TEST_CASE("forget: a reset that others have not seen is kept", "[crdt][forget][museum]") {
    document one;
    document two;
    tests::increment(two, bob, "n", 1);
    one.join(two);
    tests::erase(two, bob, "n");
    auto unsafe = two;

    two.forget(cut_of(std::array{one, two}));
    two.join(one);
    auto& store = detail::causal_access::store(unsafe);
    forget_resets(store, detail::causal_access::root(unsafe).hash_seed);
    unsafe.join(one);

    CHECK_FALSE(two.at("n").exists());
    CHECK(unsafe.at("n").counter() == 1); // the increment has come back
}

TEST_CASE("forget: a counter that somebody still counts is kept", "[crdt][forget]") {
    document doc;
    tests::increment(doc, alice, "n", 3);
    tests::increment(doc, bob, "n", 4);
    auto delta = tests::erase(doc, alice, "n");
    tests::increment(doc, bob, "n", 1);
    stable_cut const cut{doc.context().prefix()};
    auto const bytes_of_delta = delta.encode();

    doc.forget(cut);
    delta.forget(cut);

    CHECK(doc.at("n").counter() == 1);
    CHECK(delta.encode() == bytes_of_delta);
}

TEMPLATE_TEST_CASE("forget: a map of counters keeps none that was erased everywhere",
                   "[crdt][forget]", observed_reset, remove_wins, update_wins_whole) {
    using counters = or_map<std::string, resettable_counter, TestType>;
    counters left;
    left.edit(author{alice, hlc::at(1), 0}, [](auto map) {
        map.at("a").increment(3);
        map.at("b").increment(2);
        map.at("b").reset();
        map.at("c").increment(4);
    });
    auto right = left;
    left.erase(bob, "a");
    right.join(left);
    auto const digest = left.digest();
    auto const bytes_before = left.encode().size();

    left.forget(cut_of(std::array{left, right}));

    CHECK(left.encode().size() < bytes_before);
    CHECK(left.digest() == digest);
    CHECK(left.at("c").value() == 4);
    CHECK(joined(left, right).digest() == joined(right, left).digest());
    for (auto* const one : {&left, &right}) {
        one->edit(author{one == &left ? bob : alice, hlc::at(2), 0},
                  [](auto map) { map.at("b").increment(5); });
    }
    CHECK(joined(left, right).at("b").value() == 10);
    CHECK(joined(right, left).at("b").value() == 10);
}

TEST_CASE("forget: counters are found in records and boxes", "[crdt][forget]") {
    product<shelf> doc;
    doc.edit(author{alice, {}, 0}, [](auto e) {
        e[&shelf::loans].increment(3);
        e[&shelf::parts].at(1)[&shelf::loans].increment(4);
        e[&shelf::loans].reset();
        e[&shelf::parts].at(1)[&shelf::loans].reset();
    });
    REQUIRE_FALSE(detail::causal_access::store(doc).is_bottom());

    doc.forget(stable_cut{doc.context().prefix()});

    CHECK(detail::causal_access::store(doc).is_bottom());
}

// Every replica joins states of others at any time, and forgets by a cut of that moment.
TEST_CASE("forget: histories of states read the same as without forgetting",
          "[crdt][forget][laws]") {
    std::size_t forgotten = 0;
    for (std::uint64_t seed = 0; seed < tests::rounds(150); ++seed) {
        testing::splitmix64 random{seed};
        std::array<document, 3> docs;
        std::array<document, 3> shadows;
        for (unsigned step = 0; step < 80; ++step) {
            auto const who = static_cast<std::size_t>(random.below(3));
            auto const other = (who + 1 + static_cast<std::size_t>(random.below(2))) % 3;
            switch (random.below(5)) {
            case 0:
            case 1:
                change(docs[who], shadows[who], replica_id{who + 1}, random, nullptr);
                break;
            case 2:
            case 3:
                docs[who].join(docs[other]);
                shadows[who].join(shadows[other]);
                break;
            default: {
                auto const before = docs[who].encode().size();
                docs[who].forget(cut_of(docs));
                forgotten += docs[who].encode().size() < before ? 1 : 0;
            }
            }
            CAPTURE(seed, step);
            REQUIRE(is_same(docs[who], shadows[who]));
        }
    }
    CHECK(forgotten > 50);
}

// Changes travel in causal order; a cut is known to be one some time after it was.
TEST_CASE("forget: histories of changes read the same as without forgetting",
          "[crdt][forget][laws]") {
    std::size_t forgotten = 0;
    for (std::uint64_t seed = 0; seed < tests::rounds(150); ++seed) {
        testing::splitmix64 random{seed};
        std::array<document, 3> docs;
        std::array<document, 3> shadows;
        std::array<std::vector<std::pair<document, document>>, 3> logs;
        stable_cut cut;
        auto const receive = [&](std::size_t to, std::size_t from) {
            for (auto const& [delta, shadow] : std::vector{logs[from]}) {
                if (!shadow.difference(shadows[to]).is_bottom()) {
                    docs[to].join(delta);
                    shadows[to].join(shadow);
                    logs[to].emplace_back(delta, shadow);
                }
            }
        };
        for (unsigned step = 0; step < 60; ++step) {
            auto const who = static_cast<std::size_t>(random.below(3));
            switch (random.below(8)) {
            case 0:
            case 1:
            case 2:
                change(docs[who], shadows[who], replica_id{who + 1}, random, &logs[who]);
                break;
            case 3:
            case 4:
                receive(who, (who + 1) % 3);
                break;
            case 5:
                for (std::size_t i = 0; i < 6; ++i) {
                    receive((i + 1) % 3, i % 3);
                }
                cut = cut_of(shadows);
                break;
            default: {
                auto const before = docs[who].encode().size();
                docs[who].forget(cut);
                forgotten += docs[who].encode().size() < before ? 1 : 0;
            }
            }
            CAPTURE(seed, step);
            REQUIRE(is_same(docs[who], shadows[who]));
        }
    }
    CHECK(forgotten > 50);
}
