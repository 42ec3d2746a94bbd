#include <joinery/core/result.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

using namespace joinery;

namespace {

result<int> half_of(int number) {
    if (number % 2 != 0) {
        return failure(errc::invalid_argument, "the number is odd", 3);
    }
    return number / 2;
}

result<void> must_be_even(int number) {
    if (auto const half = half_of(number); !half) {
        return failure(half.error());
    }
    return {};
}

struct counted {
    explicit counted(int& alive_now) : alive{&alive_now} { ++*alive; }
    counted(counted const& other) : alive{other.alive} { ++*alive; }
    counted& operator=(counted const&) = default;
    ~counted() { --*alive; }

    int* alive;
};

} // namespace

TEST_CASE("result: holds the value of a success", "[core][result]") {
    auto const half = half_of(8);

    REQUIRE(half);
    CHECK(half.has_value());
    CHECK(*half == 4);
    CHECK(half.value() == 4);
}

TEST_CASE("result: holds the code, sentence and offset of a failure", "[core][result]") {
    auto const half = half_of(7);

    REQUIRE_FALSE(half);
    CHECK(half.error() == error{errc::invalid_argument, "the number is odd", 3});
}

TEST_CASE("result: an error passes on into a result of another type", "[core][result]") {
    CHECK(must_be_even(8));
    REQUIRE_FALSE(must_be_even(7));
    CHECK(must_be_even(7).error().offset == 3);
}

TEST_CASE("result: a value converts on the way in", "[core][result]") {
    result<std::string> const text = "text";

    CHECK(text->size() == 4);
}

TEST_CASE("result: a value that only moves goes in and out", "[core][result]") {
    result<std::unique_ptr<int>> boxed = std::make_unique<int>(5);
    auto moved = std::move(boxed);

    std::unique_ptr<int> const out = *std::move(moved);

    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<result<std::unique_ptr<int>>>);
    CHECK(*out == 5);
}

TEST_CASE("result: assignment changes between value and error", "[core][result]") {
    result<std::string> left = std::string(100, 'x');
    result<std::string> const right = failure(errc::io, std::string(100, 'y'));

    auto const kept = left;
    left = right;
    CHECK(left.error().message.size() == 100);
    left = kept;
    CHECK(*left == std::string(100, 'x'));
    left = *&left;
    CHECK(*left == std::string(100, 'x'));
}

TEST_CASE("result: a failure that was moved from is still a failure", "[core][result]") {
    result<void> first = failure(errc::io, "gone");
    auto const second = std::move(first);

    CHECK_FALSE(first.has_value());
    CHECK(second.error().message == "gone");
}

TEST_CASE("result: destroys each value once", "[core][result]") {
    int alive = 0;
    {
        result<counted> first = counted{alive};
        result<counted> second = failure(errc::full, "none");
        second = first;
        CHECK(alive == 2);
        first = failure(errc::full, "none");
        CHECK(alive == 1);
    }

    CHECK(alive == 0);
}

TEST_CASE("result: a value may be an error or a bool without ambiguity", "[core][result]") {
    result<error> const value = error{errc::io, "a value", 0};
    result<bool> const no = false;

    CHECK(value.has_value());
    REQUIRE(no.has_value());
    CHECK_FALSE(*no);
}

TEST_CASE("errc: every code has a name of its own", "[core][result]") {
    std::set<std::string_view> names;
    auto const last = static_cast<int>(errc::no_rights);
    for (int code = 0; code <= last; ++code) {
        names.insert(name(static_cast<errc>(code)));
    }

    CHECK(names.size() == static_cast<std::size_t>(last) + 1);
    CHECK(name(errc::truncated) == "truncated");
    CHECK(name(errc::clock_drift) == "clock_drift");
    CHECK(name(errc::foreign_file) == "foreign_file");
    CHECK(name(errc::invalid_argument) == "invalid_argument");
    CHECK(name(static_cast<errc>(last + 1)) == "unknown");
}
