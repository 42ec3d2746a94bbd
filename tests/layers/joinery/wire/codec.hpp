#pragma once

#  include <joinery/crdt/held.hpp> // violation
#include <joinery/store/store.hpp> // violation
