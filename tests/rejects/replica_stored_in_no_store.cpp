// expect: joinery: stored_in<Store> needs a model of store::store
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/sync/replica.hpp>

#include <map>
#include <string>

using pairs = std::map<std::string, std::string>;

auto opened = joinery::sync::replica<joinery::pn_counter, joinery::stored_in<pairs>>::open(
    {}, joinery::replica_id{1});
