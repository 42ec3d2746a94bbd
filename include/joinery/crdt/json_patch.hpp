#pragma once

#include <joinery/crdt/json_draft.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery::json {
namespace detail {

/// One operation of a patch. Its value lives as long as the patch's bytes.
struct patch_operation {
    enum class verb : std::uint8_t { add, remove, replace, move, copy, test };
    verb op{};
    std::vector<std::string> path;
    std::vector<std::string> from; ///< of `move` and `copy`
    scalar value;                  ///< of `add`, `replace` and `test`
};

[[nodiscard]] inline std::string_view name(patch_operation::verb op) {
    constexpr std::array<std::string_view, 6> names{"add",  "remove", "replace",
                                                    "move", "copy",   "test"};
    return names[static_cast<std::size_t>(op)];
}
[[nodiscard]] inline std::optional<patch_operation::verb> verb_of(std::string_view text) {
    using verb = patch_operation::verb;
    for (auto const op :
         {verb::add, verb::remove, verb::replace, verb::move, verb::copy, verb::test}) {
        if (name(op) == text) {
            return op;
        }
    }
    return std::nullopt;
}

/// Reads one operation of a patch.
class operation_reader {
public:
    explicit operation_reader(scalar const& object) {
        if (object.kind() == value_kind::object) {
            object.for_each_member(
                [&](std::string_view key, scalar const& value) { note(key, value); });
        }
    }

    [[nodiscard]] result<patch_operation> read() const {
        using verb = patch_operation::verb;
        auto const op = text(op_, "op");
        if (!op) {
            return failure(op.error());
        }
        auto const verb_here = verb_of(*op);
        if (!verb_here) {
            return failure(errc::malformed, "there is no operation \"" + std::string{*op} + '"');
        }
        patch_operation out;
        out.op = *verb_here;
        if (auto const read = pointer(path_, "path", out.path); !read) {
            return failure(read.error());
        }
        if (out.op == verb::move || out.op == verb::copy) {
            if (auto const read = pointer(from_, "from", out.from); !read) {
                return failure(read.error());
            }
        } else if (out.op != verb::remove) {
            if (!value_) {
                return failure(errc::malformed, "it has no \"value\"");
            }
            out.value = *value_;
        }
        return out;
    }

private:
    void note(std::string_view key, scalar const& value) {
        if (key == "op") {
            op_ = value;
        } else if (key == "path") {
            path_ = value;
        } else if (key == "from") {
            from_ = value;
        } else if (key == "value") {
            value_ = value;
        }
    }
    static result<std::string_view> text(std::optional<scalar> const& member,
                                         std::string_view key) {
        if (!member || member->kind() != value_kind::string) {
            return failure(errc::malformed,
                           "it has no \"" + std::string{key} + "\" that is a string");
        }
        return member->as_string();
    }
    static result<void> pointer(std::optional<scalar> const& member, std::string_view key,
                                std::vector<std::string>& out) {
        auto const found = text(member, key);
        if (!found) {
            return failure(found.error());
        }
        auto tokens = parse_pointer(*found);
        if (!tokens) {
            return failure(tokens.error());
        }
        out = std::move(*tokens);
        return {};
    }

    std::optional<scalar> op_;
    std::optional<scalar> path_;
    std::optional<scalar> from_;
    std::optional<scalar> value_;
};

/// Carries out operations on a draft.
class patch_runner {
public:
    explicit patch_runner(draft& on) : on_{on} {}

    [[nodiscard]] result<void> run(patch_operation const& operation) {
        using verb = patch_operation::verb;
        switch (operation.op) {
        case verb::add:
            return on_.add(operation.path, operation.value);
        case verb::remove:
            return on_.remove(operation.path);
        case verb::replace:
            return on_.replace(operation.path, operation.value);
        case verb::move:
            return move(operation);
        case verb::copy: {
            auto const value = on_.value_at(operation.from);
            return value ? on_.add(operation.path, *value) : failure(value.error());
        }
        case verb::test:
            break;
        }
        return test(operation);
    }

private:
    [[nodiscard]] result<void> move(patch_operation const& operation) {
        auto const& from = operation.from;
        auto const& path = operation.path;
        auto const value = on_.value_at(from);
        if (!value || from == path) {
            return value ? result<void>{} : failure(value.error());
        }
        if (from.size() < path.size() && std::equal(from.begin(), from.end(), path.begin())) {
            return failure(errc::invalid_argument, "a value cannot be moved into itself");
        }
        auto const removed = on_.remove(from);
        return removed ? on_.add(path, *value) : removed;
    }
    [[nodiscard]] result<void> test(patch_operation const& operation) {
        auto const value = on_.value_at(operation.path);
        if (!value) {
            return failure(value.error());
        }
        if (!are_equal(*value, operation.value, number_rule::by_value)) {
            return failure(errc::invalid_argument, "there stands " +
                                                       shortened(export_text(*value)) + ", not " +
                                                       shortened(export_text(operation.value)));
        }
        return {};
    }
    static std::string shortened(std::string text) {
        constexpr std::size_t bytes_max = 60;
        if (text.size() > bytes_max) {
            auto end = bytes_max;
            while (joinery::detail::continues_utf8(text[end])) {
                --end;
            }
            text.resize(end);
            text += "...";
        }
        return text;
    }

    draft& on_;
};

} // namespace detail

/// Operations on JSON values, read and checked as a whole.
///
/// Reference    RFC 6902 (JSON Patch).
class patch {
public:
    /// Errors   malformed: it is not JSON, no array of operations, or one of them lacks something;
    ///          invalid_argument: a pointer is none.
    [[nodiscard]] static result<patch> parse(std::string_view text) {
        auto content = atomic_value::parse(text);
        if (!content) {
            return failure(content.error());
        }
        if (content->view().kind() != value_kind::array) {
            return failure(errc::malformed, "a patch is an array of operations");
        }
        patch out{std::move(*content)};
        result<void> outcome;
        out.content_.view().for_each_item([&](scalar const& item) {
            if (!outcome) {
                return;
            }
            auto read = detail::operation_reader{item}.read();
            if (!read) {
                outcome = failure(read.error().code, "operation " +
                                                         std::to_string(out.operations_.size()) +
                                                         ": " + read.error().message);
                return;
            }
            out.operations_.push_back(std::move(*read));
        });
        return outcome ? result<patch>{std::move(out)} : failure(outcome.error());
    }

    [[nodiscard]] std::size_t size() const { return operations_.size(); }
    [[nodiscard]] std::vector<detail::patch_operation> const& operations() const {
        return operations_;
    }

private:
    explicit patch(atomic_value content) : content_{std::move(content)} {}

    atomic_value content_; // the operations point into it
    std::vector<detail::patch_operation> operations_;
};

/// Carries out `wanted` on what stands at `at`: the pointers of the patch begin there. Writes what
/// differs in the end, so that a value that is replaced by an equal one is not written. A value
/// that is copied or moved is written as the JSON that it shows.
///
/// Numbers are compared by value, as are all values in a `test`.
///
/// Errors       the first operation that cannot be carried out, by its number from 0 on, and why:
///              not_found, wrong_type, invalid_argument (a failed test, an index that is none); the
///              limits of the editor. Nothing is written then, and the editor may go on.
/// Complexity   O(the patch, the maps and lists that it changes, and the values that it copies).
/// Reference    RFC 6902, section 5.
template <class Editor>
[[nodiscard]] result<void> apply_patch(Editor& editor, path_view at, patch const& wanted,
                                       array_form arrays = array_form::list) {
    detail::draft draft{editor.read().find(at), arrays};
    detail::patch_runner runner{draft};
    std::size_t number = 0;
    for (auto const& operation : wanted.operations()) {
        if (auto const done = runner.run(operation); !done) {
            return failure(done.error().code, "operation " + std::to_string(number) + " (" +
                                                  std::string{name(operation.op)} + ' ' +
                                                  pointer_text(operation.path) +
                                                  "): " + done.error().message);
        }
        ++number;
    }
    if (auto const fits = draft.check(editor, at); !fits) {
        return fits;
    }
    draft.write(editor, at);
    return editor.ok() ? result<void>{} : failure(editor.outcome().error());
}
template <class Editor>
[[nodiscard]] result<void> apply_patch(Editor& editor, path_view at, std::string_view text,
                                       array_form arrays = array_form::list) {
    auto const wanted = patch::parse(text);
    return wanted ? apply_patch(editor, at, *wanted, arrays) : failure(wanted.error());
}

/// Merges the JSON `text` into what stands at `at`: its objects change the keys that they name, a
/// null removes one, and everything else replaces what is there.
///
/// Errors       those of the text and the limits of the editor. Nothing is written then.
/// Reference    RFC 7396 (JSON Merge Patch), section 2.
template <class Editor>
[[nodiscard]] result<void> apply_merge_patch(Editor& editor, path_view at, std::string_view text,
                                             array_form arrays = array_form::list) {
    auto const wanted = atomic_value::parse(text);
    if (!wanted) {
        return failure(wanted.error());
    }
    detail::draft draft{editor.read().find(at), arrays};
    draft.merge(wanted->view());
    if (auto const fits = draft.check(editor, at); !fits) {
        return fits;
    }
    draft.write(editor, at);
    return editor.ok() ? result<void>{} : failure(editor.outcome().error());
}

} // namespace joinery::json
