#include <joinery/crdt/pn_counter.hpp>

#include <iostream>

int main() {
    // [edit]
    joinery::replica_id const alice{1};
    joinery::replica_id const bob{2};
    joinery::pn_counter here;
    joinery::pn_counter there;

    auto const more = here.increment(alice, 5);
    auto const less = there.decrement(bob, 2);
    // [edit] end

    // [join]
    there.join(more);
    there.join(more); // again: no harm
    here.join(less);
    std::cout << here.value() << ' ' << there.value() << '\n';
    // [join] end
    return here == there ? 0 : 1;
}
