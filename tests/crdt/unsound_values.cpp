#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/document.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/rw_set.hpp>
#include <joinery/crdt/sequence.hpp>
#include <joinery/crdt/text.hpp>
#include <joinery/sync/replica.hpp>

#include <catch2/catch.hpp>

#include <cstddef>
#include <stdexcept>
#include <string_view>

// A value that no peer would read must not get into a state: whoever stored it could not open the
// store again, and everything that they write later would wait at the others for ever.

using namespace joinery;

namespace {

constexpr replica_id alice{1};

constexpr std::string_view not_utf8[] = {
    "\xe9t\xe9", "\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\xe2\x82",
};

/// An edit has to fail with a reason and to leave the bytes of the state as they were.
template <class T, class Change>
void check_refused(Change&& change) {
    sync::replica<T> replica{alice};
    auto const before = replica.state().encode();

    auto const outcome = replica.edit(change);

    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == errc::malformed);
    CHECK_THAT(outcome.error().message, Catch::Contains("UTF-8"));
    CHECK(replica.state().encode() == before);
}

/// The same without a replica: nothing is written.
template <class T, class Change>
void check_not_written(Change&& change) {
    T value;
    auto const delta = value.edit(author{alice, {}, 0}, change);

    CHECK(value.is_bottom());
    CHECK(delta.is_bottom());
}

template <class T, class Change>
void check_both(Change&& change) {
    check_refused<T>(change);
    check_not_written<T>(change);
}

} // namespace

TEST_CASE("unsound_values: a document holds no string that is not UTF-8",
          "[crdt][document][hostile]") {
    auto const* const bad = GENERATE(from_range(std::begin(not_utf8), std::end(not_utf8))).data();
    check_both<document>([&](auto doc) { doc.set("name", bad); });
    check_both<document>([&](auto doc) { doc.insert("set", bad); });
    check_both<document>([&](auto doc) { doc.insert("list", 0, bad); });
    check_both<document>([&](auto doc) { doc.splice("text", 0, 0, bad); });
    check_refused<document>([&](auto doc) {
        doc.insert("list", 0, "a");
        doc.set("list/0", bad);
    });
}

TEST_CASE("unsound_values: no other type holds one either", "[crdt][hostile]") {
    auto const* const bad = GENERATE(from_range(std::begin(not_utf8), std::end(not_utf8))).data();
    check_both<mv_register<scalar>>([&](auto reg) { reg.assign(bad); });
    check_both<aw_set<scalar>>([&](auto set) { set.insert(bad); });
    check_both<rw_set<scalar>>([&](auto set) { set.insert(bad); });
    check_both<sequence<scalar>>([&](auto list) { list.insert(0, bad); });
    check_both<text>([&](auto editor) { editor.insert(0, bad); });
    check_refused<or_map<scalar, aw_set<int>>>([&](auto map) { map.at(bad).insert(1); });
}

TEST_CASE("unsound_values: numbers and arrays of the caller's own making have to be whole",
          "[crdt][scalar][hostile]") {
    CHECK(held<scalar>::flaw(scalar::of_kind(value_kind::number, "1e5")) == nullptr);
    CHECK(held<scalar>::flaw(scalar::of_kind(value_kind::number, "1e")) != nullptr);
    CHECK(held<scalar>::flaw(scalar::of_kind(value_kind::array, "\x61")) != nullptr);
    CHECK(held<scalar>::flaw(scalar::of_kind(value_kind::object, "\x01")) != nullptr);
    CHECK(held<scalar>::flaw(as_bytes("\xff")) == nullptr);
}

TEST_CASE("unsound_values: mutators without an edit throw and change nothing",
          "[crdt][text][sequence][hostile]") {
    text typed;
    (void)typed.insert(alice, 0, "ab");
    auto const before = typed.encode();

    CHECK_THROWS_AS(typed.insert(alice, 1, "\xff"), std::invalid_argument);
    CHECK_THROWS_AS(typed.insert(alice, 1, "a long text with an \xe9 in it"),
                    std::invalid_argument);
    CHECK_THROWS_AS(typed.insert(alice, 3, "x"), std::out_of_range);
    CHECK_THROWS_AS(typed.erase(alice, 1, 2), std::out_of_range);
    CHECK_THROWS_AS(typed.erase(alice, 3, 0), std::out_of_range);
    CHECK_THROWS_AS(typed.erase(alice, 1, static_cast<std::size_t>(-1)), std::out_of_range);
    CHECK(typed.encode() == before);

    sequence<scalar> list;
    CHECK_THROWS_AS(list.insert(alice, 0, "\xff"), std::invalid_argument);
    CHECK_THROWS_AS(list.insert(alice, 1, "a"), std::out_of_range);
    CHECK(list.is_bottom());
}
