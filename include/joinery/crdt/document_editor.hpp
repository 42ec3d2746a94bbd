#pragma once

#include <joinery/crdt/counter_pieces.hpp>
#include <joinery/crdt/document_path_writer.hpp>
#include <joinery/crdt/document_policies.hpp>
#include <joinery/crdt/document_view.hpp>
#include <joinery/crdt/piece_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace joinery {

/// Changes a document anywhere in a causal value; made by `edit`.
///
/// Each mutator consumes one dot, plus one for each map that it has to make on the way, for each
/// counter that it resets and, with some policies, for each key of the path. A mutator that cannot
/// be carried out changes nothing, says why through the edit's outcome, and makes the mutators
/// behind it do nothing.
template <class Location, class Policy = observed_reset>
class document_editor : private detail::document_path_writer<Location> {
    using paths = detail::document_path_writer<Location>;

public:
    /// Every place merges by itself.
    static constexpr bool merges_deeply = true;

    explicit document_editor(Location location) : paths{std::move(location)} {}

    /// Writes a scalar and replaces everything seen at `path`. Maps on the way are made.
    void set(path_view path, scalar const& value) {
        auto place = enter(path, held<scalar>::room(value), value.text());
        if (!ok()) {
            return;
        }
        using traits = held<scalar>;
        reset_counters(path, place);
        auto const d = begin_replacing(place.node());
        auto* const at = put_path(path, path.size());
        auto* const end = traits::put(at, value);
        auto& node = make(place, path);
        clear_seen(node);
        node.registers().assign(d, {writer().time(), {at}});
        writer().end(end);
    }

    /// Sees to it that there is a map at `path`: an existing one keeps its entries, anything else
    /// seen there is replaced by an empty one.
    void make_map(path_view path) {
        if (!path.empty()) {
            make_container(path, value_kind::map);
        }
    }
    /// Sees to it that there is a set at `path`, in the same way.
    void make_set(path_view path) { make_container(path, value_kind::set); }

    /// Adds `amount`, which may be negative, to the counter at `path`; makes it if nothing is
    /// there.
    void increment(path_view path, std::int64_t amount) {
        auto place = enter(path, detail::increment_room + 1, {}, value_kind::counter);
        if (!ok() || !expects(path, place, value_kind::counter)) {
            return;
        }
        auto const d = begin_piece(detail::piece_life::dead, 0);
        auto* at = put_tagged(path, detail::document_tag::add);
        auto& counter = make(place, path).open().counter;
        auto const entry = counter.incremented(writer().self(), d.sequence(), amount);
        at = detail::put_increment(at, entry);
        counter.join(entry);
        writer().end(at);
    }

    /// Inserts into the set at `path`; makes it if nothing is there.
    void insert(path_view path, scalar const& element) {
        if (auto const place =
                enter(path, held<scalar>::room(element) + 1, element.text(), value_kind::set);
            !ok() || !expects(path, place, value_kind::set)) {
            return;
        }
        make_container(path, value_kind::set);
        change_member(path, element, detail::piece_life::live);
    }
    /// Erases from the set at `path` what was seen of `element`; nothing if it is not there.
    void erase(path_view path, scalar const& element) {
        auto const place = enter_existing(path);
        if (!ok() || place.node() == nullptr || !place.node()->is_visible() ||
            !expects(path, place, value_kind::set)) {
            return;
        }
        if constexpr (policy::has_updates) {
            if (!read().find(path).contains(element)) {
                return;
            }
        }
        change_member(path, element, detail::piece_life::dead);
        prune(path);
    }

    /// Removes what is at `path`; nothing if nothing is there. The policy says what becomes of what
    /// others write there concurrently.
    void erase(path_view path) {
        auto place = enter_existing(path);
        if (!ok() || place.node() == nullptr || !place.node()->is_visible()) {
            return;
        }
        announce_above(path);
        anchor().prepare();
        node_location here{*this, path, writer()};
        policy::erase(here, *place.node());
        prune(path);
    }

    using paths::can_hold;
    using paths::fail;
    using paths::ok;
    using paths::outcome;
    using paths::read;

private:
    using fields_type = detail::document_fields;
    using policy = detail::document_policy<Policy>;

    using paths::anchor;
    using paths::begin_piece;
    using paths::can_pass;
    using paths::check;
    using paths::expects;
    using paths::put_path;
    using paths::put_tagged;
    using paths::room_for;
    using paths::root;
    using paths::writer;

    /// The last key of a path: in `map`, which exists unless nothing was to be made.
    struct place_type {
        fields_type* map = nullptr;
        fields_type::place where{};
        [[nodiscard]] detail::document_node* node() const {
            return where.is_found() ? &map->at(where) : nullptr;
        }
    };

    /// Finds the place of `path` and makes the maps on the way.
    place_type enter(path_view path, std::size_t payload_room, std::string_view text = {},
                     value_kind wanted = value_kind::none) {
        check(path, payload_room, text);
        if (!ok()) {
            return {};
        }
        if (path.size() > 1 && !can_pass(path)) {
            return {};
        }
        if constexpr (policy::has_updates) {
            if (wanted != value_kind::none && !expects(path, read().find(path).kind(), wanted)) {
                return {};
            }
        }
        place_type place{anchor().find(), {}};
        for (std::size_t i = 0;; ++i) {
            place.where = detail::place_in(place.map, path[i], root());
            announce(place, path, i + 1);
            if (i + 1 == path.size()) {
                return place;
            }
            if (place.node() == nullptr || !place.node()->has_map()) {
                make_presence(place, path, i + 1, value_kind::map);
            }
            place.map = &place.node()->open().fields;
        }
    }

    /// The same without making anything.
    place_type enter_existing(path_view path) {
        check(path, 2 * varint_bytes_max, {});
        if (!ok() || !can_pass(path)) {
            return {};
        }
        place_type place{anchor().find(), {}};
        for (std::size_t i = 0; place.map != nullptr; ++i) {
            place.where = detail::place_in(place.map, path[i], root());
            auto const* const node = place.node();
            if (node == nullptr || node->is_removed()) {
                return {};
            }
            if (i + 1 == path.size()) {
                return place;
            }
            place.map = node->more() == nullptr ? nullptr : &node->more()->fields;
        }
        return {};
    }

    bool expects(path_view path, place_type const& place, value_kind wanted) {
        return expects(
            path, place.node() == nullptr ? value_kind::none : place.node()->kind(root()), wanted);
    }
    /// Begins a live piece that supersedes what is at `node`, but not the dots by which the policy
    /// knows that this is an update.
    local_dot begin_replacing(detail::document_node* node) {
        if (node == nullptr) {
            return begin_piece(detail::piece_life::live, 0);
        }
        auto const kept = take_updates(*node);
        std::uint32_t count = 0;
        node->for_each_dot([&](local_dot) { ++count; });
        auto const d = begin_piece(detail::piece_life::live, count);
        node->for_each_dot([&](local_dot old) { writer().supersede(old); });
        put_updates(*node, kept);
        return d;
    }
    void clear_seen(detail::document_node& node) {
        auto const kept = take_updates(node);
        node.clear_seen(root().hash_seed);
        put_updates(node, kept);
    }
    [[nodiscard]] static detail::dot_set take_updates(detail::document_node& node) {
        detail::dot_set taken;
        if constexpr (policy::has_updates) {
            std::swap(taken, node.open().updates);
        }
        return taken;
    }
    static void put_updates(detail::document_node& node, detail::dot_set const& kept) {
        if constexpr (policy::has_updates) {
            node.open().updates = kept;
        }
    }

    /// The node of `place`. Precondition: `put_path` has just written its key.
    detail::document_node& make(place_type& place, path_view path) {
        return make(place, path[path.size() - 1]);
    }
    detail::document_node& make(place_type& place, std::string_view key) {
        if (place.map == nullptr) {
            place.map = &anchor().touch();
        }
        return place.map->touch(place.where, root(), key, paths::encoding());
    }

    /// Says that there is a map or set at the first `keys` keys of `path`.
    void make_presence(place_type& place, path_view path, std::size_t keys, value_kind kind) {
        auto const d = begin_piece(detail::piece_life::live, 0);
        finish_presence(place, path, keys, kind, d);
    }
    void finish_presence(place_type& place, path_view path, std::size_t keys, value_kind kind,
                         local_dot d) {
        auto const is_map = kind == value_kind::map;
        auto* at = put_path(path, keys);
        *at++ =
            static_cast<std::byte>(is_map ? detail::document_tag::map : detail::document_tag::set);
        auto& more = make(place, path[keys - 1]).open();
        (is_map ? more.map_presence : more.set_presence).assign(d, {});
        writer().end(at);
        place.where = detail::place_in(place.map, path[keys - 1], root());
    }

    void make_container(path_view path, value_kind kind) {
        auto place = enter(path, 1);
        if (!ok()) {
            return;
        }
        auto* const node = place.node();
        if (node != nullptr && node->kind(root()) == kind) {
            auto const& more = *node->more();
            auto const is_marked = kind == value_kind::map ? !more.map_presence.is_bottom()
                                                           : !more.set_presence.is_bottom();
            if (!is_marked) {
                make_presence(place, path, path.size(), kind);
            }
            return;
        }
        reset_counters(path, place);
        auto const d = begin_replacing(node);
        if (node != nullptr) {
            clear_seen(*node);
        }
        finish_presence(place, path, path.size(), kind, d);
    }

    void change_member(path_view path, scalar const& element, detail::piece_life life) {
        using traits = held<scalar>;
        auto place = enter(path, traits::room(element) + 1);
        auto& members = place.node()->open().members;
        auto const where = members.place_of(element, root().hash_seed);
        if (!where.is_found() && life == detail::piece_life::dead) {
            return;
        }
        auto const old = where.is_found() ? members.at(where).count() : 0;
        auto const d = begin_piece(life, old);
        for (std::uint32_t i = 0; i < old; ++i) {
            writer().supersede(members.at(where).dot(i));
        }
        auto* const encoding = put_tagged(path, detail::document_tag::member);
        auto* const end = traits::put(encoding, element);
        if (life == detail::piece_life::live) {
            members.touch(where, root(), element, encoding).assign(d, {});
        } else {
            members.erase(where);
        }
        writer().end(end);
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
        auto const where = detail::place_in(&map, path[at], root());
        if (!where.is_found()) {
            return;
        }
        auto& node = map.at(where);
        if (node.more() != nullptr && at + 1 < path.size()) {
            prune(node.more()->fields, path, at + 1);
        }
        node.close();
        if (node.is_bottom()) {
            map.erase(where);
        }
    }

    /// The node at the end of a path.
    struct node_location {
        document_editor& editor;
        path_view path;
        detail::piece_writer& writer;
        // Others may have nested it more deeply than `check` lets a local edit go.
        [[nodiscard]] std::size_t room() const { return editor.room_for(path, 0); }
        std::byte* put(std::byte* at) { return editor.put_path(at, path, path.size()); }
    };

    /// Lets the policy say that something is written at or below the first `keys` keys of `path`.
    void announce([[maybe_unused]] place_type& place, [[maybe_unused]] path_view path,
                  [[maybe_unused]] std::size_t keys) {
        if constexpr (!std::is_same_v<Policy, observed_reset>) {
            anchor().prepare();
            std::vector<std::string_view> prefix;
            for (std::size_t i = 0; i < keys; ++i) {
                prefix.push_back(path[i]);
            }
            node_location here{*this, std::span<std::string_view const>{prefix}, writer()};
            policy::announce(
                here, place.node(), [&]() -> auto& { return make(place, path[keys - 1]); });
            place.where = detail::place_in(place.map, path[keys - 1], root());
        }
    }
    void announce_above([[maybe_unused]] path_view path) {
        if constexpr (policy::has_updates) {
            place_type place{anchor().find(), {}};
            for (std::size_t keys = 1; keys < path.size(); ++keys) {
                place.where = detail::place_in(place.map, path[keys - 1], root());
                announce(place, path, keys);
                place.map = &place.node()->open().fields;
            }
        }
    }

    /// Resets every live counter at and below `place`, since dots do not tell which increments a
    /// removal has seen.
    void reset_counters(path_view path, place_type const& place) {
        if (auto* const node = place.node(); node != nullptr && node->more() != nullptr) {
            anchor().prepare();
            node_location here{*this, path, writer()};
            detail::reset_writer out{here};
            node->reset(out);
        }
    }
};

} // namespace joinery
