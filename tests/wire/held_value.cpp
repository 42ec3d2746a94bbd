#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/wire/held_value.hpp>

#include <catch2/catch.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>

#include <cmath>
#include <compare>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "crdt/held_laws.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

struct point {
    int x = 0;
    double weight = 0;
    std::string name{};

    template <class Archive>
    void serialize(Archive& archive) {
        archive(x, weight, name);
    }
    friend bool operator==(point const&, point const&) = default;
};

/// Reads more forms than it writes.
struct forgiving {
    unsigned value = 0;

    template <class Archive>
    void save(Archive& archive) const {
        archive(value);
    }
    template <class Archive>
    void load(Archive& archive) {
        archive(value);
        value %= 10;
    }
};

struct nothing {
    template <class Archive>
    void serialize(Archive&) {}
};

/// A type that holds itself: as deep as its bytes say.
struct tree {
    std::vector<tree> children{};

    template <class Archive>
    void serialize(Archive& archive) {
        archive(children);
    }
};

using numbers = std::vector<int>;
using book = std::map<std::string, int>;
using maybe = std::optional<int>;
using either = std::variant<int, std::string>;

author by(replica_id who) {
    return {who, hlc::at(1), 0};
}

std::vector<point> points() {
    return {{}, {1, 0.5, "a"}, {-1, 0.5, "a"}, {1, -0.5, "a"}, {1, 0.5, std::string(200, 'z')}};
}

} // namespace

TEST_CASE("held_value: serializable types keep the laws of a key", "[wire][held_value]") {
    CHECK(tests::broken_held_law(points()) == "");
    CHECK(tests::broken_held_law<numbers>({{}, {0}, {0, 0}, {-1}, {1, 2}, numbers(300, 7)}) == "");
    CHECK(tests::broken_held_law<book>({{}, {{"a", 1}}, {{"a", 2}}, {{"a", 1}, {"b", 1}}}) == "");
    CHECK(tests::broken_held_law<maybe>({std::nullopt, 0, -5}) == "");
    CHECK(tests::broken_held_law<either>({0, "", 1, "1"}) == "");
    CHECK(tests::broken_held_law<nothing>({{}}) == "");
    CHECK(tests::broken_held_law<bytes>({{}, bytes(3), bytes(200)}) == "");
}

TEST_CASE("held_value: damaged bytes are refused or are another value", "[wire][held_value]") {
    CHECK(tests::broken_by_damage<point>({1, 0.5, "name"}) == "");
    CHECK(tests::broken_by_damage<numbers>({1, -200, 3}) == "");
    CHECK(tests::broken_by_damage<book>({{"a", 1}, {"b", 2}}) == "");
    CHECK(tests::broken_by_damage<maybe>(5) == "");
    CHECK(tests::broken_by_damage<either>("text") == "");
    CHECK(tests::broken_by_damage<forgiving>({7}) == "");
}

TEST_CASE("held_value: bytes that the value does not encode to are refused", "[wire][held_value]") {
    bytes const seventeen{std::byte{1}, std::byte{17}};
    byte_reader reader{seventeen};

    (void)held<forgiving>::read(reader);

    REQUIRE_FALSE(reader.ok());
    CHECK(reader.error().code == errc::not_canonical);
}

TEST_CASE("held_value: hostile nesting is an error that says so", "[wire][held_value]") {
    // Each level is one element; a hundred thousand of them would end any stack.
    std::string const levels(100'000, '\1');
    byte_writer out;
    out.varint(levels.size());
    out.raw(as_bytes(levels));
    byte_reader reader{out.view()};

    (void)held<tree>::read(reader);

    REQUIRE_FALSE(reader.ok());
    CHECK(reader.error().code == errc::too_deep);
}

TEST_CASE("held_value: values with NaN and both zeros are told apart by their bytes",
          "[wire][held_value]") {
    aw_set<point> set;
    point const unknown{1, std::nan(""), "unknown"};
    set.insert(alice, unknown);
    set.insert(alice, unknown);
    set.insert(alice, {1, 0.0, "zero"});
    set.insert(alice, {1, -0.0, "zero"});

    CHECK(set.size() == 3);
    CHECK(set.contains(unknown));
    auto const decoded = aw_set<point>::decode(set.encode());
    REQUIRE(decoded);
    CHECK(*decoded == set);
    set.erase(alice, unknown);
    CHECK_FALSE(set.contains(unknown));
}

TEST_CASE("held_value: a set of structs grows over its index and back", "[wire][held_value]") {
    aw_set<point> left;
    for (int i = 0; i < 200; ++i) {
        left.insert(alice, {i % 150, 0.5, std::to_string(i % 150)});
    }
    auto right = left;
    for (int i = 0; i < 150; i += 2) {
        right.erase(bob, {i, 0.5, std::to_string(i)});
    }
    right.insert(bob, {1000, 1, "new"});

    left.join(right);

    CHECK(left.size() == 76);
    CHECK(left == right);
    CHECK(left.digest() == right.digest());
    CHECK(left.contains({1000, 1, "new"}));
    CHECK_FALSE(left.contains({0, 0.5, "0"}));
}

TEST_CASE("held_value: a struct is a key of a map", "[wire][held_value]") {
    or_map<point, aw_set<int>> left;
    point const key{1, 0.5, "a"};
    left.edit(by(alice), [&](auto map) { map.at(key).insert(10); });
    auto right = left;
    auto const erased = left.erase(alice, key);
    right.edit(by(bob), [&](auto map) { map.at(key).insert(20); });

    right.join(erased);

    CHECK(left.empty());
    CHECK(right.keys() == std::vector{key});
    CHECK(right.at(key).value() == std::vector{20});
}

TEST_CASE("held_value: a register keeps concurrent vectors", "[wire][held_value]") {
    mv_register<numbers> left;
    mv_register<numbers> right;
    left.assign(by(alice), {1, 2, 3});
    right.assign(by(bob), {});

    left.join(right);

    CHECK(left.size() == 2);
    CHECK(left.value().front().value == numbers{1, 2, 3});
    CHECK(left.latest().empty());
    CHECK(tests::broken_by_bytes(left, right, tests::hostility::bit_flips) == "");
}
