#pragma once

#include <joinery/crdt/edit_script.hpp>
#include <joinery/crdt/json_check.hpp>
#include <joinery/crdt/json_list_steps.hpp>
#include <joinery/crdt/json_pointer.hpp>
#include <joinery/crdt/json_value.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace joinery::json::detail {

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
    [[nodiscard]] std::string const& last() const { return keys_.back(); }
    void pop() {
        views_.pop_back();
        keys_.pop_back();
    }
    operator path_view() const { return std::span<std::string_view const>{views_}; }

    /// Gives the element behind the end of a list, if that is what the last key means, the index
    /// that it will have.
    template <class Editor>
    void name_end(Editor const& editor) {
        if (!keys_.empty() && keys_.back() == end_token) {
            pop();
            auto const above = editor.read().find(*this);
            push(above.kind() == value_kind::list ? std::to_string(above.size())
                                                  : std::string{end_token});
        }
    }

private:
    std::deque<std::string> keys_; // stay where they are
    std::vector<std::string_view> views_;
};

/// Makes places show JSON values, by writing only what differs.
template <class Editor>
class updater {
public:
    updater(Editor& editor, path_view at, array_form arrays)
        : editor_{editor}, path_{at}, has_lists_{can_have_lists && arrays == array_form::list} {
        path_.name_end(editor);
    }

    /// What the editor's document shows at the path now.
    [[nodiscard]] document_view now() const { return editor_.read().find(path_); }

    /// Why the limits of the editor do not let it write what `update` would write, if they do not.
    /// Whoever asks first leaves nothing half written.
    [[nodiscard]] result<void> check(scalar const& wanted) {
        // Mostly the whole would fit, so that only the paths have to be looked at.
        auto const whole = check_new(wanted, wanted.text().size());
        return whole ? whole : check_difference(wanted);
    }
    /// The same of what `write` would write.
    [[nodiscard]] result<void> check_new(scalar const& wanted) {
        return check_new(wanted, is_container(wanted) ? 0 : wanted.text().size());
    }

    /// Makes the place show `wanted`. What shows it already stays as it is.
    void update(scalar const& wanted) {
        auto const place = now();
        auto const old = place.kind();
        if (wanted.kind() == value_kind::object && old == value_kind::map) {
            update_map(place, wanted);
        } else if (wanted.kind() == value_kind::array && old == value_kind::list) {
            update_list(place, wanted);
        } else if (wanted.kind() == value_kind::string && old == value_kind::text) {
            update_text(place.text(), wanted.as_string());
        } else if (place.exists() && shows(place, wanted)) {
            return;
        } else if (old == wanted.kind()) {
            editor_.set(path_, wanted); // an atomic value stays one
        } else {
            write(wanted);
        }
    }

    /// Writes `wanted` in place of what is there.
    void write(scalar const& wanted) {
        if (!is_container(wanted)) {
            editor_.set(path_, wanted);
        } else if (wanted.kind() == value_kind::object) {
            editor_.make_map(path_);
            wanted.for_each_member([&](std::string_view key, scalar const& member) {
                at_key(key, [&] { write(member); });
            });
        } else if constexpr (can_have_lists) {
            editor_.make_list(path_);
            insert(0, items_of(wanted));
        }
    }

    void erase() { editor_.erase(path_view{path_}); }
    /// Of a list.
    void erase(std::size_t index, std::size_t count) {
        if constexpr (can_have_lists) {
            editor_.erase(path_, index, count);
        }
    }
    /// Into a list.
    void insert(std::size_t index, std::span<scalar const> values) {
        if constexpr (can_have_lists) {
            for (std::size_t i = 0; i < values.size();) {
                auto end = i;
                while (end < values.size() && !is_container(values[end])) {
                    ++end;
                }
                if (end != i) {
                    editor_.insert(path_, index + i, values.subspan(i, end - i));
                    i = end;
                } else {
                    editor_.insert(path_, index + i, scalar{});
                    at_key(std::to_string(index + i), [&] { write(values[i]); });
                    ++i;
                }
            }
        }
    }

    /// Goes on below a key for as long as `use` runs.
    template <class F>
    void at_key(std::string_view key, F&& use) {
        path_.push(key);
        use();
        path_.pop();
    }

private:
    static constexpr bool can_have_lists = requires(Editor & editor, path_view path) {
        editor.make_list(path);
    };

    /// Whether `value` becomes a place with places in it.
    [[nodiscard]] bool is_container(scalar const& value) const {
        return value.kind() == value_kind::object
                   ? Editor::merges_deeply || path_view{path_}.empty()
                   : value.kind() == value_kind::array && has_lists_;
    }
    template <class F>
    void for_each_child(scalar const& value, F&& visit) const {
        if (!is_container(value)) {
            return;
        }
        if (value.kind() == value_kind::object) {
            value.for_each_member(visit);
        } else {
            std::size_t index = 0;
            value.for_each_item([&](scalar const& item) { visit(std::to_string(index++), item); });
        }
    }
    [[nodiscard]] static std::vector<scalar> items_of(scalar const& array) {
        std::vector<scalar> out;
        array.for_each_item([&](scalar const& item) { out.push_back(item); });
        return out;
    }
    static bool shows(document_view const& place, scalar const& wanted) {
        return canonical_text(place, number_rule::as_written) ==
               canonical_text(wanted, number_rule::as_written);
    }

    [[nodiscard]] result<void> check_new(scalar const& wanted, std::size_t bytes) {
        result<void> outcome;
        for_each_child(wanted, [&](std::string_view key, scalar const& child) {
            if (outcome) {
                at_key(key, [&] { outcome = check_new(child); });
            }
        });
        return outcome ? can_hold(bytes) : outcome;
    }
    [[nodiscard]] result<void> can_hold(std::size_t bytes) const {
        return path_view{path_}.empty() ? result<void>{} : editor_.can_hold(path_, bytes);
    }
    [[nodiscard]] result<void> check_difference(scalar const& wanted) {
        auto const place = now();
        auto const old = place.kind();
        if (wanted.kind() == value_kind::object && old == value_kind::map) {
            result<void> outcome;
            wanted.for_each_member([&](std::string_view key, scalar const& member) {
                if (outcome) {
                    at_key(key, [&] { outcome = check_difference(member); });
                }
            });
            return outcome;
        }
        if (wanted.kind() == value_kind::array && old == value_kind::list) {
            return check_list(place, wanted);
        }
        if (wanted.kind() == value_kind::string && old == value_kind::text) {
            result<void> outcome;
            auto const text = place.text();
            for (auto const& step : text_script(text, wanted.as_string())) {
                outcome = outcome ? can_hold(step.inserted.size()) : outcome;
            }
            return outcome;
        }
        if (place.exists() && shows(place, wanted)) {
            return {};
        }
        return old == wanted.kind() ? can_hold(wanted.text().size()) : check_new(wanted);
    }
    [[nodiscard]] result<void> check_list(document_view const& place, scalar const& wanted) {
        result<void> outcome;
        auto const items = items_of(wanted);
        for (auto const& step : list_steps(place, items)) {
            for (std::size_t i = 0; i < step.inserted && outcome; ++i) {
                at_key(std::to_string(step.at + i),
                       [&] { outcome = check_new(items[step.from + i]); });
            }
            if (step.is_change && outcome) {
                at_key(std::to_string(step.at),
                       [&] { outcome = check_difference(items[step.from]); });
            }
        }
        return outcome;
    }

    void update_map(document_view const& place, scalar const& wanted) {
        std::map<std::string, bool, std::less<>> is_kept;
        place.for_each([&](std::string_view key, document_view const&) {
            is_kept.emplace(std::string{key}, false);
        });
        wanted.for_each_member([&](std::string_view key, scalar const& member) {
            if (auto const old = is_kept.find(key); old != is_kept.end()) {
                old->second = true;
            }
            at_key(key, [&] { update(member); });
        });
        for (auto const& [key, is_wanted] : is_kept) {
            if (!is_wanted) {
                at_key(key, [&] { erase(); });
            }
        }
    }

    /// Elements that became others are changed, so that what is written in them at the same time
    /// stays; the rest is erased or inserted.
    void update_list(document_view const& place, scalar const& wanted) {
        auto const items = items_of(wanted);
        auto const steps = list_steps(place, items);
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
            if (step->is_change) {
                at_key(std::to_string(step->at), [&] { update(items[step->from]); });
                continue;
            }
            if (step->erased != 0) {
                erase(step->at, step->erased);
            }
            insert(step->at, std::span{items}.subspan(step->from, step->inserted));
        }
    }

    void update_text(std::string_view old, std::string_view wanted) {
        if constexpr (can_have_lists) {
            auto const steps = text_script(old, wanted);
            for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
                editor_.splice(path_, step->points.at, step->points.erased, step->inserted);
            }
        }
    }

    Editor& editor_;
    growing_path path_;
    bool has_lists_;
};

} // namespace joinery::json::detail
