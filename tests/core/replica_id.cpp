#include <joinery/core/replica_id.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <set>

using namespace joinery;

namespace {

constexpr replica_id sample{0x0123456789abcdefULL, 0xfedcba9876543210ULL};
constexpr auto sample_text = "0123456789abcdeffedcba9876543210";

} // namespace

TEST_CASE("replica_id: text is 32 lower-case digits, high half first", "[core][replica_id]") {
    CHECK(sample.to_string() == sample_text);
    CHECK(replica_id{10}.to_string() == "0000000000000000000000000000000a");
}

TEST_CASE("replica_id: parse reads what to_string wrote", "[core][replica_id]") {
    CHECK(replica_id::parse(sample_text) == sample);
    CHECK(replica_id::parse("0123456789ABCDEFFEDCBA9876543210") == sample);
}

TEST_CASE("replica_id: parse refuses anything but 32 digits", "[core][replica_id]") {
    auto const text =
        GENERATE("", "0", "0123456789abcdeffedcba987654321", "0123456789abcdeffedcba98765432100",
                 "0123456789abcdeffedcba987654321g", "+123456789abcdeffedcba9876543210",
                 "0x23456789abcdeffedcba9876543210", "0123456789abcdeffedcba987654321 ");
    CAPTURE(text);

    CHECK(replica_id::parse(text) == std::nullopt);
}

TEST_CASE("replica_id: bytes are big-endian and come back", "[core][replica_id]") {
    auto const raw = sample.to_bytes();

    CHECK(raw[0] == std::byte{0x01});
    CHECK(raw[7] == std::byte{0xef});
    CHECK(raw[8] == std::byte{0xfe});
    CHECK(raw[15] == std::byte{0x10});
    CHECK(replica_id::from_bytes(raw) == sample);
}

TEST_CASE("replica_id: ids, texts and bytes sort alike", "[core][replica_id]") {
    auto const seed = GENERATE(range(0U, 50U));
    CAPTURE(seed);
    std::mt19937 random{seed};

    auto const a = replica_id::random(random);
    auto const b = replica_id::random(random);

    CHECK((a < b) == (a.to_string() < b.to_string()));
    CHECK((a < b) == (a.to_bytes() < b.to_bytes()));
    CHECK(replica_id{1, 0} > replica_id{0, ~0ULL});
}

TEST_CASE("replica_id: random fills all 128 bits", "[core][replica_id]") {
    std::mt19937 random{7};
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::set<replica_id> drawn;
    for (int i = 0; i < 100; ++i) {
        auto const id = replica_id::random(random);
        high |= id.high();
        low |= id.low();
        drawn.insert(id);
    }

    CHECK(high == ~0ULL);
    CHECK(low == ~0ULL);
    CHECK(drawn.size() == 100);
}

TEST_CASE("replica_id: works in constant expressions", "[core][replica_id]") {
    STATIC_REQUIRE(replica_id{} == replica_id{0, 0});
    STATIC_REQUIRE(replica_id::parse(sample_text) == sample);
    STATIC_REQUIRE(replica_id::from_bytes(sample.to_bytes()) == sample);
}
