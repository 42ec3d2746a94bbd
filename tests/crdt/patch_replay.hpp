#pragma once

#include <joinery/crdt/document.hpp>
#include <joinery/crdt/document_patches.hpp>
#include <joinery/crdt/json.hpp>

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>
#include <string>

namespace joinery::tests {

using tree = nlohmann::json;

inline std::size_t byte_of(std::string const& text, std::size_t code_point) {
    std::size_t at = 0;
    for (; code_point != 0; --code_point) {
        auto const length = utf8_sequence_bytes(text.substr(at));
        REQUIRE(length != 0);
        at += length;
    }
    return at;
}

/// Replays one patch on a plain value, and checks what it says about the old one.
inline void replay(tree& value, document_patch const& patch) {
    using kind_type = document_patch::kind_type;
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

template <class Document>
tree shown(Document const& doc) {
    return tree::parse(json::export_text(doc.read()));
}

} // namespace joinery::tests
