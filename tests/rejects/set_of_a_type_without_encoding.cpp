// expect: this type has no encoding of its own; include <joinery/wire/held_value.hpp> to hold any
#include <joinery/crdt/aw_set.hpp>

struct colour {
    int red, green, blue;
};

joinery::aw_set<colour> palette;
