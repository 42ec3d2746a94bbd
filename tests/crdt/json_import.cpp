#include <joinery/crdt/json_import.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "json_documents.hpp"

using namespace joinery;
using tests::document_of;
using tests::error_of;
using tests::import_into;
using tests::nested;
using tests::round_trip;

TEST_CASE("json: an object becomes maps and scalars", "[crdt][json]") {
    auto const doc = document_of(R"({"a":{"b":null,"c":true},"d":"text","e":{}})");

    CHECK(doc.find({"a", "b"}).kind() == value_kind::null);
    CHECK(doc.find({"a", "c"}).value() == scalar{true});
    CHECK(doc.at("d").value() == scalar{"text"});
    CHECK(doc.at("e").kind() == value_kind::map);
    CHECK(doc.at("e").size() == 0);
}

TEST_CASE("json: an import keeps the entries that the text has not", "[crdt][json]") {
    auto doc = document_of(R"({"a":{"old":1,"both":1}})");

    REQUIRE(import_into(doc, "a", R"({"both":2,"new":2})"));

    CHECK(json::export_text(doc.read()) == R"({"a":{"both":2,"new":2,"old":1}})");
}

TEST_CASE("json: an import replaces what is of another kind", "[crdt][json]") {
    auto doc = document_of(R"({"a":5,"b":{"c":1}})");

    REQUIRE(import_into(doc, "a", R"({"x":1})"));
    REQUIRE(import_into(doc, "b", "[1]"));

    CHECK(json::export_text(doc.read()) == R"({"a":{"x":1},"b":[1]})");
}

TEST_CASE("json: an array becomes a list of what its elements become", "[crdt][json]") {
    std::string const text = R"({"a":[1,[2.5,"x",null],{"b":[],"z":1},"end"]})";
    auto const doc = document_of(text);

    CHECK(doc.at("a").kind() == value_kind::list);
    CHECK(doc.find({"a", "0"}).value() == scalar{1});
    CHECK(doc.find({"a", "1", "1"}).value() == scalar{"x"});
    CHECK(doc.find({"a", "2"}).kind() == value_kind::map);
    CHECK(doc.find({"a", "2", "b"}).kind() == value_kind::list);
    CHECK(json::export_text(doc.read()) == text);
}

TEST_CASE("json: an array over a list changes what differs", "[crdt][json]") {
    auto doc = document_of(R"({"a":[{"id":1,"n":1},{"id":2,"n":2},{"id":3,"n":3}]})");
    auto const before = doc.context().count();

    REQUIRE(import_into(doc, "a", R"([{"id":1,"n":1},{"id":3,"n":4}])"));

    CHECK(json::export_text(doc.at("a")) == R"([{"id":1,"n":1},{"id":3,"n":4}])");
    CHECK(doc.context().count() < before + 8);
}

TEST_CASE("json: an import at the end of a list adds an element", "[crdt][json]") {
    auto doc = document_of(R"({"a":[1]})");

    REQUIRE(import_into(doc, {"a", "-"}, R"({"b":[2]})"));
    REQUIRE(import_into(doc, {"a", "-"}, "3"));

    CHECK(json::export_text(doc.at("a")) == R"([1,{"b":[2]},3])");
}

TEST_CASE("json: arrays can be values, in which the objects are canonical", "[crdt][json]") {
    json::import_options const values{.arrays = json::array_form::value};
    auto const doc = document_of(R"({"a":[1,[2.5,"x",null],{"z":1,"b":[]}]})", values);

    CHECK(doc.at("a").kind() == value_kind::array);
    CHECK(doc.at("a").value() ==
          document_of(R"({"a":[1,[2.5,"x",null],{"b":[],"z":1}]})", values).at("a").value());
    CHECK(json::export_text(doc.read()) == R"({"a":[1,[2.5,"x",null],{"b":[],"z":1}]})");
}

TEST_CASE("json: numbers are kept exactly", "[crdt][json]") {
    auto const kind_of = [](std::string const& text) {
        return document_of(R"({"n":)" + text + "}").at("n").kind();
    };

    auto const [text, kind, shown] = GENERATE(table<std::string, value_kind, std::string>({
        {"0", value_kind::integer, "0"},
        {"-9223372036854775808", value_kind::integer, "-9223372036854775808"},
        {"9223372036854775807", value_kind::integer, "9223372036854775807"},
        {"9223372036854775808", value_kind::real, "9223372036854775808.0"},
        {"9007199254740993", value_kind::integer, "9007199254740993"},
        {"-0", value_kind::real, "-0.0"},
        {"-0.0", value_kind::real, "-0.0"},
        {"-12.50", value_kind::real, "-12.5"},
        {"0.00000000000001", value_kind::real, "1e-14"},
        {"900719925474.0993", value_kind::number, "900719925474.0993"},
        {"1.0", value_kind::real, "1.0"},
        {"1.50e1", value_kind::real, "15.0"},
        {"0.1", value_kind::real, "0.1"},
        {"1E400", value_kind::number, "1E400"},
        {"1e-400", value_kind::number, "1e-400"},
        {"18446744073709551617", value_kind::number, "18446744073709551617"},
        {"0.1000000000000000055511151231257827", value_kind::number,
         "0.1000000000000000055511151231257827"},
        {"0.30000000000000000001", value_kind::number, "0.30000000000000000001"},
        {"0e99999999999999999999", value_kind::real, "0.0"},
    }));
    CAPTURE(text);

    CHECK(kind_of(text) == kind);
    CHECK(round_trip(R"({"n":)" + text + "}") == R"({"n":)" + shown + "}");
}

TEST_CASE("json: a decimal of up to 15 digits is a real that shows the same number",
          "[crdt][json]") {
    testing::splitmix64 random{15};

    for (auto i = 0; i < 20'000; ++i) {
        constexpr std::uint64_t most = 1'000'000'000'000'000;
        auto const digits = std::to_string(most + random() % most);
        auto const point = 2 + random() % 14;
        auto const text =
            std::to_string(std::stoull(digits.substr(1, point - 1))) + '.' + digits.substr(point);
        CAPTURE(text);

        auto const number = json::number_of(text);

        REQUIRE(number.kind() == value_kind::real);
        REQUIRE(number.as_real() == std::strtod(text.c_str(), nullptr));
        REQUIRE(json::detail::denotes_same(text, json::real_text(number.as_real())));
    }
}

TEST_CASE("json: strings and keys are what their escapes say", "[crdt][json]") {
    auto const doc =
        document_of(R"({"plain":"a","\u006b\n":"\"\\\/\u00e4\ud83d\ude00 end","x\ty":""})");

    CHECK(doc.at("plain").value() == scalar{"a"});
    CHECK(doc.at("k\n").value() == scalar{"\"\\/\xc3\xa4\xf0\x9f\x98\x80 end"});
    CHECK(doc.at("x\ty").value() == scalar{""});
}

TEST_CASE("json: numbers that no double comes near stand beside others", "[crdt][json]") {
    auto const huge = std::string(400, '9');
    auto const text = R"({"a":[1e999,2,"1e999 \" 1e999"],"b":)" + huge + R"(,"c":-3})";

    CHECK(round_trip(text) == text);
}

TEST_CASE("json: a text that does not parse is refused with line and column", "[crdt][json]") {
    CHECK(error_of("{\"a\": 1,\n \"b\" 2}") ==
          "line 2, column 6: Missing a colon after a name of object member");
    CHECK(error_of("{\n  \"\xc3\xa4\": tru }") == "line 2, column 11: Invalid value");
    CHECK(error_of("").starts_with("line 1, column 1: "));
    CHECK(error_of("{} {}").starts_with("line 1, column 4: "));
    CHECK(error_of("[1,]").starts_with("line 1, column 4: "));
    CHECK(error_of("[01]").starts_with("line 1, column 3: "));
    CHECK(error_of("[1e999").starts_with("line 1, column 7: "));
    CHECK(error_of("[NaN]").starts_with("line 1, column 2: "));
    CHECK(error_of("[\"a\tb\"]").starts_with("line 1, column "));
}

TEST_CASE("json: a text that is not UTF-8 is refused", "[crdt][json]") {
    CHECK(error_of("[\"\xff\"]").starts_with("line 1, column "));
    CHECK(error_of("[\"\xed\xa0\x80\"]").starts_with("line 1, column "));
    CHECK(error_of("{\"\xc3\":1}").starts_with("line 1, column "));
    CHECK(error_of(R"(["\udc00"])").find("surrogate") != std::string::npos);
    CHECK(error_of(R"(["\ud800x"])").find("surrogate") != std::string::npos);
    CHECK(error_of(R"({"\udfff":1})").find("surrogate") != std::string::npos);
    CHECK(error_of(std::string("[1]\0", 4)) ==
          "line 1, column 4: a null character stands in the text");
}

TEST_CASE("json: a key that stands twice in one object is refused", "[crdt][json]") {
    CHECK(error_of(R"({"b":1,"a":{"b":1},"b":2})") ==
          "line 1, column 26: the object that ends here has the key \"b\" twice");
    CHECK(error_of(R"([{"a":1,"\u0061":2}])").find("\"a\" twice") != std::string::npos);
    CHECK(round_trip(R"({"a":{"a":{"a":1}}})") == R"({"a":{"a":{"a":1}}})");
}

TEST_CASE("json: nesting is bounded", "[crdt][json]") {
    document doc;

    CHECK(import_into(doc, "a", nested(path_keys_max - 1)));
    CHECK(error_of(nested(path_keys_max)).ends_with("are nested more than 60 deep"));
    CHECK(error_of(nested(1'000'000)).ends_with("are nested more than 60 deep"));
    CHECK(error_of("[[[]]]", {.depth_max = 3}).ends_with("are nested more than 3 deep"));
}

TEST_CASE("json: a value over the limit is refused with its place", "[crdt][json]") {
    document doc;
    auto const text = "{\"a\":\n\"" + std::string(2'000'000, 'x') + "\"}";

    auto const imported = import_into(doc, "at", text);

    REQUIRE_FALSE(imported);
    CHECK(imported.error().code == errc::too_large);
    CHECK(imported.error().message.starts_with(
        "line 2, column 2000003: /at/a would hold 2000000 bytes"));
}

TEST_CASE("json: what is refused below a new list or map is named by its path", "[crdt][json]") {
    auto const error_at = [](std::string const& text) {
        document doc;
        auto const imported = import_into(doc, "at", text);
        REQUIRE_FALSE(imported);
        return imported.error().message;
    };
    std::string const large(2'000'000, 'x');
    std::string const long_key(key_bytes_max + 1, 'k');

    CHECK(error_at(R"({"a":[1,[],{"b":")" + large + "\"}]}")
              .starts_with("line 1, column 2000019: /at/a/2/b would hold 2000000 bytes"));
    CHECK(error_at(R"({"a":[1,")" + large + "\"]}")
              .starts_with("line 1, column 2000011: /at/a would hold 2000000 bytes"));
    CHECK(
        error_at(R"({"a":{"b":{")" + long_key + R"(":1}}})").find("/at/a/b is followed by a key") !=
        std::string::npos);
}

TEST_CASE("json: an import writes what mutators would write, place by place", "[crdt][json]") {
    auto const imported =
        document_of(R"({"a":{"b":1,"c":{}},"d":[1,2,{"e":"f"},[true],3],"g":[],"h":null})");

    document written;
    written.edit(tests::importer, [](auto editor) {
        auto const insert = [&](path_view list, std::size_t index, std::vector<scalar> values) {
            editor.insert(list, index, std::span<scalar const>{values});
        };
        editor.make_map("a");
        editor.set({"a", "b"}, 1);
        editor.make_map({"a", "c"});
        editor.make_list("d");
        insert("d", 0, {1, 2});
        editor.make_map({"d", "2"});
        editor.set({"d", "2", "e"}, "f");
        editor.make_list({"d", "3"});
        insert({"d", "3"}, 0, {true});
        insert("d", 4, {3});
        editor.make_list("g");
        editor.set("h", nullptr);
    });

    CHECK(imported == written);
}

TEST_CASE("json: an import tells how far it has come", "[crdt][json]") {
    std::string text = "[0";
    for (auto i = 0; i < 20'000; ++i) {
        text += ",[]";
    }
    text += "]";
    std::vector<std::size_t> told;

    document doc;
    REQUIRE(import_into(doc, "a", text,
                        {.progress = [&](std::size_t bytes) { told.push_back(bytes); }}));

    REQUIRE(told.size() > 1);
    CHECK(std::is_sorted(told.begin(), told.end()));
    CHECK(told.back() <= text.size());
}

TEST_CASE("json: only an object can be the whole document", "[crdt][json]") {
    document doc;

    auto const imported = import_into(doc, path_view{std::span<std::string_view const>{}}, " [1]");

    REQUIRE_FALSE(imported);
    CHECK(imported.error().code == errc::wrong_type);
}

TEST_CASE("json: an array of records becomes a map when it is told so", "[crdt][json]") {
    json::import_options const by_id{.records_by = {"code", "id"}};
    auto const shown = [&](std::string_view text) {
        return json::export_text(document_of(text, by_id).read());
    };

    CHECK(shown(R"({"a":[{"n":1,"id":"x"},{"id":"y"}]})") ==
          R"({"a":{"x":{"id":"x","n":1},"y":{"id":"y"}}})");
    CHECK(shown(R"({"a":[{"id":7},{"id":8}]})") == R"({"a":{"7":{"id":7},"8":{"id":8}}})");
    // The first field that all have, each with another value.
    CHECK(shown(R"({"a":[{"code":"c","id":"x"},{"id":"y"}]})") ==
          R"({"a":{"x":{"code":"c","id":"x"},"y":{"id":"y"}}})");
    CHECK(shown(R"({"a":[{"code":"c","id":"x"},{"code":"c","id":"y"}]})") ==
          R"({"a":{"x":{"code":"c","id":"x"},"y":{"code":"c","id":"y"}}})");
    // Records within records.
    CHECK(shown(R"({"a":[{"id":"x","b":[{"id":"y"}]}]})") ==
          R"({"a":{"x":{"b":{"y":{"id":"y"}},"id":"x"}}})");
}

TEST_CASE("json: an array that is not of records stays an array", "[crdt][json]") {
    json::import_options const by_id{.records_by = {"id"}};
    auto const* const text = GENERATE(
        R"({"a":[]})", R"({"a":[{"id":"x"},{"id":"x"}]})", R"({"a":[{"id":"x"},{}]})",
        R"({"a":[{"id":"x"},1]})", R"({"a":[{"id":"x"},[]]})", R"({"a":[{"id":""}]})",
        R"({"a":[{"b":{"id":"x"}}]})", R"({"a":[{"id":null}]})", R"({"a":[{"id":5},{"id":"5"}]})");
    CAPTURE(text);

    CHECK(json::export_text(document_of(text, by_id).read()) == text);
}
