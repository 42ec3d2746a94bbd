#include <joinery/crdt/document.hpp>
#include <joinery/crdt/document_patches.hpp>
#include <joinery/sync/replica.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "document_edits.hpp"
#include "document_shadow.hpp"
#include "patch_replay.hpp"

using namespace joinery;

namespace {

/// Follows a replica by patches, and checks after each changeset that they lead to what it shows,
/// with every item in its place.
template <class Document>
struct item_mirror {
    explicit item_mirror(sync::replica<Document>& of)
        : follower{of.state()}, last{of.state()}, value(tests::shown(of.state())) {
        of.observe([this, &of](sync::change const& change) {
            auto items = tests::shadow::of(last.read());
            splices.clear();
            follower.follow(change.in, of.state(), [&](document_patch const& patch) {
                tests::replay(value, patch);
                items.replay(patch);
                if (patch.kind == document_patch::kind_type::splice) {
                    splices.push_back(patch);
                }
            });
            REQUIRE(value == tests::shown(of.state()));
            CHECK(items.matches(of.state().read()));
            last = of.state();
        });
    }
    item_mirror(item_mirror const&) = delete;

    document_follower<Document> follower;
    Document last;
    tests::tree value;
    std::vector<document_patch> splices;
};

template <class Editor>
void mutate(Editor& editor, testing::splitmix64& random) {
    std::array<std::string, 5> const pieces{"a", "aa\n", "\xc3\xa9", "\xf0\x9f\x98\x80z", ""};
    std::array<scalar, 2> const values{scalar{1}, scalar{2}};
    if (random.chance(40)) {
        tests::mutate_lists(editor, random);
        return;
    }
    auto const* const key = random.chance(60) ? "t" : "l";
    auto const place = editor.read().at(key);
    auto const index = random.below(place.size() + 1);
    auto const count = random.chance(40) ? random.below(place.size() - index + 1) : 0;
    if (place.kind() == value_kind::text || (!place.exists() && *key == 't')) {
        editor.splice(key, index, count, random.pick(pieces));
    } else if (place.exists() && count != 0) {
        editor.erase(key, index, count);
    } else {
        editor.insert(key, index, std::span{values}.first(1 + random.below(2)));
    }
}

template <class Document>
void send(sync::replica<Document> const& from, sync::replica<Document>& to, bool only_own) {
    REQUIRE(from.for_each_change(to.version(), [&](sync::changeset const& in) {
        if (!only_own || in.origin == from.id()) {
            (void)to.receive(in);
        }
        return true;
    }));
}

} // namespace

TEST_CASE("document_patches: a text tells where the characters came, not where equal ones stand",
          "[crdt][document][patches]") {
    sync::replica<document> replica{replica_id{1}};
    item_mirror seen{replica};
    auto const told = [&](std::size_t index, std::size_t count, std::string_view text) {
        REQUIRE(replica.edit([&](auto doc) { doc.splice("t", index, count, text); }));
        REQUIRE(seen.splices.size() == 1);
        auto const& patch = seen.splices.front();
        return std::to_string(patch.index) + ' ' + std::to_string(patch.count) + ' ' +
               patch.new_value;
    };
    REQUIRE(replica.edit([](auto doc) { doc.splice("t", 0, 0, "aa\n\n"); }));

    CHECK(told(0, 0, "a") == "0 0 a");
    CHECK(told(4, 1, "\n") == "4 1 \n");
    CHECK(told(1, 1, "") == "1 1 ");
    CHECK(told(0, 4, "foo bar foo bar ") == "0 4 foo bar foo bar ");
    CHECK(told(0, 0, "foo bar ") == "0 0 foo bar ");
}

TEST_CASE("document_patches: what came and went in one changeset is not told",
          "[crdt][document][patches]") {
    sync::replica<document> replica{replica_id{1}};
    item_mirror seen{replica};
    REQUIRE(replica.edit([](auto doc) { doc.splice("t", 0, 0, "abc"); }));

    REQUIRE(replica.edit([](auto doc) {
        doc.splice("t", 1, 0, "xyz");
        doc.splice("t", 1, 2, "");
        doc.splice("t", 1, 2, "");
    }));

    REQUIRE(seen.splices.size() == 1);
    CHECK(seen.splices.front().index == 1);
    CHECK(seen.splices.front().old_value == "b");
    CHECK(seen.splices.front().new_value.empty());
}

TEST_CASE("document_patches: a text that waited for what it stands beside appears in its place",
          "[crdt][document][patches]") {
    sync::replica<document> one{replica_id{1}};
    sync::replica<document> two{replica_id{2}};
    sync::replica<document> three{replica_id{3}};
    REQUIRE(one.edit([](auto doc) { doc.splice("t", 0, 0, "ab"); }));
    send(one, two, false);
    send(one, three, false);
    item_mirror seen{three};
    REQUIRE(one.edit([](auto doc) { doc.splice("t", 1, 0, "aa"); }));
    send(one, two, false);
    REQUIRE(two.edit([](auto doc) { doc.splice("t", 2, 0, "a"); }));

    send(two, three, true);
    CHECK(three.state().at("t").text() == "ab");
    send(one, three, true);

    REQUIRE(seen.splices.size() == 1);
    CHECK(seen.splices.front().index == 1);
    CHECK(seen.splices.front().new_value == "aaa");
}

TEMPLATE_TEST_CASE("document_patches: three replicas are followed item by item",
                   "[crdt][document][patches]", observed_reset, remove_wins, update_wins_whole) {
    using replicated = basic_document<deep_merge, TestType>;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        testing::splitmix64 random{seed};
        std::vector<std::unique_ptr<sync::replica<replicated>>> replicas;
        std::vector<std::unique_ptr<item_mirror<replicated>>> mirrors;
        for (std::uint64_t id = 1; id <= 3; ++id) {
            replicas.push_back(std::make_unique<sync::replica<replicated>>(replica_id{id}));
            mirrors.push_back(std::make_unique<item_mirror<replicated>>(*replicas.back()));
        }
        for (unsigned step = 0; step < 50; ++step) {
            CAPTURE(step);
            auto& from = *replicas[random.below(3)];
            auto& to = *replicas[random.below(3)];
            (void)from.edit([&](auto editor) {
                for (auto left = 1 + random.below(4); left > 0 && editor.ok(); --left) {
                    mutate(editor, random);
                }
            });
            if (random.chance(60) && &from != &to) {
                send(from, to, random.chance(50));
            }
        }
    }
}

TEST_CASE("document_patches: any two states of one document are told item by item",
          "[crdt][document][patches]") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        testing::splitmix64 random{seed};
        std::vector<document> states(3);
        for (unsigned step = 0; step < 30; ++step) {
            auto const self = random.below(3);
            (void)states[self].try_edit({replica_id{self + 1}, hlc::at(step + 1), 0},
                                        [&](auto& editor) { mutate(editor, random); });
            if (random.chance(20)) {
                states[random.below(3)].join(states[random.below(3)]);
            }
        }
        for (auto const& before : states) {
            for (auto const& after : states) {
                auto value = tests::shown(before);
                auto items = tests::shadow::of(before.read());

                for_each_patch(before.read(), after.read(), [&](document_patch const& patch) {
                    tests::replay(value, patch);
                    items.replay(patch);
                });

                CHECK(value == tests::shown(after));
                CHECK(items.matches(after.read()));
            }
        }
    }
}
