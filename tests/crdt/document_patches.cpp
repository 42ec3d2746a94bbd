#include <joinery/crdt/document.hpp>
#include <joinery/crdt/document_patches.hpp>
#include <joinery/crdt/json.hpp>
#include <joinery/crdt/json_patch.hpp>
#include <joinery/sync/replica.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "document_edits.hpp"

using namespace joinery;

namespace {

using tree = nlohmann::json;
using kind_type = document_patch::kind_type;

std::size_t byte_of(std::string const& text, std::size_t code_point) {
    std::size_t at = 0;
    for (; code_point != 0; --code_point) {
        auto const length = utf8_sequence_bytes(text.substr(at));
        REQUIRE(length != 0);
        at += length;
    }
    return at;
}

/// Replays one patch on a plain value, and checks what it says about the old one.
void replay(tree& value, document_patch const& patch) {
    tree::json_pointer const at{patch.path.to_string()};
    switch (patch.kind) {
    case kind_type::put:
        CHECK(value.contains(at) == !patch.old_value.empty());
        if (!patch.old_value.empty()) {
            CHECK(value.at(at) == tree::parse(patch.old_value));
        }
        value[at] = tree::parse(patch.new_value);
        return;
    case kind_type::insert: {
        auto& list = value.at(at.parent_pointer());
        auto const index = std::stoul(at.back());
        REQUIRE(index <= list.size());
        list.insert(list.begin() + static_cast<long>(index), tree::parse(patch.new_value));
        return;
    }
    case kind_type::erase:
    case kind_type::remove: {
        CHECK(value.at(at) == tree::parse(patch.old_value));
        auto& parent = value.at(at.parent_pointer());
        if (parent.is_array()) {
            parent.erase(std::stoul(at.back()));
        } else {
            parent.erase(at.back());
        }
        return;
    }
    case kind_type::splice: {
        auto& text = value.at(at).get_ref<std::string&>();
        auto const begin = byte_of(text, patch.index);
        auto const size = byte_of(text, patch.index + patch.count) - begin;
        CHECK(text.substr(begin, size) == patch.old_value);
        text.replace(begin, size, patch.new_value);
        return;
    }
    }
}

tree shown(document const& doc) {
    return tree::parse(json::export_text(doc.read()));
}

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
