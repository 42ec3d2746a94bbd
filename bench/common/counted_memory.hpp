#pragma once

#include <cstddef>

namespace bench {

/// Bytes that a piece of work asked the system for.
struct counted_bytes {
    std::size_t at_rest = 0; ///< still held afterwards
    std::size_t peak = 0;    ///< the most that were held at the same time
};

/// Begins to count. A program that uses these holds `counted_memory.cpp`, whose `operator new`
/// costs a branch while nobody counts.
void start_counting();
[[nodiscard]] counted_bytes stop_counting();

} // namespace bench
