#pragma once

#include <joinery/crdt/held.hpp>    // violation
#include <joinery/store/sqlite.hpp> // violation
#include <joinery/wire/codec.hpp>

#include <sqlite3.h> // violation
#include <zstd.h>    // violation
