#pragma once

#include <cstddef>

namespace joinery::testing {

/// While one lives, `operator new` counts what this thread holds and throws `std::bad_alloc` as
/// soon as more than `bytes_max` are held at once.
///
/// Precondition: one at a time for each thread.
class allocation_cap {
public:
    explicit allocation_cap(std::size_t bytes_max);
    ~allocation_cap();

    allocation_cap(allocation_cap const&) = delete;
    allocation_cap& operator=(allocation_cap const&) = delete;

    /// The most that was held at once.
    [[nodiscard]] std::size_t peak() const;
};

} // namespace joinery::testing
