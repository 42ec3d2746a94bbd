#include <joinery/testing/generate.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace joinery;
using namespace joinery::testing;

namespace {

struct address {
    BOOST_HANA_DEFINE_STRUCT(address, (std::string, street), (std::uint32_t, number));
    friend bool operator==(address const&, address const&) = default;
};

template <class T>
std::size_t different(std::size_t count) {
    splitmix64 random{1};
    std::set<std::string> seen;
    for (std::size_t i = 0; i < count; ++i) {
        seen.insert(text_of(generate<T>(random)));
    }
    return seen.size();
}

} // namespace

TEST_CASE("generate: values differ, and small ones come often", "[testing][generate]") {
    CHECK(different<int>(200) > 10);
    CHECK(different<int>(200) < 100);
    CHECK(different<std::string>(200) > 30);
    CHECK(different<std::string>(200) < 150);
    CHECK(different<bool>(50) == 2);
    CHECK(different<double>(200) > 5);
    CHECK(different<std::optional<int>>(200) > 5);
    CHECK(different<std::pair<int, std::string>>(200) > 50);
    CHECK(different<std::vector<int>>(200) > 50);
    CHECK(different<std::map<int, std::string>>(200) > 50);
    CHECK(different<std::set<std::string>>(200) > 50);
    CHECK(different<std::vector<std::byte>>(200) > 20);
}

TEST_CASE("generate: limits are among the integers", "[testing][generate]") {
    splitmix64 random{3};
    std::set<std::int64_t> seen;
    for (int i = 0; i < 200; ++i) {
        seen.insert(generate<std::int64_t>(random));
    }

    CHECK(seen.count(std::numeric_limits<std::int64_t>::max()) == 1);
    CHECK(seen.count(std::numeric_limits<std::int64_t>::min()) == 1);
    CHECK(seen.count(0) == 1);
}

TEST_CASE("generate: a record is made field by field", "[testing][generate]") {
    splitmix64 random{3};
    std::set<std::string> streets;
    std::set<std::uint32_t> numbers;
    for (int i = 0; i < 100; ++i) {
        auto const one = generate<address>(random);
        streets.insert(one.street);
        numbers.insert(one.number);
    }

    CHECK(streets.size() > 10);
    CHECK(numbers.size() > 4);
}

TEST_CASE("generate: the same seed makes the same values", "[testing][generate]") {
    splitmix64 a{9};
    splitmix64 b{9};
    for (int i = 0; i < 50; ++i) {
        CHECK(generate<address>(a) == generate<address>(b));
    }
}
