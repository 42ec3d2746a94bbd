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
#include <vector>

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
