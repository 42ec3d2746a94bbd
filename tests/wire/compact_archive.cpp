#include <joinery/wire/codec.hpp>
#include <joinery/wire/compact_archive.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "bytes_of.hpp"
#include "hostile.hpp"
#include "order.hpp"

using namespace joinery;
using joinery::testing::bytes_of;
using joinery::testing::hex;
using joinery::testing::order;
using joinery::testing::sample_order;

namespace {

template <class T>
std::string encoded(T const& value) {
    return hex(wire::encode(value));
}

template <class T>
errc refusal(std::initializer_list<int> input, wire::limits const& bounds = {}) {
    return wire::decode<T>(bytes_of(input), bounds).error().code;
}

struct nothing {
    friend bool operator==(nothing const&, nothing const&) = default;
};

/// A chain of objects that costs one byte for each link.
struct chain {
    std::unique_ptr<chain> next;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(next);
    }
};

} // namespace

TEST_CASE("compact: golden bytes", "[wire][compact][golden]") {
    CHECK(encoded(std::uint64_t{300}) == "ac02");
    CHECK(encoded(std::int32_t{-2}) == "03");
    CHECK(encoded(std::uint8_t{200}) == "c8");
    CHECK(encoded(true) == "01");
    CHECK(encoded(1.5) == "000000000000f83f");
    CHECK(encoded(-0.0F) == "00000080");
    CHECK(encoded(std::string("hé")) == "0368c3a9");
    CHECK(encoded(std::vector<int>{1, -1, 300}) == "030201d804");
    CHECK(encoded(bytes_of({0xff, 0})) == "02ff00");
    CHECK(encoded(std::map<std::string, int>{{"a", 1}, {"b", 2}}) == "02016102016204");
    CHECK(encoded(std::optional<int>{}) == "01");
    CHECK(encoded(std::optional<int>{5}) == "000a");
    CHECK(encoded(std::variant<int, std::string>{"x"}) == "020178");
    CHECK(encoded(std::pair{1U, 2U}) == "0102");
}

TEST_CASE("compact: a value comes back", "[wire][compact]") {
    auto const value = sample_order();

    auto const back = wire::decode<order>(wire::encode(value));

    REQUIRE(back);
    CHECK(*back == value);
}

TEST_CASE("compact: the extremes of every integer come back", "[wire][compact]") {
    auto const round_trip = [](auto value) {
        return wire::decode<decltype(value)>(wire::encode(value)).value() == value;
    };
    CHECK(round_trip(std::numeric_limits<std::int64_t>::min()));
    CHECK(round_trip(std::numeric_limits<std::int64_t>::max()));
    CHECK(round_trip(std::numeric_limits<std::uint64_t>::max()));
    CHECK(round_trip(std::numeric_limits<std::int16_t>::min()));
    CHECK(round_trip(std::numeric_limits<std::int8_t>::min()));
    CHECK(round_trip('\xff'));
}

TEST_CASE("compact: there is one NaN", "[wire][compact]") {
    auto const quiet = std::numeric_limits<double>::quiet_NaN();

    CHECK(encoded(quiet) == "000000000000f87f");
    CHECK(encoded(-quiet) == "000000000000f87f");
    CHECK(std::isnan(wire::decode<double>(wire::encode(quiet)).value()));
    CHECK(refusal<double>({1, 0, 0, 0, 0, 0, 0xf8, 0x7f}) == errc::not_canonical);
    CHECK(refusal<float>({0, 0, 0xc0, 0xff}) == errc::not_canonical);
}

TEST_CASE("compact: only the canonical form is accepted", "[wire][compact]") {
    CHECK(refusal<unsigned>({0x81, 0x00}) == errc::not_canonical);
    CHECK(refusal<bool>({2}) == errc::not_canonical);
    CHECK(refusal<std::set<int>>({2, 4, 2}) == errc::not_canonical);
    CHECK(refusal<std::set<int>>({2, 4, 4}) == errc::not_canonical);
    CHECK(refusal<std::map<int, int>>({2, 4, 0, 2, 0}) == errc::not_canonical);
    CHECK(refusal<std::map<int, int>>({2, 4, 0, 4, 0}) == errc::not_canonical);
    CHECK(refusal<std::multiset<int>>({2, 4, 2}) == errc::not_canonical);
    CHECK(refusal<std::multimap<int, int>>({2, 4, 0, 2, 0}) == errc::not_canonical);
    CHECK(wire::decode<std::multiset<int>>(bytes_of({2, 4, 4})));
    CHECK(wire::decode<std::multimap<int, int>>(bytes_of({2, 4, 0, 4, 0})));
    CHECK(refusal<std::unique_ptr<int>>({2, 0}) == errc::not_canonical);
    CHECK(refusal<int>({0, 0}) == errc::malformed);
    CHECK(refusal<std::uint16_t>({0x80, 0x80, 0x04}) == errc::malformed);
    CHECK(refusal<std::variant<int, bool>>({4, 0}) == errc::malformed);
    CHECK(refusal<std::variant<int, bool>>({1, 0}) == errc::malformed);
}

TEST_CASE("compact: five bytes that ask for 146 gigabytes get nothing",
          "[wire][compact][hostile]") {
    auto const input = bytes_of({0xff, 0xff, 0xff, 0xff, 0x0f});
    auto const is_refused_cheaply = [&]<class T>(std::type_identity<T>) {
        errc code{};
        auto const cheap = joinery::testing::stays_within(
            1024, [&] { code = wire::decode<T>(input).error().code; });
        return cheap && code == errc::truncated;
    };
    CHECK(is_refused_cheaply(std::type_identity<std::vector<std::array<std::uint64_t, 5>>>{}));
    CHECK(is_refused_cheaply(std::type_identity<std::vector<std::uint64_t>>{}));
    CHECK(is_refused_cheaply(std::type_identity<std::string>{}));
    CHECK(is_refused_cheaply(std::type_identity<bytes>{}));
    CHECK(is_refused_cheaply(std::type_identity<std::vector<bool>>{}));
    CHECK(is_refused_cheaply(std::type_identity<std::map<std::string, int>>{}));
}

TEST_CASE("compact: elements that are larger in memory than in bytes count as memory",
          "[wire][compact][hostile]") {
    using wide = std::array<std::string, 100>;
    bytes input;
    input.push_back(std::byte{0xe8}); // 1000 elements
    input.push_back(std::byte{0x07});
    input.resize(2 + 100 * 1000);

    CHECK(wire::decode<std::vector<wide>>(input));
    errc code{};
    wire::limits const bounds{.decoded_bytes_max = 1'000'000};
    CHECK(joinery::testing::stays_within(
        1'000'000, [&] { code = wire::decode<std::vector<wide>>(input, bounds).error().code; }));
    CHECK(code == errc::too_large);
}

TEST_CASE("compact: elements without bytes are bounded by their own limit",
          "[wire][compact][hostile]") {
    std::vector<nothing> const few(5);

    CHECK(wire::decode<std::vector<nothing>>(wire::encode(few)).value() == few);
    CHECK(refusal<std::vector<nothing>>({0xff, 0xff, 0xff, 0xff, 0x0f}) == errc::too_large);
}

TEST_CASE("compact: depth is bounded", "[wire][compact][hostile]") {
    CHECK(wire::decode<chain>(bytes_of({1, 1, 1, 0})));
    bytes const endless(100'000, std::byte{1});

    CHECK(wire::decode<chain>(endless).error().code == errc::too_deep);
}

TEST_CASE("compact: damaged input is an error or a value, within its limit",
          "[wire][compact][hostile]") {
    auto const valid = wire::encode(sample_order());
    wire::limits const bounds{.decoded_bytes_max = 64 * 1024};

    joinery::testing::for_each_damage(valid, [&](bytes const& damaged) {
        result<order> found = order{};
        REQUIRE(joinery::testing::stays_within(
            64 * 1024, [&] { found = wire::decode<order>(damaged, bounds); }));
        // What is accepted is canonical: it is exactly what the value encodes to.
        REQUIRE((!found || wire::encode(*found) == damaged));
    });
}
