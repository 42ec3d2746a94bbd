#include <joinery/wire/codec.hpp>
#include <joinery/wire/msgpack_archive.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>

#include "bytes_of.hpp"
#include "order.hpp"

using namespace joinery;
using joinery::testing::bytes_of;

namespace {

/// A user's type that refuses some values when it is filled.
struct percentage {
    std::uint32_t value = 0;

    template <class Archive>
    void save(Archive& archive) const {
        archive(value);
    }

    template <class Archive>
    void load(Archive& archive) {
        archive(value);
        if (value > 100) {
            throw std::invalid_argument("a percentage is at most 100");
        }
    }
};

} // namespace

TEST_CASE("codec: bytes behind the value are an error that says where", "[wire][codec]") {
    auto const found = wire::decode<std::string>(bytes_of({1, 'a', 'b'}));

    CHECK(found.error() == error{errc::malformed, "bytes follow the value", 2});
}

TEST_CASE("codec: an error says where the input was bad", "[wire][codec]") {
    auto const found = wire::decode<std::vector<unsigned>>(bytes_of({3, 1, 2}));

    CHECK(found.error().code == errc::truncated);
    CHECK(found.error().offset == 1);
}

TEST_CASE("codec: what a user's type throws becomes an error", "[wire][codec]") {
    CHECK(wire::decode<percentage>(bytes_of({100})));
    auto const found = wire::decode<percentage>(bytes_of({101}));

    CHECK(found.error() == error{errc::malformed, "a percentage is at most 100", 0});
}

TEST_CASE("codec: values can be appended to one buffer", "[wire][codec]") {
    byte_writer out;

    wire::encode_to(out, 1U);
    wire::encode_to<wire::msgpack>(out, std::string("a"));

    CHECK(testing::hex(out.view()) == "01a161");
}
