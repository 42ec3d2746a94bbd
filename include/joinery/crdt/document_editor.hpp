#pragma once

#include <joinery/crdt/counter_pieces.hpp>
#include <joinery/crdt/document_filler.hpp>
#include <joinery/crdt/document_place_writer.hpp>
#include <joinery/crdt/document_policies.hpp>
#include <joinery/crdt/document_view.hpp>
#include <joinery/crdt/piece_writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace joinery {

/// Changes a document anywhere in a causal value; made by `edit`.
///
/// Each mutator consumes one dot, plus one for each map that it has to make on the way, for each
/// counter, list and text that it resets and, with some policies, for each key of the path; a list
/// and a text take one for each item that is inserted. A mutator that cannot be carried out changes
/// nothing, says why through the edit's outcome, and makes the mutators behind it do nothing.
///
/// A key of a path that leads through a list is an index. The last one may be `-`, or the size of
/// the list, for an element that is added at its end; `erase` and `find` need one that is there.
template <class Location, class Policy = observed_reset>
class document_editor : private detail::document_place_writer<Location, Policy> {
    using places = detail::document_place_writer<Location, Policy>;

public:
    /// Every place merges by itself.
    static constexpr bool merges_deeply = true;

    explicit document_editor(Location location) : places{std::move(location)} {}

    /// Writes a scalar and replaces everything seen at `path`. Maps on the way are made.
    void set(path_view path, scalar const& value) {
        if (!is_sound(path, value)) {
            return;
        }
        auto place = enter(path, held<scalar>::room(value), value.text(), value_kind::none, &value);
        if (!ok() || place.is_written) {
            return;
        }
        using traits = held<scalar>;
        this->reset_residue(path, place);
        auto const d = this->begin_replacing(place.node());
        auto* const at = put_path(path, path.size());
        auto* const end = traits::put(at, value);
        auto& node = make(place, path);
        this->clear_seen(node);
        node.registers().assign(d, {writer().time(), {at}});
        writer().end(end);
    }

    /// Sees to it that there is a map at `path`: an existing one keeps its entries, anything else
    /// seen there is replaced by an empty one.
    void make_map(path_view path) {
        if (!path.empty()) {
            this->make_container(path, value_kind::map);
        }
    }
    /// Sees to it that there is a set, a list or a text at `path`, in the same way.
    void make_set(path_view path) { this->make_container(path, value_kind::set); }
    void make_list(path_view path) { this->make_container(path, value_kind::list); }
    void make_text(path_view path) { this->make_container(path, value_kind::text); }

    /// Adds `amount`, which may be negative, to the counter at `path`; makes it if nothing is
    /// there.
    void increment(path_view path, std::int64_t amount) {
        auto place = enter(path, detail::increment_room + 1, {}, value_kind::counter);
        if (!ok() || !this->expects(path, place, value_kind::counter)) {
            return;
        }
        auto const d = begin_piece(detail::piece_life::dead, 0);
        auto* at = this->put_tagged(path, detail::document_tag::add);
        auto& counter = make(place, path).open().counter;
        auto const entry = counter.incremented(writer().self(), d.sequence(), amount);
        at = detail::put_increment(at, entry);
        counter.join(entry);
        writer().end(at);
    }

    /// Inserts into the set at `path`; makes it if nothing is there.
    void insert(path_view path, scalar const& element) {
        if (!is_sound(path, element)) {
            return;
        }
        if (auto const place =
                enter(path, held<scalar>::room(element) + 1, element.text(), value_kind::set);
            !ok() || !this->expects(path, place, value_kind::set)) {
            return;
        }
        this->make_container(path, value_kind::set);
        change_member(path, element, detail::piece_life::live);
    }
    /// Erases from the set at `path` what was seen of `element`; nothing if it is not there.
    void erase(path_view path, scalar const& element) {
        auto const place = this->enter_existing(path);
        if (!ok() || place.node() == nullptr || !place.node()->is_visible() ||
            !this->expects(path, place, value_kind::set)) {
            return;
        }
        if constexpr (policy::has_updates) {
            if (!read().find(path).contains(element)) {
                return;
            }
        }
        change_member(path, element, detail::piece_life::dead);
        this->prune(path);
    }

    /// Inserts in front of the element at `index` of the list at `path`; makes the list if nothing
    /// is there. Precondition: `index` is at most the size of the list, or the edit is refused.
    void insert(path_view path, std::size_t index, scalar const& value) {
        insert(path, index, std::span{&value, 1});
    }
    void insert(path_view path, std::size_t index, std::span<scalar const> values) {
        std::size_t bytes_max = 0;
        for (auto const& value : values) {
            if (!is_sound(path, value)) {
                return;
            }
            bytes_max = std::max(bytes_max, value.text().size());
        }
        if (auto const fits = can_hold(path, bytes_max); !fits) {
            fail(fits.error().code, fits.error().message);
        }
        if (auto const place = enter_sequence(path, index, 0, value_kind::list)) {
            this->items_at(*place, path).insert_all(index, values);
        }
    }
    /// Erases `count` elements of the list, or code points of the text, at `path`. An element that
    /// is erased is gone for good, whatever others write in it at the same time.
    void erase(path_view path, std::size_t index, std::size_t count) {
        auto const kind =
            read().find(path).kind() == value_kind::text ? value_kind::text : value_kind::list;
        if (count == 0 && ok()) {
            return;
        }
        auto const place = enter_sequence(path, index, count, kind);
        if (!place) {
            return;
        }
        if (kind == value_kind::text) {
            this->characters_at(*place, path).erase(index, count);
            return;
        }
        clear_elements(*place, path, index, count);
        this->items_at(*place, path).erase(index, count);
        this->prune(path);
    }
    /// Puts `text` in place of `count` code points of the text at `path` from `index` on; makes the
    /// text if nothing is there.
    void splice(path_view path, std::size_t index, std::size_t count, std::string_view text) {
        if (!is_sound(path, text)) {
            return;
        }
        if (auto const fits = can_hold(path, text.size()); !fits) {
            fail(fits.error().code, fits.error().message);
        }
        auto const place = enter_sequence(path, index, count, value_kind::text);
        if (!place) {
            return;
        }
        if (count != 0) {
            this->characters_at(*place, path).erase(index, count);
        }
        if (!text.empty()) {
            this->characters_at(*place, path).insert_all(index, text);
        }
    }

    /// Removes what is at `path`; nothing if nothing is there. The policy says what becomes of what
    /// others write there concurrently; an element of a list is gone for good.
    void erase(path_view path) {
        auto place = this->enter_existing(path);
        if (!ok()) {
            return;
        }
        if (this->is_element(path.size() - 1)) {
            auto const list = places::first_keys(path, path.size() - 1);
            erase(std::span<std::string_view const>{list},
                  *json::array_index(path[path.size() - 1]), 1);
            return;
        }
        if (place.node() == nullptr || !place.node()->is_visible()) {
            return;
        }
        this->announce_above(path);
        anchor().prepare();
        node_location here{*this, path, writer()};
        policy::erase(here, *place.node());
        this->prune(path);
    }

    using places::can_hold;
    using places::fail;
    using places::ok;
    using places::outcome;
    using places::read;

    /// Says that about so many bytes will be written.
    void expect(std::size_t byte_count) { writer().expect(byte_count); }
    /// What fills the map or list at `path` faster than mutators do; nothing if it is not there, if
    /// something is in it, or if the policy has more to say of every place.
    [[nodiscard]] std::optional<detail::document_filler<Location>> filler(path_view path) {
        if constexpr (!policy::has_updates) {
            if (path.empty()) {
                return root_filler();
            }
            auto const kind = read().find(path).kind();
            auto* const node = this->enter_existing(path).node();
            if (ok() && node != nullptr && detail::is_unused(*node, kind)) {
                bytes lead(this->room_for(path, 1));
                auto* const end = put_path(lead.data(), path, path.size());
                *end = static_cast<std::byte>(detail::leading_tag(kind));
                lead.resize(static_cast<std::size_t>(end + 1 - lead.data()));
                return detail::document_filler<Location>{anchor(), path, std::move(lead), *node,
                                                         kind};
            }
        }
        return std::nullopt;
    }

private:
    using policy = typename places::policy;
    using place_type = typename places::place_type;
    using node_location = typename places::node_location;

    using places::anchor;
    using places::begin_piece;
    using places::enter;
    using places::make;
    using places::put_path;
    using places::root;
    using places::writer;

    [[nodiscard]] std::optional<detail::document_filler<Location>> root_filler() {
        auto* const fields = anchor().find();
        if (!ok() || fields == nullptr || !detail::is_unused(*fields)) {
            return std::nullopt;
        }
        bytes lead(anchor().room());
        lead.resize(static_cast<std::size_t>(anchor().put(lead.data()) - lead.data()));
        return detail::document_filler<Location>{anchor(), std::move(lead), *fields};
    }

    /// Whether a value is one that peers accept.
    bool is_sound(path_view path, scalar const& value) {
        if (auto const* const flaw = held<scalar>::flaw(value)) {
            fail(errc::malformed, path.to_string() + ": " + flaw);
        }
        return ok();
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
        auto* const encoding = this->put_tagged(path, detail::document_tag::member);
        auto* const end = traits::put(encoding, element);
        if (life == detail::piece_life::live) {
            members.touch(where, root(), element, encoding).assign(d, {});
        } else {
            members.erase(where);
        }
        writer().end(end);
    }

    /// The list or text at `path`, made if nothing is there; nothing if it does not have `count`
    /// elements from `index` on.
    std::optional<place_type> enter_sequence(path_view path, std::size_t index, std::size_t count,
                                             value_kind kind) {
        auto const here = read().find(path);
        if (!ok() || !this->expects(path, here.kind(), kind)) {
            return std::nullopt;
        }
        auto const size = here.size();
        if (index > size || count > size - index) {
            fail(errc::invalid_argument,
                 path.to_string() + " has " + std::to_string(size) +
                     (kind == value_kind::list ? " elements" : " code points") + ", not " +
                     std::to_string(count) + " from " + std::to_string(index) + " on");
            return std::nullopt;
        }
        if (!here.exists()) {
            this->make_container(path, kind);
        }
        auto place = enter(path, 0);
        return ok() ? std::optional{place} : std::nullopt;
    }

    /// Forgets what has become of elements that are about to be erased.
    void clear_elements(place_type const& place, path_view path, std::size_t index,
                        std::size_t count) {
        auto& parts = *place.node()->open().sequences.get();
        auto keys = places::first_keys(path, path.size());
        keys.emplace_back();
        path_view const element{std::span<std::string_view const>{keys}};
        for (auto i = index; i != index + count && !parts.elements.is_bottom(); ++i) {
            auto const item = detail::item_at(parts.order, root(), i);
            this->note_element(path.size(), item);
            auto const where =
                parts.elements.place_of(this->key_at(element, path.size()), root().hash_seed);
            if (where.is_found()) {
                anchor().prepare();
                node_location here{*this, element, writer()};
                auto& node = parts.elements.at(where);
                detail::write_clearing(here, node, detail::piece_life::dead,
                                       detail::document_tag::gone);
                if (node.is_bottom()) {
                    parts.elements.erase(where);
                }
            }
        }
    }
};

} // namespace joinery
