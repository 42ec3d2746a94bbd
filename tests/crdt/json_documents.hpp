#pragma once

#include <joinery/crdt/document.hpp>
#include <joinery/crdt/json.hpp>

#include <catch2/catch.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace joinery::tests {

inline constexpr author importer{replica_id{1}, hlc::at(1), 1};

inline result<void> import_into(document& doc, path_view at, std::string_view text,
                                json::import_options const& options = {}) {
    result<void> outcome;
    auto const edited = doc.try_edit(
        importer, [&](auto editor) { outcome = json::import_text(editor, at, text, options); });
    return outcome ? edited.outcome : outcome;
}

inline document document_of(std::string_view text, json::import_options const& options = {}) {
    document doc;
    auto const imported =
        import_into(doc, path_view{std::span<std::string_view const>{}}, text, options);
    INFO((imported ? std::string{} : imported.error().message));
    REQUIRE(imported);
    return doc;
}

inline std::string error_of(std::string_view text, json::import_options const& options = {}) {
    document doc;
    auto const imported = import_into(doc, "at", text, options);
    REQUIRE_FALSE(imported);
    CHECK(doc.size() == 0);
    return imported.error().message;
}

inline std::string round_trip(std::string_view text) {
    return json::export_text(document_of(text).read());
}

inline std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace joinery::tests
