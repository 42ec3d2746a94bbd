// expect: joinery: a replica has one timed_by<Clock>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/sync/replica.hpp>

using joinery::sync::wall_clock;

joinery::sync::replica<joinery::pn_counter, joinery::timed_by<wall_clock>,
                       joinery::timed_by<wall_clock>>
    counter{joinery::replica_id{1}};
