#pragma once

#include <joinery/crdt/json_atomic.hpp>
#include <joinery/crdt/json_updater.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace joinery::json::detail {

/// Writes below a path by the mutators of an editor, in the manner of a `document_filler`.
template <class Editor>
class path_filler {
public:
    static constexpr bool has_lists = requires(Editor & editor, path_view path) {
        editor.make_list(path);
    };

    path_filler(Editor& editor, growing_path& path) : editor_{editor}, path_{path} {}

    void set(std::string_view key, scalar const& value) {
        path_.push(key);
        editor_.set(path_, value);
        path_.pop();
    }
    void begin(std::string_view key, value_kind kind) {
        path_.push(key);
        make(kind);
    }
    void append(std::span<scalar const> values) {
        if constexpr (has_lists) {
            editor_.insert(path_, sizes_.back(), values);
            sizes_.back() += values.size();
        }
    }
    void begin(value_kind kind) { begin(std::to_string(sizes_.back()++), kind); }
    void end() {
        sizes_.pop_back();
        path_.pop();
    }

    /// What goes on below the map or list that was begun last, if nothing is in it.
    [[nodiscard]] auto fresh() {
        if constexpr (requires { editor_.filler(path_); }) {
            return editor_.filler(path_);
        } else {
            return static_cast<path_filler*>(nullptr);
        }
    }

    /// An array that comes where a list is already changes what differs. Returns whether it did.
    bool update(std::string_view key, tape::cursor array) {
        if constexpr (has_lists) {
            path_.push(key);
            auto const is_there = editor_.read().find(path_).kind() == value_kind::list;
            if (is_there) {
                with_atomic(array, [&](scalar const& whole) {
                    updater<Editor>{editor_, path_, array_form::list}.update(whole);
                });
            }
            path_.pop();
            return is_there;
        }
        return false;
    }

private:
    void make(value_kind kind) {
        sizes_.push_back(0);
        if constexpr (has_lists) {
            if (kind == value_kind::list) {
                editor_.make_list(path_);
                return;
            }
        }
        editor_.make_map(path_);
    }

    Editor& editor_;
    growing_path& path_;
    std::vector<std::size_t> sizes_; ///< of the open lists, and something for each open map
};

} // namespace joinery::json::detail
