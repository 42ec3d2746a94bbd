#pragma once

#include <joinery/crdt/json_draft_node.hpp>
#include <joinery/crdt/json_pointer.hpp>
#include <joinery/crdt/json_update.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery::json::detail {

using token_list = std::span<std::string const>;

/// A JSON value that can be changed before anything is written: what a place of a document shows,
/// read only where somebody looks. `write` then makes the document show it.
///
/// Precondition: until `write`, the document stays as it is.
class draft {
public:
    draft(document_view const& place, array_form arrays)
        : root_{draft_node::of(place)}, arrays_{arrays} {}

    /// The value that `tokens` lead to.
    [[nodiscard]] result<scalar> value_at(token_list tokens) {
        auto const node = find(tokens);
        return node ? result<scalar>{(*node)->encoded(store_)} : failure(node.error());
    }

    /// RFC 6902, sections 4.1 to 4.3.
    [[nodiscard]] result<void> add(token_list tokens, scalar const& value) {
        if (tokens.empty()) {
            root_ = draft_node::of(value);
            return {};
        }
        auto const parent = find_parent(tokens);
        if (!parent) {
            return failure(parent.error());
        }
        auto const& token = tokens.back();
        if ((*parent)->is == draft_node::form::object) {
            (*parent)->put(token, draft_node::of(value));
            return {};
        }
        auto& items = (*parent)->items;
        auto const index = gap_index(token, items.size());
        if (!index) {
            return failure(index.error());
        }
        items.insert(items.begin() + static_cast<std::ptrdiff_t>(*index),
                     {std::make_unique<draft_node>(draft_node::of(value)), draft_node::fresh});
        return {};
    }
    [[nodiscard]] result<void> remove(token_list tokens) {
        if (auto const found = find(tokens); !found) {
            return failure(found.error());
        }
        if (tokens.empty()) {
            root_ = draft_node{};
            return {};
        }
        auto* const parent = *find_parent(tokens);
        if (parent->is == draft_node::form::object) {
            parent->remove(tokens.back());
        } else {
            parent->items.erase(parent->items.begin() +
                                static_cast<std::ptrdiff_t>(*array_index(tokens.back())));
        }
        return {};
    }
    [[nodiscard]] result<void> replace(token_list tokens, scalar const& value) {
        auto const found = find(tokens);
        if (!found) {
            return failure(found.error());
        }
        **found = draft_node::of(value);
        return {};
    }

    /// RFC 7396, section 2. `patch` outlives the draft.
    void merge(scalar const& patch) { merge(root_, patch); }

    /// Why `editor` would refuse to write it at `path`, if it would.
    template <class Editor>
    [[nodiscard]] result<void> check(Editor& editor, path_view path) {
        auto const is_object =
            root_.is == form::object || (root_.is == form::untouched && path.empty()) ||
            (root_.is == form::value && root_.value.kind() == value_kind::object);
        if (path.empty() && !is_object) {
            return failure(errc::wrong_type, "the whole document stays an object");
        }
        updater<Editor> to{editor, path, arrays_};
        return check(root_, to);
    }
    /// Makes the place at `path` show it.
    template <class Editor>
    void write(Editor& editor, path_view path) {
        updater<Editor> to{editor, path, arrays_};
        write(root_, to);
    }

private:
    using form = draft_node::form;

    [[nodiscard]] result<draft_node*> find(token_list tokens) {
        auto* node = &root_;
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            auto const next = child(*node, tokens.subspan(0, i + 1));
            if (!next) {
                return failure(next.error());
            }
            node = *next;
        }
        return node->is == form::nothing ? nothing_at(tokens) : result<draft_node*>{node};
    }

    /// The child that the last of `tokens` names.
    [[nodiscard]] result<draft_node*> child(draft_node& parent, token_list tokens) {
        if (auto const able = open(parent, tokens); !able) {
            return failure(able.error());
        }
        if (parent.is == form::object) {
            auto* const found = parent.member(tokens.back());
            return found == nullptr ? nothing_at(tokens) : result<draft_node*>{found};
        }
        auto const index = element_index(tokens.back(), parent.items.size());
        return index ? result<draft_node*>{parent.at(*index)} : failure(index.error());
    }

    /// The open object or array in which the last of `tokens` names a place.
    [[nodiscard]] result<draft_node*> find_parent(token_list tokens) {
        auto const parent = find(tokens.first(tokens.size() - 1));
        if (!parent) {
            return parent;
        }
        auto const able = open(**parent, tokens);
        return able ? parent : failure(able.error());
    }

    [[nodiscard]] static result<void> open(draft_node& parent, token_list tokens) {
        auto const before = tokens.first(tokens.size() - 1);
        if (parent.is == form::nothing) {
            return nothing_at(before);
        }
        parent.open();
        if (parent.is != form::object && parent.is != form::array) {
            return failure(errc::wrong_type, (before.empty() ? "the whole" : pointer_text(before)) +
                                                 " is neither an object nor an array");
        }
        return {};
    }
    static failure nothing_at(token_list tokens) {
        return failure(errc::not_found, "there is nothing at " +
                                            (tokens.empty() ? "the whole" : pointer_text(tokens)));
    }

    void merge(draft_node& target, scalar const& patch) {
        if (patch.kind() != value_kind::object) {
            target = draft_node::of(patch);
            return;
        }
        target.open();
        if (target.is != form::object) {
            target = draft_node::of(scalar::of_kind(value_kind::object, {}));
            target.open();
        }
        patch.for_each_member([&](std::string_view key, scalar const& value) {
            auto* const old = target.member(key);
            if (value.kind() == value_kind::null) {
                if (old != nullptr) {
                    target.remove(key);
                }
            } else {
                merge(old == nullptr ? *target.put(key, draft_node{}) : *old, value);
            }
        });
    }

    template <class Editor>
    [[nodiscard]] result<void> check(draft_node const& node, updater<Editor>& to) {
        if (node.is == form::untouched || node.is == form::nothing) {
            return {};
        }
        if (!node.is_place()) {
            return to.check(node.encoded(store_));
        }
        result<void> outcome;
        auto const below = [&](std::string_view key, draft_node const* child) {
            if (outcome && child != nullptr) {
                to.at_key(key, [&] { outcome = check(*child, to); });
            }
        };
        for (auto const& [key, member] : node.members) {
            below(key, member.get());
        }
        for (std::size_t i = 0; i < node.items.size() && outcome; ++i) {
            auto const& [child, origin] = node.items[i];
            if (origin != draft_node::fresh) {
                below(std::to_string(origin), child.get());
            } else {
                to.at_key(std::to_string(i),
                          [&, &added = *child] { outcome = to.check_new(added.encoded(store_)); });
            }
        }
        return outcome;
    }
    template <class Editor>
    void write(draft_node const& node, updater<Editor>& to) {
        switch (node.is) {
        case form::untouched:
            return;
        case form::nothing:
            to.erase();
            return;
        default:
            if (!node.is_place()) {
                to.update(node.encoded(store_));
                return;
            }
        }
        for (auto const& [key, member] : node.members) {
            to.at_key(key, [&, &child = member] {
                if (child != nullptr) {
                    write(*child, to);
                } else {
                    to.erase();
                }
            });
        }
        write_items(node, to);
    }

    /// From the end to the start, so that the indexes of what is left to do stay what they were.
    template <class Editor>
    void write_items(draft_node const& node, updater<Editor>& to) {
        if (node.is != form::array) {
            return;
        }
        auto end = node.shown_items; // of the elements that are not yet looked at
        std::vector<scalar> fresh;   // to come in front of `end`, the last one first
        auto const leave = [&](std::size_t begin) {
            std::reverse(fresh.begin(), fresh.end());
            to.insert(end, fresh);
            fresh.clear();
            if (begin != end) {
                to.erase(begin, end - begin);
            }
            end = begin;
        };
        for (auto item = node.items.rbegin(); item != node.items.rend(); ++item) {
            if (item->origin == draft_node::fresh) {
                fresh.push_back(item->node->encoded(store_));
                continue;
            }
            leave(item->origin + 1);
            end = item->origin;
            if (item->node != nullptr) {
                to.at_key(std::to_string(end), [&] { write(*item->node, to); });
            }
        }
        leave(0);
    }

    draft_node root_;
    array_form arrays_;
    value_store store_;
};

} // namespace joinery::json::detail
