#include <joinery/crdt/pn_counter.hpp>
#include <joinery/store/sqlite.hpp>

int main() {
    joinery::replica_id const alice{1};
    joinery::replica_id const bob{2};
    joinery::pn_counter left;
    joinery::pn_counter right;

    left.increment(alice, 5);
    right.decrement(bob, 2);
    for (int left = 0; left < 2; ++left) { // Shadows: joinery's own warnings must not be ours.
        right.decrement(bob);
    }
    left.join(right);

    return left.value() == 1 && joinery::store::store<joinery::store::sqlite> ? 0 : 1;
}
