#include <joinery/crdt/block_array.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

using joinery::detail::block_array;

namespace {

/// Makes elements in the places below `count`.
template <class T, class Make>
void fill(block_array<T>& array, std::uint32_t count, Make make) {
    for (std::uint32_t i = 0; i < count; ++i) {
        if (i == array.capacity()) {
            array.grow();
        }
        ::new (static_cast<void*>(&array[i])) T(make(i));
    }
}

template <class T>
void destroy(block_array<T>& array, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
        array[i].~T();
    }
}

struct alignas(64) wide {
    std::uint64_t value = 0;
};

} // namespace

TEST_CASE("block_array: a fresh one has no places and holds nothing", "[crdt][block_array]") {
    block_array<int> const fresh;

    CHECK(fresh.capacity() == 0);
    CHECK(fresh.held_bytes() == 0);
}

TEST_CASE("block_array: the first block doubles, then blocks are added", "[crdt][block_array]") {
    block_array<int> array;
    std::uint32_t expected = 4;
    for (; expected < 1024; expected *= 2) {
        fill(array, expected, [](std::uint32_t i) { return static_cast<int>(i); });
        array.grow();
    }

    CHECK(array.capacity() == 1024);
    array.grow();
    CHECK(array.capacity() == 2048);
    CHECK(array.held_bytes() == 2048 * sizeof(int));
}

TEST_CASE("block_array: elements keep their values while it grows", "[crdt][block_array]") {
    auto const count = GENERATE(4U, 5U, 1'023U, 1'024U, 1'025U, 2'049U, 5'000U);
    block_array<std::string> array;

    fill(array, count, [](std::uint32_t i) { return std::string(40, 'x') + std::to_string(i); });

    std::uint32_t different = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        different += array[i] == std::string(40, 'x') + std::to_string(i) ? 0 : 1;
    }
    CHECK(different == 0);
    CHECK(std::as_const(array)[count - 1] == array[count - 1]);
    destroy(array, count);
}

TEST_CASE("block_array: nothing moves behind the first block", "[crdt][block_array]") {
    block_array<int> array;
    fill(array, 1'024, [](std::uint32_t i) { return static_cast<int>(i); });
    auto const* const first = &array[0];
    auto const* const last = &array[1'023];

    for (int i = 0; i < 10; ++i) {
        array.grow();
    }

    CHECK(&array[0] == first);
    CHECK(&array[1'023] == last);
}

TEST_CASE("block_array: elements that cannot be copied are moved", "[crdt][block_array]") {
    block_array<std::unique_ptr<int>> array;

    fill(array, 3'000, [](std::uint32_t i) { return std::make_unique<int>(static_cast<int>(i)); });

    CHECK(*array[0] == 0);
    CHECK(*array[2'999] == 2'999);
    destroy(array, 3'000);
}

TEST_CASE("block_array: elements lie as their alignment wants", "[crdt][block_array]") {
    block_array<wide> array;

    fill(array, 1'100, [](std::uint32_t i) { return wide{i}; });

    for (auto const i : {0U, 1U, 1'023U, 1'024U, 1'099U}) {
        CHECK(reinterpret_cast<std::uintptr_t>(&array[i]) % alignof(wide) == 0);
        CHECK(array[i].value == i);
    }
}

TEST_CASE("block_array: a move takes the places with it", "[crdt][block_array]") {
    block_array<int> array;
    fill(array, 2'000, [](std::uint32_t i) { return static_cast<int>(i); });

    auto moved = std::move(array);
    block_array<int> assigned;
    assigned = std::move(moved);

    CHECK(assigned.capacity() == 2'048);
    CHECK(assigned[1'999] == 1'999);
}
