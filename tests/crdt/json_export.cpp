#include <joinery/crdt/json_export.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "json_documents.hpp"

using namespace joinery;
using tests::document_of;
using tests::nested;
using tests::round_trip;

TEST_CASE("json: an export has words for everything a document holds", "[crdt][json]") {
    document doc;
    auto const bytes_of = [](std::string_view text) { return scalar{as_bytes(text)}; };
    doc.edit(tests::importer, [&](auto editor) {
        editor.insert("set", "b");
        editor.insert("set", 2);
        editor.insert("set", "a");
        editor.increment("counter", -3);
        editor.set("time", timestamp{1'769'860'800'250});
        editor.set("far", timestamp{std::numeric_limits<std::int64_t>::max()});
        editor.set("nan", std::numeric_limits<double>::quiet_NaN());
        editor.set("bytes", bytes_of("joinery"));
        editor.set("key \"\n\x01", "\\ / \xc3\xa4");
    });

    CHECK(json::export_text(doc.read()) ==
          R"({"bytes":"am9pbmVyeQ==","counter":-3,"far":9223372036854775807,)"
          R"("key \"\n\u0001":"\\ / )"
          "\xc3\xa4"
          R"(","nan":null,"set":[2,"a","b"],"time":"2026-01-31T12:00:00.250Z"})");
    CHECK(json::export_text(doc.at("set")) == R"([2,"a","b"])");
    CHECK(json::export_text(doc.at("nothing")) == "null");
}

TEST_CASE("json: base64 and times of any length", "[crdt][json]") {
    CHECK(json::base64_text({}).empty());
    CHECK(json::base64_text(as_bytes("f")) == "Zg==");
    CHECK(json::base64_text(as_bytes("fo")) == "Zm8=");
    CHECK(json::base64_text(as_bytes("foo")) == "Zm9v");
    CHECK(json::timestamp_text({0}) == "1970-01-01T00:00:00.000Z");
    CHECK(json::timestamp_text({-1}) == "1969-12-31T23:59:59.999Z");
    CHECK(json::timestamp_text({253'402'300'799'999}) == "9999-12-31T23:59:59.999Z");
    CHECK(json::timestamp_text({-62'167'219'200'000}) == "0000-01-01T00:00:00.000Z");
    CHECK(json::timestamp_text({253'402'300'800'000}).empty());
}

TEST_CASE("json: a pretty export reads back as the same", "[crdt][json]") {
    auto const doc = document_of(R"({"a":{"b":[1,{"c":2.5}],"d":{}},"e":"f"})");

    auto const pretty = json::export_text(doc.read(), json::layout::pretty);

    CHECK(pretty.starts_with("{\n  \"a\": {\n    \"b\": [\n"));
    CHECK(round_trip(pretty) == json::export_text(doc.read()));
}

TEST_CASE("json: one value reads as an atomic value", "[crdt][json]") {
    auto const shown = [](std::string_view text) {
        auto const value = json::atomic_value::parse(text);
        return value ? json::export_text(value->view()) : value.error().message;
    };

    CHECK(shown(R"( {"b":1,"a":[true]} )") == R"({"a":[true],"b":1})");
    CHECK(shown("1e400") == "1e400");
    CHECK(shown(R"("x")") == R"("x")");
    CHECK(shown("1] , [2") ==
          "line 1, column 2: The document root must not be followed by other values");
    CHECK(shown("bare").starts_with("line 1, column 1: "));
    CHECK(shown(nested(path_keys_max)) == nested(path_keys_max));
}
