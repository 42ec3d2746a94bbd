#pragma once

#include <joinery/crdt/document_patches.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace joinery::tests {

/// The dots of the elements and code points that somebody shows who only hears of patches: what
/// they leave alone has to stay what it was, item by item.
struct shadow {
    bool is_new = false; ///< a patch put it here
    dot id{};            ///< of an element or a code point
    std::map<std::string, shadow> fields;
    std::vector<shadow> items;
    std::set<dot> known; ///< the items that were here before the patches

    static shadow of(document_view const& place, dot const& id = {}) {
        shadow out;
        out.id = id;
        place.for_each([&](std::string_view key, document_view const& child) {
            out.fields.emplace(key, of(child));
        });
        place.for_each_item([&](dot const& item, document_view const& child) {
            out.items.push_back(of(child, item));
        });
        for (auto const& item : characters(place)) {
            out.items.push_back(of_character(item));
        }
        for (auto const& item : out.items) {
            out.known.insert(item.id);
        }
        return out;
    }

    void replay(document_patch const& patch) {
        using kind_type = document_patch::kind_type;
        auto keys = patch.path.keys();
        if (patch.kind == kind_type::splice) {
            auto& text = at(keys, keys.size()).items;
            auto const begin = text.begin() + static_cast<long>(patch.index);
            REQUIRE(patch.index + patch.count <= text.size());
            auto const rest = text.erase(begin, begin + static_cast<long>(patch.count));
            text.insert(rest, utf8_length(patch.new_value), fresh());
            return;
        }
        auto const key = keys.back();
        auto& parent = at(keys, keys.size() - 1);
        auto const place = [&] { return parent.items.begin() + std::stol(key); };
        if (patch.kind == kind_type::insert) {
            parent.items.insert(place(), fresh());
        } else if (patch.kind == kind_type::remove) {
            parent.items.erase(place());
        } else if (patch.kind == kind_type::erase) {
            parent.fields.erase(key);
        } else if (parent.items.empty()) {
            parent.fields[key] = fresh();
        } else {
            auto const item = parent.items.at(std::stoul(key)).id;
            *place() = fresh();
            place()->id = item; // an element that is another value is still the same element
        }
    }

    [[nodiscard]] bool matches(document_view const& place) const {
        auto is_same = true;
        place.for_each([&](std::string_view key, document_view const& child) {
            auto const found = fields.find(std::string{key});
            is_same = is_same && found != fields.end() &&
                      (found->second.is_new || found->second.matches(child));
        });
        std::size_t index = 0;
        place.for_each_item([&](dot const& item, document_view const& child) {
            is_same = is_same && is_item(index, item) &&
                      (items[index].is_new || items[index].matches(child));
            ++index;
        });
        for (auto const& item : characters(place)) {
            is_same = is_same && is_item(index++, item);
        }
        return is_same && items.size() == index;
    }

private:
    static shadow fresh() {
        shadow out;
        out.is_new = true;
        return out;
    }
    static shadow of_character(dot const& id) {
        shadow out;
        out.id = id;
        return out;
    }
    static std::vector<dot> characters(document_view const& place) {
        std::vector<dot> out;
        if (place.kind() == value_kind::text) {
            using access = detail::document_view_access;
            auto const& ids = access::root(place).context;
            if (auto const* const text = access::sequences(place).text.items()) {
                text->for_each_span([&](detail::item_span const& s) {
                    for (auto item = s.first(); !s.is_dead() && item != s.end(); ++item) {
                        out.push_back(ids.global(text->items().dot_of(item)));
                    }
                });
            }
        }
        return out;
    }
    static std::size_t utf8_length(std::string_view text) {
        std::size_t count = 0;
        for (auto const c : text) {
            count += detail::continues_utf8(c) ? 0 : 1;
        }
        return count;
    }
    shadow& at(std::vector<std::string> const& keys, std::size_t count) {
        auto* place = this;
        for (std::size_t i = 0; i < count; ++i) {
            place = place->items.empty() ? &place->fields.at(keys[i])
                                         : &place->items.at(std::stoul(keys[i]));
        }
        return *place;
    }
    [[nodiscard]] bool is_item(std::size_t index, dot const& item) const {
        return index < items.size() &&
               (items[index].id == dot{} ? known.count(item) == 0 : items[index].id == item);
    }
};

} // namespace joinery::tests
