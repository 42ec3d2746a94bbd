#include <joinery/crdt/document.hpp>
#include <joinery/crdt/document_patches.hpp>
#include <joinery/crdt/json.hpp>
#include <joinery/crdt/json_patch.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace joinery;

namespace {

constexpr author alice{replica_id{1}, hlc::at(1), 1};
constexpr author bob{replica_id{2}, hlc::at(2), 1};
path_view const whole{std::span<std::string_view const>{}};

document list_of(std::string_view text) {
    document doc;
    result<void> outcome;
    (void)doc.try_edit(alice,
                       [&](auto& editor) { outcome = json::import_text(editor, "l", text); });
    REQUIRE(outcome);
    return doc;
}
document update(document& doc, std::string_view text) {
    result<void> outcome;
    auto edited =
        doc.try_edit(alice, [&](auto& editor) { outcome = json::update_text(editor, "l", text); });
    REQUIRE(outcome);
    return std::move(edited.delta);
}
std::string text_at(document const& doc, path_view at = "l") {
    return json::export_text(doc.find(at));
}

/// What is shown if one changes the list from `before` to `after` in a file, and another one at the
/// same time writes the field `w` in the element at `index`.
std::string merged(std::string_view before, std::string_view after, std::string const& index) {
    auto ours = list_of(before);
    auto theirs = ours;
    theirs.edit(bob, [&](auto doc) { doc.set({"l", index, "w"}, "note"); });
    (void)update(ours, after);
    CHECK(text_at(ours) == after);
    ours.join(theirs);
    return text_at(ours);
}

} // namespace

TEST_CASE("json_update: what others write in a record stays with it", "[crdt][json_patch]") {
    std::string_view const records = R"([{"n":"one","v":1},{"n":"two","v":2}])";

    CHECK(merged(records, R"([{"n":"zero","v":0},{"n":"one","v":11},{"n":"two","v":2}])", "0") ==
          R"([{"n":"zero","v":0},{"n":"one","v":11,"w":"note"},{"n":"two","v":2}])");
    CHECK(merged(records, R"([{"n":"two","v":22}])", "1") == R"([{"n":"two","v":22,"w":"note"}])");
    CHECK(merged(records, R"([{"n":"two","v":22},{"n":"three","v":1}])", "1") ==
          R"([{"n":"two","v":22,"w":"note"},{"n":"three","v":1}])");
    CHECK(merged(records, R"([{"n":"two","v":22},{"n":"one","v":11}])", "0") ==
          R"([{"n":"two","v":22},{"n":"one","v":11,"w":"note"}])");
}

TEST_CASE("json_update: a member that one record alone has says more than those that many have",
          "[crdt][json_patch]") {
    CHECK(merged(R"([{"id":7,"done":false,"kind":"a"},{"id":8,"done":false,"kind":"a"}])",
                 R"([{"done":true,"id":8,"kind":"b"},{"done":false,"id":9,"kind":"a"}])", "1") ==
          R"([{"done":true,"id":8,"kind":"b","w":"note"},{"done":false,"id":9,"kind":"a"}])");
}

TEST_CASE("json_update: a record that nothing is like is changed in its place",
          "[crdt][json_patch]") {
    CHECK(merged(R"([1,{"n":"one"},2])", R"([1,{"n":"other"},2])", "1") ==
          R"([1,{"n":"other","w":"note"},2])");
    CHECK(merged(R"([{"n":"one"}])", R"([5,{"n":"other"}])", "0") ==
          R"([5,{"n":"other","w":"note"}])");
}

TEST_CASE("json_update: arrays and texts in an array are found by what they share",
          "[crdt][json_patch]") {
    auto doc = list_of(R"([[1,2,3],[7,8,9]])");
    doc.edit(alice, [](auto editor) {
        editor.insert("l", 2, 0);
        editor.erase({"l", "2"});
        editor.insert("l", 2, "");
        editor.make_text({"l", "2"});
        editor.splice({"l", "2"}, 0, 0, "a longer text");
    });
    auto theirs = doc;
    theirs.edit(bob, [](auto editor) {
        editor.insert({"l", "1"}, 3, 10);
        editor.splice({"l", "2"}, 13, 0, "!");
    });

    (void)update(doc, R"([[7,0,9],"new","a long text"])");
    CHECK(text_at(doc) == R"([[7,0,9],"new","a long text"])");
    doc.join(theirs);

    CHECK(text_at(doc) == R"([[7,0,9,10],"new","a long text!"])");
}

TEST_CASE("json_update: runs that are too long are paired by position", "[crdt][json_patch]") {
    auto const list = [](int from, int count, int value) {
        std::string out = "[";
        for (auto i = from; i < from + count; ++i) {
            out += (i == from ? "" : ",") + (R"({"n":)" + std::to_string(i)) + R"(,"v":)" +
                   std::to_string(value) + "}";
        }
        return out + "]";
    };
    auto const is_at = [](std::string const& text, std::string const& record) {
        return text.find(record + R"(,"w":"note")") != std::string::npos;
    };

    CHECK(is_at(merged(list(0, 100, 1), list(1, 100, 2), "5"), R"({"n":5,"v":2)"));
    CHECK(is_at(merged(list(0, 200, 1), list(1, 200, 2), "5"), R"({"n":6,"v":2)"));
}

TEST_CASE("json_update: the limit of a value holds for what is written", "[crdt][json_patch]") {
    document doc;
    auto const half = std::string(700'000, 'x');
    doc.edit(alice, [&](auto editor) {
        editor.insert("l", 0, 1);
        editor.make_text({"l", "0"});
        editor.splice({"l", "0"}, 0, 0, half);
        editor.splice({"l", "0"}, 700'000, 0, half);
    });
    auto const before = doc.encode();
    auto const edit = [&](auto&& change) {
        result<void> outcome;
        (void)doc.try_edit(alice, [&](auto& editor) { outcome = change(editor); });
        return outcome;
    };
    auto const update_whole = [&](std::string const& text) {
        return edit([&](auto& editor) { return json::update_text(editor, whole, text); });
    };

    REQUIRE(update_whole(json::export_text(doc.read())));
    CHECK(doc.encode() == before);
    auto const shown = R"({"l":[0,")" + half + "y" + half + R"("]})";
    REQUIRE(update_whole(shown));
    CHECK(json::export_text(doc.read()) == shown);
    CHECK(doc.find({"l", "1"}).kind() == value_kind::text);

    auto const more = update_whole(R"({"l":[0,")" + half + half + half + half + R"("]})");
    REQUIRE_FALSE(more);
    CHECK(more.error().code == errc::too_large);
    auto const other = update_whole(R"({"l":[0,1,{"a":")" + half + half + R"("}]})");
    REQUIRE_FALSE(other);
    CHECK(json::export_text(doc.read()) == shown);
}

TEST_CASE("json_update: a patch between two states of a long text applies", "[crdt][json_patch]") {
    document doc;
    auto const half = std::string(700'000, 'x');
    doc.edit(alice, [&](auto editor) {
        editor.splice("t", 0, 0, half);
        editor.splice("t", 0, 0, half);
    });
    auto changed = doc;
    changed.edit(bob, [](auto editor) { editor.splice("t", 700'000, 0, "y"); });

    auto const patch = json_patch_between(doc.read(), changed.read());

    result<void> outcome;
    (void)doc.try_edit(alice,
                       [&](auto& editor) { outcome = json::apply_patch(editor, whole, patch); });
    REQUIRE(outcome);
    CHECK(text_at(doc, "t") == text_at(changed, "t"));
    CHECK(doc.at("t").kind() == value_kind::text);
}
