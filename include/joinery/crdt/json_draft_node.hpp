#pragma once

#include <joinery/crdt/document_view.hpp>
#include <joinery/crdt/json_value.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery::json::detail {

/// One value of a draft. What nobody has looked into is still only a view of the document.
struct draft_node {
    enum class form : std::uint8_t { nothing, untouched, value, object, array };
    struct item {
        std::unique_ptr<draft_node> node; ///< null: untouched
        std::size_t origin;               ///< its index in the document, or `fresh`
    };
    static constexpr std::size_t fresh = ~std::size_t{0};

    form is = form::nothing;
    std::optional<document_view> shown; ///< the place that stands here in the document
    scalar value;                       ///< of the form `value`
    std::map<std::string, std::unique_ptr<draft_node>, std::less<>> members; ///< null: removed
    std::vector<item> items;
    std::size_t shown_items = 0; ///< of a list of the document

    [[nodiscard]] static draft_node of(document_view const& place) {
        draft_node out;
        out.is = place.exists() ? form::untouched : form::nothing;
        out.shown = place;
        return out;
    }
    [[nodiscard]] static draft_node of(scalar const& value) {
        draft_node out;
        out.is = form::value;
        out.value = value;
        return out;
    }

    /// Whether changes within it are changes of places of the document.
    [[nodiscard]] bool is_place() const {
        return shown && ((is == form::object && shown->kind() == value_kind::map) ||
                         (is == form::array && shown->kind() == value_kind::list));
    }

    /// Makes an object or an array of a value that is one, so that it can be changed.
    void open() {
        if (is == form::untouched) {
            if (shown->kind() == value_kind::map) {
                is = form::object;
            } else if (shown->kind() == value_kind::list) {
                is = form::array;
                shown_items = shown->size();
                for (std::size_t i = 0; i < shown_items; ++i) {
                    items.push_back({nullptr, i});
                }
            } else if (shown->is_scalar()) {
                expand(shown->value());
            }
        } else if (is == form::value) {
            expand(value);
        }
    }

    /// The member under `key`; null if there is none. Precondition: this is an open object.
    [[nodiscard]] draft_node* member(std::string_view key) {
        auto const known = members.find(key);
        if (known != members.end()) {
            return known->second.get();
        }
        if (!is_place()) {
            return nullptr;
        }
        auto const place = shown->at(key);
        return place.exists() ? put(key, of(place)) : nullptr;
    }
    draft_node* put(std::string_view key, draft_node node) {
        auto& slot = members[std::string{key}];
        slot = std::make_unique<draft_node>(std::move(node));
        return slot.get();
    }
    void remove(std::string_view key) { members[std::string{key}] = nullptr; }

    /// Precondition: this is an open array that has it.
    [[nodiscard]] draft_node* at(std::size_t index) {
        auto& found = items[index];
        if (found.node == nullptr) {
            found.node = std::make_unique<draft_node>(of(shown->at(found.origin)));
        }
        return found.node.get();
    }

    /// Appends the whole of it as one item.
    void append_to(composite_writer& out) const {
        switch (is) {
        case form::nothing:
            out.item({});
            break;
        case form::untouched:
            put_value(out, *shown);
            break;
        case form::value:
            out.item(value);
            break;
        case form::object:
            append_object(out);
            break;
        case form::array: {
            composite_writer inner;
            for (auto const& each : items) {
                if (each.node == nullptr) {
                    put_value(inner, shown->at(each.origin));
                } else {
                    each.node->append_to(inner);
                }
            }
            out.item(scalar::of_kind(value_kind::array, inner.content()));
        }
        }
    }

    [[nodiscard]] scalar encoded(value_store& store) const {
        composite_writer out;
        append_to(out);
        return store.keep(out);
    }

private:
    void expand(scalar const& from) {
        if (from.kind() == value_kind::object) {
            is = form::object;
            from.for_each_member(
                [&](std::string_view key, scalar const& member) { put(key, of(member)); });
        } else if (from.kind() == value_kind::array) {
            is = form::array;
            from.for_each_item([&](scalar const& each) {
                items.push_back({std::make_unique<draft_node>(of(each)), fresh});
            });
        }
    }

    void append_object(composite_writer& out) const {
        std::map<std::string_view, draft_node const*> all;
        if (is_place()) {
            shown->for_each(
                [&](std::string_view key, document_view const&) { all[key] = nullptr; });
        }
        for (auto const& [key, node] : members) {
            if (node == nullptr) {
                all.erase(key);
            } else {
                all[key] = node.get();
            }
        }
        composite_writer inner;
        value_store store;
        for (auto const& [key, node] : all) {
            inner.member(key,
                         node == nullptr ? value_of(shown->at(key), store) : node->encoded(store));
        }
        out.item(scalar::of_kind(value_kind::object, inner.content()));
    }
};

} // namespace joinery::json::detail
