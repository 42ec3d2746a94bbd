#pragma once

#include <joinery/core/lattice.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/document_editor.hpp>
#include <joinery/crdt/document_view.hpp>
#include <joinery/crdt/top_level_editor.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

namespace joinery {

/// Granularity of a document: every place merges by itself, at any depth.
struct deep_merge {
    template <class Location, class Policy>
    using editor = document_editor<Location, Policy>;
};

/// Granularity of a document: the value of a top-level key is written, and wins, as a whole.
struct top_level {
    template <class Location, class Policy>
    using editor = top_level_editor<Location, Policy>;
};

/// A JSON-like document: a map from UTF-8 keys to scalars, counters, sets, lists, texts and nested
/// maps.
///
/// Concurrent writes   scalar ∥ scalar in one place: both are kept, everybody shows the greater
///                     (time, replica, sequence), `conflicts` shows all. map ∥ map, set ∥ set,
///                     counter ∥ counter, list ∥ list, text ∥ text: one child with what both
///                     wrote. Different kinds: a conflict; a map is shown before a list, a text, a
///                     set, a counter and a scalar. erase of an element of a list ∥ write in it:
///                     the element is gone. erase ∥ write there or below, by `Policy`, which is
///                     part of the type:
///                     `observed_reset`: the erase removes what it has seen, so that a removed map
///                     may come back with only the fields that were written concurrently, and an
///                     increment survives exactly.
///                     `remove_wins`: the place is absent, until somebody writes there who has seen
///                     the erase. `update_wins_whole`: the place stays, with all that is in it.
/// State               32 bytes an entry and its text; an erased place costs nothing, an erased
///                     counter one small entry for each replica that incremented it. `remove_wins`
///                     keeps an entry for each erased place; `update_wins_whole` what was in it,
///                     and about 200 bytes more for each place.
/// Complexity          set, erase, find O(path) expected; join of a delta O(delta), of a state
///                     O(both).
/// Errors              from the first mutator that cannot be carried out, the rest of an edit does
///                     nothing; `try_edit` says why, and a replica's edit undoes the whole. The
///                     limits: `path_keys_max`, `key_bytes_max`, and one MiB for a value unless the
///                     replica's options say otherwise.
/// Reference           Kleppmann, Beresford, "A Conflict-Free Replicated JSON Datatype", 2017, for
///                     the problem; `docs/design/document.md` for the composition.
template <class Granularity, class Policy = observed_reset>
class basic_document : public causal<basic_document<Granularity, Policy>, detail::document_fields> {
public:
    using store_type = detail::document_fields;
    using view = document_view;
    template <class Location>
    using editor = typename Granularity::template editor<Location, Policy>;

    struct edited;

    /// Like `edit`, for paths and values that come from outside.
    template <class F>
    edited try_edit(author const& by, F&& change);

    [[nodiscard]] view read() const { return {&this->store(), this->root()}; }
    [[nodiscard]] std::size_t size() const { return read().size(); }
    [[nodiscard]] view at(std::string_view key) const { return read().at(key); }
    [[nodiscard]] view find(path_view path) const { return read().find(path); }
};

template <class Granularity, class Policy>
struct basic_document<Granularity, Policy>::edited {
    basic_document delta; ///< The change to send: what was done before the first failure.
    result<void> outcome; ///< The first failure.
};

template <class Granularity, class Policy>
template <class F>
typename basic_document<Granularity, Policy>::edited
basic_document<Granularity, Policy>::try_edit(author const& by, F&& change) {
    edited out;
    out.delta = this->edit(by, [&](auto doc) {
        change(doc);
        out.outcome = doc.outcome();
    });
    return out;
}

using document = basic_document<deep_merge>;

static_assert(delta_crdt<document>);

} // namespace joinery
