#include <joinery/core/hash.hpp>

#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace joinery;

TEST_CASE("hash: every length, byte and seed changes the hash", "[core][hash]") {
    std::set<std::uint64_t> hashes;
    std::size_t count = 0;
    for (std::size_t size = 0; size < 80; ++size) {
        std::string text(size, 'x');
        hashes.insert(hash64(as_bytes(text), 1));
        hashes.insert(hash64(as_bytes(text), 2));
        count += 2;
        for (auto& c : text) {
            c = 'y';
            hashes.insert(hash64(as_bytes(text), 1));
            c = 'x';
            ++count;
        }
    }

    CHECK(hashes.size() == count);
}

TEST_CASE("hash: the same bytes at another address have the same hash", "[core][hash]") {
    std::string const text = "a text that is longer than sixteen bytes";
    for (std::size_t shift = 0; shift < 8; ++shift) {
        auto const moved = std::string(shift, ' ') + text;

        CHECK(hash64(as_bytes(moved).subspan(shift), 7) == hash64(as_bytes(text), 7));
    }
}

TEST_CASE("hash: the halves of hash128 are independent of each other", "[core][hash]") {
    auto const one = hash128(as_bytes("one"));
    auto const two = hash128(as_bytes("two"));

    CHECK(one.high != one.low);
    CHECK(one.high != two.high);
    CHECK(one.low != two.low);
    CHECK(hash128(as_bytes("one"), 1) != one);
}

TEST_CASE("hash: words in another order have another hash", "[core][hash]") {
    using detail::hash_words;

    CHECK(hash_words(0, {1, 2}) != hash_words(0, {2, 1}));
    CHECK(hash_words(0, {0, 5}) != hash_words(0, {0, 6}));
    CHECK(hash_words(1, {3}) != hash_words(2, {3}));
}
