#pragma once

#include <joinery/crdt/document_path_writer.hpp>
#include <joinery/crdt/document_policies.hpp>
#include <joinery/crdt/document_view.hpp>
#include <joinery/crdt/piece_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace joinery::detail {

/// The dots that say that there is a container at a place, and the tag of their pieces.
[[nodiscard]] inline dot_set& presence_of(document_node& node, value_kind kind) {
    auto& more = node.open();
    switch (kind) {
    case value_kind::list:
        return more.sequences.open().list_presence;
    case value_kind::text:
        return more.sequences.open().text_presence;
    case value_kind::set:
        return more.set_presence;
    default:
        return more.map_presence;
    }
}
[[nodiscard]] constexpr document_tag presence_tag(value_kind kind) {
    switch (kind) {
    case value_kind::list:
        return document_tag::list;
    case value_kind::text:
        return document_tag::text;
    case value_kind::set:
        return document_tag::set;
    default:
        return document_tag::map;
    }
}

/// How a piece that goes on below a map or a list goes on.
[[nodiscard]] constexpr document_tag leading_tag(value_kind kind) {
    return kind == value_kind::list ? document_tag::element : document_tag::descend;
}

/// Finds and makes the places of a document that its editor changes.
template <class Location, class Policy>
class document_place_writer : public document_path_writer<Location> {
    using paths = document_path_writer<Location>;

protected:
    using fields_type = document_fields;
    using policy = document_policy<Policy>;

    using paths::anchor;
    using paths::begin_piece;
    using paths::can_pass;
    using paths::check;
    using paths::expects;
    using paths::is_element;
    using paths::key_at;
    using paths::ok;
    using paths::put_path;
    using paths::put_tagged;
    using paths::read;
    using paths::room_for;
    using paths::root;
    using paths::writer;

    explicit document_place_writer(Location location) : paths{std::move(location)} {}

    /// The last key of a path: in `map`, which exists unless nothing was to be made.
    struct place_type {
        fields_type* map = nullptr;
        fields_type::place where{};
        bool is_written = false; ///< it was made with the value that it is to have
        [[nodiscard]] document_node* node() const {
            return where.is_found() ? &map->at(where) : nullptr;
        }
    };

    /// Finds the place of `path` and makes the maps on the way, and an element at the end of a list
    /// if the last key names that: with the value `first` if there is one.
    place_type enter(path_view path, std::size_t payload_room, std::string_view text = {},
                     value_kind wanted = value_kind::none, scalar const* first = nullptr) {
        check(path, payload_room, text);
        if (!ok() || (path.size() > 1 && !can_pass(path, true))) {
            return {};
        }
        if constexpr (policy::has_updates) {
            if (wanted != value_kind::none && !expects(path, read().find(path).kind(), wanted)) {
                return {};
            }
        }
        this->forget_elements();
        place_type place{anchor().find(), {}};
        for (std::size_t i = 0;; ++i) {
            place.where = place_in(place.map, key_at(path, i), root());
            announce(place, path, i + 1);
            if (i + 1 == path.size()) {
                return place;
            }
            if (auto* const node = place.node(); node != nullptr && is_list(*node)) {
                place.is_written = enter_list(place, path, i + 1, first);
            } else {
                if (node == nullptr || !node->has_map()) {
                    make_presence(place, path, i + 1, value_kind::map);
                }
                place.map = &place.node()->open().fields;
            }
        }
    }

    /// The same without making anything.
    place_type enter_existing(path_view path) {
        check(path, 2 * varint_bytes_max, {});
        if (!ok() || !can_pass(path, false)) {
            return {};
        }
        this->forget_elements();
        place_type place{anchor().find(), {}};
        for (std::size_t i = 0; place.map != nullptr; ++i) {
            place.where = place_in(place.map, key_at(path, i), root());
            auto* const node = place.node();
            if (i + 1 == path.size()) {
                return node == nullptr || node->is_removed() ? place_type{} : place;
            }
            if (node == nullptr || node->is_removed()) {
                return {};
            }
            if (is_list(*node)) {
                (void)enter_list(place, path, i + 1, nullptr);
            } else {
                place.map = node->more() == nullptr ? nullptr : &node->more()->fields;
            }
        }
        return {};
    }

    [[nodiscard]] bool is_list(document_node const& node) {
        return node.more() != nullptr && node.kind(root()) == value_kind::list;
    }
    bool expects(path_view path, place_type const& place, value_kind wanted) {
        return expects(
            path, place.node() == nullptr ? value_kind::none : place.node()->kind(root()), wanted);
    }

    /// Begins a live piece that supersedes what is at `node`, but not the dots by which the policy
    /// knows that this is an update.
    local_dot begin_replacing(document_node* node) {
        if (node == nullptr) {
            return begin_piece(piece_life::live, 0);
        }
        auto const kept = take_updates(*node);
        std::uint32_t count = 0;
        node->for_each_dot([&](local_dot) { ++count; });
        auto const d = begin_piece(piece_life::live, count);
        node->for_each_dot([&](local_dot old) { writer().supersede(old); });
        put_updates(*node, kept);
        return d;
    }
    void clear_seen(document_node& node) {
        auto const kept = take_updates(node);
        node.clear_seen(root().hash_seed);
        put_updates(node, kept);
    }
    [[nodiscard]] static dot_set take_updates(document_node& node) {
        dot_set taken;
        if constexpr (policy::has_updates) {
            std::swap(taken, node.open().updates);
        }
        return taken;
    }
    static void put_updates(document_node& node, dot_set const& kept) {
        if constexpr (policy::has_updates) {
            node.open().updates = kept;
        }
    }

    /// The node of `place`, which has `keys` keys. Precondition: `put_path` has just written them.
    document_node& make(place_type& place, path_view path, std::size_t keys) {
        if (place.map == nullptr) {
            place.map = &anchor().touch();
        }
        return place.map->touch(place.where, root(), key_at(path, keys - 1), paths::encoding());
    }
    document_node& make(place_type& place, path_view path) {
        return make(place, path, path.size());
    }

    /// Says that there is a container at the first `keys` keys of `path`.
    void make_presence(place_type& place, path_view path, std::size_t keys, value_kind kind) {
        auto const d = begin_piece(piece_life::live, 0);
        finish_presence(place, path, keys, kind, d);
    }
    void finish_presence(place_type& place, path_view path, std::size_t keys, value_kind kind,
                         local_dot d) {
        auto* at = put_path(path, keys);
        *at++ = static_cast<std::byte>(presence_tag(kind));
        presence_of(make(place, path, keys), kind).assign(d, {});
        writer().end(at);
        place.where = place_in(place.map, key_at(path, keys - 1), root());
    }

    void make_container(path_view path, value_kind kind) {
        auto place = enter(path, 1);
        if (!ok()) {
            return;
        }
        auto* const node = place.node();
        if (node != nullptr && node->kind(root()) == kind) {
            if (presence_of(*node, kind).is_bottom()) {
                make_presence(place, path, path.size(), kind);
            }
            return;
        }
        reset_residue(path, place);
        auto const d = begin_replacing(node);
        if (node != nullptr) {
            clear_seen(*node);
        }
        finish_presence(place, path, path.size(), kind, d);
    }

    /// Removes what is left without content at `path` and above it.
    void prune(path_view path) {
        auto* const root_map = anchor().find();
        prune(*root_map, path, 0);
        if (root_map->is_bottom()) {
            anchor().prune();
        }
    }
    void prune(fields_type& map, path_view path, std::size_t at) {
        auto const where = place_in(&map, key_at(path, at), root());
        if (!where.is_found()) {
            return;
        }
        auto& node = map.at(where);
        if (auto* const more = node.more(); more != nullptr && at + 1 < path.size()) {
            prune(is_element(at + 1) ? more->sequences.open().elements : more->fields, path,
                  at + 1);
        }
        node.close();
        if (node.is_bottom()) {
            map.erase(where);
        }
    }

    /// The node at the end of a path.
    struct node_location {
        document_place_writer& places;
        path_view path;
        piece_writer& writer;
        // Others may have nested it more deeply than `check` lets a local edit go.
        [[nodiscard]] std::size_t room() const { return places.room_for(path, 0); }
        std::byte* put(std::byte* at) { return places.put_path(at, path, path.size()); }
    };

    /// The items of the list, or the characters of the text, at the end of a path.
    template <class Store>
    struct sequence_location {
        using store_type = Store;
        static constexpr std::uint32_t depth = Location::depth + 1;
        document_place_writer& places;
        path_view path;
        piece_writer& writer;
        Store& store;

        [[nodiscard]] Store* find() const { return &store; }
        [[nodiscard]] std::size_t room() const { return places.room_for(path, 0) + 1; }
        std::byte* put(std::byte* at) {
            at = places.put_path(at, path, path.size());
            *at++ = static_cast<std::byte>(std::is_same_v<Store, document_order>
                                               ? document_tag::items
                                               : document_tag::characters);
            return at;
        }
        Store& touch() { return store; }
        void prune() {}
        void prepare() { places.anchor().prepare(); }
    };
    /// Precondition: there is a list or a text at `place`, which is that of `path`.
    auto items_at(place_type const& place, path_view path) {
        using location = sequence_location<document_order>;
        return sequence_editor<location, document_order::content>{
            location{*this, path, writer(), place.node()->open().sequences.open().order}};
    }
    auto characters_at(place_type const& place, path_view path) {
        using location = sequence_location<document_text>;
        return sequence_editor<location, document_text::content>{
            location{*this, path, writer(), place.node()->open().sequences.open().text}};
    }

    /// Lets the policy say that something is written at or below the first `keys` keys of `path`.
    void announce([[maybe_unused]] place_type& place, [[maybe_unused]] path_view path,
                  [[maybe_unused]] std::size_t keys) {
        if constexpr (!std::is_same_v<Policy, observed_reset>) {
            anchor().prepare();
            auto const prefix = first_keys(path, keys);
            node_location here{*this, std::span<std::string_view const>{prefix}, writer()};
            policy::announce(
                here, place.node(), [&]() -> auto& { return make(place, path, keys); });
            place.where = place_in(place.map, key_at(path, keys - 1), root());
        }
    }
    void announce_above([[maybe_unused]] path_view path) {
        if constexpr (policy::has_updates) {
            place_type place{anchor().find(), {}};
            for (std::size_t keys = 1; keys < path.size(); ++keys) {
                place.where = place_in(place.map, key_at(path, keys - 1), root());
                announce(place, path, keys);
                auto& more = place.node()->open();
                place.map = is_element(keys) ? &more.sequences.open().elements : &more.fields;
            }
        }
    }
    [[nodiscard]] static std::vector<std::string_view> first_keys(path_view path,
                                                                  std::size_t keys) {
        std::vector<std::string_view> out;
        for (std::size_t i = 0; i < keys; ++i) {
            out.push_back(path[i]);
        }
        return out;
    }

    /// Resets every live counter, list and text at and below `place`, since dots do not tell which
    /// increments and items a removal has seen.
    void reset_residue(path_view path, place_type const& place) {
        if (auto* const node = place.node(); node != nullptr && node->more() != nullptr) {
            anchor().prepare();
            node_location here{*this, path, writer()};
            reset_writer out{here};
            node->reset(out);
        }
    }

private:
    /// Goes from a list to the element that key `i` names; says whether it was added as `first`.
    bool enter_list(place_type& place, path_view path, std::size_t i, scalar const* first) {
        auto const size = place.node()->more()->sequences.get()->order.size();
        auto const index = json::array_index(path[i]);
        auto const is_new = !index || *index == size;
        if (is_new) {
            auto const above = first_keys(path, i);
            path_view const list{std::span<std::string_view const>{above}};
            scalar const nothing;
            items_at(place, list)
                .insert_all(size, std::span<scalar const>{first == nullptr ? &nothing : first, 1});
        }
        auto& parts = *place.node()->more()->sequences.get();
        this->note_element(i, item_at(parts.order, root(), is_new ? size : *index));
        place.map = &parts.elements;
        return is_new && first != nullptr;
    }
};

} // namespace joinery::detail
