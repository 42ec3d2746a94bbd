#pragma once

#include <joinery/store/store.hpp>
#include <joinery/sync/replica.hpp> // violation

#include <sqlite3.h>
