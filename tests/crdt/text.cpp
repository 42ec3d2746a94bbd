#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/text.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/codec_laws.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "hostile.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

constexpr char const* mixed = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\nb"; // 1, 2, 3, 4, 1, 1 bytes

text of(std::string_view utf8) {
    text out;
    (void)out.insert(alice, 0, utf8);
    return out;
}

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

TEST_CASE("text: a fresh text is empty and bottom", "[crdt][text]") {
    text const fresh;

    CHECK(fresh.is_bottom());
    CHECK(fresh.empty());
    CHECK(fresh.value().empty());
    CHECK(fresh.size(text_unit::utf16) == 0);
    CHECK(fresh.read().index_at(text_unit::lines, 1) == 0);
}

TEST_CASE("text: it counts code points, bytes, UTF-16 units and lines", "[crdt][text]") {
    auto const t = of(mixed);

    CHECK(t.size() == 6);
    CHECK(t.size(text_unit::utf8) == 12);
    CHECK(t.size(text_unit::utf16) == 7);
    CHECK(t.size(text_unit::lines) == 1);
    CHECK(t[3] == "\xf0\x9f\x98\x80");
}

TEST_CASE("text: a position translates into every unit and back", "[crdt][text]") {
    text t;
    for (int i = 0; i < 300; ++i) {
        (void)t.insert(alice, t.size() / 2, mixed);
    }
    (void)t.erase(alice, 100, 700);
    auto const all = t.value();
    auto const bytes_of = [&](std::size_t index) {
        std::size_t at = 0;
        for (; index > 0; --index) {
            at += utf8_sequence_bytes(std::string_view{all}.substr(at));
        }
        return at;
    };
    for (std::size_t index = 0; index <= t.size(); index += 7) {
        CAPTURE(index);
        auto const at = bytes_of(index);
        CHECK(t.read().position(text_unit::utf8, index) == at);
        CHECK(t.read().index_at(text_unit::utf8, at) == index);
        auto const utf16 = t.read().position(text_unit::utf16, index);
        CHECK(t.read().index_at(text_unit::utf16, utf16) == index);
        auto const before = std::string_view{all}.substr(0, at);
        CHECK(t.read().position(text_unit::lines, index) ==
              static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')));
    }
    auto const line = t.read().index_at(text_unit::lines, 3);
    CHECK(t.read().position(text_unit::lines, line) == 3);
    CHECK(t[line - 1] == "\n");
}

TEST_CASE("text: an item keeps its name while others come and go", "[crdt][text]") {
    auto t = of("hello");
    auto const l = t.id_at(2);

    (void)t.insert(bob, 0, "oh, ");
    CHECK(t.index_of(l) == 6);
    (void)t.erase(bob, 6, 1);
    CHECK(t.index_of(l) == 6);
    CHECK(t.index_of(dot{bob, 99}) == std::nullopt);
}

TEST_CASE("text: a cursor stays beside its item", "[crdt][text][cursor]") {
    auto t = of("hello");
    auto const left = t.cursor_at(2);
    auto const right = t.cursor_at(2, cursor_side::in_front);
    auto const start = t.cursor_at(0);
    auto const end = t.cursor_at(5, cursor_side::in_front);

    (void)t.insert(bob, 2, "XY");
    CHECK(t.index_of(left) == 2);
    CHECK(t.index_of(right) == 4);
    (void)t.insert(bob, 0, "<");
    (void)t.insert(bob, t.size(), ">");
    CHECK(t.index_of(left) == 3);
    CHECK(t.index_of(start) == 0);
    CHECK(t.index_of(end) == t.size());
    (void)t.erase(bob, 1, 4); // "heXY"
    CHECK(t.index_of(left) == 1);
    CHECK(t.index_of(right) == 1);
    CHECK(t.index_of(cursor{{bob, 99}, cursor_side::behind}) == std::nullopt);
}

TEST_CASE("text: a range holds its items and what comes between them", "[crdt][text][cursor]") {
    auto t = of("hello world");
    auto const word = t.range_at(6, 5);
    auto other = t;
    (void)other.insert(bob, 6, "big "); // in front of the range
    (void)other.insert(bob, 12, "--");  // within
    (void)other.insert(bob, other.size(), "!");
    t.join(other);

    auto const from = t.index_of(word.from).value();
    auto const to = t.index_of(word.to).value();
    CHECK(t.value().substr(from, to - from) == "wo--rld");
}

TEST_CASE("text: what is typed at one place does not interleave", "[crdt][text]") {
    auto left = of("[]");
    auto right = left;
    for (std::size_t i = 0; i < 3; ++i) {
        (void)left.insert(alice, 1 + i, "a");
        (void)right.insert(bob, 1, "b"); // backwards
    }
    left.join(right);
    right.join(left);

    CHECK(left == right);
    CHECK((left.value() == "[aaabbb]" || left.value() == "[bbbaaa]"));
}

TEST_CASE("text: an erase removes what it has seen and nothing else", "[crdt][text]") {
    auto left = of("abc");
    auto right = left;
    (void)left.erase(alice, 0, 3);
    (void)right.insert(bob, 1, "X");

    left.join(right);
    right.join(left);

    CHECK(left.value() == "X");
    CHECK(left == right);
}

TEST_CASE("text: a change that comes before its place waits unseen", "[crdt][text]") {
    text author;
    text const first = author.insert(alice, 0, "ab");
    text const second = author.insert(alice, 1, "X");
    text const third = author.erase(alice, 1, 1);

    text late;
    late.join(second);
    CHECK(late.empty());
    CHECK(late.waiting() == 1);
    CHECK(text::decode(late.encode()).value() == late);
    late.join(third);
    late.join(first);

    CHECK(late.waiting() == 0);
    CHECK(late.value() == "ab");
    CHECK(late == author);
}

TEST_CASE("text: changes that wait in a row are written as one run", "[crdt][text]") {
    text author;
    text const first = author.insert(alice, 0, "a");
    text in_order;
    text backwards;
    std::vector<text> deltas;
    for (std::size_t i = 1; i <= 300; ++i) {
        deltas.push_back(author.insert(alice, i, i % 2 == 0 ? "b" : "\xc3\xa9"));
    }
    for (std::size_t i = 0; i < deltas.size(); ++i) {
        in_order.join(deltas[i]);
        backwards.join(deltas[deltas.size() - 1 - i]);
    }

    CHECK(in_order.waiting() == 300);
    CHECK(in_order == backwards);
    auto const all = in_order.encode();
    CHECK(all.size() < 600); // 450 bytes of text, and one head
    auto late = text::decode(all).value();
    late.join(first);
    CHECK(late == author);
}

TEST_CASE("text: a change joins as it is and as a delta", "[crdt][text]") {
    text author;
    text by_change;
    text by_delta;
    auto const change = author.insert(alice, 0, "abc");
    by_change.join(change);
    by_delta.join(text{change});
    auto const erase = author.erase(alice, 0, 2);
    by_change.join(erase);
    by_delta.join(text{erase});

    CHECK(by_change == author);
    CHECK(by_delta == author);
    CHECK(change.dot_count() == 3);
    CHECK(erase.first() == dot{alice, 4});
}

TEST_CASE("text: an edit outside of it, or of what is not UTF-8, changes nothing", "[crdt][text]") {
    auto t = of("abc");
    auto const before = t;
    auto const refused = [&](auto&& change) {
        errc code{};
        auto const delta = t.edit(author{alice, {}, 0}, [&](auto editor) {
            change(editor);
            code = editor.outcome().error().code;
        });
        return delta.is_bottom() ? code : errc{};
    };

    CHECK(refused([](auto& e) { e.insert(4, "x"); }) == errc::invalid_argument);
    CHECK(refused([](auto& e) { e.erase(2, 2); }) == errc::invalid_argument);
    CHECK(refused([](auto& e) { e.erase(std::size_t{0} - 1, 2); }) == errc::invalid_argument);
    CHECK(refused([](auto& e) { e.insert(0, "\xc3"); }) == errc::malformed);
    CHECK(refused([](auto& e) { e.splice(0, 1, "\xed\xa0\x80"); }) == errc::malformed);
    CHECK(t == before);
}

TEST_CASE("text: its laws hold for random edits", "[crdt][text]") {
    auto const seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    CHECK(testing::check_laws<text>(seed, 150, testing::random_edits<text>{},
                                    testing::codec_laws) == "");
}

TEST_CASE("text: the parts of a lone erase make the erase", "[crdt][text]") {
    auto author = of("abcdef");
    (void)author.insert(bob, 3, "X");
    text const erase = author.erase(alice, 1, 4);
    auto const insert = of("abcdef");

    text whole;
    erase.decompose([&](text const& part) { whole.join(part); });
    CHECK(whole == erase);
    CHECK(whole.difference(erase).is_bottom());
    whole.join(insert);
    CHECK(whole.value() == "aef");
    CHECK(insert.difference(erase).is_bottom() == false);
    auto without = insert;
    without.join(erase.difference(insert));
    CHECK(without.value() == "aef");
}

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

TEST_CASE("text: erasing a key erases the text under it, and no concurrent insert",
          "[crdt][text][or_map]") {
    using texts = or_map<std::string, text>;
    texts left;
    (void)left.edit(author{alice, {}, 0}, [](auto map) { map.at("k").insert(0, "old"); });
    auto right = left;
    (void)left.edit(author{alice, {}, 0}, [](auto map) { map.erase("k"); });
    CHECK_FALSE(left.contains("k"));
    (void)right.edit(author{bob, {}, 0}, [](auto map) { map.at("k").insert(3, " new"); });

    left.join(right);
    right.join(left);

    CHECK(left == right);
    CHECK(left.at("k").value() == " new");
    CHECK(texts::decode(left.encode()).value() == left);
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
    auto t = of("hello");
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

namespace {

/// A text with room for ten code points.
using tiny_text = basic_text<detail::bounded_text_content<10>>;

} // namespace

TEST_CASE("text: what has no room is refused, and nothing is lost in silence", "[crdt][text]") {
    tiny_text ours;
    tiny_text theirs;
    ours.insert(replica_id{1}, 0, "eight of");
    tiny_text const delta = theirs.insert(replica_id{2}, 0, "three");
    auto const before = ours.encode();

    CHECK_THROWS_AS(ours.insert(replica_id{1}, 0, "four"), std::length_error);
    CHECK_THROWS_AS(ours.join(delta), std::length_error);
    CHECK(ours.value() == "eight of");
    auto const joined = ours.join_encoded(theirs.encode());
    REQUIRE_FALSE(joined);
    CHECK(joined.error().code == errc::too_large);
    CHECK(ours.encode() == before);

    CHECK(ours.join_encoded(before));
    ours.insert(replica_id{1}, 8, "ok");
    CHECK(ours.value() == "eight ofok");
}

TEST_CASE("text: what waits has its room already", "[crdt][text]") {
    tiny_text ours;
    tiny_text theirs;
    ours.insert(replica_id{1}, 0, "eight of");
    tiny_text const first = theirs.insert(replica_id{2}, 0, "ab");
    tiny_text const second = theirs.insert(replica_id{2}, 2, "cd");

    ours.join(second);
    CHECK(ours.waiting() == 2);
    ours.join(second);
    CHECK_THROWS_AS(ours.join(first), std::length_error);
    CHECK_FALSE(ours.join_encoded(first.encode()));
    CHECK(ours.value() == "eight of");
    CHECK(ours.waiting() == 2);
}
