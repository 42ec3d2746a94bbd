#include <joinery/crdt/document.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/crdt/sequence.hpp>
#include <joinery/crdt/text.hpp>

#include <boost/hana/define_struct.hpp>
#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

struct note {
    BOOST_HANA_DEFINE_STRUCT(note, (text, body), (sequence<int>, ranks));
};

document edited(document& doc, replica_id by, auto&& change) {
    return doc.edit(author{by, {}, 0}, change);
}

} // namespace

TEST_CASE("sequence_places: a cursor in a text of a document stays beside its item",
          "[crdt][document][cursor]") {
    document here;
    (void)edited(here, alice, [](auto doc) { doc.splice("t", 0, 0, "h\xc3\xa9llo"); });
    auto there = here;
    auto const caret = here.at("t").cursor_at(2);
    auto const in_front = here.at("t").cursor_at(2, cursor_side::in_front);
    auto const word = here.at("t").range_at(1, 3);

    here.join(edited(there, bob, [](auto doc) { doc.splice("t", 0, 0, "oh, "); }));
    CHECK(here.at("t").index_of(caret) == 6);
    here.join(edited(there, bob, [](auto doc) { doc.splice("t", 6, 0, "..."); }));
    CHECK(here.at("t").index_of(caret) == 6);
    CHECK(here.at("t").index_of(in_front) == 9);
    here.join(edited(there, bob, [](auto doc) { doc.erase("t", 0, 5); }));

    CHECK(here.at("t").text() == "\xc3\xa9...llo");
    CHECK(here.at("t").index_of(word.from) == 0);
    CHECK(here.at("t").index_of(word.to) == 6);
    CHECK(there.at("t").index_of(caret) == 1);
}

TEST_CASE("sequence_places: an element of a list in a document keeps its name",
          "[crdt][document][cursor]") {
    document doc;
    (void)edited(doc, alice, [](auto d) {
        d.insert("l", 0, "b");
        d.insert("l", 1, "c");
    });
    auto const c = doc.at("l").id_at(1);

    (void)edited(doc, bob, [](auto d) { d.insert("l", 0, "a"); });
    CHECK(doc.at("l").index_of(c) == 2);
    (void)edited(doc, bob, [](auto d) { d.erase("l", 2, 1); });
    CHECK(doc.at("l").index_of(c) == 2);
    CHECK(doc.at("l").index_of(dot{bob, 99}) == std::nullopt);
    CHECK(doc.at("l").index_of(cursor{{}, cursor_side::in_front}) == 2);
}

TEST_CASE("sequence_places: cursors work in fields and under keys", "[crdt][text][cursor]") {
    product<note> record;
    (void)record.edit(author{alice, {}, 0}, [](auto n) {
        n[&note::body].insert(0, "body");
        n[&note::ranks].insert(0, 7);
    });
    auto const in_body = record[&note::body].cursor_at(2);
    (void)record.edit(author{bob, {}, 0}, [](auto n) { n[&note::body].erase(0, 3); });
    CHECK(record[&note::body].index_of(in_body) == 0);
    CHECK(record[&note::ranks].index_of(record[&note::ranks].id_at(0)) == 0);

    or_map<std::string, text> map;
    (void)map.edit(author{alice, {}, 0}, [](auto m) { m.at("k").insert(0, "text"); });
    auto const in_map = map.at("k").cursor_at(3);
    (void)map.edit(author{bob, {}, 0}, [](auto m) { m.at("k").insert(0, "--"); });
    CHECK(map.at("k").index_of(in_map) == 5);
    CHECK(map.at("absent").index_of(in_map) == std::nullopt);
    CHECK(map.at("absent").empty());
}
