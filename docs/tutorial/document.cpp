#include <joinery/crdt/document.hpp>
#include <joinery/crdt/json.hpp>
#include <joinery/sync/replica.hpp>

#include <iostream>

using namespace joinery;
using document_replica = sync::replica<document>;

namespace {

bool copy_changes(document_replica const& from, document_replica& to) {
    auto const read = from.for_each_change(to.version(), [&](sync::changeset const& change) {
        return to.receive(change).is(sync::verdict_kind::applied);
    });
    return read.has_value();
}

} // namespace

int main() {
    // [write]
    document_replica alice{replica_id{1}};
    document_replica bob{replica_id{2}};

    auto const planned = alice.edit([](auto doc) {
        doc.set({"trip", "to"}, "Rome");
        doc.set({"trip", "start"}, timestamp{1'796'083'200'000});
        doc.increment({"trip", "days"}, 3);
        doc.insert({"trip", "with"}, "Carol");
    });
    bool ok = planned && copy_changes(alice, bob);
    // [write] end

    // [concurrent]
    auto const by_alice = alice.edit([](auto doc) {
        doc.set({"trip", "to"}, "Oslo");
        doc.increment({"trip", "days"}, 2);
        doc.erase({"trip", "with"}, "Carol");
    });
    auto const by_bob = bob.edit([](auto doc) {
        doc.set({"trip", "to"}, "Kyiv");
        doc.increment({"trip", "days"}, 4);
        doc.insert({"trip", "with"}, "Carol");
    });
    ok = ok && by_alice && by_bob && copy_changes(alice, bob) && copy_changes(bob, alice);
    // [concurrent] end

    // [read]
    auto const trip = alice.state().at("trip");
    std::cout << "days: " << trip.at("days").counter() << '\n';
    std::cout << "with Carol: " << std::boolalpha << trip.at("with").contains("Carol") << '\n';
    std::cout << "values of /trip/to: " << trip.at("to").conflicts().size() << '\n';
    auto const same =
        json::export_text(alice.state().read()) == json::export_text(bob.state().read());
    std::cout << "both show the same: " << same << '\n';
    // [read] end

    // [resolve]
    auto const decided = alice.edit([](auto doc) { doc.set({"trip", "to"}, "Oslo, then Kyiv"); });
    ok = ok && decided && copy_changes(alice, bob);
    std::cout << json::export_text(bob.state().read()) << '\n';
    // [resolve] end

    // [fail]
    auto const failed = alice.edit([](auto doc) {
        doc.set("note", "this is undone with the rest");
        doc.increment({"trip", "to"}, 1);
    });
    std::cout << name(failed.error().code) << ": " << failed.error().message << '\n';
    std::cout << "note: " << alice.state().at("note").exists() << '\n';
    // [fail] end
    return ok && same && !failed ? 0 : 1;
}
