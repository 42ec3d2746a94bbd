#pragma once

#include <joinery/crdt/json_import.hpp>
#include <joinery/crdt/json_value.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace joinery::json {
namespace detail {

/// Why the limits of `editor` do not let it write `value` at `path`, if they do not. Whoever asks
/// first leaves nothing half written.
template <class Editor>
[[nodiscard]] result<void> check_limits(Editor const& editor, growing_path& path,
                                        scalar const& value) {
    if (value.kind() != value_kind::object || !Editor::merges_deeply) {
        return editor.can_hold(path, value.text().size());
    }
    result<void> outcome;
    value.for_each_member([&](std::string_view key, scalar const& member) {
        if (outcome) {
            path.push(key);
            outcome = check_limits(editor, path, member);
            path.pop();
        }
    });
    return outcome;
}

/// Makes places show JSON values, by writing only what differs.
template <class Editor>
class updater {
public:
    updater(Editor& editor, path_view at) : editor_{editor}, path_{at} {}

    /// What the editor's document shows at the path now.
    [[nodiscard]] document_view now() const { return editor_.read().find(path_); }
    [[nodiscard]] result<void> check(scalar const& wanted) {
        return check_limits(editor_, path_, wanted);
    }

    /// Makes the place show `wanted`. What shows it already stays as it is.
    void update(scalar const& wanted) {
        auto const place = now();
        if (wanted.kind() == value_kind::object && place.kind() == value_kind::map) {
            update_map(place, wanted);
        } else if (place.exists() && shows(place, wanted)) {
            return;
        } else if (place.kind() == wanted.kind()) {
            editor_.set(path_, wanted); // an atomic value stays one
        } else {
            write(wanted);
        }
    }

    /// Writes `wanted` in place of what is there.
    void write(scalar const& wanted) {
        if (wanted.kind() != value_kind::object || !Editor::merges_deeply) {
            editor_.set(path_, wanted);
            return;
        }
        editor_.make_map(path_);
        wanted.for_each_member([&](std::string_view key, scalar const& member) {
            at_key(key, [&] { write(member); });
        });
    }

    void erase() { editor_.erase(path_view{path_}); }

    /// Goes on below a key for as long as `use` runs.
    template <class F>
    void at_key(std::string_view key, F&& use) {
        path_.push(key);
        use();
        path_.pop();
    }

private:
    static bool shows(document_view const& place, scalar const& wanted) {
        value_store store;
        return are_equal(value_of(place, store), wanted, number_rule::as_written);
    }

    void update_map(document_view const& place, scalar const& wanted) {
        std::map<std::string, bool, std::less<>> is_old;
        place.for_each(
            [&](std::string_view key, document_view const&) { is_old[std::string{key}]; });
        wanted.for_each_member([&](std::string_view key, scalar const& member) {
            if (auto const old = is_old.find(key); old != is_old.end()) {
                old->second = true;
            }
            at_key(key, [&] { update(member); });
        });
        for (auto const& [key, is_kept] : is_old) {
            if (!is_kept) {
                at_key(key, [&] { erase(); });
            }
        }
    }

    Editor& editor_;
    growing_path path_;
};

} // namespace detail

/// Makes the place `at` show the JSON `text`, with a small change: what shows it already stays as
/// it is, so that the edits of others to the rest merge with those that were made in the text.
///
/// Keys that the text has not are erased. What a place is beside JSON stays as long as the text
/// says nothing else: a counter, a set, bytes or a timestamp that the text repeats as
/// `export_text` writes it.
///
/// Errors       as of `import_text`.
/// Complexity   O(bytes + what is at the place).
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
    detail::updater updater{editor, at};
    if (auto const fits = updater.check(wanted->view()); !fits) {
        return fits;
    }
    updater.update(wanted->view());
    return editor.ok() ? result<void>{} : failure(editor.outcome().error());
}

} // namespace joinery::json
