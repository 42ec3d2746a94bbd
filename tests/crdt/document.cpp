#include <joinery/crdt/document.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "document_model.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

author by(replica_id who, std::uint64_t time = 1) {
    return {who, hlc::at(time), 0};
}

} // namespace

TEST_CASE("document: a fresh document is an empty map", "[crdt][document]") {
    document const fresh;

    CHECK(fresh.is_bottom());
    CHECK(fresh.size() == 0);
    CHECK(fresh.read().kind() == value_kind::map);
    CHECK_FALSE(fresh.find({"a", "b"}).exists());
}

TEST_CASE("document: a scalar is read back with its kind", "[crdt][document]") {
    document doc;
    doc.edit(by(alice), [](auto editor) {
        editor.set("null", nullptr);
        editor.set("yes", true);
        editor.set("integer", -7);
        editor.set("real", 0.5);
        editor.set("string", "text");
        editor.set("blob", scalar{as_bytes("bytes")});
        editor.set("when", timestamp{1'234});
    });

    CHECK(doc.size() == 7);
    CHECK(doc.at("null").kind() == value_kind::null);
    CHECK(doc.at("yes").value().as_boolean());
    CHECK(doc.at("integer").value().as_integer() == -7);
    CHECK(doc.at("real").value().as_real() == 0.5);
    CHECK(doc.at("string").value().as_string() == "text");
    CHECK(as_text(doc.at("blob").value().as_bytes()) == "bytes");
    CHECK(doc.at("when").value().as_timestamp() == timestamp{1'234});
}

TEST_CASE("document: concurrent scalars are both kept and one is shown", "[crdt][document]") {
    document left;
    document right;
    tests::set(left, by(alice, 5), "k", "left");
    tests::set(right, by(bob, 3), "k", "right");

    left.join(right);
    right.join(left);

    CHECK(left == right);
    CHECK(left.at("k").value().as_string() == "left");
    auto const conflicts = right.at("k").conflicts();
    REQUIRE(conflicts.size() == 2);
    CHECK(conflicts[0].value.as_string() == "left");
    CHECK(conflicts[1].value.as_string() == "right");
    CHECK(conflicts[1].written_by == author{bob, hlc::at(3), 1});
}

TEST_CASE("document: a map that two replicas made is one map", "[crdt][document]") {
    document left;
    document right;
    tests::set(left, by(alice), {"a", "left"}, 1);
    tests::set(right, by(bob), {"a", "right"}, 2);

    left.join(right);

    CHECK(tests::shown(left.read()) == "{a: {left: an integer 1, right: an integer 2, }, }");
    CHECK(left.at("a").conflicts().empty());
}

TEST_CASE("document: different kinds in one place are a conflict that shows the map",
          "[crdt][document]") {
    document left;
    document right;
    tests::set(left, by(alice, 9), "k", "scalar");
    tests::set(right, by(bob), {"k", "inner"}, 1);

    left.join(right);

    CHECK(left.at("k").kind() == value_kind::map);
    auto const conflicts = left.at("k").conflicts();
    REQUIRE(conflicts.size() == 2);
    CHECK(conflicts[0].kind == value_kind::map);
    CHECK(conflicts[1].value.as_string() == "scalar");
}

TEST_CASE("document: an erased map comes back with what was written concurrently",
          "[crdt][document]") {
    document left;
    tests::set(left, by(alice), {"a", "x"}, 1);
    tests::set(left, by(alice), {"a", "y"}, 2);
    auto right = left;
    auto const erased = tests::erase(left, alice, "a");
    tests::set(right, by(bob), {"a", "x"}, 3);

    right.join(erased);

    CHECK(left.size() == 0);
    CHECK(tests::shown(right.read()) == "{a: {x: an integer 3, }, }");
}

TEST_CASE("document: a counter adds up and survives a concurrent erase exactly",
          "[crdt][document]") {
    document left;
    tests::increment(left, alice, "n", 5);
    auto right = left;
    auto const erased = tests::erase(left, alice, "n");
    tests::increment(right, bob, "n", 2);

    right.join(erased);
    left.join(right);

    CHECK(left.at("n").counter() == 2);
    CHECK(left == right);
}

// The trace 2:inc 1; 1 <- 2; 2:inc 3; 1:reset; 2 <- 1 reads 3. A counter whose entry carries one
// dot for all increments reads 4: the new dot brings the old increment back.
TEST_CASE("document: increments that a reset has seen do not come back",
          "[crdt][document][museum]") {
    document one;
    document two;
    tests::increment(two, bob, {"map", "n"}, 1);
    one.join(two);
    tests::increment(two, bob, {"map", "n"}, 3);

    SECTION("the counter is erased") {
        tests::erase(one, alice, {"map", "n"});
    }
    SECTION("the map around it is erased") {
        tests::erase(one, alice, "map");
    }
    SECTION("a scalar replaces the map") {
        tests::set(one, by(alice), "map", 1);
    }
    two.join(one);

    CHECK(two.find({"map", "n"}).counter() == 3);
}

// The trace 2:inc; 1 <- 2; 2:reset; 2 <- 1 reads 0, whatever the replicas forgot in between.
TEST_CASE("document: a reset counter stays reset when an old state arrives",
          "[crdt][document][museum]") {
    document one;
    document two;
    tests::increment(two, bob, "n", 1);
    one.join(two);
    tests::erase(two, bob, "n");
    two.compact();

    two.join(one);

    CHECK_FALSE(two.at("n").exists());
    CHECK(two.size() == 0);
}

TEST_CASE("document: a reset that overtakes its increments keeps its context and bytes",
          "[crdt][document]") {
    document source;
    auto const first = tests::increment(source, alice, "n", 1);
    document other;
    other.join(source);
    auto const reset = tests::erase(other, bob, "n");

    document late;
    late.join(reset);
    auto const decoded = document::decode(late.encode());
    late.join(first);

    REQUIRE(decoded);
    CHECK(late == other);
    CHECK(late.digest() == other.digest());
}

TEST_CASE("document: an erased element leaves no empty set and no map behind", "[crdt][document]") {
    document left;
    left.edit(by(alice), [](auto editor) { editor.insert({"a", "s"}, 1); });
    auto right = left;
    auto const erased = tests::erase(left, alice, "a");
    right.edit(by(bob), [](auto editor) { editor.insert({"a", "s"}, 2); });
    right.join(erased);
    REQUIRE(right.find({"a", "s"}).contains(2));

    right.edit(by(bob), [](auto editor) { editor.erase({"a", "s"}, 2); });

    CHECK(right.size() == 0);
    auto const decoded = document::decode(right.encode());
    REQUIRE(decoded);
    CHECK(*decoded == right);
}

TEST_CASE("document: an erase of an element that is not there makes nothing", "[crdt][document]") {
    document doc;
    tests::increment(doc, alice, {"a", "n"}, 1);
    tests::erase(doc, alice, "a");

    auto const delta = doc.edit(by(alice), [](auto editor) { editor.erase({"a", "n"}, 1); });

    CHECK(delta.is_bottom());
    CHECK(doc.size() == 0);
}

TEST_CASE("document: what cannot be carried out says why and changes nothing", "[crdt][document]") {
    document doc;
    tests::set(doc, by(alice), "text", "here");
    auto const before = doc.encode();
    auto const refused = [&](auto change) {
        auto const made = doc.try_edit(by(alice), change);
        CHECK(made.delta.is_bottom());
        CHECK(doc.encode() == before);
        return made.outcome.has_value() ? "nothing" : std::string{name(made.outcome.error().code)};
    };
    std::string const large(1024 * 1024 + 1, 'x');
    std::vector<std::string_view> const deep(path_keys_max + 1, "k");
    std::string const long_key(key_bytes_max + 1, 'k');

    CHECK(refused([](auto& editor) { editor.increment("text", 1); }) == "wrong_type");
    CHECK(refused([](auto& editor) { editor.insert("text", 1); }) == "wrong_type");
    CHECK(refused([](auto& editor) { editor.set({"text", "below"}, 1); }) == "wrong_type");
    CHECK(refused([](auto& editor) { editor.erase({"text", "below"}); }) == "wrong_type");
    CHECK(refused([&](auto& editor) { editor.set("large", large); }) == "too_large");
    CHECK(refused([&](auto& editor) { editor.set(long_key, 1); }) == "too_large");
    CHECK(refused([&](auto& editor) {
              editor.set(path_view{std::span<std::string_view const>{deep}}, 1);
          }) == "too_deep");
    CHECK(refused([](auto& editor) { editor.set("\xff", 1); }) == "invalid_argument");
    CHECK(refused([](auto& editor) {
              editor.set(path_view{std::initializer_list<std::string_view>{}}, 1);
          }) == "invalid_argument");
}

TEST_CASE("document: mutators behind one that failed do nothing", "[crdt][document]") {
    document doc;

    auto const made = doc.try_edit(by(alice), [](auto& editor) {
        editor.set("a", 1);
        editor.set({"a", "b"}, 2);
        editor.set("c", 3);
    });

    CHECK_FALSE(made.outcome);
    CHECK(made.outcome.error().message == "/a is an integer, not a map");
    CHECK(tests::shown(doc.read()) == "{a: an integer 1, }");
}

TEST_CASE("document: an equivocation is counted, and every side keeps the same value",
          "[crdt][document][museum]") {
    document left;
    document right;
    auto const left_delta = tests::set(left, by(alice), "k", "left");
    auto const right_delta = tests::set(right, by(alice), "k", "right");

    left.join(right_delta);
    right.join(left_delta);

    CHECK(left.equivocations() == 1);
    CHECK(right.equivocations() == 1);
    CHECK(left == right);
    CHECK(left.digest() == right.digest());
}
