#pragma once

#include <joinery/core/dot.hpp>
#include <joinery/sync/replica.hpp> // violation
#include <joinery/wire/codec.hpp>   // violation

#include <cereal/cereal.hpp> // violation
#include <vector>
