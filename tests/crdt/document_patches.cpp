#include <joinery/crdt/document.hpp>
#include <joinery/crdt/document_patches.hpp>
#include <joinery/crdt/json.hpp>
#include <joinery/crdt/json_patch.hpp>
#include <joinery/sync/replica.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "document_edits.hpp"
#include "patch_replay.hpp"

using namespace joinery;

namespace {

using tests::replay;
using tests::shown;
using tests::tree;

/// Keeps a plain value equal to a replica's document by patches alone.
struct mirror {
    explicit mirror(sync::replica<document>& of) : follower{of.state()}, value(shown(of.state())) {
        of.observe([this, &of](sync::change const& change) {
            follower.follow(change.in, of.state(), [&](document_patch const& patch) {
                replay(value, patch);
                told.push_back(std::string{name(patch.kind)} + ' ' + patch.path.to_string());
            });
        });
    }
    mirror(mirror const&) = delete;

    document_follower<document> follower;
    tree value;
    std::vector<std::string> told;
};

void send_all(sync::replica<document> const& from, sync::replica<document>& to) {
    REQUIRE(from.for_each_change(to.version(), [&](sync::changeset const& in) {
        (void)to.receive(in);
        return true;
    }));
}

} // namespace

TEST_CASE("document_patches: each kind of change is one patch", "[crdt][document][patches]") {
    sync::replica<document> replica{replica_id{1}};
    mirror seen{replica};
    auto const told = [&](auto change) {
        seen.told.clear();
        REQUIRE(replica.edit(change));
        CHECK(seen.value == shown(replica.state()));
        return seen.told;
    };
    using list = std::vector<std::string>;

    CHECK(told([](auto doc) { doc.set({"m", "x"}, 1); }) == list{"put /m"});
    CHECK(told([](auto doc) { doc.set({"m", "y"}, 2); }) == list{"put /m/y"});
    CHECK(told([](auto doc) { doc.increment("n", 2); }) == list{"put /n"});
    CHECK(told([](auto doc) { doc.insert({"m", "l"}, 0, "a"); }) == list{"put /m/l"});
    CHECK(told([](auto doc) {
              doc.insert({"m", "l"}, 0, "b");
              doc.insert({"m", "l"}, 2, "c");
              doc.erase({"m", "l"}, 1, 1);
          }) == list{"remove /m/l/0", "insert /m/l/0", "insert /m/l/1"});
    CHECK(told([](auto doc) { doc.set({"m", "l", "1"}, "d"); }) == list{"put /m/l/1"});
    CHECK(told([](auto doc) { doc.splice("t", 0, 0, "hello"); }) == list{"put /t"});
    CHECK(told([](auto doc) {
              doc.splice("t", 5, 0, " world");
              doc.splice("t", 0, 1, "H");
          }) == list{"splice /t", "splice /t"});
    CHECK(told([](auto doc) { doc.erase("m"); }) == list{"erase /m"});
}

TEST_CASE("document_patches: replayed on a plain value they give the document after every step",
          "[crdt][document][patches]") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        testing::splitmix64 random{seed};
        sync::replica<document> one{replica_id{1}};
        sync::replica<document> two{replica_id{2}};
        mirror first{one};
        mirror second{two};
        for (unsigned step = 0; step < 40; ++step) {
            CAPTURE(step);
            auto const edited = random.chance(50);
            (void)(edited ? one : two).edit([&](auto editor) {
                for (auto left = 1 + random.below(3); left > 0 && editor.ok(); --left) {
                    tests::mutate_lists(editor, random);
                }
            });
            if (random.chance(30)) {
                send_all(one, two);
            }
            if (random.chance(30)) {
                send_all(two, one);
            }
            REQUIRE(first.value == shown(one.state()));
            REQUIRE(second.value == shown(two.state()));
        }
    }
}

TEST_CASE("document_patches: two states differ by a JSON Patch that applies",
          "[crdt][document][patches]") {
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        CAPTURE(seed);
        testing::splitmix64 random{seed};
        document doc;
        auto const edit = [&] {
            (void)doc.try_edit({replica_id{1}, hlc::at(1), 0}, [&](auto& editor) {
                for (auto left = 8; left > 0 && editor.ok(); --left) {
                    tests::mutate_lists(editor, random);
                }
            });
        };
        edit();
        auto const before = doc;
        edit();

        auto const patch = json_patch_between(before.read(), doc.read());

        CAPTURE(patch);
        CHECK(shown(before).patch(tree::parse(patch)) == shown(doc));
        auto replayed = before;
        result<void> outcome;
        (void)replayed.try_edit({replica_id{2}, hlc::at(2), 0}, [&](auto& editor) {
            outcome =
                json::apply_patch(editor, path_view{std::span<std::string_view const>{}}, patch);
        });
        REQUIRE(outcome);
        CHECK(shown(replayed) == shown(doc));
    }
}

TEST_CASE("document_patches: a follower catches up with a whole state",
          "[crdt][document][patches]") {
    document doc;
    document_follower<document> follower{doc};
    tree value = shown(doc);
    doc.edit({replica_id{1}, hlc::at(1), 0}, [](auto editor) {
        editor.splice("t", 0, 0, "abc");
        editor.insert("l", 0, 1);
    });

    follower.follow(doc, [&](document_patch const& patch) { replay(value, patch); });
    CHECK(value == shown(doc));
}
