#pragma once

#include <joinery/core/dot.hpp>
#include <joinery/crdt/document_join.hpp>
#include <joinery/crdt/document_path.hpp>
#include <joinery/crdt/pieces.hpp>

#include <cassert>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace joinery {
namespace detail {

/// One step of a piece's path: the key of a map, or that of an element of a list.
struct changed_step {
    bool is_element;
    std::string_view key;
};
/// Items of a list or a text that a piece inserts or erases: consecutive dots.
struct changed_items {
    dot first;
    std::uint64_t count;
};
/// What one piece says about the place that its steps lead to.
struct changed_place {
    std::vector<changed_step> steps;
    std::uint64_t superseded = 0; ///< how many dots
    document_tag tag{};           ///< less than `descend`: a scalar
    std::vector<changed_items> items;

    [[nodiscard]] bool has_items() const {
        return tag == document_tag::items || tag == document_tag::characters;
    }
};

/// Reads which items a piece erases, from behind its tag on.
inline void read_erased_items(piece_sequence const& in, byte_reader& reader, std::uint64_t sequence,
                              std::vector<changed_items>& out) {
    for (auto left = reader.varint(); left != 0; --left) {
        auto const what = reader.varint() - 1;
        dot first{in.origin, sequence - (what >> 1)};
        if ((what & 1) != 0) {
            auto const replica = in.others.subspan((what >> 1) * 16).first<16>();
            first = {replica_id::from_bytes(replica), reader.varint()};
        }
        out.push_back({first, reader.varint()});
    }
}

/// Visits the place of every piece of a document's changeset, in their order.
template <class F>
void for_each_changed_place(piece_sequence const& in, F&& visit) {
    byte_reader reader{in.body};
    piece_check check{in.first, static_cast<std::uint32_t>(in.others.size() / 16)};
    changed_place place;
    for (check.sequence = in.first; check.sequence <= in.last(); check.sequence += check.dots) {
        auto const head = reader.varint();
        place.superseded = head >> 1;
        for (auto left = place.superseded; left != 0; --left) {
            if ((reader.varint() & 1) != 0) {
                (void)reader.varint();
            }
        }
        check.dots = 1;
        check.is_live = (head & 1) != 0;
        place.steps.assign(1, {false, held<std::string>::read(reader)});
        for (;;) {
            place.tag = static_cast<document_tag>(reader.peek());
            if (place.tag != document_tag::descend && place.tag != document_tag::element) {
                break;
            }
            (void)reader.byte();
            place.steps.push_back(
                {place.tag == document_tag::element, held<std::string>::read(reader)});
        }
        place.items.clear();
        if (place.has_items() && !check.is_live) {
            auto items = reader;
            (void)items.byte();
            read_erased_items(in, items, check.sequence, place.items);
        }
        document_node::check_piece_child(reader, check);
        if (place.has_items() && check.is_live) {
            place.items.push_back({{in.origin, check.sequence}, check.dots});
        }
        assert(reader.ok() && "nobody has accepted this changeset of a document");
        visit(static_cast<changed_place const&>(place));
    }
}

/// The places that a changeset has changed, as a tree.
struct changed_places {
    bool is_whole = false;            ///< everything at and below may be another
    std::vector<changed_items> items; ///< of the list, or the characters of the text
    std::map<std::string, changed_places, std::less<>> fields;
    std::map<std::string, changed_places, std::less<>> elements; ///< by `element_key`

    void add(changed_place const& place) {
        auto* at = this;
        for (auto const& step : place.steps) {
            auto& below = step.is_element ? at->elements : at->fields;
            at = &below[std::string{step.key}];
        }
        if (place.has_items()) {
            at->items.insert(at->items.end(), place.items.begin(), place.items.end());
        } else if (place.tag != document_tag::updated || place.superseded != 0) {
            at->is_whole = true; // otherwise it only says that something is written below
        }
    }
};

} // namespace detail

/// Visits the path of every place that a document's changeset wrote or removed, in the order in
/// which that was done. A place that was changed twice is visited twice. What happens in a list is
/// a change of the list, since the path of an element is not the same for everybody.
///
/// Precondition: a replica of a document has accepted `in`, as its observers can rely on.
template <class F>
void for_each_changed_path(piece_sequence const& in, F&& visit) {
    std::vector<std::string_view> keys;
    detail::for_each_changed_place(in, [&](detail::changed_place const& place) {
        keys.clear();
        for (auto const& step : place.steps) {
            if (step.is_element) {
                break;
            }
            keys.push_back(step.key);
        }
        visit(path_view{std::span<std::string_view const>{keys}});
    });
}

} // namespace joinery
