#include <joinery/crdt/document.hpp>
#include <joinery/crdt/json.hpp>
#include <joinery/sync/session.hpp>

#include <iostream>

using namespace joinery;

int main() {
    sync::replica<document> laptop{replica_id{1}}, phone{replica_id{2}};
    auto const planned = laptop.edit([](auto doc) { doc.set({"trip", "to"}, "Rome"); });
    auto const counted = phone.edit([](auto doc) { doc.increment({"trip", "days"}, 3); });

    sync::session here, there;
    auto const carry = [](auto& sender, auto& from, auto& receiver, auto& to) {
        auto const message = sender.poll_message(from, {}, 0);
        return !message || receiver.handle_message(to, *message, {});
    };
    bool ok = planned && counted;
    while (ok && !(here.is_settled() && there.is_settled())) {
        ok = carry(here, laptop, there, phone) && carry(there, phone, here, laptop);
    }
    std::cout << json::export_text(phone.state().read()) << '\n'; // {"trip":{"days":3,"to":"Rome"}}
    return ok && laptop.digest() == phone.digest() ? 0 : 1;
}
