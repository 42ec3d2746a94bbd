#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/mv_register.hpp>

#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "crdt/held_laws.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

enum class level : std::int8_t { below = -2, ground = 0, above = 100 };
enum class permission : std::uint64_t { none = 0, all = ~std::uint64_t{0} };
enum class answer : bool { no, yes };
enum class letter : char { a = 'a', umlaut = static_cast<char>(0xe4) };

template <class T>
std::vector<T> reals() {
    using limits = std::numeric_limits<T>;
    return {T{0},
            -T{0},
            T{1},
            -T{1},
            limits::min(),
            limits::max(),
            -limits::max(),
            limits::denorm_min(),
            -limits::denorm_min(),
            limits::infinity(),
            -limits::infinity(),
            limits::quiet_NaN(),
            std::nextafter(T{1}, T{2})};
}

/// Every element goes in, is found, and comes back from bytes in the canonical order.
template <class T>
void check_set_of(std::vector<T> const& elements) {
    aw_set<T> set;
    for (auto const& element : elements) {
        set.insert(alice, element);
        CHECK(set.contains(element));
    }
    auto const decoded = aw_set<T>::decode(set.encode());
    REQUIRE(decoded);
    CHECK(*decoded == set);
    CHECK(decoded->encode() == set.encode());
    CHECK(decoded->size() == set.size());
}

template <class T>
bytes bytes_of_number(T value) {
    return tests::held_bytes<T>(value);
}

template <class T>
bool is_refused(bytes const& encoded) {
    byte_reader reader{encoded};
    (void)held<T>::read(reader);
    return !reader.ok();
}

} // namespace

TEMPLATE_TEST_CASE("held: integers keep the laws of a key", "[crdt][held]", char, signed char,
                   unsigned char, char8_t, char16_t, char32_t, short, unsigned short, int, unsigned,
                   long, unsigned long, long long, unsigned long long) {
    CHECK(tests::broken_held_law(tests::numbers<TestType>()) == "");
    CHECK(tests::broken_by_damage<TestType>(std::numeric_limits<TestType>::max()) == "");
}

TEST_CASE("held: bool keeps the laws of a key", "[crdt][held]") {
    CHECK(tests::broken_held_law<bool>({false, true}) == "");
    CHECK(tests::broken_by_damage<bool>(true) == "");
    CHECK(is_refused<bool>(bytes{std::byte{2}}));
}

TEST_CASE("held: enums are ordered by their numbers", "[crdt][held]") {
    CHECK(tests::broken_held_law<level>({level::below, level::ground, level::above, level{-128}}) ==
          "");
    CHECK(tests::broken_held_law<permission>({permission::none, permission::all}) == "");
    CHECK(tests::broken_held_law<answer>({answer::no, answer::yes}) == "");
    CHECK(tests::broken_held_law<letter>({letter::a, letter::umlaut, letter{}}) == "");
    check_set_of<level>({level::above, level::below, level::ground});
}

TEST_CASE("held: an integer that does not fit its type is refused", "[crdt][held]") {
    CHECK(is_refused<std::int8_t>(bytes_of_number(128)));
    CHECK(is_refused<std::int8_t>(bytes_of_number(-129)));
    CHECK(is_refused<std::uint8_t>(bytes_of_number(256U)));
    CHECK(is_refused<char>(bytes_of_number(256U)));
    CHECK(is_refused<level>(bytes_of_number(128)));
    CHECK(is_refused<answer>(bytes_of_number(2U)));
    CHECK(is_refused<std::int32_t>(bytes_of_number(std::int64_t{1} << 31)));
    CHECK_FALSE(is_refused<std::int8_t>(bytes_of_number(-128)));
}

// The sign of a plain char is the machine's choice; the bytes are not.
TEST_CASE("held: a char is written as an unsigned number", "[crdt][held]") {
    CHECK(tests::hex(tests::held_bytes<char>('a')) == "61");
    CHECK(tests::hex(tests::held_bytes<char>(static_cast<char>(0xff))) == "ff01");
    CHECK(held<char>::less('a', static_cast<char>(0xff)));
}

TEMPLATE_TEST_CASE("held: real numbers keep the laws of a key", "[crdt][held]", float, double) {
    CHECK(tests::broken_held_law(reals<TestType>()) == "");
    for (auto const value : reals<TestType>()) {
        CHECK(tests::broken_by_damage<TestType>(value) == "");
    }
}

TEST_CASE("held: every value is an element of a set", "[crdt][held]") {
    check_set_of(tests::numbers<signed char>());
    check_set_of(reals<double>());
}

TEST_CASE("held: every NaN is the same one, and the two zeros are two", "[crdt][held]") {
    aw_set<double> set;
    set.insert(alice, std::bit_cast<double>(std::uint64_t{0xfff8000000000001}));
    set.insert(alice, std::numeric_limits<double>::signaling_NaN());
    set.insert(alice, -0.0);
    set.insert(alice, 0.0);

    CHECK(set.size() == 3);
    CHECK(std::signbit(set.value().front()));
    CHECK(std::isnan(set.value().back()));
    CHECK(tests::hex(set.encode()).find("000000000000f87f") != std::string::npos);
}

TEST_CASE("held: two replicas that write NaN do not equivocate", "[crdt][held]") {
    mv_register<double> left;
    auto const delta = left.assign({alice, hlc::at(1), 0}, std::nan(""));
    auto right = left;

    right.join(delta);
    right.join(left);

    CHECK(right.equivocations() == 0);
    CHECK(right == left);
}

TEST_CASE("held: a double that is no float is refused as one", "[crdt][held]") {
    CHECK(is_refused<float>(tests::held_bytes<double>(0.1)));
    CHECK(is_refused<float>(tests::held_bytes<double>(1e300)));
    CHECK_FALSE(is_refused<float>(tests::held_bytes<double>(0.5)));
}

TEST_CASE("held: strings keep the laws of a key", "[crdt][held]") {
    using namespace std::string_literals;
    std::vector<std::string> const texts{"",
                                         "\0"s,
                                         "\0\0"s,
                                         "a",
                                         "a\0"s,
                                         "ab",
                                         "abcdefgh",
                                         "abcdefgh\0"s,
                                         "abcdefgi",
                                         "\x7f",
                                         "\x80",
                                         "\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                                         std::string(127, 'x'),
                                         std::string(128, 'x'),
                                         std::string(127, 'x') + 'y'};

    CHECK(tests::broken_held_law(texts) == "");
    check_set_of(texts);
    CHECK(tests::broken_by_damage<std::string>("abc") == "");
    CHECK(tests::broken_by_damage<std::string>(std::string(128, 'x')) == "");
}

TEST_CASE("held: a string of a mebibyte is a value like any other", "[crdt][held]") {
    std::string const large(std::size_t{1} << 20, 'm');
    auto const encoded = tests::held_bytes<std::string>(large);
    mv_register<std::string> reg;
    auto const delta = reg.assign({alice, hlc::at(1), 0}, large);
    mv_register<std::string> other;
    other.assign({bob, hlc::at(1), 0}, "small");
    other.join(delta);

    CHECK(encoded.size() == large.size() + 3);
    CHECK(is_refused<std::string>(bytes(encoded.begin(), encoded.end() - 1)));
    CHECK(other.size() == 2);
    auto const decoded = mv_register<std::string>::decode(other.encode());
    REQUIRE(decoded);
    CHECK(*decoded == other);
}
