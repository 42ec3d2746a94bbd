#include <joinery/crdt/composite_writer.hpp>
#include <joinery/crdt/scalar.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace joinery;

namespace {

bytes encoded(scalar const& value) {
    byte_writer out;
    out.commit(held<scalar>::put(out.reserve(held<scalar>::room(value)), value));
    return out.take();
}

/// One value of every kind and at every border of the encoding, in ascending order.
std::vector<scalar> ascending(composite_writer& items) {
    items.item(1);
    items.item("x");
    static std::string const long_text(200, 'z');
    return {nullptr,
            false,
            true,
            std::numeric_limits<std::int64_t>::min(),
            -17,
            -16,
            -1,
            0,
            15,
            16,
            1'000,
            std::numeric_limits<std::int64_t>::max(),
            -std::numeric_limits<double>::infinity(),
            -1.5,
            -0.0,
            0.0,
            1.5,
            "",
            std::string_view{"\0", 1},
            "a",
            "ab",
            "b",
            long_text,
            as_bytes(""),
            as_bytes("a"),
            timestamp{-1},
            timestamp{1'700'000'000'000},
            scalar::of_kind(value_kind::number, "1e999"),
            scalar::of_kind(value_kind::array, items.content())};
}

bool is_accepted(bytes const& input) {
    byte_reader reader{input};
    (void)held<scalar>::read(reader);
    return reader.ok() && reader.at_end();
}

bool is_number(std::string_view text) {
    return is_accepted(encoded(scalar::of_kind(value_kind::number, text)));
}

} // namespace

TEST_CASE("scalar: every kind is written and read back", "[crdt][scalar]") {
    composite_writer items;
    for (auto const& value : ascending(items)) {
        auto const input = encoded(value);
        byte_reader reader{input};

        CHECK(held<scalar>::read(reader) == value);
        CHECK(reader.ok());
        CHECK(reader.at_end());
        CHECK(held<scalar>::look({input.data()}) == value);
    }
}

TEST_CASE("scalar: the order is total and its prefix agrees", "[crdt][scalar]") {
    composite_writer items;
    auto const values = ascending(items);
    using traits = held<scalar>;
    for (std::size_t i = 0; i < values.size(); ++i) {
        for (std::size_t j = 0; j < values.size(); ++j) {
            CAPTURE(i, j);
            CHECK(traits::less(values[i], values[j]) == (i < j));
            CHECK((values[i] == values[j]) == (i == j));
            CHECK((traits::prefix(values[i]) <= traits::prefix(values[j]) || i > j));
        }
    }
}

TEST_CASE("scalar: an integer is not a real", "[crdt][scalar]") {
    CHECK_FALSE(scalar{1} == scalar{1.0});
    CHECK(scalar{std::numeric_limits<double>::quiet_NaN()} ==
          scalar{-std::numeric_limits<double>::quiet_NaN()});
}

TEST_CASE("scalar: items and members are visited in the order written", "[crdt][scalar]") {
    composite_writer inner;
    inner.item(1);
    composite_writer outer;
    outer.member("b", scalar::of_kind(value_kind::array, inner.content()));
    outer.member("a", "text");
    auto const object = scalar::of_kind(value_kind::object, outer.content());

    std::vector<std::string> keys;
    object.for_each_member([&](std::string_view key, scalar const&) { keys.emplace_back(key); });
    std::int64_t sum = 0;
    object.for_each_member([&](std::string_view, scalar const& value) {
        if (value.kind() == value_kind::array) {
            value.for_each_item([&](scalar const& item) { sum += item.as_integer(); });
        }
    });

    CHECK(keys == std::vector<std::string>{"b", "a"});
    CHECK(sum == 1);
}

TEST_CASE("scalar: a number has the form of JSON", "[crdt][scalar]") {
    for (auto const* good : {"0", "-0", "10", "1.5", "1e5", "1E+5", "-1.25e-10"}) {
        CHECK(is_number(good));
    }
    for (auto const* bad : {"", "-", "01", ".5", "1.", "1e", "1e+", "+1", "0x1", "1 ", "NaN"}) {
        CHECK_FALSE(is_number(bad));
    }
}

TEST_CASE("scalar: mutated bytes are refused or canonical", "[crdt][scalar][hostile]") {
    composite_writer items;
    for (auto const& value : ascending(items)) {
        auto const honest = encoded(value);
        for (std::size_t at = 0; at < honest.size(); ++at) {
            for (unsigned change = 1; change < 256; ++change) {
                auto mutated = honest;
                mutated[at] ^= static_cast<std::byte>(change);
                byte_reader reader{mutated};
                auto const read = held<scalar>::read(reader);
                if (reader.ok() && reader.at_end() && encoded(read) != mutated) {
                    FAIL("accepted bytes that are not canonical");
                }
            }
            CHECK_FALSE(is_accepted({honest.begin(), honest.begin() + static_cast<long>(at)}));
        }
    }
}

TEST_CASE("scalar: arrays nested too deeply are refused", "[crdt][scalar][hostile]") {
    auto const nested = [](unsigned depth) {
        std::string content;
        for (unsigned i = 0; i < depth; ++i) {
            composite_writer around;
            around.item(scalar::of_kind(value_kind::array, content));
            content = around.content();
        }
        return encoded(scalar::of_kind(value_kind::array, content));
    };

    CHECK(is_accepted(nested(60)));
    CHECK_FALSE(is_accepted(nested(70)));
}
