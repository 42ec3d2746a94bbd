#pragma once

#include <joinery/crdt/aw_set.hpp> // violation
#include <joinery/crdt/held.hpp>

#include <cereal/cereal.hpp>
#include <zstd.h>
