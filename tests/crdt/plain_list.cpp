#include <joinery/crdt/plain_list.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <utility>
#include <vector>

using joinery::detail::plain_list;

namespace {

template <std::uint32_t N>
plain_list<int, N> counted(int count) {
    plain_list<int, N> out;
    for (auto i = 0; i < count; ++i) {
        out.push_back(i);
    }
    return out;
}

template <std::uint32_t N>
std::vector<int> elements(plain_list<int, N> const& list) {
    return {list.begin(), list.end()};
}

} // namespace

TEST_CASE("plain_list: elements keep their order where they leave the object", "[crdt]") {
    auto const count = GENERATE(0, 1, 2, 3, 7, 100);
    auto const list = counted<2>(count);

    REQUIRE(list.size() == static_cast<std::uint32_t>(count));
    CHECK(list.empty() == (count == 0));
    for (auto i = 0; i < count; ++i) {
        CHECK(list[static_cast<std::size_t>(i)] == i);
    }
}

TEST_CASE("plain_list: a copy has elements of its own", "[crdt]") {
    auto const count = GENERATE(1, 2, 3, 40);
    auto list = counted<2>(count);

    auto copy = list;
    copy[0] = 7;

    CHECK(list[0] == 0);
    list = copy;
    CHECK(list[0] == 7);
    CHECK(elements(list) == elements(copy));
}

TEST_CASE("plain_list: a list that was moved from is empty, and can be used", "[crdt]") {
    auto const count = GENERATE(0, 2, 3, 40);
    auto list = counted<2>(count);

    auto const moved = std::move(list);

    CHECK(elements(moved) == elements(counted<2>(count)));
    CHECK(list.empty()); // NOLINT(bugprone-use-after-move): that it is empty is the promise
    list.push_back(5);
    CHECK(elements(list) == std::vector{5});
}

TEST_CASE("plain_list: lists change places, wherever their elements lie", "[crdt]") {
    auto few = counted<2>(2);
    auto many = counted<2>(9);

    std::swap(few, many);

    CHECK(elements(few) == elements(counted<2>(9)));
    CHECK(elements(many) == elements(counted<2>(2)));
}

TEST_CASE("plain_list: an element of the list itself can be added where it moves", "[crdt]") {
    auto list = counted<2>(2);

    list.push_back(list[1]);
    list.push_back(list[0]);
    list.push_back(list[1]);

    CHECK(elements(list) == std::vector{0, 1, 1, 0, 1});
}

TEST_CASE("plain_list: it grows by copies of one value", "[crdt]") {
    auto list = counted<2>(1);

    list.resize(2, 8);
    list.resize(5, 9);

    CHECK(elements(list) == std::vector{0, 8, 9, 9, 9});
}

TEST_CASE("plain_list: room that is not used is returned, down to that of the object", "[crdt]") {
    auto const count = GENERATE(0, 1, 2, 3, 40);
    auto list = counted<2>(count);
    list.reserve(100);
    CHECK(list.capacity() == 100);

    list.shrink_to_fit();

    CHECK(list.capacity() == static_cast<std::uint32_t>(count < 2 ? 2 : count));
    CHECK(elements(list) == elements(counted<2>(count)));
    list.push_back(1);
    CHECK(list.size() == static_cast<std::uint32_t>(count) + 1);
}
