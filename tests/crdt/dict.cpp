#include <joinery/crdt/dict.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <string>

using namespace joinery;

namespace {

using number_dict = detail::dict<std::uint64_t, std::string>;

/// A dictionary whose user computes hashes.
struct user {
    number_dict dict{};
    static constexpr std::uint64_t seed = 5;

    [[nodiscard]] static std::uint64_t hash(std::uint64_t key) {
        return held<std::uint64_t>::hash(key, seed);
    }
    [[nodiscard]] std::uint32_t find(std::uint64_t key) const { return dict.find(hash(key), key); }
    void insert(std::uint64_t key, std::string value) {
        dict.at(dict.insert(hash(key), key, seed)).value = std::move(value);
    }
    void erase(std::uint64_t key) { dict.erase(hash(key), find(key)); }
};

} // namespace

TEST_CASE("dict: a fresh dictionary finds nothing", "[crdt][dict]") {
    user const fresh;

    CHECK(fresh.dict.empty());
    CHECK_FALSE(fresh.dict.has_index());
    CHECK(fresh.find(1) == number_dict::none);
}

TEST_CASE("dict: an index is made when scanning would be slow", "[crdt][dict]") {
    user small;
    for (std::uint64_t key = 0; key < number_dict::scan_max; ++key) {
        small.insert(key, "v");
    }
    CHECK_FALSE(small.dict.has_index());

    small.insert(99, "one more");

    CHECK(small.dict.has_index());
    CHECK(small.dict.at(small.find(99)).value == "one more");
    CHECK(small.dict.at(small.find(0)).value == "v");
}

TEST_CASE("dict: positions are stable and erased places are used again", "[crdt][dict]") {
    user some;
    for (std::uint64_t key = 0; key < 2'000; ++key) {
        some.insert(key, std::to_string(key));
    }
    auto const place = some.find(1'234);
    auto const kept = some.find(77);

    some.erase(1'234);
    CHECK(some.find(1'234) == number_dict::none);
    CHECK_FALSE(some.dict.is_alive(place));
    some.insert(5'000, "new");

    CHECK(some.find(5'000) == place);
    CHECK(some.find(77) == kept);
    CHECK(some.dict.position_end() == 2'000);
}

TEST_CASE("dict: erasing while visiting visits every other entry once", "[crdt][dict]") {
    user some;
    for (std::uint64_t key = 0; key < 100; ++key) {
        some.insert(key, "v");
    }
    std::uint64_t sum = 0;

    some.dict.for_each([&](auto const& e) {
        sum += e.key;
        if (e.key % 2 == 0) {
            some.erase(e.key);
        }
    });

    CHECK(sum == 99 * 100 / 2);
    CHECK(some.dict.size() == 50);
}

TEST_CASE("dict: random insertions and erasures agree with a map", "[crdt][dict]") {
    auto const seed = GENERATE(range(0U, 6U));
    auto const keys = GENERATE(10U, 200U, 5'000U);
    CAPTURE(seed, keys);
    testing::splitmix64 random{seed};
    user some;
    std::map<std::uint64_t, std::string> expected;

    for (unsigned step = 0; step < 6 * keys; ++step) {
        auto const key = random.below(keys);
        auto const is_growing = step / keys % 2 == 0;
        if (expected.count(key) == 0 && random.chance(is_growing ? 90 : 20)) {
            some.insert(key, std::to_string(step));
            expected[key] = std::to_string(step);
        } else if (expected.count(key) != 0 && random.chance(is_growing ? 10 : 80)) {
            some.erase(key);
            expected.erase(key);
        }
    }

    std::map<std::uint64_t, std::string> got;
    some.dict.for_each([&](auto const& e) { got.emplace(e.key, e.value); });
    CHECK(got == expected);
    auto is_found = true;
    for (std::uint64_t key = 0; key < keys; ++key) {
        is_found = is_found && (some.find(key) != number_dict::none) == (expected.count(key) != 0);
    }
    CHECK(is_found);
}

TEST_CASE("dict: reserving keeps what is here, the places of the erased included", "[crdt][dict]") {
    auto const count = GENERATE(5U, 20U, 1'500U);
    user some;
    for (std::uint64_t key = 0; key < 4; ++key) {
        some.insert(key, std::string(40, 'v'));
    }
    some.erase(1);
    some.erase(2);

    some.dict.reserve(count, user::seed);

    CHECK(some.dict.has_index() == (count > number_dict::scan_max));
    CHECK(some.dict.at(some.find(3)).value == std::string(40, 'v'));
    for (std::uint64_t key = 10; key < 8 + count; ++key) {
        some.insert(key, "new");
    }
    CHECK(some.dict.size() == count);
    CHECK(some.dict.position_end() == count);
    CHECK(some.find(0) == 0);
    CHECK(some.find(1) == number_dict::none);
}

TEST_CASE("dict: an empty one is a null pointer", "[crdt][dict]") {
    CHECK(sizeof(number_dict) == sizeof(void*));
    CHECK(number_dict{}.held_bytes() == 0);
}

TEST_CASE("dict: a moved dictionary leaves an empty one", "[crdt][dict]") {
    user some;
    for (std::uint64_t key = 0; key < 50; ++key) {
        some.insert(key, "v");
    }

    auto const taken = std::move(some.dict);
    some.dict.clear();
    some.insert(1, "again");

    CHECK(taken.size() == 50);
    CHECK(some.dict.size() == 1);
}
