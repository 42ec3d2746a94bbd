#include <joinery/wire/codec.hpp>
#include <joinery/wire/msgpack_archive.hpp>

#include <catch2/catch.hpp>

#include <cmath>

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
    return hex(wire::encode<wire::msgpack>(value));
}

template <class T>
result<T> decoded(std::initializer_list<int> input) {
    return wire::decode<T, wire::msgpack>(bytes_of(input));
}

struct point {
    int x = 0;
    int y = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(x), CEREAL_NVP(y));
    }

    friend bool operator==(point const&, point const&) = default;
};

struct plain_point {
    int x = 0;
    int y = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(x, y);
    }
};

/// More fields than fit the shortest head.
struct wide {
    std::array<std::uint8_t, 20> fields{};

    template <class Archive>
    void serialize(Archive& archive) {
        for (auto& field : fields) {
            archive(field);
        }
    }
};

} // namespace

TEST_CASE("msgpack: golden bytes", "[wire][msgpack][golden]") {
    CHECK(encoded(point{1, -2}) == "82a17801a179fe");
    CHECK(encoded(plain_point{1, -2}) == "9201fe");
    CHECK(encoded(std::vector<std::string>{"a", ""}) == "92a161a0");
    CHECK(encoded(std::map<int, bool>{{1, true}}) == "8101c3");
    CHECK(encoded(std::pair{1, std::string("a")}) == "9201a161");
    CHECK(encoded(bytes_of({1, 2})) == "c4020102");
    CHECK(encoded(std::optional<int>{}) == "c0");
    CHECK(encoded(wire::msgpack_timestamp{1, 0}) == "d6ff00000001");
    CHECK(encoded(wide{}).substr(0, 10) == "dc00140000");
}

TEST_CASE("msgpack: a value comes back", "[wire][msgpack]") {
    auto const value = sample_order();

    auto const back = wire::decode<order, wire::msgpack>(wire::encode<wire::msgpack>(value));

    REQUIRE(back);
    CHECK(*back == value);
}

TEST_CASE("msgpack: more than fifteen fields come back", "[wire][msgpack]") {
    wide value;
    value.fields[19] = 200;

    auto const back = wire::decode<wide, wire::msgpack>(wire::encode<wire::msgpack>(value));

    CHECK(back.value().fields == value.fields);
}

TEST_CASE("msgpack: fields may come in any order and with others between", "[wire][msgpack]") {
    CHECK(*decoded<point>({0x83, 0xa1, 'y', 2, 0xa1, 'q', 0x91, 9, 0xa1, 'x', 1}) == point{1, 2});
    CHECK(*decoded<point>({0x83, 5, 0xc0, 0xa1, 'x', 1, 0xa1, 'y', 2}) == point{1, 2});
    CHECK(*decoded<point>({0x92, 1, 2}) == point{1, 2});
    CHECK(*decoded<std::vector<point>>({0x92, 0x82, 0xa1, 'y', 2, 0xa1, 'x', 1, 0x92, 3, 4}) ==
          std::vector{point{1, 2}, point{3, 4}});
}

TEST_CASE("msgpack: a field that is missing is an error that names it", "[wire][msgpack]") {
    auto const found = decoded<point>({0x81, 0xa1, 'x', 1});

    CHECK(found.error().code == errc::malformed);
    CHECK(found.error().message == "the field \"y\" is missing");
}

TEST_CASE("msgpack: numbers are accepted for each other if they fit", "[wire][msgpack]") {
    CHECK(*decoded<int>({0xcb, 0xc0, 0x40, 0, 0, 0, 0, 0, 0}) == -32);
    CHECK(*decoded<double>({0xd0, 0x80}) == -128.0);
    CHECK(*decoded<float>({0xcb, 0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a}) == 0.1F);
    CHECK(decoded<int>({0xca, 0x3f, 0, 0, 0}).error().code == errc::wrong_type);
    CHECK(decoded<int>({0xca, 0x7f, 0xc0, 0, 0}).error().code == errc::wrong_type);
    CHECK(decoded<std::uint8_t>({0xff}).error().code == errc::malformed);
    CHECK(decoded<std::int8_t>({0xcc, 0x80}).error().code == errc::malformed);
    CHECK(decoded<float>({0xcb, 0x7e, 0x37, 0, 0, 0, 0, 0, 0}).error().code == errc::malformed);
}

TEST_CASE("msgpack: a value of another kind is an error", "[wire][msgpack]") {
    CHECK(decoded<std::string>({1}).error().code == errc::wrong_type);
    CHECK(decoded<bool>({1}).error().code == errc::wrong_type);
    CHECK(decoded<std::vector<int>>({0x80}).error().code == errc::wrong_type);
    CHECK(decoded<std::map<int, int>>({0x90}).error().code == errc::wrong_type);
    CHECK(decoded<std::pair<int, int>>({0x91, 1}).error().code == errc::wrong_type);
    CHECK(decoded<plain_point>({0x93, 1, 2, 3}).error().code == errc::malformed);
    CHECK(decoded<plain_point>({0x91, 1}).error().code == errc::malformed);
}

TEST_CASE("msgpack: optional fields are found by name", "[wire][msgpack]") {
    CHECK(*decoded<std::vector<std::optional<point>>>({0x92, 0xc0, 0x92, 1, 2}) ==
          std::vector<std::optional<point>>{std::nullopt, point{1, 2}});
}

TEST_CASE("msgpack: a claim of many elements gets nothing", "[wire][msgpack][hostile]") {
    auto const input = bytes_of({0xdd, 0xff, 0xff, 0xff, 0xff});

    errc code{};
    CHECK(joinery::testing::stays_within(4096, [&] {
        code = wire::decode<std::vector<std::string>, wire::msgpack>(input).error().code;
    }));
    CHECK(code == errc::truncated);
}

TEST_CASE("msgpack: damaged input is an error or a value, within its limit",
          "[wire][msgpack][hostile]") {
    auto const valid = wire::encode<wire::msgpack>(sample_order());
    wire::limits const bounds{.decoded_bytes_max = 64 * 1024};

    std::size_t failures = 0;
    joinery::testing::for_each_damage(valid, [&](bytes const& damaged) {
        REQUIRE(joinery::testing::stays_within(128 * 1024, [&] {
            failures += wire::decode<order, wire::msgpack>(damaged, bounds) ? 0U : 1U;
        }));
    });
    CHECK(failures > valid.size() * 100);
}
