// expect: joinery: a value of or_map has to be a complete causal type: aw_set, mv_register
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/pn_counter.hpp>

#include <string>

joinery::or_map<std::string, joinery::pn_counter> votes;
