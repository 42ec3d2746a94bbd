// expect: accepted
#include <joinery/core/lattice.hpp>
