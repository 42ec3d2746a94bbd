#pragma once

#include <joinery/crdt/json_atomic.hpp>
#include <joinery/crdt/json_check.hpp>
#include <joinery/crdt/json_path_filler.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery::json {
namespace detail {

/// Writes what a checker has found good.
template <class Editor>
class importer {
public:
    importer(Editor& editor, checker const& from, import_options const& options)
        : editor_{editor}, from_{from}, options_{options} {}

    /// Returns whether the editor could write everything; if not, `place()` says where it failed.
    [[nodiscard]] bool write(path_view at, std::size_t text_bytes) {
        text_bytes_ = text_bytes;
        if constexpr (requires { editor_.expect(text_bytes); }) {
            editor_.expect(text_bytes);
        }
        growing_path path{at};
        if constexpr (requires { editor_.read(); }) {
            path.name_end(editor_);
        }
        path_filler<Editor> to{editor_, path};
        auto const whole = from_.values().begin();
        if (at.empty()) {
            return goes_on(whole) && fill(to, whole);
        }
        auto const key = path.last();
        path.pop();
        return write_field(to, key, whole);
    }
    [[nodiscard]] std::size_t place() const { return place_; }

private:
    /// The keys of the elements of an array that becomes a map.
    [[nodiscard]] record_keys const* records(tape::cursor at) const {
        auto const found = from_.records().empty()
                               ? from_.records().end()
                               : from_.records().find(at.index_in(from_.values()));
        return found == from_.records().end() ? nullptr : &found->second;
    }
    /// The kind of the place that a value becomes: none if it is one value.
    [[nodiscard]] value_kind form_of(tape::cursor at) const {
        if (at.kind() == value_kind::object) {
            return value_kind::map;
        }
        if (at.kind() != value_kind::array) {
            return value_kind::none;
        }
        if (records(at) != nullptr) {
            return value_kind::map;
        }
        return path_filler<Editor>::has_lists && options_.arrays == array_form::list
                   ? value_kind::list
                   : value_kind::none;
    }

    template <class Filler>
    bool write_field(Filler& to, std::string_view key, tape::cursor value) {
        auto const form = form_of(value);
        if (form == value_kind::none) {
            with_atomic(value, [&](scalar const& whole) { to.set(key, whole); });
            return goes_on(value.last());
        }
        if constexpr (requires { to.update(key, value); }) {
            if (form == value_kind::list && to.update(key, value)) {
                return goes_on(value.last());
            }
        }
        to.begin(key, form);
        return goes_on(value) && fill(to, value) && end(to);
    }

    /// Writes what is in the map or list that was begun last.
    template <class Filler>
    bool fill(Filler& to, tape::cursor value) {
        if constexpr (requires { to.fresh(); }) {
            if (auto fresh = to.fresh()) {
                return write_content(*fresh, value);
            }
        }
        return write_content(to, value);
    }
    template <class Filler>
    static bool end(Filler& to) {
        to.end();
        return true;
    }
    template <class Filler>
    bool write_content(Filler& to, tape::cursor value) {
        if (value.kind() == value_kind::object) {
            if constexpr (requires { to.expect(value.key_count()); }) {
                to.expect(value.key_count());
            }
            for (auto key = value.first(); !key.is_end(); key = key.next().next()) {
                if (!write_field(to, key.key(), key.next())) {
                    return false;
                }
            }
            return true;
        }
        auto const* const keys = records(value);
        return keys == nullptr ? write_items(to, value) : write_records(to, value, *keys);
    }
    template <class Filler>
    bool write_records(Filler& to, tape::cursor array, record_keys const& keys) {
        auto key = keys.begin();
        for (auto record = array.first(); !record.is_end(); record = record.next()) {
            if (!write_field(to, *key++, record)) {
                return false;
            }
        }
        return true;
    }

    /// Values that follow each other go into a list together.
    template <class Filler>
    bool write_items(Filler& to, tape::cursor array) {
        auto item = array.first();
        for (; !item.is_end(); item = item.next()) {
            auto const form = form_of(item);
            if (form == value_kind::none) {
                values_.push_back(item.value());
                value_bytes_ += held<scalar>::room(values_.back());
                if (value_bytes_ > value_bytes_max && !append(to, item)) {
                    return false;
                }
            } else if (!append(to, item) || !write_element(to, item, form)) {
                return false;
            }
        }
        return append(to, item);
    }
    template <class Filler>
    bool append(Filler& to, tape::cursor behind) {
        if (!values_.empty()) {
            to.append(values_);
            values_.clear();
            value_bytes_ = 0;
        }
        return goes_on(behind);
    }
    template <class Filler>
    bool write_element(Filler& to, tape::cursor item, value_kind form) {
        to.begin(form);
        return goes_on(item) && fill(to, item) && end(to);
    }

    /// Whether everything could be written up to the token that has been reached.
    bool goes_on(tape::cursor at) {
        place_ = at.index_in(from_.values());
        if (place_ - told_ >= tokens_between_calls && options_.progress) {
            told_ = place_;
            options_.progress(text_bytes_ * told_ / from_.values().size());
        }
        return editor_.ok();
    }

    static constexpr std::size_t tokens_between_calls = 8192;
    static constexpr std::size_t value_bytes_max = 1 << 20; ///< that are written at once

    Editor& editor_;
    checker const& from_;
    import_options const& options_;
    std::size_t text_bytes_ = 0;
    std::vector<scalar> values_; ///< that go to the end of the open list together
    std::size_t value_bytes_ = 0;
    std::size_t place_ = 0;
    std::size_t told_ = 0;
};

/// Refuses what cannot be the whole document.
[[nodiscard]] inline result<void> check_root(path_view at, std::string_view text) {
    auto const first = text.find_first_not_of(" \t\r\n");
    if (at.empty() && first != std::string_view::npos && text[first] != '{') {
        return fail_at(text, first, errc::wrong_type,
                       "the whole document is an object; give anything else a path");
    }
    return {};
}

} // namespace detail

/// Writes the JSON `text` at `at`: objects become maps, which keep the entries that they have and
/// `text` has not; arrays become lists, of which one that is there changes where it differs;
/// everything else replaces what is there. Numbers are kept exactly.
///
/// Errors       the text is checked before anything is written: malformed (with line and column),
///              a key that stands twice in an object, half of a surrogate pair; too_deep. Then the
///              editor's, which make the whole edit fail.
/// Complexity   O(bytes) and the editor's; where nothing was before, O(1) a value at any depth.
///              Memory: 16 bytes for each value, key and end of an array or object.
/// Reference    RFC 8259.
template <class Editor>
[[nodiscard]] result<void> import_text(Editor& editor, path_view at, std::string_view text,
                                       import_options const& options = {}) {
    if (auto const possible = detail::check_root(at, text); !possible) {
        return possible;
    }
    detail::parser parser{text};
    detail::checker checker{options, at.size(), text.size()};
    if (auto const good = parser.parse(checker); !good) {
        return good;
    }
    detail::importer importer{editor, checker, options};
    if (importer.write(at, text.size())) {
        return {};
    }
    auto const& reason = editor.outcome().error();
    checker.stop_at(importer.place(), {reason.code, reason.message});
    return parser.parse(checker);
}

} // namespace joinery::json
