#pragma once

#include <joinery/core/author.hpp>
#include <joinery/crdt/document_node.hpp>
#include <joinery/crdt/document_path.hpp>
#include <joinery/crdt/json_pointer.hpp>
#include <joinery/crdt/sequence_places.hpp>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery {

namespace detail {
struct document_view_access;
} // namespace detail

/// One of several values that were written to one place concurrently.
struct document_conflict {
    value_kind kind = value_kind::none;
    scalar value;      ///< For a scalar.
    author written_by; ///< For a scalar: who and when.
};

/// Reads one place of a document, or the whole of it. Lives as long as the document is not changed.
///
/// A place that does not exist reads as `none`, so that paths can be followed without asking.
class document_view {
public:
    document_view(detail::document_fields const* fields, detail::causal_root const& root)
        : fields_{fields}, root_{&root}, kind_{value_kind::map} {}
    document_view(detail::document_node const* node, detail::causal_root const& root)
        : node_{node}, root_{&root} {
        if (node != nullptr) {
            kind_ = node->kind(root);
            if (auto const* const more = node->more(); kind_ == value_kind::map) {
                fields_ = &more->fields;
            }
            if (is_scalar()) {
                atom_ = node->registers().at(node->winner(root)).view();
            }
        }
    }
    document_view(scalar const& atom, detail::causal_root const& root)
        : root_{&root}, atom_{atom}, kind_{atom.kind()} {}

    [[nodiscard]] value_kind kind() const { return kind_; }
    [[nodiscard]] bool exists() const { return kind_ != value_kind::none; }
    [[nodiscard]] bool is_scalar() const {
        return kind_ != value_kind::none && kind_ < value_kind::counter;
    }

    /// Precondition: `is_scalar()`.
    [[nodiscard]] scalar value() const {
        assert(is_scalar() && "document_view::value: this place holds no scalar");
        return atom_;
    }
    /// The value of a counter; 0 for anything else.
    [[nodiscard]] std::int64_t counter() const {
        return kind_ == value_kind::counter ? node_->more()->counter.value() : 0;
    }

    /// The characters of a text; nothing for anything else. O(bytes)
    [[nodiscard]] std::string text() const {
        return kind_ == value_kind::text ? detail::text_of(sequences().text) : std::string{};
    }

    /// The element at `index` of a list; nothing behind its end. O(log n)
    [[nodiscard]] document_view at(std::size_t index) const {
        if (kind_ != value_kind::list || index >= sequences().order.size()) {
            return {nowhere, *root_};
        }
        auto const& order = sequences().order;
        return element(detail::item_at(order, *root_, index), detail::value_at(order, index));
    }
    /// Visits the elements of a list in their order. O(n)
    template <class F>
    void for_each_element(F&& visit) const {
        for_each_item([&](dot const&, document_view const& place) { visit(place); });
    }
    /// The same with the dot of each, which names it for ever: `visit(dot, view)`.
    template <class F>
    void for_each_item(F&& visit) const {
        if (kind_ == value_kind::list) {
            detail::for_each_item(
                sequences().order, *root_,
                [&](dot const& id, scalar const& value) { visit(id, element(id, value)); });
        }
    }

    /// The value under `key` of a map or of an object, or of a list at the index that `key` is.
    /// O(1) expected; in an object O(its bytes).
    [[nodiscard]] document_view at(std::string_view key) const {
        if (kind_ == value_kind::list) {
            auto const index = json::array_index(key);
            return index ? at(*index) : document_view{nowhere, *root_};
        }
        if (kind_ == value_kind::map && fields_ != nullptr) {
            return {fields_->find(key, root_->hash_seed), *root_};
        }
        if (kind_ == value_kind::object) {
            document_view found{nowhere, *root_};
            atom_.for_each_member([&](std::string_view name, scalar const& value) {
                if (name == key) {
                    found = {value, *root_};
                }
            });
            return found;
        }
        return {nowhere, *root_};
    }
    [[nodiscard]] document_view find(path_view path) const {
        auto place = *this;
        for (std::size_t i = 0; i < path.size(); ++i) {
            place = place.at(path[i]);
        }
        return place;
    }

    /// Visits (key, value) of a map in ascending order of keys. O(n log n).
    template <class F>
    void for_each(F&& visit) const {
        if (kind_ == value_kind::map && fields_ != nullptr) {
            fields_->for_each_ordered([&](std::string_view key, detail::document_node const& node) {
                if (node.is_visible()) {
                    visit(key, document_view{&node, *root_});
                }
            });
        }
    }
    /// The number of keys of a map, of elements of a list or a set, of code points of a text; 0 for
    /// anything else. O(n) for a map.
    [[nodiscard]] std::size_t size() const {
        std::size_t count = 0;
        if (kind_ == value_kind::map && fields_ != nullptr) {
            fields_->entries().for_each(
                [&](auto const& e) { count += e.value.is_visible() ? 1 : 0; });
        } else if (kind_ == value_kind::set) {
            count = node_->more()->members.entries().size();
        } else if (kind_ == value_kind::list) {
            count = sequences().order.size();
        } else if (kind_ == value_kind::text) {
            count = sequences().text.size();
        }
        return count;
    }
    /// The elements of a set, by kind and then by value. O(n log n).
    [[nodiscard]] std::vector<scalar> elements() const {
        std::vector<scalar> out;
        if (kind_ == value_kind::set) {
            node_->more()->members.for_each_ordered(
                [&](scalar const& element, auto const&) { out.push_back(element); });
        }
        return out;
    }
    [[nodiscard]] bool contains(scalar const& element) const {
        return kind_ == value_kind::set &&
               node_->more()->members.find(element, root_->hash_seed) != nullptr;
    }

    // Places in a list or a text, as in `sequence_places`. Precondition: it is one of the two.
    // Templates, so that only who asks compiles lists and texts.

    template <class = void>
    [[nodiscard]] dot id_at(std::size_t index) const {
        return in_places([&](auto const& places) { return places.id_at(index); });
    }
    /// Of a dot or of a cursor.
    template <class Place>
    [[nodiscard]] std::optional<std::size_t> index_of(Place const& place) const {
        return in_places([&](auto const& places) { return places.index_of(place); });
    }
    template <class = void>
    [[nodiscard]] cursor cursor_at(std::size_t index,
                                   cursor_side side = cursor_side::behind) const {
        return in_places([&](auto const& places) { return places.cursor_at(index, side); });
    }
    template <class = void>
    [[nodiscard]] cursor_range range_at(std::size_t index, std::size_t count) const {
        return in_places([&](auto const& places) { return places.range_at(index, count); });
    }

    /// Everything that was written here concurrently, what everybody shows first; empty if there is
    /// no conflict.
    [[nodiscard]] std::vector<document_conflict> conflicts() const;

private:
    friend struct detail::document_view_access;
    static constexpr detail::document_node const* nowhere = nullptr;

    /// Precondition: this is a list or a text.
    [[nodiscard]] detail::document_sequences::parts const& sequences() const {
        return *node_->more()->sequences.get();
    }
    template <class F>
    [[nodiscard]] auto in_places(F&& visit) const {
        assert((kind_ == value_kind::list || kind_ == value_kind::text) &&
               "only lists and texts have places");
        return kind_ == value_kind::list
                   ? visit(
                         sequence_places<detail::list_content<scalar>>{&sequences().order, *root_})
                   : visit(sequence_places<detail::text_content>{&sequences().text, *root_});
    }
    /// What became of an item, or the value that it began with.
    [[nodiscard]] document_view element(dot const& id, scalar const& value) const {
        auto const* const node =
            sequences().elements.find(detail::element_key{id}.view(), root_->hash_seed);
        return node != nullptr && node->is_visible() ? document_view{node, *root_}
                                                     : document_view{value, *root_};
    }

    detail::document_fields const* fields_ = nullptr;
    detail::document_node const* node_ = nullptr;
    detail::causal_root const* root_;
    scalar atom_;
    value_kind kind_ = value_kind::none;
};

/// For what compares two views by their items.
struct detail::document_view_access {
    /// Precondition: a list or a text.
    static document_sequences::parts const& sequences(document_view const& place) {
        return place.sequences();
    }
    static causal_root const& root(document_view const& place) { return *place.root_; }
};

inline std::vector<document_conflict> document_view::conflicts() const {
    std::vector<document_conflict> out;
    if (node_ == nullptr || node_->is_removed()) {
        return out;
    }
    auto const& registers = node_->registers();
    for (std::uint32_t i = 0; i < registers.count(); ++i) {
        auto const id = root_->context.global(registers.dot(i));
        auto const& written = registers.at(i);
        out.push_back(
            {written.view().kind(), written.view(), {id.replica, written.time, id.sequence}});
    }
    std::sort(out.begin(), out.end(),
              [](auto const& a, auto const& b) { return b.written_by < a.written_by; });
    std::vector<document_conflict> kinds;
    if (node_->has_map()) {
        kinds.push_back({value_kind::map, {}, {}});
    }
    if (node_->has_list()) {
        kinds.push_back({value_kind::list, {}, {}});
    }
    if (node_->has_text()) {
        kinds.push_back({value_kind::text, {}, {}});
    }
    if (node_->has_set()) {
        kinds.push_back({value_kind::set, {}, {}});
    }
    if (node_->has_counter()) {
        kinds.push_back({value_kind::counter, {}, {}});
    }
    out.insert(out.begin(), kinds.begin(), kinds.end());
    if (out.size() < 2) {
        out.clear();
    }
    return out;
}

} // namespace joinery
