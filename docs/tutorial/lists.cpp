#include <joinery/crdt/document.hpp>
#include <joinery/crdt/document_patches.hpp>
#include <joinery/crdt/json.hpp>
#include <joinery/crdt/json_update.hpp>
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
    // [begin]
    document_replica alice{replica_id{1}};
    document_replica bob{replica_id{2}};
    result<void> read;
    auto const begun = alice.edit([&](auto doc) {
        read = json::import_text(doc, "list", R"([{"buy":"bread"},{"buy":"milk"}])");
        doc.splice("note", 0, 0, "for Sunday");
    });
    bool ok = begun && read && copy_changes(alice, bob);
    // [begin] end

    // [follow]
    document_follower follower{alice.state()};
    alice.observe([&](sync::change const& change) {
        follower.follow(change.in, alice.state(), [](document_patch const& patch) {
            std::cout << name(patch.kind) << ' ' << patch.path.to_string();
            if (patch.kind == document_patch::kind_type::splice) {
                std::cout << " at " << patch.index;
            }
            std::cout << ": " << patch.old_value << " -> " << patch.new_value << '\n';
        });
    });
    // [follow] end

    // [concurrent]
    auto const by_alice = alice.edit([](auto doc) {
        doc.set({"list", "1", "done"}, true);
        doc.insert("list", 0, "hurry");
    });
    auto const by_bob = bob.edit([](auto doc) {
        doc.set({"list", "1", "buy"}, "oat milk");
        doc.erase({"list", "0"});
        doc.splice("note", 10, 0, "'s guests");
    });
    ok = ok && by_alice && by_bob && copy_changes(bob, alice) && copy_changes(alice, bob);
    std::cout << json::export_text(bob.state().read()) << '\n';
    // [concurrent] end

    // [update]
    auto const edited = alice.edit([&](auto doc) {
        read = json::update_text(doc, "list", R"(["hurry",{"buy":"oat milk","done":false}])");
    });
    // [update] end
    return ok && edited && read ? 0 : 1;
}
