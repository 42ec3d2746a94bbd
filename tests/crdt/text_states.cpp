#include <joinery/crdt/text.hpp>

#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "hostile.hpp"

// The bytes of a text: what they may say, and what becomes of them once they are loaded.

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

/// The bytes of a state of which alice has written `seen` dots: placed runs, order, lengths,
/// content, what waits, what is doomed. Her first run begins with the word 3; of what waits or is
/// doomed 2 is alice.
bytes state_of(std::uint64_t seen, std::vector<std::uint64_t> const& words) {
    byte_writer out;
    out.byte(0);
    out.varint(1);
    out.raw(alice.to_bytes());
    out.varint(seen);
    out.varint(0);
    for (auto const word : words) {
        out.varint(word);
    }
    return out.take();
}

} // namespace

TEST_CASE("text: a state that claims more removed items than it may is refused", "[crdt][text]") {
    auto const claims = [](std::uint64_t count) {
        return text::decode(state_of(count, {1, 3, 1, count, 0, 0, 0, 0, count, 0, 0, 0}));
    };
    auto const few = claims(1000);
    REQUIRE(few.has_value());
    CHECK(few->empty());
    auto const many = claims(joinery::detail::removed_items_max + 1);
    REQUIRE_FALSE(many.has_value());
    CHECK(many.error().code == errc::too_large);
}

TEST_CASE("text: a run of items that is written in two parts is refused", "[crdt][text]") {
    auto const whole = text::decode(state_of(4, {1, 3, 1, 4, 0, 0, 0, 0, 4, 0, 0, 0}));
    auto const parts =
        text::decode(state_of(4, {2, 3, 1, 2, 0, 0, 0, 2, 2, 1, 0, 0, 4, 0, 4, 0, 0, 0}));

    CHECK(whole.has_value());
    REQUIRE_FALSE(parts.has_value());
    CHECK(parts.error().code == errc::not_canonical);
}

TEST_CASE("text: an item outside of the causal context is refused", "[crdt][text]") {
    auto const beyond = text::decode(state_of(3, {1, 3, 1, 4, 0, 0, 0, 0, 4, 0, 0, 0}));

    REQUIRE_FALSE(beyond.has_value());
    CHECK(beyond.error().code == errc::malformed);
}

TEST_CASE("text: items that do not stand where an insert would have put them are refused",
          "[crdt][text]") {
    // Two items, and one that alice put between them. Each word is replaced by another one.
    std::vector<std::uint64_t> const honest{2, 3, 1, 2, 0, 0,   2,   1,   2, 0, 2,
                                            1, 0, 4, 3, 3, 'a', 'b', 'c', 0, 0};
    auto const with = [&](std::size_t at, std::uint64_t word) {
        auto words = honest;
        words[at] = word;
        return text::decode(state_of(4, words));
    };
    struct lie {
        std::size_t at;
        std::uint64_t word;
    };
    auto const [at, word] = GENERATE(from_range(std::vector<lie>{
        {6, 4},  // it is an item that is not seen
        {8, 1},  // its left origin is in a run that is not there
        {8, 0},  // fewer words than there are
        {9, 1},  // it stands behind both and up to the second
        {9, 2},  // its left origin is behind the end of the run
        {10, 1}, // its right origin is in a run that is not there
        {11, 0}, // it stands behind the first and up to the first
        {12, 4}, // the order begins with it
        {13, 0}, // the other run begins twice
        {13, 5}, // it stands behind the rest
        {13, 8}, // a third run begins
        {14, 2}, // lengths that are too short
        {14, 4}, // or too long
    }));
    CAPTURE(at, word);

    REQUIRE(text::decode(state_of(4, honest)).has_value());
    CHECK(text::decode(state_of(4, honest))->value() == "abc");
    CHECK_FALSE(with(at, word).has_value());
}

TEST_CASE("text: items whose origins are in a circle are refused", "[crdt][text]") {
    // Of two runs of one item each is inserted beside the other one.
    auto const left = state_of(3, {2, 3, 1, 1, 1, 0, 0, 2, 1, 2, 0, 0, 0, 4, 2, 2, 'a', 'b', 0, 0});
    auto const both = state_of(3, {2, 3, 1, 1, 0, 1, 0, 2, 1, 2, 0, 0, 0, 4, 2, 2, 'a', 'b', 0, 0});
    auto const none = state_of(3, {2, 3, 1, 1, 0, 0, 2, 1, 2, 0, 0, 0, 4, 2, 2, 'a', 'b', 0, 0});

    CHECK_FALSE(text::decode(left).has_value());
    CHECK_FALSE(text::decode(both).has_value());
    CHECK(text::decode(none).has_value());
}

TEST_CASE("text: items at one place that do not stand in the order of their dots are refused",
          "[crdt][text]") {
    auto const in_order = state_of(3, {2, 3, 1, 1, 0, 0, 2, 1, 0, 0, 0, 4, 2, 2, 'a', 'b', 0, 0});
    auto const swapped = state_of(3, {2, 3, 1, 1, 0, 0, 2, 1, 0, 0, 4, 2, 2, 2, 'a', 'b', 0, 0});

    CHECK(text::decode(in_order).has_value());
    CHECK_FALSE(text::decode(swapped).has_value());
}

TEST_CASE("text: removals of absent items that are written in two parts are refused",
          "[crdt][text]") {
    auto const whole = text::decode(state_of(9, {0, 0, 0, 1, 2, 1, 4}));
    auto const parts = text::decode(state_of(9, {0, 0, 0, 2, 2, 1, 2, 2, 3, 2}));

    CHECK(whole.has_value());
    REQUIRE_FALSE(parts.has_value());
    CHECK(parts.error().code == errc::not_canonical);
}

TEST_CASE("text: the bytes of the state in the document on the format", "[crdt][text]") {
    replica_id const low{0x0102030405060708, 0x090a0b0c0d0e0f10};
    replica_id const high{0x1112131415161718, 0x191a1b1c1d1e1f20};
    text t;
    (void)t.insert(high, 0, "h\xc3\xa9");
    (void)t.insert(low, 1, "x!");
    (void)t.erase(low, 2, 2);

    auto const encoded = t.encode();
    auto const of_items = byte_view{encoded}.last(22);
    CHECK(tests::hex(of_items) == "0203010201000101"
                                  "0301020000"
                                  "0402"
                                  "0202"
                                  "026878"
                                  "0000");
}

namespace {

/// A text of many runs, as two authors make it who type at many places.
text many_runs() {
    text t;
    for (std::size_t i = 0; i < 200; ++i) {
        (void)t.insert(i % 3 == 0 ? alice : bob, i * 7 % (t.size() + 1), "x\xc3\xa9");
        if (i % 5 == 0) {
            (void)t.erase(bob, i % t.size(), 1);
        }
    }
    return t;
}

} // namespace

TEST_CASE("text: what was loaded reads as what was written, before and after it changes",
          "[crdt][text]") {
    auto const written = many_runs();
    auto loaded = text::decode(written.encode()).value();

    CHECK(loaded.value() == written.value());
    CHECK(loaded.size() == written.size());
    CHECK(loaded.size(text_unit::utf8) == written.size(text_unit::utf8));
    CHECK(loaded.size(text_unit::utf16) == written.size(text_unit::utf16));
    CHECK_FALSE(loaded.is_bottom());
    auto moved = std::move(loaded);
    auto const copy = moved;
    auto changed = written;
    (void)changed.insert(alice, 3, "new");
    (void)moved.insert(alice, 3, "new");
    CHECK(copy == written);
    CHECK(moved == changed);
    CHECK(moved.value() == changed.value());
}

TEST_CASE("text: what was loaded joins into others, and others into it", "[crdt][text]") {
    auto const written = many_runs();
    auto const encoded = written.encode();
    text other;
    (void)other.insert(replica_id{3}, 0, "other");
    auto expected = other;
    expected.join(written);

    auto loaded = text::decode(encoded).value();
    loaded.join(other);
    REQUIRE(other.join_encoded(encoded).has_value());
    auto twice = text::decode(encoded).value();
    REQUIRE(twice.join_encoded(encoded).has_value());

    CHECK(loaded == expected);
    CHECK(other == expected);
    CHECK(twice == written);
}

TEST_CASE("text: many threads read what was loaded", "[crdt][text]") {
    auto const written = many_runs();
    auto const loaded = text::decode(written.encode()).value();

    std::vector<std::size_t> differences(4);
    std::vector<std::thread> readers;
    for (std::size_t i = 0; i < differences.size(); ++i) {
        readers.emplace_back([&, i] {
            differences[i] += loaded.value() == written.value() ? 0 : 1;
            differences[i] += loaded.id_at(i) == written.id_at(i) ? 0 : 1;
            differences[i] += loaded[i] == written[i] ? 0 : 1;
            differences[i] += loaded.value() == written.value() ? 0 : 1;
        });
    }
    for (auto& reader : readers) {
        reader.join();
    }

    CHECK(differences == std::vector<std::size_t>(4));
}

TEST_CASE("text: bytes that were cut or flipped are refused or a text", "[crdt][text]") {
    text t;
    (void)t.insert(alice, 0, "hello");
    text const orphan = [] {
        text other;
        (void)other.insert(bob, 0, "x");
        return text{other.insert(bob, 1, "y")};
    }();
    (void)t.erase(alice, 1, 2);
    t.join(orphan);
    auto const bytes_of_t = t.encode();

    for (std::size_t size = 0; size < bytes_of_t.size(); ++size) {
        CHECK_FALSE(text::decode(byte_view{bytes_of_t}.first(size)).has_value());
    }
    for (std::size_t bit = 0; bit < bytes_of_t.size() * 8; ++bit) {
        auto flipped = bytes_of_t;
        flipped[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
        if (auto const found = text::decode(flipped)) {
            CHECK(is_utf8(found->value()));
            CHECK(found->encode() == flipped);
        }
    }
}
