#include <joinery/crdt/document.hpp>
#include <joinery/crdt/json.hpp>
#include <joinery/crdt/json_patch.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

using namespace joinery;

namespace {

using tree = nlohmann::json;

constexpr author alice{replica_id{1}, hlc::at(1), 1};
path_view const whole{std::span<std::string_view const>{}};

template <class F>
result<void> edit(document& doc, F&& change) {
    result<void> outcome;
    auto const edited = doc.try_edit(alice, [&](auto& editor) { outcome = change(editor); });
    return outcome ? edited.outcome : outcome;
}
document document_of(std::string_view text, path_view at = "at",
                     json::import_options const& options = {}) {
    document doc;
    REQUIRE(edit(doc, [&](auto& editor) { return json::import_text(editor, at, text, options); }));
    return doc;
}
result<void> patched(document& doc, std::string_view text, path_view at = "at") {
    return edit(doc, [&](auto& editor) { return json::apply_patch(editor, at, text); });
}
result<void> merged(document& doc, std::string_view text, path_view at = "at") {
    return edit(doc, [&](auto& editor) { return json::apply_merge_patch(editor, at, text); });
}
std::string text_at(document const& doc, path_view at = "at") {
    return json::export_text(doc.find(at));
}

/// The number of dots that a change took.
std::uint64_t dots(document const& doc) {
    return doc.context().count();
}

} // namespace

TEST_CASE("json_patch: each operation", "[crdt][json_patch]") {
    auto const [text, patch, expected] = GENERATE(table<std::string, std::string, std::string>({
        {R"({"a":1})", R"([{"op":"add","path":"/b","value":{"c":[]}}])", R"({"a":1,"b":{"c":[]}})"},
        {R"({"a":[1,2]})", R"([{"op":"add","path":"/a/1","value":9}])", R"({"a":[1,9,2]})"},
        {R"({"a":[1,2]})", R"([{"op":"add","path":"/a/-","value":9}])", R"({"a":[1,2,9]})"},
        {R"({"a":1,"b":2})", R"([{"op":"remove","path":"/a"}])", R"({"b":2})"},
        {R"({"a":[1,2,3]})", R"([{"op":"remove","path":"/a/0"}])", R"({"a":[2,3]})"},
        {R"({"a":{"b":1}})", R"([{"op":"replace","path":"/a","value":[1]}])", R"({"a":[1]})"},
        {R"({"a":{"b":1}})", R"([{"op":"move","from":"/a/b","path":"/c"}])", R"({"a":{},"c":1})"},
        {R"({"a":[1,2,3]})", R"([{"op":"move","from":"/a/0","path":"/a/2"}])", R"({"a":[2,3,1]})"},
        {R"({"a":{"b":1}})", R"([{"op":"copy","from":"/a","path":"/a/c"}])",
         R"({"a":{"b":1,"c":{"b":1}}})"},
        {R"({"a":10})", R"([{"op":"test","path":"/a","value":1.0e1}])", R"({"a":10})"},
        {R"({"a":1})", R"([{"op":"replace","path":"","value":"x"}])", R"("x")"},
        {R"({"a":1})", R"([{"op":"add","path":"/b","value":{"x":1}},
                           {"op":"add","path":"/b/y","value":[2]},
                           {"op":"add","path":"/b/y/0","value":1}])",
         R"({"a":1,"b":{"x":1,"y":[1,2]}})"},
    }));
    auto const arrays = GENERATE(json::array_form::list, json::array_form::value);
    CAPTURE(text, patch);
    auto doc = document_of(text, "at", {.arrays = arrays});

    auto const outcome = patched(doc, patch);

    INFO((outcome ? std::string{} : outcome.error().message));
    REQUIRE(outcome);
    CHECK(text_at(doc) == expected);
}

TEST_CASE("json_patch: a patch that does not apply says why and changes nothing",
          "[crdt][json_patch]") {
    auto const [patch, reason] = GENERATE(table<std::string, std::string>({
        {R"([{"op":"add","path":"/x","value":1},{"op":"remove","path":"/nowhere"}])",
         "operation 1 (remove /nowhere): there is nothing at /nowhere"},
        {R"([{"op":"remove","path":"/m/a"},{"op":"test","path":"/n","value":2}])",
         "operation 1 (test /n): there stands 1, not 2"},
        {R"([{"op":"add","path":"/l/4","value":1}])",
         "operation 0 (add /l/4): an array of 3 has no element 4"},
        {R"([{"op":"add","path":"/l/x","value":1}])",
         "operation 0 (add /l/x): \"x\" is not an index of an array"},
        {R"([{"op":"add","path":"/n/x","value":1}])",
         "operation 0 (add /n/x): /n is neither an object nor an array"},
        {R"([{"op":"move","from":"/m","path":"/m/a/b"}])",
         "operation 0 (move /m/a/b): a value cannot be moved into itself"},
        {R"([{"op":"remove","path":"/l/-"}])",
         "operation 0 (remove /l/-): an array of 3 has no element -"},
        {R"([{"op":"frob","path":"/l"}])", "operation 0: there is no operation \"frob\""},
        {R"([{"op":"add","path":"/l"}])", "operation 0: it has no \"value\""},
        {R"([{"op":"copy","path":"/l"}])", "operation 0: it has no \"from\" that is a string"},
        {R"([{"op":"test","path":null,"value":1}])",
         "operation 0: it has no \"path\" that is a string"},
        {R"([{"op":"test","path":"l","value":1}])", "operation 0: a path begins with '/': l"},
        {R"([1])", "operation 0: it has no \"op\" that is a string"},
        {R"({"op":"remove"})", "a patch is an array of operations"},
    }));
    CAPTURE(patch);
    auto doc = document_of(R"({"m":{"a":1},"n":1,"l":[1,2,3]})");
    auto const before = doc.encode();

    auto const outcome = patched(doc, patch);

    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().message == reason);
    CHECK(doc.encode() == before);
}

TEST_CASE("json_patch: the limits of a document are asked before anything is written",
          "[crdt][json_patch]") {
    auto doc = document_of(R"({"m":{}})");
    auto const before = doc.encode();
    auto const key = std::string(key_bytes_max + 1, 'k');
    auto const text = std::string(1024 * 1024 + 1, 't');
    auto const add = [](std::string const& path, std::string const& value) {
        return R"({"op":"add","path":")" + path + R"(","value":)" + value + "}";
    };

    auto const long_key = patched(doc, "[" + add("/a", "1") + "," + add("/m/" + key, "1") + "]");
    auto const long_text =
        patched(doc, "[" + add("/a", "1") + "," + add("/b", "{\"c\":\"" + text + "\"}") + "]");

    REQUIRE_FALSE(long_key);
    CHECK(long_key.error().code == errc::too_large);
    REQUIRE_FALSE(long_text);
    CHECK(long_text.error().code == errc::too_large);
    CHECK(doc.encode() == before);
}

TEST_CASE("json_patch: only what differs is written", "[crdt][json_patch]") {
    auto doc = document_of(R"({"a":{"b":1,"c":{"d":2}},"e":3})");
    auto const before = dots(doc);

    REQUIRE(patched(doc, R"([{"op":"replace","path":"/a","value":{"b":1,"c":{"d":5}}},
                             {"op":"replace","path":"/e","value":3}])"));

    CHECK(text_at(doc) == R"({"a":{"b":1,"c":{"d":5}},"e":3})");
    CHECK(dots(doc) == before + 1);
}

TEST_CASE("json_patch: counters and sets that nobody names stay what they are",
          "[crdt][json_patch]") {
    auto doc = document_of(R"({"x":1})");
    (void)doc.edit(alice, [](auto editor) {
        editor.increment({"at", "count"}, 5);
        editor.insert({"at", "set"}, "element");
    });

    REQUIRE(patched(doc, R"([{"op":"test","path":"/count","value":5},
                             {"op":"test","path":"/set","value":["element"]},
                             {"op":"copy","from":"/count","path":"/copy"},
                             {"op":"replace","path":"/x","value":2}])"));

    CHECK(doc.find({"at", "count"}).kind() == value_kind::counter);
    CHECK(doc.find({"at", "set"}).kind() == value_kind::set);
    CHECK(doc.find({"at", "copy"}).kind() == value_kind::integer);
}

TEST_CASE("json_patch: the whole document", "[crdt][json_patch]") {
    auto doc = document_of(R"({"a":1,"b":2})", whole);

    REQUIRE(patched(doc, R"([{"op":"replace","path":"","value":{"b":2,"c":3}}])", whole));
    CHECK(text_at(doc, whole) == R"({"b":2,"c":3})");
    auto const before = doc.encode();
    CHECK_FALSE(patched(doc, R"([{"op":"replace","path":"","value":[1]}])", whole));
    CHECK_FALSE(patched(doc, R"([{"op":"remove","path":""}])", whole));
    CHECK(doc.encode() == before);
}

TEST_CASE("json_patch: a merge patch changes the keys that it names", "[crdt][json_patch]") {
    auto doc = document_of(R"({"a":{"b":1,"c":2},"d":[1],"e":null})");

    REQUIRE(merged(doc, R"({"a":{"b":null,"x":{"y":null,"z":1}},"d":[2]})"));

    CHECK(text_at(doc) == R"({"a":{"c":2,"x":{"z":1}},"d":[2],"e":null})");
    CHECK_FALSE(merged(doc, "{"));
}

TEST_CASE("json_update: a text that was edited makes a small change", "[crdt][json_patch]") {
    auto doc = document_of(R"({"a":{"b":1,"c":2},"d":[1],"e":"x"})", whole);
    (void)doc.edit(alice, [](auto editor) {
        editor.increment("count", 3);
        editor.set("when", timestamp{0});
    });
    auto const before = dots(doc);
    auto const update = [&](std::string_view text) {
        return edit(doc, [&](auto& editor) { return json::update_text(editor, whole, text); });
    };

    REQUIRE(update(json::export_text(doc.read(), json::layout::pretty)));
    CHECK(dots(doc) == before);
    CHECK(doc.at("when").kind() == value_kind::timestamp);

    REQUIRE(update(R"({"a":{"b":1,"c":3},"d":[1],"e":"x","count":3})"));
    CHECK(text_at(doc, whole) == R"({"a":{"b":1,"c":3},"count":3,"d":[1],"e":"x"})");
    CHECK(dots(doc) == before + 2); // one written, one erased
    CHECK(doc.at("count").kind() == value_kind::counter);
}

namespace {

tree read_cases(std::string const& name) {
    auto const* const given = std::getenv("JOINERY_CONFORMANCE_DATA");
    auto const folder =
        std::filesystem::path{given != nullptr ? given : JOINERY_CONFORMANCE_DATA_DEFAULT} /
        "json-patch";
    std::ifstream file{folder / name};
    if (!file) {
        WARN("the conformance data \"json-patch/" << name << "\" is not there");
        return tree::array();
    }
    return tree::parse(file);
}

/// The cases of one file, on documents that hold arrays in one of the two forms.
void check_patches(std::string const& name) {
    auto const arrays = GENERATE(json::array_form::list, json::array_form::value);
    for (auto const& each : read_cases(name)) {
        auto const is_disabled = each.contains("disabled") && each["disabled"].get<bool>();
        if (!each.contains("patch") || is_disabled) {
            continue;
        }
        CAPTURE(each.dump());
        auto doc = document_of(each["doc"].dump(), "at", {.arrays = arrays});
        auto const before = doc.encode();

        auto const outcome = patched(doc, each["patch"].dump());

        INFO((outcome ? std::string{} : outcome.error().message));
        CHECK(outcome.has_value() == !each.contains("error"));
        if (each.contains("error")) {
            CHECK(doc.encode() == before);
        } else if (each.contains("expected")) {
            CHECK(tree::parse(text_at(doc)) == each["expected"]);
        }
    }
}

} // namespace

TEST_CASE("json_patch: the cases of the test suite", "[crdt][json_patch][conformance]") {
    check_patches("tests.json");
}

TEST_CASE("json_patch: the examples of the RFC", "[crdt][json_patch][conformance]") {
    check_patches("spec_tests.json");
}

TEST_CASE("json_patch: the merge patches of the RFC", "[crdt][json_patch][conformance]") {
    for (auto const& given : read_cases("merge-patch-rfc7396.json")) {
        for (auto const& each : given["cases"]) {
            CAPTURE(given["given"].dump(), each.dump());
            auto doc = document_of(given["given"].dump());

            REQUIRE(merged(doc, each["patch"].dump()));

            CHECK(tree::parse(text_at(doc)) == each["result"]);
        }
    }
}

TEST_CASE("json_patch: a message quotes whole characters of a long text", "[crdt][json_patch]") {
    std::string word;
    for (int i = 0; i < 40; ++i) {
        word += "\xC3\xA9";
    }
    auto doc = document_of("[\"" + word + "\"]");

    auto const refused = patched(doc, R"([{"op":"test","path":"/0","value":1}])");

    REQUIRE_FALSE(refused.has_value());
    CHECK(is_utf8(refused.error().message));
}

TEST_CASE("json_patch: a move to where it comes from writes nothing", "[crdt][json_patch]") {
    auto doc = document_of(R"({"a":[1,2],"b":3})");
    auto const before = dots(doc);

    REQUIRE(patched(doc, R"([{"op":"move","from":"/a","path":"/a"}])"));
    REQUIRE(patched(doc, R"([{"op":"move","from":"/a/0","path":"/a/0"}])"));
    REQUIRE(patched(doc, R"([{"op":"move","from":"","path":""}])"));

    CHECK(dots(doc) == before);
    CHECK_FALSE(patched(doc, R"([{"op":"move","from":"/c","path":"/c"}])"));
}
