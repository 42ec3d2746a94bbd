#pragma once

// Everything that needs no package beside Boost's headers, cereal and zstd. SQLite is in
// <joinery/store/sqlite.hpp>, JSON text in <joinery/crdt/json.hpp>, histories that are written in
// positions in <joinery/crdt/position_history.hpp>, the law checkers in <joinery/testing/…>.

#include <joinery/core/decomposition.hpp>
#include <joinery/core/forget.hpp>
#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/bounded_counter.hpp>
#include <joinery/crdt/boxed.hpp>
#include <joinery/crdt/document.hpp>
#include <joinery/crdt/dw_flag.hpp>
#include <joinery/crdt/ew_flag.hpp>
#include <joinery/crdt/g_counter.hpp>
#include <joinery/crdt/g_set.hpp>
#include <joinery/crdt/lexicographic.hpp>
#include <joinery/crdt/lww_map.hpp>
#include <joinery/crdt/lww_register.hpp>
#include <joinery/crdt/max_register.hpp>
#include <joinery/crdt/min_register.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/crdt/resettable_counter.hpp>
#include <joinery/crdt/rw_set.hpp>
#include <joinery/crdt/sequence.hpp>
#include <joinery/crdt/text.hpp>
#include <joinery/crdt/two_phase_set.hpp>
#include <joinery/crdt/union_by_key.hpp>
#include <joinery/store/memory.hpp>
#include <joinery/sync/delta_buffer.hpp>
#include <joinery/sync/replica.hpp>
#include <joinery/sync/session.hpp>
#include <joinery/wire/codec.hpp>
#include <joinery/wire/compression.hpp>
#include <joinery/wire/frame.hpp>
#include <joinery/wire/held_value.hpp>
#include <joinery/wire/limits.hpp>
