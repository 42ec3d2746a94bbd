#include <joinery/crdt/document.hpp>

#include <catch2/catch.hpp>

using namespace joinery;

namespace {

using flat = basic_document<top_level>;

constexpr author alice{replica_id{1}, hlc{10}, 0};
constexpr author bob{replica_id{2}, hlc{20}, 0};

} // namespace

TEST_CASE("top_level: of two concurrent writes below one key, one wins whole",
          "[crdt][document][top_level]") {
    flat a;
    flat b;
    b.join(a.edit(alice, [](auto doc) { doc.set({"ada", "age"}, 36); }));
    auto const from_a = a.edit(alice, [](auto doc) { doc.set({"ada", "city"}, "London"); });
    auto const from_b = b.edit(bob, [](auto doc) { doc.set({"ada", "age"}, 37); });

    a.join(from_b);
    b.join(from_a);

    CHECK(a == b);
    CHECK(a.find({"ada", "age"}).value() == scalar{37});
    CHECK_FALSE(a.find({"ada", "city"}).exists());
    CHECK(a.at("ada").conflicts().size() == 2);
}

TEST_CASE("top_level: writes under different keys both stay", "[crdt][document][top_level]") {
    flat a;
    flat b;
    auto const from_a = a.edit(alice, [](auto doc) { doc.set({"x", "y", "z"}, 1); });
    auto const from_b = b.edit(bob, [](auto doc) { doc.increment("visits", 2); });

    a.join(from_b);
    b.join(from_a);

    CHECK(a == b);
    CHECK(a.find({"x", "y", "z"}).value() == scalar{1});
    CHECK(a.at("visits").counter() == 2);
}

TEST_CASE("top_level: erasing below a key keeps its other members", "[crdt][document][top_level]") {
    flat a;
    a.edit(alice, [](auto doc) {
        doc.set({"ada", "age"}, 36);
        doc.set({"ada", "address", "city"}, "London");
        doc.erase({"ada", "age"});
        doc.erase({"nobody", "age"});
        doc.make_map({"ada", "address"});
    });

    CHECK_FALSE(a.find({"ada", "age"}).exists());
    CHECK(a.find({"ada", "address", "city"}).value() == scalar{"London"});
    CHECK(a.size() == 1);
}

TEST_CASE("top_level: a path through a scalar is refused and changes nothing",
          "[crdt][document][top_level]") {
    flat a;
    a.edit(alice, [](auto doc) { doc.set("name", "Ada"); });
    auto const before = a;

    auto const tried = a.try_edit(alice, [](auto doc) { doc.set({"name", "first"}, "Ada"); });

    REQUIRE_FALSE(tried.outcome.has_value());
    CHECK(tried.outcome.error().code == errc::wrong_type);
    CHECK(a == before);
}
