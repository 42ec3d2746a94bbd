// expect: joinery: a replica's policies are stored_in<Store>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/sync/replica.hpp>

struct retained_forever {};

joinery::sync::replica<joinery::pn_counter, retained_forever> counter{joinery::replica_id{1}};
