#include "allocation_cap.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <malloc.h>
#include <new>

namespace {

constexpr auto uncapped = std::numeric_limits<std::ptrdiff_t>::max();

struct account {
    std::ptrdiff_t cap = uncapped;
    std::ptrdiff_t held = 0;
    std::ptrdiff_t peak = 0;
};

thread_local account current;

void* allocate(std::size_t size) {
    // What was asked for is refused before it is served: a sanitizer's own limit must not decide.
    auto const wanted = static_cast<std::ptrdiff_t>(std::min(size, std::size_t{1} << 60));
    if (current.cap != uncapped && wanted > current.cap - current.held) {
        throw std::bad_alloc{};
    }
    auto* const memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) {
        throw std::bad_alloc{};
    }
    current.held += static_cast<std::ptrdiff_t>(malloc_usable_size(memory));
    current.peak = std::max(current.peak, current.held);
    return memory;
}

void* allocate_or_null(std::size_t size) noexcept {
    try {
        return allocate(size);
    } catch (std::bad_alloc const&) { return nullptr; }
}

void release(void* memory) {
    if (memory != nullptr) {
        current.held -= static_cast<std::ptrdiff_t>(malloc_usable_size(memory));
        std::free(memory);
    }
}

} // namespace

void* operator new(std::size_t size) {
    return allocate(size);
}
void* operator new[](std::size_t size) {
    return allocate(size);
}
void* operator new(std::size_t size, std::nothrow_t const&) noexcept {
    return allocate_or_null(size);
}
void* operator new[](std::size_t size, std::nothrow_t const&) noexcept {
    return allocate_or_null(size);
}
void operator delete(void* memory) noexcept {
    release(memory);
}
void operator delete[](void* memory) noexcept {
    release(memory);
}
void operator delete(void* memory, std::nothrow_t const&) noexcept {
    release(memory);
}
void operator delete[](void* memory, std::nothrow_t const&) noexcept {
    release(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    release(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    release(memory);
}

namespace joinery::testing {

allocation_cap::allocation_cap(std::size_t bytes_max) {
    current = {.cap = static_cast<std::ptrdiff_t>(bytes_max), .held = 0, .peak = 0};
}

allocation_cap::~allocation_cap() {
    current = {};
}

std::size_t allocation_cap::peak() const {
    return static_cast<std::size_t>(current.peak);
}

} // namespace joinery::testing
