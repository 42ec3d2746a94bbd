#pragma once

#include <joinery/crdt/document_place_writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery::detail {

/// Whether nothing is in a map.
[[nodiscard]] inline bool is_unused(document_fields const& fields) {
    return fields.is_bottom() && !fields.is_partial();
}
/// Whether nothing is in the map or list of this kind at a place.
[[nodiscard]] inline bool is_unused(document_node const& node, value_kind kind) {
    if (node.more() == nullptr) {
        return false;
    }
    if (kind == value_kind::map) {
        return is_unused(node.more()->fields);
    }
    auto const* const parts = node.more()->sequences.get();
    return kind == value_kind::list && parts != nullptr && parts->order.is_bottom() &&
           is_unused(parts->elements);
}

/// Writes what is in an unused map or list, and in those that it makes there. Since every place is
/// new, nothing is looked for or replaced, and the bytes that lead to the open map or list are made
/// once: a place costs an entry and a piece, at any depth.
///
/// Preconditions: nobody else changes the document meanwhile; keys are UTF-8, outlive it, and come
/// once in each map; nothing is called after a failure.
template <class Location>
class document_filler {
public:
    /// For the map at the root. `lead` is what every piece begins with.
    document_filler(Location& location, bytes lead, document_fields& top)
        : location_{location}, lead_{std::move(lead)} {
        open_.push_back({{}, lead_.size(), &top, nullptr});
    }
    /// For the map or list at `path`, to which `lead` leads.
    document_filler(Location& location, path_view path, bytes lead, document_node& top,
                    value_kind kind)
        : location_{location}, path_{path}, lead_{std::move(lead)} {
        open(top, kind, {}, lead_.size());
    }

    // In a map.

    /// Makes room for so many keys of it.
    void expect(std::uint32_t keys) {
        open_.back().fields->entries().reserve(keys, root().hash_seed);
    }
    void set(std::string_view key, scalar const& value) {
        if (!accepts(key, value.text().size())) {
            return;
        }
        auto const d = begin_piece(held<std::string>::room(key) + held<scalar>::room(value));
        auto* const name = put_lead();
        auto* const at = held<std::string>::put(name, key);
        auto& node = open_.back().fields->add(root(), key, name);
        node.registers().assign(d, {writer().time(), {at}});
        writer().end(held<scalar>::put(at, value));
    }
    /// Goes on in a new map or list, until `end`.
    void begin(std::string_view key, value_kind kind) {
        if (accepts(key, 0)) {
            make(key, kind, key);
        }
    }

    // At the end of a list.

    void append(std::span<scalar const> values) {
        std::size_t bytes_max = 0;
        for (auto const& value : values) {
            bytes_max = std::max(bytes_max, value.text().size());
        }
        if (bytes_max > root().value_bytes_max) {
            refuse(keys(), bytes_max);
        } else {
            insert(values);
        }
    }
    /// Goes on in a new map or list, until `end`.
    void begin(value_kind kind) {
        auto const& items = *open_.back().items;
        auto const index = items.size();
        if (!accepts(std::to_string(index), 0)) {
            return;
        }
        scalar const nothing;
        insert({&nothing, 1});
        if (writer().ok()) {
            make(element_key{item_at(items, root(), index)}.view(), kind, {});
        }
    }

    void end() {
        lead_.resize(open_.back().lead_bytes);
        open_.pop_back();
    }

private:
    /// A map or list that is being filled.
    struct level {
        std::string_view key;    ///< in the map around it
        std::size_t lead_bytes;  ///< of what is around it
        document_fields* fields; ///< of the map, or of the elements of the list
        document_order* items;   ///< of the list
    };

    /// The items of the open list.
    struct items_location {
        using store_type = document_order;
        static constexpr std::uint32_t depth = Location::depth + 1;
        Location& around;
        piece_writer& writer;
        bytes const& lead;
        document_order& items;

        [[nodiscard]] document_order* find() const { return &items; }
        [[nodiscard]] std::size_t room() const { return lead.size(); }
        std::byte* put(std::byte* at) {
            at = std::copy(lead.begin(), lead.end(), at);
            at[-1] = static_cast<std::byte>(document_tag::items); // it led to the elements
            return at;
        }
        document_order& touch() { return items; }
        void prepare() { around.prepare(); }
    };

    [[nodiscard]] piece_writer& writer() { return location_.writer; }
    [[nodiscard]] causal_root& root() { return writer().root(); }

    /// Whether the limits let a value of so many bytes be written under `key`.
    bool accepts(std::string_view key, std::size_t value_bytes) {
        auto const size = path_.size() + open_.size();
        if (key.size() <= key_bytes_max && size + Location::depth - 1 <= path_keys_max &&
            value_bytes <= root().value_bytes_max) [[likely]] {
            return true;
        }
        auto here = keys();
        here.emplace_back(key);
        refuse(std::move(here), value_bytes);
        return false;
    }
    void refuse(std::vector<std::string> path, std::size_t value_bytes) {
        auto const fits = check_limits(location_, document_path{std::move(path)}, value_bytes);
        writer().fail(fits.error().code, fits.error().message);
    }
    /// The path of the open map or list.
    [[nodiscard]] std::vector<std::string> keys() const {
        auto out = path_.keys();
        for (std::size_t i = 1; i < open_.size(); ++i) {
            auto const* const items = open_[i - 1].items;
            out.push_back(items == nullptr ? std::string{open_[i].key}
                                           : std::to_string(items->size() - 1));
        }
        return out;
    }

    local_dot begin_piece(std::size_t room) {
        location_.prepare();
        return writer().begin(piece_life::live, 0, lead_.size() + room);
    }
    std::byte* put_lead() { return std::copy(lead_.begin(), lead_.end(), writer().cursor()); }

    void insert(std::span<scalar const> values) {
        auto& items = *open_.back().items;
        items_location here{location_, writer(), lead_, items};
        sequence_editor<items_location, document_order::content>{here}.insert_all(items.size(),
                                                                                  values);
    }

    /// Makes a map or list and goes on in it. `name` is what the map of fields or elements knows it
    /// by.
    void make(std::string_view name, value_kind kind, std::string_view key) {
        auto const d = begin_piece(held<std::string>::room(name) + 1);
        auto* const encoding = put_lead();
        auto* const end = held<std::string>::put(encoding, name);
        auto& node = open_.back().fields->add(root(), name, encoding);
        presence_of(node, kind).assign(d, {});
        *end = static_cast<std::byte>(presence_tag(kind));
        writer().end(end + 1);
        auto const lead_bytes = lead_.size();
        lead_.insert(lead_.end(), encoding, end);
        lead_.push_back(static_cast<std::byte>(leading_tag(kind)));
        open(node, kind, key, lead_bytes);
    }
    void open(document_node& node, value_kind kind, std::string_view key, std::size_t lead_bytes) {
        auto& more = node.open();
        if (kind == value_kind::list) {
            auto& parts = more.sequences.open();
            open_.push_back({key, lead_bytes, &parts.elements, &parts.order});
        } else {
            open_.push_back({key, lead_bytes, &more.fields, nullptr});
        }
    }

    Location& location_;
    document_path path_;
    bytes lead_; ///< with which every piece in the open map or list begins
    std::vector<level> open_;
};

} // namespace joinery::detail
