#pragma once

#include <joinery/core/dot.hpp>
#include <joinery/crdt/causal.hpp> // violation

#include <boost/hana/tuple.hpp> // violation
#include <cstdint>
#include <sys/time.h> // violation
