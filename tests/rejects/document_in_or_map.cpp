// expect: a document cannot be a value of or_map
#include <joinery/crdt/document.hpp>
#include <joinery/crdt/or_map.hpp>

#include <string>

joinery::or_map<std::string, joinery::document> map;
