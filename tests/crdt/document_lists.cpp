#include <joinery/crdt/document.hpp>
#include <joinery/crdt/json_export.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

author by(replica_id who, std::uint64_t time = 1) {
    return {who, hlc::at(time), 0};
}
template <class Document>
std::string text_of(Document const& doc) {
    return json::export_text(doc.read());
}
std::array<scalar, 3> const three{scalar{1}, scalar{2}, scalar{3}};

template <class Document>
Document with_list() {
    Document doc;
    doc.edit(by(alice), [](auto editor) { editor.insert("l", 0, three); });
    return doc;
}
template <class Document>
Document with_text(std::string_view text) {
    Document doc;
    doc.edit(by(alice), [&](auto editor) { editor.splice("t", 0, 0, text); });
    return doc;
}

} // namespace

TEST_CASE("document_lists: elements are inserted, erased and read by index",
          "[crdt][document][list]") {
    auto doc = with_list<document>();

    doc.edit(by(alice), [](auto editor) {
        editor.insert("l", 1, "x");
        editor.erase("l", 0, 1);
        editor.set({"l", "-"}, 4);
        editor.set({"l", "4"}, 5);
    });

    CHECK(text_of(doc) == R"({"l":["x",2,3,4,5]})");
    CHECK(doc.at("l").kind() == value_kind::list);
    CHECK(doc.at("l").size() == 5);
    CHECK(doc.at("l").at(1).value() == scalar{2});
    CHECK(doc.find({"l", "4"}).value() == scalar{5});
    CHECK_FALSE(doc.find({"l", "5"}).exists());
    CHECK_FALSE(doc.find({"l", "-"}).exists());
    CHECK_FALSE(doc.find({"l", "01"}).exists());
}

TEST_CASE("document_lists: an element becomes whatever a place can be", "[crdt][document][list]") {
    auto doc = with_list<document>();

    doc.edit(by(alice), [](auto editor) {
        editor.set({"l", "0"}, "changed");
        editor.make_map({"l", "1"});
        editor.set({"l", "1", "key"}, true);
        editor.make_list({"l", "-"});
        editor.set({"l", "3", "-"}, 7);
        editor.make_map({"l", "3", "-"});
        editor.set({"l", "3", "1", "deep"}, 8);
        editor.make_text({"l", "-"});
        editor.splice({"l", "4"}, 0, 0, "text");
        editor.increment({"l", "-"}, 5);
        editor.erase({"l", "2"});
    });
    CHECK(text_of(doc) == R"({"l":["changed",{"key":true},[7,{"deep":8}],"text",5]})");

    auto const decoded = document::decode(doc.encode());
    REQUIRE(decoded);
    CHECK(*decoded == doc);
    CHECK(decoded->digest() == doc.digest());
    CHECK(text_of(*decoded) == text_of(doc));
}

TEST_CASE("document_lists: concurrent inserts are all there, in one order",
          "[crdt][document][list]") {
    auto left = with_list<document>();
    auto right = left;
    left.edit(by(alice), [](auto editor) { editor.insert("l", 1, "a"); });
    right.edit(by(bob), [](auto editor) {
        editor.insert("l", 1, "b");
        editor.insert("l", 2, "b");
        editor.erase("l", 0, 1);
    });

    left.join(right);
    right.join(left);

    CHECK(left == right);
    CHECK(text_of(left) == R"({"l":["a","b","b",2,3]})");
}

TEST_CASE("document_lists: an element that is erased is gone with what others write in it",
          "[crdt][document][list]") {
    auto left = with_list<document>();
    left.edit(by(alice), [](auto editor) {
        editor.make_map({"l", "1"});
        editor.set({"l", "1", "x"}, 1);
    });
    auto right = left;
    left.edit(by(alice), [](auto editor) { editor.erase({"l", "1"}); });
    right.edit(by(bob), [](auto editor) { editor.set({"l", "1", "y"}, 2); });

    left.join(right);
    right.join(left);

    CHECK(left == right);
    CHECK(text_of(left) == R"({"l":[1,3]})");
}

TEST_CASE("document_lists: writes in one element merge while others move it",
          "[crdt][document][list]") {
    auto left = with_list<document>();
    left.edit(by(alice), [](auto editor) {
        editor.make_map({"l", "1"});
        editor.set({"l", "1", "x"}, 1);
    });
    auto right = left;
    left.edit(by(alice), [](auto editor) {
        editor.insert("l", 0, "first");
        editor.set({"l", "2", "x"}, 9);
    });
    right.edit(by(bob), [](auto editor) { editor.set({"l", "1", "y"}, 2); });

    left.join(right);

    CHECK(text_of(left) == R"({"l":["first",1,{"x":9,"y":2},3]})");
}

TEST_CASE("document_lists: kinds in one place are a conflict, map before list before text",
          "[crdt][document][list]") {
    document all;
    auto const write = [&](std::uint64_t who, auto change) {
        document one;
        one.edit(by(replica_id{who}), change);
        all.join(one);
    };
    auto const kind = [&] { return all.at("k").kind(); };
    write(3, [](auto editor) { editor.set("k", 1); });
    write(4, [](auto editor) { editor.increment("k", 1); });
    write(5, [](auto editor) { editor.insert("k", "element"); });
    CHECK(kind() == value_kind::set);
    write(6, [](auto editor) { editor.splice("k", 0, 0, "text"); });
    CHECK(kind() == value_kind::text);
    write(7, [](auto editor) { editor.insert("k", 0, "item"); });
    CHECK(kind() == value_kind::list);
    write(8, [](auto editor) { editor.make_map("k"); });
    CHECK(kind() == value_kind::map);

    auto const conflicts = all.at("k").conflicts();
    REQUIRE(conflicts.size() == 6);
    CHECK(conflicts[1].kind == value_kind::list);
    CHECK(conflicts[2].kind == value_kind::text);
    all.edit(by(alice), [](auto editor) { editor.set("k", "one"); });
    CHECK(text_of(all) == R"({"k":"one"})");
    CHECK(all.at("k").conflicts().empty());
}

TEST_CASE("document_lists: a text is spliced by code points", "[crdt][document][text]") {
    auto doc = with_text<document>("h\u00e9llo");

    doc.edit(by(alice), [](auto editor) {
        editor.splice("t", 1, 1, "e");
        editor.splice("t", 5, 0, " \U0001f600");
        editor.erase("t", 0, 1);
    });

    CHECK(doc.at("t").kind() == value_kind::text);
    CHECK(doc.at("t").text() == "ello \U0001f600");
    CHECK(doc.at("t").size() == 6);
    CHECK(text_of(doc) == "{\"t\":\"ello \U0001f600\"}");
}

TEST_CASE("document_lists: what two type at once into one text does not interleave",
          "[crdt][document][text]") {
    auto left = with_text<document>("<>");
    auto right = left;
    for (std::size_t i = 0; i < 4; ++i) {
        left.edit(by(alice), [&](auto editor) { editor.splice("t", 1 + i, 0, "a"); });
        right.edit(by(bob), [&](auto editor) { editor.splice("t", 1 + i, 0, "b"); });
    }

    left.join(right);
    right.join(left);

    CHECK(left == right);
    CHECK(left.at("t").text() == "<aaaabbbb>");
}

TEST_CASE("document_lists: what cannot be carried out says why and changes nothing",
          "[crdt][document][list]") {
    auto doc = with_list<document>();
    doc.edit(by(alice), [](auto editor) {
        editor.splice("t", 0, 0, "text");
        editor.set("s", 1);
    });
    auto const before = doc.encode();
    auto const refused = [&](auto change) {
        auto const made = doc.try_edit(by(alice), change);
        CHECK_FALSE(made.outcome);
        CHECK(doc.encode() == before);
        return made.outcome ? std::string{} : made.outcome.error().message;
    };

    CHECK(refused([](auto& to) { to.insert("l", 4, 1); }) == "/l has 3 elements, not 0 from 4 on");
    CHECK(refused([](auto& to) { to.erase("l", 2, 2); }) == "/l has 3 elements, not 2 from 2 on");
    CHECK(refused([](auto& to) { to.erase("l", 1, ~std::size_t{0}); }).substr(0, 17) ==
          "/l has 3 elements");
    CHECK(refused([](auto& to) { to.splice("t", 2, 3, "x"); }) ==
          "/t has 4 code points, not 3 from 2 on");
    CHECK(refused([](auto& to) { to.splice("t", 0, 0, "\xff"); }) == "/t: a string is not UTF-8");
    CHECK(refused([](auto& to) { to.insert("new", 1, 1); }) ==
          "/new has 0 elements, not 0 from 1 on");
    CHECK(refused([](auto& to) { to.insert("t", 0, 1); }) == "/t is a text, not a list");
    CHECK(refused([](auto& to) { to.splice("l", 0, 0, "x"); }) == "/l is a list, not a text");
    CHECK(refused([](auto& to) { to.splice("s", 0, 0, "x"); }) == "/s is an integer, not a text");
    CHECK(refused([](auto& to) {
              to.set({"l", "4"}, 1);
          }) == "/l is a list: an array of 3 has no element 4");
    CHECK(refused([](auto& to) {
              to.set({"l", "x"}, 1);
          }) == "/l is a list: \"x\" is not an index of an array");
    CHECK(refused([](auto& to) {
              to.set({"l", "-", "x"}, 1);
          }) == "/l is a list: an array of 3 has no element -");
    CHECK(refused([](auto& to) {
              to.erase({"l", "3"});
          }) == "/l is a list: an array of 3 has no element 3");
    CHECK(refused([](auto& to) { to.set({"l", "0", "x"}, 1); }) == "/l/0 is an integer, not a map");
    CHECK(refused([](auto& to) { to.set({"t", "0"}, 1); }) == "/t is a text, not a map");
    auto const large = std::string(1024 * 1024 + 1, 'x');
    CHECK(refused([&](auto& to) { to.insert("l", 0, large); }).substr(0, 13) == "/l would hold");
    CHECK(refused([&](auto& to) { to.splice("t", 0, 0, large); }).substr(0, 13) == "/t would hold");
}

TEMPLATE_TEST_CASE("document_lists: an erased place is gone, and can be written again",
                   "[crdt][document][list][policy]", observed_reset, remove_wins,
                   update_wins_whole) {
    using type = basic_document<deep_merge, TestType>;
    auto doc = with_list<type>();
    doc.edit(by(alice), [](auto editor) {
        editor.set({"l", "0", "x"}, 1); // refused
    });
    doc.edit(by(alice), [](auto editor) {
        editor.make_map({"l", "0"});
        editor.increment({"l", "0", "n"}, 3);
        editor.splice("t", 0, 0, "text");
    });
    auto const copy = doc;

    doc.edit(by(alice), [](auto editor) {
        editor.erase("l");
        editor.erase("t");
    });
    CHECK(text_of(doc) == "{}");
    doc.join(copy);
    CHECK(text_of(doc) == "{}");

    doc.edit(by(alice), [](auto editor) {
        editor.insert("l", 0, "new");
        editor.splice("t", 0, 0, "new");
    });
    CHECK(text_of(doc) == R"({"l":["new"],"t":"new"})");
    auto const decoded = type::decode(doc.encode());
    REQUIRE(decoded);
    CHECK(*decoded == doc);
}

TEST_CASE("document_lists: an erase and an insert at once, by policy",
          "[crdt][document][list][policy]") {
    auto const after = [](auto doc) {
        auto other = doc;
        doc.edit(by(alice), [](auto editor) {
            editor.erase("l");
            editor.erase("t");
        });
        other.edit(by(bob), [](auto editor) {
            editor.insert("l", 1, "b");
            editor.splice("t", 2, 0, "b");
        });
        doc.join(other);
        other.join(doc);
        CHECK(doc == other);
        return text_of(doc);
    };
    auto const begin = [](auto doc) {
        doc.edit(by(alice), [](auto editor) {
            editor.insert("l", 0, three);
            editor.splice("t", 0, 0, "aaaa");
        });
        return doc;
    };

    CHECK(after(begin(document{})) == R"({"l":["b"],"t":"b"})");
    CHECK(after(begin(basic_document<deep_merge, remove_wins>{})) == "{}");
    CHECK(after(begin(basic_document<deep_merge, update_wins_whole>{})) ==
          R"({"l":[1,"b",2,3],"t":"aabaa"})");
}

TEST_CASE("document_lists: an empty list stays until it is erased", "[crdt][document][list]") {
    auto doc = with_list<document>();
    doc.edit(by(alice), [](auto editor) {
        editor.erase("l", 0, 3);
        editor.make_list("m");
        editor.make_text("t");
    });
    CHECK(text_of(doc) == R"({"l":[],"m":[],"t":""})");

    doc.edit(by(alice), [](auto editor) {
        editor.erase("l");
        editor.erase("m");
        editor.erase("t");
    });
    CHECK(text_of(doc) == "{}");
}

TEST_CASE("document_lists: a list that overtakes what it stands beside appears when that comes",
          "[crdt][document][list]") {
    document source;
    auto const first = source.edit(by(alice), [](auto editor) { editor.insert("l", 0, three); });
    auto const second = source.edit(by(alice), [](auto editor) {
        editor.insert("l", 2, "x");
        editor.make_map({"l", "0"});
    });

    document late;
    late.join(second);
    auto const decoded = document::decode(late.encode());
    REQUIRE(decoded);
    CHECK(*decoded == late);
    late.join(first);

    CHECK(late == source);
    CHECK(text_of(late) == R"({"l":[{},2,"x",3]})");
}

TEST_CASE("document_lists: what becomes of one element of many is its own",
          "[crdt][document][list]") {
    std::vector<scalar> const zeros(20'000, scalar{0});
    document doc;
    doc.edit(by(alice), [&](auto editor) { editor.insert("l", 0, zeros); });

    doc.edit(by(alice, 2), [](auto editor) {
        editor.set({"l", "0"}, "first");
        editor.set({"l", "128"}, "later");
        editor.set({"l", "16384"}, "last");
    });

    CHECK(json::export_text(doc.find({"l", "0"})) == "\"first\"");
    CHECK(json::export_text(doc.find({"l", "128"})) == "\"later\"");
    CHECK(json::export_text(doc.find({"l", "16384"})) == "\"last\"");
    CHECK(json::export_text(doc.find({"l", "256"})) == "0");
}
