#pragma once

#include <joinery/crdt/json_export.hpp>
#include <joinery/crdt/json_import.hpp>
