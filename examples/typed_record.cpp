// A struct of one's own as a replicated record: each field is a CRDT, and they are written
// together.

#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/lww_register.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/sync/replica.hpp>

#include <boost/hana/define_struct.hpp>

#include <iostream>
#include <string>

using namespace joinery;

struct profile {
    BOOST_HANA_DEFINE_STRUCT(profile, (lww_register<std::string>, name), (pn_counter, logins),
                             (aw_set<std::string>, tags));
};

int main() {
    sync::replica<product<profile>> here{replica_id{1}};
    sync::replica<product<profile>> there{replica_id{2}};
    auto const first = here.edit([](auto e) {
        e[&profile::name].assign("Ada");
        e[&profile::logins].increment(1);
        e[&profile::tags].insert("poet");
    });
    auto const second = there.edit([](auto e) {
        e[&profile::logins].increment(2);
        e[&profile::tags].insert("engineer");
    });

    auto const carried = here.for_each_change({}, [&](sync::changeset const& change) {
        return there.receive(change).is(sync::verdict_kind::applied);
    });
    auto const& merged = there.state();
    std::cout << merged[&profile::name].value() << ": " << merged[&profile::logins].value()
              << " logins";
    for (auto const& tag : merged[&profile::tags].value()) {
        std::cout << ", " << tag;
    }
    std::cout << '\n';
    return first && second && carried && merged[&profile::logins].value() == 3 ? 0 : 1;
}
