#include <joinery/crdt/json.hpp>

#include <catch2/catch.hpp>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "json_documents.hpp"
#include "support/traces.hpp"

using namespace joinery;
using tests::document_of;
using tests::import_into;

TEST_CASE("json: damaged text gives an error or a document, never half of one", "[crdt][json]") {
    std::string const whole =
        R"({"a":{"b":[1,-2.5e3,"\u00e4\n"],"c":null},"d":[{"id":"x"},{"id":"y"}]})";
    json::import_options const options{.records_by = {"id"}};

    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (unsigned change = 0; change < 257; ++change) {
            auto text = change == 256 ? whole.substr(0, i) : whole;
            if (change < 256) {
                text[i] = static_cast<char>(change);
            }
            document doc;
            auto const imported = import_into(doc, "at", text, options);
            auto const is_whole = imported && doc.size() == 1;
            auto const is_nothing = !imported && doc.size() == 0;
            if (!is_whole && !is_nothing) {
                CAPTURE(text);
                FAIL("half of a document");
            }
        }
    }
}

namespace {

/// A tree that another parser made of the same text is the reference.
using tree = nlohmann::json;

bool shows(scalar const& value, tree const& expected);
bool shows(document_view const& place, tree const& expected);

bool shows_number(scalar const& value, tree const& expected) {
    switch (value.kind()) {
    case value_kind::integer:
        return expected.is_number_integer() && expected == value.as_integer();
    case value_kind::real:
        return expected.is_number() && expected.get<double>() == value.as_real();
    default:
        return expected.is_number() && std::stod(std::string{value.text()}) == expected;
    }
}

bool shows_items(scalar const& value, tree const& expected) {
    std::size_t at = 0;
    auto is_equal = expected.is_array();
    value.for_each_item([&](scalar const& item) {
        is_equal = is_equal && at < expected.size() && shows(item, expected[at]);
        ++at;
    });
    return is_equal && at == expected.size();
}

bool shows_members(auto const& for_each_member, tree const& expected) {
    std::size_t count = 0;
    auto is_equal = expected.is_object();
    for_each_member([&](std::string_view key, auto const& member) {
        auto const found = is_equal ? expected.find(std::string{key}) : expected.end();
        is_equal = is_equal && found != expected.end() && shows(member, *found);
        ++count;
    });
    return is_equal && count == expected.size();
}

bool shows(scalar const& value, tree const& expected) {
    switch (value.kind()) {
    case value_kind::null:
        return expected.is_null();
    case value_kind::boolean:
        return expected.is_boolean() && expected == value.as_boolean();
    case value_kind::string:
        return expected.is_string() && expected.get_ref<std::string const&>() == value.as_string();
    case value_kind::array:
        return shows_items(value, expected);
    case value_kind::object:
        return shows_members([&](auto see) { value.for_each_member(see); }, expected);
    default:
        return shows_number(value, expected);
    }
}

bool shows(document_view const& place, tree const& expected) {
    if (place.kind() == value_kind::list) {
        std::size_t at = 0;
        auto is_equal = expected.is_array() && expected.size() == place.size();
        place.for_each_element([&](document_view const& element) {
            is_equal = is_equal && shows(element, expected[at++]);
        });
        return is_equal;
    }
    if (place.kind() != value_kind::map) {
        return place.is_scalar() && shows(place.value(), expected);
    }
    return shows_members([&](auto see) { place.for_each(see); }, expected);
}

} // namespace

TEST_CASE("json: real files read as another parser reads them, and survive a round trip",
          "[crdt][json][conformance]") {
    auto const files = tests::data_files("json", ".gz");
    if (files.empty()) {
        WARN("there are no files of JSON: nothing was compared");
    }
    for (auto const& file : files) {
        CAPTURE(file.filename().string());
        auto const text = tests::unpacked(file);
        auto const expected = tree::parse(text);

        // One atomic value, since an array of these files is larger than a document takes.
        auto const value = json::atomic_value::parse(text);
        REQUIRE(value);
        CHECK(shows(value->view(), expected));
        auto const again = json::atomic_value::parse(json::export_text(value->view()));
        REQUIRE(again);
        CHECK((again->view() == value->view()));

        document doc;
        if (import_into(doc, "at", text)) {
            CHECK(shows(doc.at("at"), expected));
            auto const copy = document_of(json::export_text(doc.read()));
            CHECK(json::export_text(copy.read()) == json::export_text(doc.read()));
        }
    }
}
