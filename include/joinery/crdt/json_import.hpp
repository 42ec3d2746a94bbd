#pragma once

#include <joinery/crdt/composite_writer.hpp>
#include <joinery/crdt/json_check.hpp>
#include <joinery/crdt/json_updater.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
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

/// Values that go to the end of a list together.
class pending_items {
public:
    void add(scalar const& value) { items_.item(value); }
    /// Calls `insert(values)` and is empty again.
    template <class F>
    void flush(F&& insert) {
        if (items_.size() != 0) {
            std::vector<scalar> values;
            scalar::of_kind(value_kind::array, items_.content())
                .for_each_item([&](scalar const& value) { values.push_back(value); });
            insert(std::span<scalar const>{values});
            items_ = {};
        }
    }
    [[nodiscard]] bool is_full() const { return items_.size() > 1 << 20; }

private:
    composite_writer items_;
};

/// The second pass: writes a text that was found good.
template <class Editor>
class writer {
public:
    writer(Editor& editor, path_view at, import_options const& options,
           std::unordered_map<std::size_t, record_keys> records)
        : editor_{editor}, path_{at}, options_{options}, records_{std::move(records)} {
        if constexpr (requires { editor.read(); }) {
            path_.name_end(editor);
        }
    }

    refusal refused;

    bool on_value(scalar const& value) {
        if (!builders_.empty()) {
            builders_.back().add(value);
            return true;
        }
        if (is_in_list()) {
            auto& list = open_.back();
            list.pending.add(value);
            ++list.next;
            return !list.pending.is_full() || flush();
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
        begin_element();
        return open(level{}, [&] { editor_.make_map(path_); });
    }
    bool on_end_object() { return builders_.empty() ? end_container() : end_composite(); }
    bool on_begin_array() {
        auto const records = records_.find(arrays_++);
        if (builders_.empty() && records != records_.end()) {
            begin_element();
            level opened;
            opened.keys = &records->second;
            return open(std::move(opened), [&] { editor_.make_map(path_); });
        }
        if constexpr (requires { editor_.make_list(path_); }) {
            auto const is_list = builders_.empty() && options_.arrays == array_form::list;
            if (is_list &&
                (is_in_list() || editor_.read().find(path_).kind() != value_kind::list)) {
                begin_element();
                level opened;
                opened.is_list = true;
                return open(std::move(opened), [&] { editor_.make_list(path_); });
            }
        }
        builders_.emplace_back(value_kind::array);
        return true;
    }
    bool on_end_array() { return builders_.empty() ? end_container() : end_composite(); }

    void restart() {}

    /// The parser stands at `offset`, behind a key.
    void pass(std::size_t offset) {
        constexpr std::size_t keys_between_calls = 4096;
        if (++keys_ % keys_between_calls == 0 && options_.progress) {
            options_.progress(offset);
        }
    }

private:
    /// A map or a list that is being written; `keys` are those of the elements of an array that
    /// becomes a map.
    struct level {
        record_keys const* keys = nullptr;
        std::size_t next = 0; ///< the element that comes next
        bool is_list = false;
        pending_items pending{};
    };

    [[nodiscard]] bool is_in_list() const { return !open_.empty() && open_.back().is_list; }

    /// Goes to the element that begins here, if this is an array.
    void begin_element() {
        if (is_in_list()) {
            flush();
            path_.push(std::to_string(open_.back().next++));
        } else if (!open_.empty() && open_.back().keys != nullptr) {
            path_.push((*open_.back().keys)[open_.back().next++]);
        }
    }
    template <class Make>
    bool open(level opened, Make&& make) {
        make();
        open_.push_back(std::move(opened));
        return go_on();
    }
    bool flush() {
        if constexpr (requires { editor_.make_list(path_); }) {
            auto& list = open_.back();
            list.pending.flush([&](std::span<scalar const> values) {
                editor_.insert(path_, list.next - values.size(), values);
            });
        }
        return go_on();
    }
    bool end_container() {
        if (is_in_list()) {
            flush();
        }
        open_.pop_back();
        return end_value();
    }
    bool end_composite() {
        auto builder = std::move(builders_.back());
        builders_.pop_back();
        auto const whole = builder.finish();
        if (builders_.empty() && write_over_list(whole)) {
            return end_value();
        }
        return on_value(whole);
    }
    /// An array that comes where a list is already changes what differs.
    bool write_over_list(scalar const& whole) {
        if constexpr (requires { editor_.make_list(path_); }) {
            if (whole.kind() == value_kind::array && !is_in_list() &&
                options_.arrays == array_form::list &&
                editor_.read().find(path_).kind() == value_kind::list) {
                updater<Editor>{editor_, path_, options_.arrays}.update(whole);
                return true;
            }
        }
        return false;
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
/// `text` has not; arrays become lists, of which one that is there changes where it differs;
/// everything else replaces what is there. Numbers are kept exactly.
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
