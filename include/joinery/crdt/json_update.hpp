#pragma once

#include <joinery/crdt/json_import.hpp>
#include <joinery/crdt/json_updater.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace joinery::json {

/// Makes the place `at` show the JSON `text`, with a small change: what shows it already stays as
/// it is, so that the edits of others to the rest merge with those that were made in the text.
///
/// Keys that the text has not are erased. What a place is beside JSON stays as long as the text
/// says nothing else: a counter, a set, bytes or a timestamp that the text repeats as
/// `export_text` writes it.
///
/// An element of a list that was changed is found by what it has in common with what it was, and
/// only then by its position.
///
/// Errors       as of `import_text`. The limit of a value holds for what is written: of a text, for
///              the characters that are new.
/// Complexity   O(bytes + what is at the place), of a list or a text also the search for its edits
///              (see `edit_script`), and in each replaced run of a list as much as
///              `likeness_pairs_max` pairs of elements.
template <class Editor>
[[nodiscard]] result<void> update_text(Editor& editor, path_view at, std::string_view text,
                                       import_options const& options = {}) {
    if (auto const possible = detail::check_root(at, text); !possible) {
        return possible;
    }
    auto limits = options;
    limits.depth_max =
        std::min(options.depth_max, path_keys_max - std::min(at.size(), path_keys_max));
    auto const wanted = atomic_value::parse(text, limits);
    if (!wanted) {
        return failure(wanted.error());
    }
    detail::updater<Editor> updater{editor, at, options.arrays};
    if (auto const fits = updater.check(wanted->view()); !fits) {
        return fits;
    }
    updater.update(wanted->view());
    return editor.ok() ? result<void>{} : failure(editor.outcome().error());
}

} // namespace joinery::json
