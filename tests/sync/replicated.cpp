#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/boxed.hpp>
#include <joinery/crdt/document.hpp>
#include <joinery/crdt/lww_register.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/store/memory.hpp>
#include <joinery/sync/replica.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include "crdt/hostile.hpp"
#include "sync/changes.hpp"

using namespace joinery;
using namespace joinery::tests;

namespace {

struct profile {
    BOOST_HANA_DEFINE_STRUCT(profile, (lww_register<std::string>, motto), (pn_counter, logins),
                             (aw_set<int>, tags), (document, notes));
};
struct folder {
    BOOST_HANA_DEFINE_STRUCT(folder, (mv_register<std::string>, title), (aw_set<int>, tags),
                             (or_map<std::string, boxed<folder>>, children));
};

/// A record with types of every kind, and a record of causal types alone.
using profiles = sync::replica<product<profile>, timed_by<set_clock>>;
using kept_profiles =
    sync::replica<product<profile>, stored_in<store::memory>, timed_by<set_clock>>;
using folders = sync::replica<product<folder>, timed_by<set_clock>>;

template <class Editor>
void change(Editor e, std::uint64_t bits, product<profile> const&) {
    auto const number = static_cast<int>(bits / 16 % 4);
    switch (bits % 7) {
    case 0:
        e[&profile::motto].assign(std::to_string(bits % 100));
        break;
    case 1:
        e[&profile::logins].increment(bits % 3);
        break;
    case 2:
        e[&profile::tags].insert(number);
        break;
    case 3:
        e[&profile::tags].erase(number);
        break;
    case 4:
        e[&profile::notes].set({"a", std::to_string(number)}, number);
        break;
    case 5:
        e[&profile::notes].increment("count", number);
        break;
    default:
        e[&profile::notes].erase("a");
    }
}

template <class Editor>
void change(Editor e, std::uint64_t bits, product<folder> const&) {
    auto const number = static_cast<int>(bits / 16 % 4);
    auto const key = std::to_string(number % 2);
    auto inner = e[&folder::children].at(key);
    switch (bits % 7) {
    case 0:
        e[&folder::title].assign(std::to_string(number));
        break;
    case 1:
        inner[&folder::title].assign(std::to_string(number));
        break;
    case 2:
        inner[&folder::tags].insert(number);
        break;
    case 3:
        inner[&folder::tags].erase(number);
        break;
    case 4:
        inner[&folder::children].at("deep")[&folder::tags].insert(number);
        break;
    case 5:
        inner[&folder::children].erase("deep");
        break;
    default:
        e[&folder::children].erase(key);
    }
}

template <class Replica>
result<sync::receipt> change_at_random(Replica& r, testing::splitmix64& random) {
    return r.edit([&](auto e) {
        for (auto left = 1 + random.below(3); left > 0; --left) {
            change(e, random(), r.state());
        }
    });
}

template <class Replica>
bool is_same_state(Replica const& a, Replica const& b) {
    return a.state() == b.state() && a.digest() == b.digest() && a.version() == b.version();
}

profiles filled_profile() {
    profiles r{alice};
    REQUIRE(r.edit([](auto e) {
        e[&profile::motto].assign("onward");
        e[&profile::logins].increment(2);
        e[&profile::tags].insert(1);
        e[&profile::notes].set({"address", "city"}, "London");
    }));
    return r;
}

} // namespace

TEST_CASE("replicated: an edit of several fields is one changeset", "[sync][replicated]") {
    auto const source = filled_profile();
    profiles target{bob};

    deliver(source, target);

    CHECK(changes_of(source).size() == 1);
    CHECK(is_same_state(source, target));
    CHECK(target.state()[&profile::motto].value() == "onward");
    CHECK(target.state()[&profile::logins].value() == 2);
    CHECK(target.state()[&profile::tags].value() == std::vector{1});
    CHECK(target.state()[&profile::notes].find({"address", "city"}).value() == scalar{"London"});
}

TEST_CASE("replicated: a document field that refuses undoes the edit of every field",
          "[sync][replicated]") {
    auto r = filled_profile();
    auto const before = r.state();
    auto const history = r.changes().digest();

    auto const refused = r.edit([](auto e) {
        e[&profile::motto].assign("lost");
        e[&profile::tags].insert(2);
        e[&profile::notes].set("kept", 1);
        e[&profile::notes].increment({"address", "city"}, 1);
        e[&profile::logins].increment();
    });

    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::wrong_type);
    CHECK(r.state() == before);
    CHECK(r.changes().digest() == history);

    auto const next = r.edit([](auto e) { e[&profile::tags].insert(3); });
    REQUIRE(next);
    CHECK(next->first == 2);
    profiles target{bob};
    deliver(r, target);
    CHECK(is_same_state(r, target));
    CHECK(target.state()[&profile::tags].value() == std::vector{1, 3});
}

TEST_CASE("replicated: a field that refuses undoes the edit of a stored replica",
          "[sync][replicated]") {
    auto opened = kept_profiles::open(store::memory{}, alice);
    REQUIRE(opened);
    auto& r = *opened;
    REQUIRE(r.edit([](auto e) { e[&profile::notes].set("a", 1); }));
    auto const before = r.state();

    REQUIRE_FALSE(r.edit([](auto e) {
        e[&profile::tags].insert(2);
        e[&profile::notes].insert("a", 1);
    }));

    CHECK(r.state() == before);
    REQUIRE(r.edit([](auto e) { e[&profile::tags].insert(4); }));
    CHECK(r.state()[&profile::tags].value() == std::vector{4});
    CHECK(r.version().of(alice) == 2);
}

TEST_CASE("replicated: an exception in the middle of a field undoes the edit",
          "[sync][replicated]") {
    auto r = filled_profile();
    auto const before = r.state();

    CHECK_THROWS_AS(r.edit([](auto e) {
        auto tags = e[&profile::tags];
        tags.insert(2);
        e[&profile::logins].increment();
        throw std::runtime_error("the user changed their mind");
    }),
                    std::runtime_error);

    CHECK(r.state() == before);
    REQUIRE(r.edit([](auto e) { e[&profile::tags].insert(5); }));
    CHECK(r.state()[&profile::tags].value() == std::vector{1, 5});
}

TEST_CASE("replicated: an edit that changes no field leaves no changeset", "[sync][replicated]") {
    auto r = filled_profile();

    auto const nothing = r.edit([](auto e) {
        e[&profile::tags].erase(99);
        e[&profile::notes].erase("absent");
    });

    REQUIRE(nothing);
    CHECK(nothing->count == 0);
    CHECK(changes_of(r).size() == 1);
}

TEMPLATE_TEST_CASE("replicated: records converge, whatever order changesets come in",
                   "[sync][replicated][simulation]", profiles, folders) {
    auto const seed = GENERATE(range(0U, 30U));
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    std::vector<TestType> replicas;
    for (auto const id : {alice, bob, carol}) {
        replicas.emplace_back(id);
    }
    for (unsigned step = 0; step < 40; ++step) {
        auto& one = random.pick(replicas);
        auto const& other = random.pick(replicas);
        if (random.chance(60)) {
            // A document may refuse what does not fit it; then nothing has happened.
            (void)change_at_random(one, random);
            continue;
        }
        auto changes = changes_of(other, one.version());
        shuffle(changes, random);
        for (auto const& in : changes) {
            CHECK(one.receive(in.view()).kind() != sync::verdict_kind::rejected);
        }
    }
    for (unsigned round = 0; round < 2; ++round) {
        for (auto& to : replicas) {
            for (auto const& from : replicas) {
                deliver(from, to);
            }
        }
    }

    CHECK(is_same_state(replicas[0], replicas[1]));
    CHECK(is_same_state(replicas[1], replicas[2]));
    CHECK(replicas[0].waiting_count() == 0);
}

TEMPLATE_TEST_CASE("replicated: a damaged changeset is refused and changes nothing, or is one",
                   "[sync][replicated][hostile]", profiles, folders) {
    testing::splitmix64 random{7};
    TestType source{alice};
    for (unsigned step = 0; step < 4; ++step) {
        REQUIRE(change_at_random(source, random));
    }
    auto const changes = changes_of(source);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        auto const honest = changes[i].view();
        for_each_mutation({honest.body.begin(), honest.body.end()}, hostility::bit_flips,
                          [&](bytes const& damaged) {
                              TestType target{bob};
                              for (std::size_t before = 0; before < i; ++before) {
                                  (void)target.receive(changes[before].view());
                              }
                              auto const state = target.state();
                              auto in = honest;
                              in.body = damaged;
                              if (target.receive(in).kind() == sync::verdict_kind::rejected &&
                                  !(target.state() == state)) {
                                  FAIL("a refused changeset changed the state");
                              }
                          });
    }
}
