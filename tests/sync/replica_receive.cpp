#include <joinery/crdt/g_set.hpp>
#include <joinery/crdt/pn_counter.hpp>

#include <catch2/catch.hpp>
#include <cereal/types/string.hpp>

#include <random>

#include "changes.hpp"
#include "faulty_store.hpp"

using namespace joinery;
using namespace joinery::tests;
using sync::verdict_kind;

namespace {

/// `count` edits of one place by `id`.
documents writer(replica_id id, int count, std::string const& key = "a") {
    documents r{id};
    for (auto i = 0; i < count; ++i) {
        REQUIRE(r.edit([&](auto doc) { doc.set(key, i); }));
    }
    return r;
}

template <class Replica>
Replica fresh(replica_id id, typename Replica::options options = {}) {
    if constexpr (Replica::is_stored) {
        return Replica::open({}, id, options).value();
    } else {
        return Replica{id, options};
    }
}

errc reason(sync::verdict const& answer) {
    REQUIRE(answer.is(verdict_kind::rejected));
    return answer.reason().code;
}

} // namespace

TEMPLATE_TEST_CASE("replica_receive: a changeset is applied once and then a duplicate",
                   "[sync][replica_receive]", documents, kept_documents) {
    auto const source = writer(alice, 1);
    auto const in = changes_of(source);
    auto r = fresh<TestType>(bob);

    CHECK(r.receive(in[0].view()).is(verdict_kind::applied));
    CHECK(r.receive(in[0].view()).is(verdict_kind::duplicate));
    CHECK(is_equal(r, source));
}

TEMPLATE_TEST_CASE("replica_receive: what comes too early waits and says for what",
                   "[sync][replica_receive]", documents, kept_documents) {
    auto const source = writer(alice, 4);
    auto const in = changes_of(source);
    auto r = fresh<TestType>(bob);

    auto const answer = r.receive(in[3].view());

    REQUIRE(answer.is(verdict_kind::waiting));
    CHECK(answer.missing().origin == alice);
    CHECK(answer.missing().first == 1);
    CHECK(answer.missing().last == 3);
    CHECK(r.version().empty());
    CHECK(r.waiting_count() == 1);
    CHECK(r.receive(in[0].view()).is(verdict_kind::applied));
    CHECK(r.receive(in[2].view()).missing().first == 2);
    CHECK(r.version().of(alice) == 1);
    CHECK(r.receive(in[1].view()).is(verdict_kind::applied));
    CHECK(r.waiting_count() == 0);
    CHECK(is_equal(r, source));
}

TEMPLATE_TEST_CASE("replica_receive: thousands of changesets may come in reverse",
                   "[sync][replica_receive]", documents, kept_documents) {
    auto const source = writer(alice, 20'000);
    auto in = changes_of(source);
    std::reverse(in.begin(), in.end());
    auto r = fresh<TestType>(bob);

    for (auto const& each : in) {
        (void)r.receive(each.view());
    }

    CHECK(r.waiting_count() == 0);
    CHECK(is_equal(r, source));
}

TEMPLATE_TEST_CASE("replica_receive: two contents for one operation are an equivocation",
                   "[sync][replica_receive]", documents, kept_documents) {
    auto const source = writer(alice, 3);
    auto const other = writer(alice, 3, "b");
    documents wide{alice};
    REQUIRE(wide.edit([](auto doc) {
        doc.set("a", 0);
        doc.set("b", 0);
    }));
    auto r = fresh<TestType>(bob);
    deliver(source, r);
    auto const digest = r.digest();

    CHECK(reason(r.receive(changes_of(other)[0].view())) == errc::equivocation);
    CHECK(reason(r.receive(changes_of(other)[2].view())) == errc::equivocation);
    CHECK(reason(r.receive(changes_of(wide)[0].view())) == errc::equivocation);
    CHECK(r.digest() == digest);
    CHECK(r.version() == source.version());
    CHECK_FALSE(r.needs_identity());
}

TEMPLATE_TEST_CASE("replica_receive: a changeset that overlaps the end of a history is refused",
                   "[sync][replica_receive]", documents, kept_documents) {
    documents wide{alice};
    REQUIRE(wide.edit([](auto doc) {
        doc.set("a", 0);
        doc.set("b", 0);
    }));
    auto r = fresh<TestType>(bob);
    deliver(writer(alice, 1), r);

    CHECK(reason(r.receive(changes_of(wide)[0].view())) == errc::equivocation);
    CHECK(r.version().of(alice) == 1);
}

TEMPLATE_TEST_CASE("replica_receive: an equivocation within one call is found",
                   "[sync][replica_receive]", documents, kept_documents) {
    auto const first = changes_of(writer(alice, 2));
    auto const other = changes_of(writer(alice, 2, "b"));
    std::vector<sync::changeset> const all{first[0].view(), first[1].view(), first[0].view(),
                                           other[0].view(), other[1].view()};
    auto r = fresh<TestType>(bob);
    std::map<verdict_kind, int> answers;

    r.receive_all(all, [&](auto const&, sync::verdict const& v) { ++answers[v.kind()]; });

    CHECK(answers[verdict_kind::applied] == 2);
    CHECK(answers[verdict_kind::duplicate] == 1);
    CHECK(answers[verdict_kind::rejected] == 2);
    CHECK(r.state().size() == 1);
}

TEST_CASE("replica_receive: what only the store still has is compared too",
          "[sync][replica_receive]") {
    auto const source = writer(alice, 2);
    auto const other = changes_of(writer(alice, 2, "b"));
    auto r = kept_documents::open({}, bob).value();
    deliver(source, r);
    REQUIRE(r.checkpoint());
    auto again = kept_documents::open(r.store(), bob).value();

    CHECK(again.receive(changes_of(source)[0].view()).is(verdict_kind::duplicate));
    CHECK(reason(again.receive(other[0].view())) == errc::equivocation);
    CHECK(reason(again.receive(other[1].view())) == errc::equivocation);
}

TEMPLATE_TEST_CASE("replica_receive: a changeset from the far future is refused for now",
                   "[sync][replica_receive]", documents, kept_documents) {
    set_clock::ms += 3'600'000;
    auto const source = writer(alice, 1);
    set_clock::ms = set_clock::start_ms;
    auto r = fresh<TestType>(bob);

    CHECK(reason(r.receive(changes_of(source)[0].view())) == errc::clock_drift);
    CHECK(r.version().empty());
    REQUIRE(r.edit([](auto doc) { doc.set("b", 1); })); // the clock is not poisoned
    CHECK(r.changes().at(r.changes().find(bob)).time.milliseconds() <= set_clock::ms);
    set_clock::ms += 3'600'000;
    CHECK(r.receive(changes_of(source)[0].view()).is(verdict_kind::applied));
    set_clock::ms = set_clock::start_ms;
}

TEMPLATE_TEST_CASE("replica_receive: malformed changesets are refused", "[sync][replica_receive]",
                   documents, kept_documents) {
    auto const source = writer(alice, 2);
    auto const in = changes_of(source);
    auto r = fresh<TestType>(bob);
    auto const with = [&](auto change) {
        auto out = in[0].view();
        change(out);
        return reason(r.receive(out));
    };

    CHECK(with([](auto& c) { c.count = 0; }) == errc::malformed);
    CHECK(with([](auto& c) { c.first = 0; }) == errc::malformed);
    CHECK(with([](auto& c) { c.first = ~std::uint64_t{0}; }) == errc::malformed);
    CHECK(with([](auto& c) { c.count = 2; }) != errc::equivocation);
    CHECK(with([](auto& c) { c.time = {}; }) == errc::malformed);
    CHECK(with([](auto& c) { c.body = c.body.first(c.body.size() - 1); }) == errc::truncated);
    CHECK(with([](auto& c) { c.body = {}; }) == errc::malformed);
    CHECK(r.version().empty());
    CHECK(r.state().size() == 0);
    CHECK(r.waiting_count() == 0);

    REQUIRE(r.receive(in[0].view()).is(verdict_kind::applied));
    auto late = in[1].view();
    late.time = in[0].view().time;
    CHECK(reason(r.receive(late)) == errc::malformed);
    CHECK(r.receive(in[1].view()).is(verdict_kind::applied));
    CHECK(is_equal(r, source));
}

TEMPLATE_TEST_CASE("replica_receive: too much that waits is refused", "[sync][replica_receive]",
                   documents, kept_documents) {
    auto const source = writer(alice, 100);
    auto const in = changes_of(source);
    typename TestType::options options;
    options.waiting_bytes_max = 2'000;
    auto r = fresh<TestType>(bob, options);
    auto refused = 0;
    for (std::size_t i = 1; i < in.size(); ++i) {
        auto const answer = r.receive(in[i].view());
        refused += answer.is(verdict_kind::rejected) && answer.reason().code == errc::full ? 1 : 0;
    }

    CHECK(refused > 50);
    CHECK(r.waiting_count() > 2);
    deliver(source, r);
    CHECK(is_equal(r, source));
}

TEMPLATE_TEST_CASE("replica_receive: any order of several origins gives the same",
                   "[sync][replica_receive]", documents, kept_documents) {
    auto const seed = GENERATE(take(25, random(0, 1'000'000'000)));
    CAPTURE(seed);
    testing::splitmix64 random{static_cast<std::uint64_t>(seed)};
    std::vector<documents> all;
    for (auto const id : {alice, bob, carol}) {
        all.emplace_back(id);
    }
    for (auto step = 0; step < 60; ++step) {
        set_clock::ms += random.below(3);
        (void)random_edit(random.pick(all), random);
        auto& to = random.pick(all);
        deliver(random.pick(all), to);
    }
    deliver(all[1], all[0]);
    deliver(all[2], all[0]);
    auto in = changes_of(all[0]);
    shuffle(in, random);
    auto const in_once = in.size();
    for (std::size_t i = 0; i < in_once; i += 3) {
        in.push_back(in[i]);
    }

    auto r = fresh<TestType>(replica_id{4});
    auto heard = std::size_t{0};
    r.observe([&](sync::change const& c) { heard += c.is_local ? 0U : 1U; });
    for (auto const& each : in) {
        auto const answer = r.receive(each.view());
        CHECK_FALSE(answer.is(verdict_kind::rejected));
        CHECK(all[0].version().covers(r.version()));
    }

    CHECK(r.waiting_count() == 0);
    CHECK(heard == in_once);
    CHECK(r.equivocations() == 0);
    CHECK(is_equal(r, all[0]));
}

TEST_CASE("replica_receive: fold of changesets == join of deltas == snapshot and tail",
          "[sync][replica_receive]") {
    auto const seed = GENERATE(take(25, random(0, 1'000'000'000)));
    CAPTURE(seed);
    testing::splitmix64 random{static_cast<std::uint64_t>(seed)};
    documents a{alice};
    auto b = kept_documents::open({}, bob).value();
    auto tail = kept_documents::open({}, carol).value();
    auto const until = random.below(40);
    for (std::uint64_t step = 0; step < 40; ++step) {
        (void)random_edit(a, random);
        (void)random_edit(b, random);
        if (random.chance(50)) {
            deliver(a, b);
            deliver(b, a);
        }
        if (step == until) {
            deliver(a, tail);
            REQUIRE(tail.checkpoint());
            tail = kept_documents::open(tail.store(), carol).value();
        }
    }
    deliver(a, b);
    deliver(b, a);

    document folded;
    std::vector<document> deltas;
    document from_snapshot;
    REQUIRE(from_snapshot.join_encoded(tail.state().encode()));
    auto const known = tail.version();
    deliver(a, tail);
    for (auto const& in : changes_of(a)) {
        documents one{carol};
        // One changeset alone is the delta of its edit: what its replica had seen is not in it.
        using store_type = document::store_type;
        detail::piece_applier<store_type> applier;
        document delta;
        auto& root = detail::causal_access::root(delta);
        auto& store = detail::causal_access::store(delta);
        store.make_partial();
        REQUIRE(applier.check(in.view(), root.hash_seed));
        applier.apply(root, store, in.view(), bytes_owner::somebody_else);
        if (in.view().last() > known.of(in.view().origin)) {
            from_snapshot.join(delta);
        }
        deltas.push_back(std::move(delta));
    }
    shuffle(deltas, random);
    for (auto const& delta : deltas) {
        folded.join(delta);
    }

    CHECK(folded == a.state());
    CHECK(from_snapshot == a.state());
    CHECK(is_equal(a, tail));
    CHECK(is_equal(a, b));
}

TEST_CASE("replica_receive: a removal may overtake what it removes, which is fetched still",
          "[sync][replica_receive]") {
    documents a{alice};
    REQUIRE(a.edit([](auto doc) { doc.set("a", "kept for a while"); }));
    documents b{bob};
    deliver(a, b);
    REQUIRE(b.edit([](auto doc) { doc.erase("a"); }));
    documents c{carol};

    for (auto const& in : changes_of(b)) {
        if (in.view().origin == bob) {
            CHECK(c.receive(in.view()).is(verdict_kind::applied));
        }
    }

    CHECK(c.state().context().contains(dot{alice, 1}));
    CHECK(c.version().of(alice) == 0); // seen by the state, not by the log
    CHECK(changes_of(a, c.version()).size() == 1);
    deliver(a, c);
    CHECK_FALSE(c.state().find("a").exists());
    CHECK(is_equal(b, c));
}

TEMPLATE_TEST_CASE("replica_receive: observers hear exactly what is applied, and local edits",
                   "[sync][replica_receive]", documents, kept_documents) {
    auto const in = changes_of(writer(alice, 3));
    auto r = fresh<TestType>(bob);
    std::vector<std::pair<std::uint64_t, bool>> heard;
    r.observe([&](sync::change const& c) { heard.emplace_back(c.in.first, c.is_local); });

    (void)r.receive(in[2].view());
    (void)r.receive(in[0].view());
    (void)r.receive(in[0].view());
    CHECK(heard == std::vector<std::pair<std::uint64_t, bool>>{{1, false}});
    (void)r.receive(in[1].view());
    REQUIRE(r.edit([](auto doc) { doc.set("b", 1); }));
    CHECK_FALSE(r.edit([](auto doc) { doc.increment("b", 1); }));

    CHECK(heard == std::vector<std::pair<std::uint64_t, bool>>{
                       {1, false}, {2, false}, {3, false}, {1, true}});
}

TEST_CASE("replica_receive: a commit that fails leaves nothing of a batch",
          "[sync][replica_receive]") {
    auto const control = std::make_shared<faulty_store::control>();
    auto r = stored_documents<faulty_store>::open(faulty_store{control}, bob).value();
    auto const source = writer(alice, 5);
    std::vector<sync::changeset> all;
    auto const in = changes_of(source);
    for (auto const& each : in) {
        all.push_back(each.view());
    }
    control->failing_from = 1;
    auto refused = 0;

    r.receive_all(all, [&](auto const&, sync::verdict const& v) {
        refused += reason(v) == errc::full ? 1 : 0;
    });

    CHECK(refused == 5);
    CHECK(r.version().empty());
    CHECK(r.state().size() == 0);
    control->failing_from = 0;
    deliver(source, r);
    CHECK(is_equal(r, source));
}

TEST_CASE("replica_receive: plain lattices replicate too", "[sync][replica_receive]") {
    using counters = sync::replica<pn_counter, timed_by<set_clock>>;
    counters a{alice};
    counters b{bob};
    REQUIRE(a.edit([](auto counter) { counter.increment(5); }));
    REQUIRE(a.edit([](auto counter) {
        counter.decrement(1);
        counter.increment(2);
    }));
    REQUIRE(b.edit([](auto counter) { counter.decrement(3); }));
    auto const in = changes_of(a);

    CHECK(b.receive(in[1].view()).is(verdict_kind::waiting));
    CHECK(b.receive(in[0].view()).is(verdict_kind::applied));
    deliver(b, a);

    CHECK(a.state().value() == 3);
    CHECK(b.state().value() == 3);
    CHECK(a.digest() == b.digest());
    CHECK(a.version() == b.version());
}

TEST_CASE("replica_receive: a set of strings replicates through a store",
          "[sync][replica_receive]") {
    using sets = sync::replica<g_set<std::string>, stored_in<store::memory>, timed_by<set_clock>>;
    auto a = sets::open({}, alice).value();
    auto b = sets::open({}, bob).value();
    REQUIRE(a.edit([](auto set) {
        set.insert("one");
        set.insert("two");
    }));
    REQUIRE(b.edit([](auto set) { set.insert("three"); }));
    REQUIRE(b.checkpoint());
    b = sets::open(b.store(), bob).value();

    deliver(a, b);
    deliver(b, a);

    CHECK(a.state().value() == std::vector<std::string>{"one", "three", "two"});
    CHECK(a.digest() == b.digest());
    auto malformed = changes_of(a)[0].view();
    bytes const unsorted{std::byte{2}, std::byte{1}, std::byte{'b'}, std::byte{1}, std::byte{'a'}};
    malformed.origin = carol;
    malformed.body = unsorted;
    CHECK(a.receive(malformed).is(verdict_kind::rejected));
}
