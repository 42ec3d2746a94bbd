#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/boxed.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include "crdt/hostile.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

struct folder {
    BOOST_HANA_DEFINE_STRUCT(folder, (mv_register<std::string>, title), (aw_set<int>, tags),
                             (or_map<std::string, boxed<folder>>, children));
};
using folders = product<folder>;
static_assert(delta_crdt<folders>);

using boxed_maps = or_map<int, boxed<or_map<std::string, aw_set<int>>>>;
using boxed_registers = or_map<int, boxed<mv_register<std::string>>>;

author by(replica_id who) {
    return {who, hlc::at(1), 0};
}

/// Calls `use(editor)` with the editor of the folder `Depth` levels down.
template <unsigned Depth, class Editor, class F>
void descend(Editor editor, F&& use) {
    if constexpr (Depth == 0) {
        use(editor);
    } else {
        descend<Depth - 1>(editor[&folder::children].at("inner"), use);
    }
}

template <class View>
unsigned depth_of(View view) {
    unsigned depth = 0;
    if (view[&folder::children].contains("inner")) {
        depth = 1 + depth_of(view[&folder::children].at("inner"));
    }
    return depth;
}

/// The bytes of a state with one live title, below `depth` folders.
bytes nested_state(unsigned depth) {
    byte_writer out;
    out.byte(0);
    out.varint(1);
    out.raw(alice.to_bytes());
    out.varint(1);
    out.varint(0);
    for (unsigned i = 0; i < depth; ++i) {
        out.raw(as_bytes(std::string_view{"\0\0\1\1k", 5})); // no title, no tags, one child "k"
    }
    out.raw(as_bytes(std::string_view{"\1\0\1", 3})); // the title's dot, its time, its text
    out.fixed64(0);
    out.raw(as_bytes(std::string_view{"\1t\0\0", 4}));
    return out.take();
}

/// The body of a changeset with one piece that names `depth` folders.
bytes nested_piece(unsigned depth) {
    byte_writer out;
    out.byte(1);
    for (unsigned i = 0; i < depth; ++i) {
        out.raw(
            as_bytes(std::string_view{"\2\1\1k\1", 5})); // into the children, then into child "k"
    }
    out.raw(as_bytes(std::string_view{"\0\1t", 3}));
    return out.take();
}

result<void> check_piece(bytes const& body) {
    detail::piece_applier<folders::store_type> applier;
    return applier.check({alice, 1, 1, hlc::at(1), body, {}}, 1);
}

} // namespace

TEST_CASE("boxed: a record holds itself, ten levels deep", "[crdt][boxed]") {
    folders left;
    left.edit(by(alice), [](auto root) {
        root[&folder::title].assign("root");
        descend<10>(root, [](auto& bottom) {
            bottom[&folder::title].assign("bottom");
            bottom[&folder::tags].insert(7);
        });
    });
    auto right = left;
    right.edit(by(bob), [](auto root) {
        descend<10>(root, [](auto& bottom) { bottom[&folder::tags].insert(8); });
    });

    left.join(right);

    CHECK(depth_of(left.read()) == 10);
    CHECK(left == right);
    CHECK(left.digest() == right.digest());
    auto const decoded = folders::decode(left.encode());
    REQUIRE(decoded);
    CHECK(*decoded == left);
    CHECK(decoded->encode() == left.encode());
}

TEST_CASE("boxed: a folder goes with the last of what it holds", "[crdt][boxed]") {
    folders root;
    root.edit(by(alice),
              [](auto e) { descend<4>(e, [](auto& bottom) { bottom[&folder::tags].insert(7); }); });

    auto const delta = root.edit(by(alice), [](auto e) {
        descend<4>(e, [](auto& bottom) { bottom[&folder::tags].erase(7); });
    });

    CHECK(depth_of(root.read()) == 0);
    CHECK_FALSE(delta.is_bottom());
}

TEST_CASE("boxed: an erased folder survives in part where somebody else wrote", "[crdt][boxed]") {
    folders left;
    left.edit(by(alice), [](auto root) {
        descend<2>(root, [](auto& bottom) {
            bottom[&folder::title].assign("old");
            bottom[&folder::tags].insert(1);
        });
    });
    auto right = left;
    auto const erased =
        left.edit(by(alice), [](auto root) { root[&folder::children].erase("inner"); });
    right.edit(by(bob), [](auto root) {
        descend<3>(root, [](auto& bottom) { bottom[&folder::tags].insert(2); });
    });

    right.join(erased);
    left.join(right);

    CHECK(left == right);
    CHECK(depth_of(right.read()) == 3);
    auto const second = right[&folder::children].at("inner")[&folder::children].at("inner");
    CHECK(second[&folder::title].empty());
    CHECK(second[&folder::tags].empty());
    CHECK(second[&folder::children].at("inner")[&folder::tags].value() == std::vector{2});
}

TEST_CASE("boxed: a state may be nested as deep as the limit, and no deeper", "[crdt][boxed]") {
    // A folder is two levels: the record and its map. The record of the title is one more.
    auto const deepest = folders::decode(nested_state(31));
    REQUIRE(deepest);
    CHECK(deepest->encode() == nested_state(31));
    auto copy = *deepest;
    auto const moved = std::move(copy);
    CHECK(moved == *deepest);

    for (auto const depth : {32U, 33U, 1'000U, 100'000U}) {
        CAPTURE(depth);
        auto const refused = folders::decode(nested_state(depth));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::too_deep);
    }
}

TEST_CASE("boxed: a piece may be nested as deep as a state, and no deeper", "[crdt][boxed]") {
    CHECK(check_piece(nested_piece(10)));
    CHECK(check_piece(nested_piece(31)));
    for (auto const depth : {32U, 33U, 1'000U, 100'000U}) {
        CAPTURE(depth);
        auto const refused = check_piece(nested_piece(depth));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::too_deep);
    }
}

TEST_CASE("boxed: what an editor can reach can be read again", "[crdt][boxed]") {
    folders root;
    auto const delta = root.edit(by(alice), [](auto e) {
        descend<31>(e, [](auto& bottom) { bottom[&folder::title].assign("bottom"); });
    });

    CHECK(depth_of(root.read()) == 31);
    auto const decoded = folders::decode(root.encode());
    REQUIRE(decoded);
    CHECK(*decoded == root);
    CHECK(folders::decode(delta.encode()));
}

TEST_CASE("boxed: hostile bytes are refused or canonical", "[crdt][boxed][hostile]") {
    folders state;
    auto delta = state.edit(by(alice), [](auto root) {
        root[&folder::tags].insert(3);
        descend<2>(root, [](auto& bottom) { bottom[&folder::tags].insert(7); });
    });
    auto other = state;
    other.edit(by(bob), [](auto root) {
        descend<1>(root, [](auto& bottom) { bottom[&folder::title].assign("x"); });
    });
    auto erased = state.edit(by(alice), [](auto root) { root[&folder::children].erase("inner"); });

    for (auto const* const honest : {&state, &delta, &other, &erased}) {
        CHECK(tests::broken_by_bytes(*honest, other, tests::hostility::all_values) == "");
    }
}

TEST_CASE("boxed: a map of boxed maps is a map of maps", "[crdt][boxed]") {
    boxed_maps left;
    left.edit(by(alice), [](auto map) {
        map.at(1).at("x").insert(10);
        map.at(1).at("y").insert(11);
    });
    auto right = left;
    auto const erased = left.edit(by(alice), [](auto map) { map.at(1).erase("x"); });
    right.edit(by(bob), [](auto map) { map.at(1).at("x").insert(12); });

    right.join(erased);

    CHECK(left.at(1).keys() == std::vector<std::string_view>{"y"});
    CHECK(right.at(1).at("x").value() == std::vector{12});
    CHECK(tests::broken_by_bytes(erased, right, tests::hostility::all_values) == "");
}

TEST_CASE("boxed: a delta of a boxed map names its keys alone", "[crdt][boxed]") {
    boxed_maps state;
    state.edit(by(alice), [](auto map) {
        for (int i = 0; i < 1'000; ++i) {
            map.at(1).at("key" + std::to_string(i)).insert(i);
        }
    });
    auto const before = state;

    auto const delta = state.edit(by(alice), [](auto map) { map.at(1).erase("key5"); });

    CHECK(delta.is_partial());
    CHECK(delta.encode().size() < 100);
    CHECK(testing::joined(before, delta) == state);
    CHECK(state.at(1).size() == 999);
}

TEST_CASE("boxed: a register in a box is a register", "[crdt][boxed]") {
    boxed_registers left;
    auto const first = left.edit(by(alice), [](auto map) { map.at(1).assign("a"); });
    boxed_registers right;
    right.edit(by(bob), [](auto map) { map.at(1).assign("b"); });

    right.join(first);

    CHECK(right.at(1).size() == 2);
    CHECK(tests::broken_by_bytes(right, left, tests::hostility::all_values) == "");
}

TEST_CASE("boxed: every delivery of five operations gives one value", "[crdt][boxed][exhaustive]") {
    folders left;
    folders right;
    std::vector<folders> deltas;
    deltas.push_back(left.edit(by(alice), [](auto root) {
        descend<2>(root, [](auto& bottom) { bottom[&folder::tags].insert(1); });
    }));
    deltas.push_back(right.edit(by(bob), [](auto root) {
        descend<1>(root, [](auto& inner) { inner[&folder::title].assign("right"); });
    }));
    right.join(left);
    deltas.push_back(
        left.edit(by(alice), [](auto root) { root[&folder::children].erase("inner"); }));
    deltas.push_back(right.edit(by(bob), [](auto root) {
        descend<2>(root, [](auto& bottom) { bottom[&folder::tags].erase(1); });
    }));
    deltas.push_back(right.edit(by(bob), [](auto root) {
        descend<2>(root, [](auto& bottom) { bottom[&folder::title].assign("deep"); });
    }));

    CHECK(testing::check_deliveries<folders>(deltas) == "");
}
