#include <joinery/core/byte_writer.hpp>
#include <joinery/crdt/text.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace joinery;

// Published bugs of lists and text, each with the thread or the paper in which it was shown.

namespace {

constexpr replica_id alice{3};
constexpr replica_id bob{2};
constexpr replica_id carol{1};

text joined(std::vector<text> const& deltas) {
    text out;
    for (auto const& delta : deltas) {
        out.join(delta);
    }
    return out;
}

/// Writes one letter after the other, each behind the one before it.
std::vector<text> typed_forwards(replica_id who, std::string const& letters) {
    text here;
    std::vector<text> deltas;
    for (auto const letter : letters) {
        deltas.push_back(here.insert(who, here.size(), std::string(1, letter)));
    }
    return deltas;
}

/// Begins with the last letter.
text typed_backwards(replica_id who, std::string const& letters) {
    text here;
    for (auto letter = letters.rbegin(); letter != letters.rend(); ++letter) {
        here.insert(who, 0, std::string(1, *letter));
    }
    return here;
}

/// The bytes of a state that has seen `count` dots of one replica; `write` writes the items.
template <class Write>
bytes claimed_state(replica_id who, std::uint64_t count, Write&& write) {
    byte_writer out;
    out.byte(0);
    out.varint(1);
    out.raw(who.to_bytes());
    out.varint(count);
    out.varint(0);
    write(out);
    return out.take();
}

} // namespace

TEST_CASE("museum: B15, an insert beside an erased item stands there on every replica",
          "[museum]") {
    // toeverything/OctoBase, y-octo#53: origins that were not adjacent, since one was erased.
    text source;
    text const abc = source.insert(carol, 0, "abc");
    auto bobs = source;
    text const y = bobs.insert(bob, 2, "Y");
    text const erased = source.erase(carol, 1, 1);
    auto alices = source;
    text const x = alices.insert(alice, 1, "X");
    alices.join(y);

    auto const other = joined({abc, y, erased, x});

    CHECK(alices.value() == "aXYc");
    CHECK(other.value() == "aXYc");
    CHECK(other == alices);
}

TEST_CASE("museum: B15, an item whose right neighbour is not here yet waits for it", "[museum]") {
    // ygo#65, ygo#68
    text source;
    text const ab = source.insert(carol, 0, "ab");
    text const r = source.insert(bob, 1, "R");
    text const x = source.insert(alice, 1, "X");

    auto late = joined({ab, x});
    CHECK(late.waiting() == 1);
    CHECK(late.value() == "ab");
    late.join(r);

    CHECK(late.waiting() == 0);
    CHECK(late.value() == "aXRb");
    CHECK(late == source);
}

TEST_CASE("museum: B15, an insert into the middle of what was typed in one go stays there",
          "[museum]") {
    // y-octo#61: the neighbour lies inside of a merged run.
    text source;
    text const abcd = source.insert(alice, 0, "abcd");
    text const x = source.insert(bob, 2, "X");

    CHECK(joined({abcd, x}).value() == "abXcd");
    CHECK(joined({abcd, x}) == source);
}

TEST_CASE("museum: B17, a batch of deltas gives one text, in whichever order they are joined",
          "[museum]") {
    // peer-base/js-delta-crdts#38
    text source;
    text const a = source.insert(alice, 0, "a");
    text const b = source.insert(bob, 1, "b");
    text const c = source.insert(carol, 2, "c");

    auto const batch = joined({c, b, a});

    CHECK(batch.value() == "abc");
    CHECK(joined({b, c, a}).value() == "abc");
    CHECK(joined({joined({c, b}), a}) == source);
}

TEST_CASE("museum: B18, a few bytes do not make room for a billion erased items", "[museum]") {
    // y-crdt#639: what was allocated was what the bytes claimed.
    constexpr std::uint64_t billion = 1'000'000'000;
    auto const claim = claimed_state(carol, billion, [](byte_writer& out) {
        for (std::uint64_t const word : {1U, 3U, 1U}) { // one run, from the first item of carol on
            out.varint(word);
        }
        out.varint(billion);
        for (std::uint64_t const word : {0U, 0U, 0U, 0U}) { // from start to end; none is alive
            out.varint(word);
        }
        out.varint(billion); // removed
        for (int left = 3; left != 0; --left) {
            out.varint(0);
        }
    });

    auto const read = text::decode(claim);

    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::too_large);
}

TEST_CASE("museum: B19, nobody counts through a range that a few bytes claim", "[museum]") {
    // yjs/yjs#687
    constexpr std::uint64_t many = std::uint64_t{1} << 43;
    auto const claim = claimed_state(alice, 1, [](byte_writer& out) {
        for (std::uint64_t const word : {0U, 0U, 0U, 1U, 1U}) { // one range of removals, by id
            out.varint(word);
        }
        out.raw(carol.to_bytes());
        out.varint(1);
        out.varint(many);
    });
    text source;
    (void)source.insert(carol, 0, "a");
    text const waits = source.insert(carol, 1, "b");

    auto const read = text::decode(claim);

    REQUIRE(read);
    CHECK(read->encode() == claim);
    auto whole = waits;
    whole.join(*read);
    CHECK(joined({waits, read->difference(waits)}) == whole);
    text parts;
    read->decompose([&](text const& part) { parts.join(part); });
    CHECK(parts == *read);
}

TEST_CASE("museum: B22, bytes name every replica beside whose items something stands", "[museum]") {
    // automerge/automerge#897, in a delta: it has seen nothing of the other replica.
    for (auto const& [first, second] : {std::pair{alice, bob}, std::pair{bob, alice}}) {
        text source;
        text const a = source.insert(first, 0, "a");
        text const b = source.insert(second, 1, "b");

        auto const read = text::decode(b.encode());

        REQUIRE(read);
        CHECK(*read == b);
        CHECK(read->waiting() == 1);
        CHECK(joined({a, *read}).value() == "ab");
    }
}

TEST_CASE("museum: B23, what is typed backwards at one place at once does not interleave",
          "[museum]") {
    // Weidner, Kleppmann, "The Art of the Fugue"
    text source;
    text const c = source.insert(alice, 0, "c");
    text const b = source.insert(carol, 0, "b");
    text const a = source.insert(carol, 0, "a");
    auto const other = typed_backwards(bob, "xyz");

    CHECK(joined({c, b, a, other}).value() == "xyzabc");
    CHECK(joined({other, c, b, a}).value() == "xyzabc");
}

TEST_CASE("museum: B23, what is typed forwards at one place at once does not interleave",
          "[museum]") {
    auto const one = typed_forwards(carol, "abc");
    auto const other = typed_forwards(bob, "xyz");
    auto const last = typed_forwards(alice, "!");

    // Letter by letter in turn, so that neighbours were not neighbours when they came.
    auto const in_turn = joined({one[0], other[0], one[1], other[1], one[2], other[2], last[0]});

    CHECK(in_turn.value() == "abcxyz!");
    CHECK(joined({last[0], other[0], other[1], other[2], one[0], one[1], one[2]}) == in_turn);
}
