#pragma once

#include <joinery.hpp> // violation
#include <joinery/core/dot.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/store/store.hpp>
#include <joinery/testing/laws.hpp> // violation
#include <joinery/wire/codec.hpp>

#include <zstd.h> // violation
