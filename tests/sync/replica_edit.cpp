#include <joinery/crdt/g_set.hpp>
#include <joinery/crdt/pn_counter.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>

#include "changes.hpp"
#include "faulty_store.hpp"

using namespace joinery;
using namespace joinery::tests;

namespace {

struct snapshot_of {
    bytes state;
    digest128 digest;
    digest128 history;
    version_vector version;

    template <class Replica>
    explicit snapshot_of(Replica const& r)
        : state{r.state().encode()},
          digest{r.digest()},
          history{r.changes().digest()},
          version{r.version()} {}
    friend bool operator==(snapshot_of const&, snapshot_of const&) = default;
};

template <class Replica>
hlc time_of_last_edit(Replica const& r) {
    return r.changes().at(r.changes().find(r.id())).time;
}

void fill(auto doc) {
    doc.set("name", "Ada");
    doc.set({"address", "city"}, "London");
    doc.increment("logins", 3);
    doc.insert("tags", "first");
}

} // namespace

TEST_CASE("replica_edit: an edit is one changeset with a dot for each mutation",
          "[sync][replica_edit]") {
    documents r{alice};

    auto const first = r.edit([](auto doc) { fill(doc); });
    auto const second = r.edit([](auto doc) { doc.set("name", "Grace"); });

    REQUIRE(first);
    REQUIRE(second);
    CHECK(first->first == 1);
    CHECK(second->first == first->count + 1);
    CHECK(second->count == 1);
    CHECK(changes_of(r).size() == 2);
    CHECK(r.version().of(alice) == first->count + 1);
    CHECK(r.state().find("name").value() == scalar{"Grace"});
}

TEST_CASE("replica_edit: an edit that changes nothing leaves no changeset",
          "[sync][replica_edit]") {
    documents r{alice};

    auto const nothing = r.edit([](auto doc) { doc.erase("absent"); });

    REQUIRE(nothing);
    CHECK(nothing->first == 0);
    CHECK(nothing->count == 0);
    CHECK(changes_of(r).empty());
    CHECK(r.version().empty());
}

TEST_CASE("replica_edit: a mutator that fails undoes the whole edit", "[sync][replica_edit]") {
    documents r{alice};
    REQUIRE(r.edit([](auto doc) { fill(doc); }));
    snapshot_of const before{r};
    auto const time = time_of_last_edit(r);

    auto const refused = r.edit([](auto doc) {
        doc.set("name", "Grace");
        doc.erase("address");
        doc.increment("name", 1);
        doc.set("late", 1);
    });

    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::wrong_type);
    CHECK(snapshot_of{r} == before);
    auto const next = r.edit([](auto doc) { doc.set("name", "Grace"); });
    REQUIRE(next);
    CHECK(next->first == before.version.of(alice) + 1);
    CHECK(time_of_last_edit(r) > time);
    documents peer{bob};
    deliver(r, peer);
    CHECK(is_equal(r, peer));
}

TEST_CASE("replica_edit: a mutator that fails first costs nothing", "[sync][replica_edit]") {
    documents r{alice};
    REQUIRE(r.edit([](auto doc) { fill(doc); }));
    snapshot_of const before{r};

    CHECK_FALSE(r.edit([](auto doc) { doc.increment("name", 1); }));

    CHECK(snapshot_of{r} == before);
    CHECK(r.edit([](auto doc) { doc.set("name", 1); }));
}

TEMPLATE_TEST_CASE("replica_edit: an exception undoes the whole edit and passes on",
                   "[sync][replica_edit]", documents, kept_documents) {
    auto r = [] {
        if constexpr (TestType::is_stored) {
            return TestType::open({}, alice).value();
        } else {
            return TestType{alice};
        }
    }();
    REQUIRE(r.edit([](auto doc) { fill(doc); }));
    snapshot_of const before{r};

    CHECK_THROWS_AS(r.edit([](auto doc) {
        doc.set("name", "Grace");
        doc.erase("logins");
        throw std::runtime_error("a user's mistake");
    }),
                    std::runtime_error);

    CHECK(snapshot_of{r} == before);
    auto const next = r.edit([](auto doc) { doc.increment("logins", 1); });
    REQUIRE(next);
    CHECK(next->first == before.version.of(alice) + 1);
    CHECK(r.state().find("logins").counter() == 4);
    documents peer{bob};
    deliver(r, peer);
    CHECK(is_equal(r, peer));
}

TEST_CASE("replica_edit: a plain lattice is undone too", "[sync][replica_edit]") {
    sync::replica<pn_counter, timed_by<set_clock>> r{alice};
    REQUIRE(r.edit([](auto counter) { counter.increment(5); }));

    CHECK_THROWS(r.edit([](auto counter) {
        counter.decrement(2);
        throw std::runtime_error("a user's mistake");
    }));

    CHECK(r.state().value() == 5);
    REQUIRE(r.edit([](auto counter) { counter.increment(); }));
    CHECK(r.state().value() == 6);
    CHECK(r.version().of(alice) == 2);
}

TEST_CASE("replica_edit: a commit that fails undoes the edit, and later edits work",
          "[sync][replica_edit]") {
    using replica = stored_documents<faulty_store>;
    for (std::size_t failing = 2; failing < 12; ++failing) {
        CAPTURE(failing);
        auto const control = std::make_shared<faulty_store::control>();
        auto r = replica::open(faulty_store{control}, alice).value();
        documents peer{bob};
        testing::splitmix64 random{failing};
        control->failing_from = failing;
        auto is_refused = false;
        while (!is_refused) {
            snapshot_of const before{r};
            auto const edited = random_edit(r, random);
            is_refused = !edited && edited.error().code == errc::full;
            if (!edited) {
                CHECK(snapshot_of{r} == before);
            }
        }
        control->failing_from = 0;

        auto const next = r.edit([](auto doc) { doc.set("after", true); });

        REQUIRE(next);
        deliver(r, peer);
        CHECK(is_equal(r, peer));
        auto const again = replica::open(faulty_store{control}, bob).value();
        CHECK(again.id() == alice);
        CHECK(is_equal(r, again));
    }
}

TEST_CASE("replica_edit: edits that fail again and again do not wear out the clock",
          "[sync][replica_edit]") {
    auto const control = std::make_shared<faulty_store::control>();
    auto r = stored_documents<faulty_store>::open(faulty_store{control}, alice).value();

    for (auto i = 0; i < 50; ++i) {
        control->failing_from = 1;
        CHECK(r.edit([](auto doc) { doc.set("a", 1); }).error().code == errc::full);
        control->failing_from = 0;
        REQUIRE(r.edit([](auto doc) { doc.set("a", 2); }));
    }

    CHECK(time_of_last_edit(r).milliseconds() <= set_clock::ms + 1);
}

TEST_CASE("replica_edit: a replica whose store cannot be read again says so",
          "[sync][replica_edit]") {
    auto const control = std::make_shared<faulty_store::control>();
    auto r = stored_documents<faulty_store>::open(faulty_store{control}, alice).value();
    REQUIRE(r.edit([](auto doc) { doc.set("a", 1); }));
    control->failing_from = 1;
    control->is_unreadable = true;
    CHECK_FALSE(r.edit([](auto doc) { doc.set("a", 2); }));
    control->failing_from = 0;

    auto const edited = r.edit([](auto doc) { doc.set("a", 3); });
    documents peer{bob};
    REQUIRE(peer.edit([](auto doc) { doc.set("b", 1); }));
    auto const received = r.receive(changes_of(peer)[0].view());

    CHECK(edited.error().code == errc::io);
    REQUIRE(received.is(sync::verdict_kind::rejected));
    CHECK(received.reason().code == errc::io);
}

TEST_CASE("replica_edit: a value above the limit is refused", "[sync][replica_edit]") {
    documents r{alice, {.value_bytes_max = 10}};

    auto const fits = r.edit([](auto doc) { doc.set("a", "0123456789"); });
    auto const refused = r.edit([](auto doc) { doc.set("a", "0123456789x"); });

    CHECK(fits);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::too_large);
    CHECK(r.state().find("a").value() == scalar{"0123456789"});
    CHECK(r.edit([](auto doc) { doc.increment("name", 1); }));
    CHECK_FALSE(r.edit([](auto doc) {
        doc.set("b", 1);
        doc.set("a", "0123456789x");
    }));
    CHECK_FALSE(r.edit([](auto doc) { doc.set("a", "0123456789x"); })); // also after an undo
}

TEST_CASE("replica_edit: an edit that no peer could take is refused", "[sync][replica_edit]") {
    documents r{alice, {.changeset_bytes_max = 1000}};

    auto const refused = r.edit([](auto doc) {
        for (auto i = 0; i < 100; ++i) {
            doc.set(std::to_string(i), "0123456789");
        }
    });

    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::too_large);
    CHECK(r.state().size() == 0);
    CHECK(r.edit([](auto doc) { doc.set("a", "0123456789"); }));
}

TEST_CASE("replica_edit: a wall clock that goes back does not take stamps back",
          "[sync][replica_edit]") {
    documents r{alice};
    REQUIRE(r.edit([](auto doc) { doc.set("a", 1); }));
    auto const time = time_of_last_edit(r);
    set_clock::ms -= 5'000;

    auto const edited = r.edit([](auto doc) { doc.set("a", 2); });
    set_clock::ms = set_clock::start_ms;

    CHECK(edited);
    CHECK(time_of_last_edit(r) > time);
}
