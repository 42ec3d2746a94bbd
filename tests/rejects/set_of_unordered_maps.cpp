// expect: joinery: an unordered container has no canonical encoding
#include <joinery/crdt/aw_set.hpp>
#include <joinery/wire/held_value.hpp>

#include <cereal/types/string.hpp>
#include <cereal/types/unordered_map.hpp>

#include <string>
#include <unordered_map>

void use(joinery::aw_set<std::unordered_map<std::string, int>>& all) {
    all.insert(joinery::replica_id{1}, {});
}
