#include <joinery/core/byte_pool.hpp>

#include <catch2/catch.hpp>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

using namespace joinery;

namespace {

std::string_view text_at(std::byte const* at, std::size_t size) {
    return as_text({at, size});
}

} // namespace

TEST_CASE("byte_pool: copies never move", "[core][byte_pool]") {
    byte_pool pool;
    std::vector<std::pair<std::byte const*, std::string>> kept;
    for (int i = 0; i < 3'000; ++i) {
        std::string const text(static_cast<std::size_t>(i % 700), static_cast<char>('a' + i % 26));
        kept.emplace_back(pool.copy(as_bytes(text)), text);
    }

    auto is_intact = true;
    for (auto const& [at, text] : kept) {
        is_intact = is_intact && text_at(at, text.size()) == text;
    }
    CHECK(is_intact);
}

TEST_CASE("byte_pool: an open record moves as a whole", "[core][byte_pool]") {
    byte_pool pool;
    (void)pool.copy(as_bytes("before"));
    auto* open = pool.reserve(8);
    std::string expected;
    for (int i = 0; i < 500; ++i) {
        auto* const at = pool.reserve(8, open);
        std::memcpy(at, "12345678", 8);
        pool.commit(at + 8);
        expected += "12345678";
    }

    CHECK(text_at(open, expected.size()) == expected);
    CHECK(pool.tail() == open + expected.size());
}

TEST_CASE("byte_pool: a rewound record leaves its room", "[core][byte_pool]") {
    byte_pool pool;
    auto* const open = pool.reserve(16);
    pool.commit(open + 16);

    pool.rewind(open);

    CHECK(pool.reserve(16) == open);
}

TEST_CASE("byte_pool: adopted bytes stay where they are", "[core][byte_pool]") {
    owned_bytes buffer{5};
    std::memcpy(buffer.data(), "hello", 5);
    auto const* const at = buffer.data();
    byte_pool other;
    auto const* const copied = other.copy(as_bytes("world"));
    byte_pool pool;

    pool.adopt(std::move(buffer), 5);
    pool.adopt(std::move(other));
    auto const moved = std::move(pool);

    CHECK(text_at(at, 5) == "hello");
    CHECK(text_at(copied, 5) == "world");
    CHECK(moved.held_bytes() >= 10);
    CHECK(other.held_bytes() == 0);
}
