#include <joinery/core/small_list.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace joinery;

TEST_CASE("small_list: elements keep their order where they leave the object", "[core]") {
    small_list<std::string, 2> list;
    CHECK(list.empty());
    for (auto i = 0; i < 5; ++i) {
        list.push_back(std::string(40, static_cast<char>('a' + i)));
    }
    REQUIRE(list.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(list[i] == std::string(40, static_cast<char>('a' + i)));
    }
}

TEST_CASE("small_list: a copy has elements of its own", "[core]") {
    small_list<std::string, 2> list;
    for (auto const* text : {"one", "two", "three"}) {
        list.push_back(text);
    }
    auto copy = list;
    copy[0] = "another";
    copy[2] = "another";
    CHECK(list[0] == "one");
    CHECK(list[2] == "three");
    CHECK(copy[1] == "two");
}

TEST_CASE("small_list: elements lie side by side, however many there are", "[core]") {
    small_list<int, 2> list;
    for (auto i = 0; i < 5; ++i) {
        list.push_back(i);
        CHECK(std::vector<int>(list.begin(), list.end()).size() == list.size());
        CHECK(*(list.end() - 1) == i);
    }
    auto const moved = std::move(list);
    CHECK(moved[4] == 4);
    CHECK(list.empty()); // NOLINT(bugprone-use-after-move): that it is empty is the promise
}
