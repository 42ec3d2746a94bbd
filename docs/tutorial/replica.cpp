#include <joinery/crdt/pn_counter.hpp>
#include <joinery/sync/replica.hpp>

#include <iostream>
#include <vector>

using namespace joinery;

namespace {

void print(sync::verdict const& answer) {
    if (answer.is(sync::verdict_kind::applied)) {
        std::cout << "applied\n";
    } else if (answer.is(sync::verdict_kind::duplicate)) {
        std::cout << "duplicate\n";
    } else if (answer.is(sync::verdict_kind::waiting)) {
        std::cout << "waiting for " << answer.missing().first << " to " << answer.missing().last
                  << '\n';
    } else {
        std::cout << "rejected: " << answer.reason().message << '\n';
    }
}

} // namespace

int main() {
    // [edit]
    sync::replica<pn_counter> alice{replica_id{1}};
    for (auto const amount : {5U, 7U}) {
        if (auto const edited = alice.edit([&](auto counter) { counter.increment(amount); });
            !edited) {
            std::cerr << edited.error().message << '\n';
            return 1;
        }
    }
    // [edit] end

    // [changes]
    std::vector<sync::changeset> changes;
    auto const visited = alice.for_each_change({}, [&](sync::changeset const& change) {
        changes.push_back(change);
        return true;
    });
    // [changes] end
    if (!visited || changes.size() != 2) {
        return 1;
    }

    // [receive]
    sync::replica<pn_counter> bob{replica_id{2}};
    print(bob.receive(changes[1]));
    print(bob.receive(changes[0]));
    print(bob.receive(changes[1]));
    std::cout << bob.state().value() << '\n';
    // [receive] end
    return bob.digest() == alice.digest() ? 0 : 1;
}
