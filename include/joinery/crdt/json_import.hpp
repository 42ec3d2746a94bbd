#pragma once

#include <joinery/crdt/composite_writer.hpp>
#include <joinery/crdt/json_check.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace joinery::json {
namespace detail {

/// Builds one atomic array or object from its items.
class composite_builder {
public:
    explicit composite_builder(value_kind kind) : kind_{kind} {}

    void name_next(std::string_view key) { next_ = key; }
    void add(scalar const& value) {
        if (kind_ == value_kind::array) {
            items_.item(value);
            return;
        }
        auto const begin = items_.size();
        items_.member(next_, value);
        members_.push_back({std::move(next_), begin, items_.size() - begin});
    }

    /// The whole, which views this builder. The members of an object stand in ascending order.
    [[nodiscard]] scalar finish() {
        auto const is_less = [](member const& a, member const& b) { return a.key < b.key; };
        if (std::is_sorted(members_.begin(), members_.end(), is_less)) {
            return scalar::of_kind(kind_, items_.content());
        }
        std::sort(members_.begin(), members_.end(), is_less);
        for (auto const& m : members_) {
            sorted_ += items_.content().substr(m.begin, m.size);
        }
        return scalar::of_kind(kind_, sorted_);
    }

private:
    struct member {
        std::string key;
        std::size_t begin;
        std::size_t size;
    };

    value_kind kind_;
    composite_writer items_;
    std::vector<member> members_;
    std::string next_;
    std::string sorted_;
};

/// The keys of a place that changes.
class growing_path {
public:
    explicit growing_path(path_view at) {
        for (std::size_t i = 0; i < at.size(); ++i) {
            push(at[i]);
        }
    }
    void push(std::string_view key) {
        keys_.emplace_back(key);
        views_.emplace_back(keys_.back());
    }
    void pop() {
        views_.pop_back();
        keys_.pop_back();
    }
    operator path_view() const { return std::span<std::string_view const>{views_}; }

private:
    std::deque<std::string> keys_; // stay where they are
    std::vector<std::string_view> views_;
};

/// The second pass: writes a text that was found good.
template <class Editor>
class writer {
public:
    writer(Editor& editor, path_view at, import_options const& options,
           std::unordered_map<std::size_t, record_keys> records)
        : editor_{editor}, path_{at}, options_{options}, records_{std::move(records)} {}

    refusal refused;

    bool on_value(scalar const& value) {
        if (!builders_.empty()) {
            builders_.back().add(value);
            return true;
        }
        editor_.set(path_, value);
        return end_value();
    }
    bool on_key(std::string_view key) {
        if (builders_.empty()) {
            path_.push(key);
        } else {
            builders_.back().name_next(key);
        }
        return true;
    }
    bool on_begin_object() {
        if (!builders_.empty()) {
            builders_.emplace_back(value_kind::object);
            return true;
        }
        if (!open_.empty() && open_.back().keys != nullptr) {
            path_.push((*open_.back().keys)[open_.back().next++]);
        }
        return make_map({});
    }
    bool on_end_object() { return builders_.empty() ? end_map() : end_composite(); }
    bool on_begin_array() {
        auto const records = records_.find(arrays_++);
        if (builders_.empty() && records != records_.end()) {
            return make_map({&records->second});
        }
        builders_.emplace_back(value_kind::array);
        return true;
    }
    bool on_end_array() { return builders_.empty() ? end_map() : end_composite(); }

    void restart() {}

    /// The parser stands at `offset`, behind a key.
    void pass(std::size_t offset) {
        constexpr std::size_t keys_between_calls = 4096;
        if (++keys_ % keys_between_calls == 0 && options_.progress) {
            options_.progress(offset);
        }
    }

private:
    /// A map that is being written; `keys` are those of its elements if it was an array.
    struct level {
        record_keys const* keys = nullptr;
        std::size_t next = 0;
    };

    bool make_map(level opened) {
        editor_.make_map(path_);
        open_.push_back(opened);
        return go_on();
    }
    bool end_map() {
        open_.pop_back();
        return end_value();
    }
    bool end_composite() {
        auto builder = std::move(builders_.back());
        builders_.pop_back();
        return on_value(builder.finish());
    }
    bool end_value() {
        if (!open_.empty()) {
            path_.pop();
        }
        return go_on();
    }
    bool go_on() {
        if (!editor_.ok()) {
            auto const& reason = editor_.outcome().error();
            refused = {reason.code, reason.message};
        }
        return editor_.ok();
    }

    Editor& editor_;
    growing_path path_;
    import_options const& options_;
    std::unordered_map<std::size_t, record_keys> records_;
    std::vector<level> open_;
    std::vector<composite_builder> builders_;
    std::size_t arrays_ = 0;
    std::size_t keys_ = 0;
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
/// `text` has not; everything else replaces what is there. Arrays, and objects within them, are
/// atomic values. Numbers are kept exactly.
///
/// Errors       the text is checked before anything is written: malformed (with line and column),
///              a key that stands twice in an object, half of a surrogate pair; too_deep. Then the
///              editor's, which make the whole edit fail.
/// Complexity   O(bytes) and the editor's, in two passes; no tree is built. Memory: the keys of the
///              open objects, the open arrays, and the keys of the arrays that become maps.
/// Reference    RFC 8259.
template <class Editor>
[[nodiscard]] result<void> import_text(Editor& editor, path_view at, std::string_view text,
                                       import_options const& options = {}) {
    if (auto const possible = detail::check_root(at, text); !possible) {
        return possible;
    }
    detail::parser parser{text};
    detail::checker checker{options, at.size()};
    if (auto const good = parser.parse(checker); !good) {
        return good;
    }
    detail::writer writer{editor, at, options, std::move(checker.records())};
    return parser.parse(writer);
}

/// One value that owns its bytes.
class atomic_value {
public:
    /// Reads any JSON text as one atomic value, as in `import_text`.
    [[nodiscard]] static result<atomic_value> parse(std::string_view text,
                                                    import_options const& options = {});

    [[nodiscard]] scalar view() const {
        auto const* at = encoded_.data();
        return joinery::detail::read_trusted_scalar(at);
    }

private:
    explicit atomic_value(std::string_view encoded)
        : encoded_(as_bytes(encoded).begin(), as_bytes(encoded).end()) {}

    bytes encoded_;
};

namespace detail {

/// An editor of nothing but one place, for a writer that meets no map.
struct one_value_editor {
    std::string content; ///< of the array that was written
    result<void> success;

    void set(path_view, scalar const& value) { content = value.text(); }
    void make_map(path_view) {}
    [[nodiscard]] bool ok() const { return true; }
    [[nodiscard]] result<void> const& outcome() const { return success; }
};

} // namespace detail

inline result<atomic_value> atomic_value::parse(std::string_view text,
                                                import_options const& options) {
    detail::parser parser{text};
    detail::checker checker{options, 0};
    if (auto const good = parser.parse(checker); !good) {
        return failure(good.error());
    }
    // Within an array everything is atomic, and the content of the array is its one item.
    detail::one_value_editor editor;
    detail::writer writer{editor, path_view{"value"}, options, {}};
    writer.on_begin_array();
    if (auto const good = parser.parse(writer); !good) {
        return failure(good.error());
    }
    writer.on_end_array();
    return atomic_value{editor.content};
}

} // namespace joinery::json
