#include <algorithm>
#include <common/counted_memory.hpp>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace {

bool is_counting = false;
std::ptrdiff_t live = 0;
std::ptrdiff_t peak = 0;

void* allocate(std::size_t size, std::size_t alignment) {
    auto* const at = alignment <= alignof(std::max_align_t)
                         ? std::malloc(size)
                         : std::aligned_alloc(alignment, (size + alignment - 1) & ~(alignment - 1));
    if (at == nullptr) {
        std::abort();
    }
    if (is_counting) {
        live += static_cast<std::ptrdiff_t>(malloc_usable_size(at));
        peak = std::max(peak, live);
    }
    return at;
}

void release(void* at) noexcept {
    if (is_counting && at != nullptr) {
        live -= static_cast<std::ptrdiff_t>(malloc_usable_size(at));
    }
    std::free(at);
}

} // namespace

void* operator new(std::size_t size) {
    return allocate(size, 1);
}

void* operator new[](std::size_t size) {
    return allocate(size, 1);
}

void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}

void operator delete(void* at) noexcept {
    release(at);
}

void operator delete[](void* at) noexcept {
    release(at);
}

void operator delete(void* at, std::size_t) noexcept {
    release(at);
}

void operator delete[](void* at, std::size_t) noexcept {
    release(at);
}

void operator delete(void* at, std::align_val_t) noexcept {
    release(at);
}

void operator delete(void* at, std::size_t, std::align_val_t) noexcept {
    release(at);
}

namespace bench {

void start_counting() {
    live = 0;
    peak = 0;
    is_counting = true;
}

counted_bytes stop_counting() {
    is_counting = false;
    return {static_cast<std::size_t>(std::max<std::ptrdiff_t>(live, 0)),
            static_cast<std::size_t>(peak)};
}

} // namespace bench
