// expect: joinery: a replica's State needs join[(]State const&[)], ==, and a delta_type
#include <joinery/sync/replica.hpp>

struct account {
    int balance = 0;
};

joinery::sync::replica<account> balance{joinery::replica_id{1}};
