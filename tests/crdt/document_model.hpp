#pragma once

#include <joinery/crdt/document.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "causal_model.hpp"

namespace joinery::tests {

inline void collect(detail::document_node const& node, model_place place, collected& out) {
    place.part = "scalar";
    collect(node.registers(), place, out);
    if (auto const* const more = node.more()) {
        place.part = "map";
        collect(more->map_presence, place, out);
        place.part = "set";
        collect(more->set_presence, place, out);
        place.part = "removal";
        collect(more->removals, place, out);
        place.part = "update";
        collect(more->updates, place, out);
        out.has_bottom |= more->fields.is_bottom() && more->members.is_bottom() &&
                          more->counter.is_bottom() && more->map_presence.is_bottom() &&
                          more->set_presence.is_bottom() && more->removals.is_bottom() &&
                          more->updates.is_bottom() && !more->fields.is_partial() &&
                          !more->members.is_partial() &&
                          more->sequences.get() == nullptr; // the small form was due
        more->members.entries().for_each([&](auto const& e) {
            out.has_bottom |= e.value.is_bottom() && !more->members.is_partial();
            place.part = "member " + text_of(held<scalar>::look(e.key));
            collect(e.value, place, out);
        });
        if (auto const* const sequences = more->sequences.get()) {
            place.part = "list";
            collect(sequences->list_presence, place, out);
            place.part = "text";
            collect(sequences->text_presence, place, out);
            place.part.clear();
            collect(sequences->elements, place, out);
        }
        place.part.clear();
        collect(more->fields, place, out);
    }
}

// Edits of one mutation.
inline document set(document& doc, author const& by, path_view path, scalar const& value) {
    return doc.edit(by, [&](auto editor) { editor.set(path, value); });
}
inline document increment(document& doc, replica_id self, path_view path, std::int64_t amount) {
    return doc.edit(author{self, {}, 0}, [&](auto editor) { editor.increment(path, amount); });
}
inline document erase(document& doc, replica_id self, path_view path) {
    return doc.edit(author{self, {}, 0}, [&](auto editor) { editor.erase(path); });
}

/// What a reader of a document sees, from the model alone.
class document_reading {
public:
    explicit document_reading(causal_model const& model)
        : model_{model}, counters_{model.counters()} {
        for (auto const& [d, entry] : model.live) {
            note(entry.place.path);
            parts_[entry.place.path].insert(entry.place.part);
        }
        for (auto const& [path, value] : counters_) {
            note(path);
        }
    }

    [[nodiscard]] value_kind kind(model_path const& path) const {
        if (path.empty() || has(path, "map") || visible_below_.count(path) != 0) {
            return value_kind::map;
        }
        auto const at = parts_.find(path);
        if (at != parts_.end() &&
            (at->second.count("set") != 0 ||
             at->second.lower_bound("member ") != at->second.lower_bound("member!"))) {
            return value_kind::set;
        }
        if (counters_.count(path) != 0) {
            return value_kind::counter;
        }
        return has(path, "scalar") ? value_kind::string : value_kind::none; // any scalar will do
    }
    [[nodiscard]] bool has(model_path const& path, std::string const& part) const {
        auto const at = parts_.find(path);
        return at != parts_.end() && at->second.count(part) != 0;
    }

    /// The whole document, or one place, as text.
    [[nodiscard]] std::string show(model_path const& path = {}) const {
        std::string out;
        switch (kind(path)) {
        case value_kind::none:
            return "nothing";
        case value_kind::map:
            out = "{";
            for (auto const& key : keys(path)) {
                auto child = path;
                child.push_back(key);
                out += key + ": " + show(child) + ", ";
            }
            return out + "}";
        case value_kind::set:
            out = "[";
            for (auto const& part : parts_.find(path)->second) {
                out += part.starts_with("member ") ? part.substr(7) + ", " : "";
            }
            return out + "]";
        case value_kind::counter:
            return '+' + std::to_string(counters_.find(path)->second);
        default:
            return winner(path);
        }
    }

private:
    void note(model_path path) {
        while (!path.empty()) {
            auto const key = path.back();
            path.pop_back();
            visible_below_[path].insert(key);
        }
    }
    [[nodiscard]] std::set<std::string> keys(model_path const& path) const {
        auto const at = visible_below_.find(path);
        return at == visible_below_.end() ? std::set<std::string>{} : at->second;
    }
    [[nodiscard]] std::string winner(model_path const& path) const {
        std::pair<unsigned long long, dot> best{};
        std::string out;
        for (auto const& [d, entry] : model_.live) {
            auto const& text = entry.payload;
            if (entry.place != model_place{path, "scalar"}) {
                continue;
            }
            auto const at = text.rfind('@');
            std::pair const key{std::stoull(text.substr(at + 1)), d};
            if (out.empty() || best < key) {
                best = key;
                out = text.substr(0, at);
            }
        }
        return out;
    }

    causal_model const& model_;
    std::map<model_path, std::int64_t> counters_;
    std::map<model_path, std::set<std::string>> visible_below_;
    std::map<model_path, std::set<std::string>> parts_;
};

/// The same text from the document.
inline std::string shown(document_view const& view) {
    std::string out;
    switch (view.kind()) {
    case value_kind::none:
        return "nothing";
    case value_kind::map:
        out = "{";
        view.for_each([&](std::string_view key, document_view const& child) {
            out.append(key) += ": " + shown(child) + ", ";
        });
        return out + "}";
    case value_kind::set: {
        std::set<std::string> sorted;
        for (auto const& element : view.elements()) {
            sorted.insert(text_of(element));
        }
        out = "[";
        for (auto const& element : sorted) {
            out += element + ", ";
        }
        return out + "]";
    }
    case value_kind::counter:
        return '+' + std::to_string(view.counter());
    default:
        return text_of(view.value());
    }
}

/// The mutators of a document, by the definition. Each does what `document_editor` documents; a
/// mutator that cannot be carried out makes the ones behind it do nothing.
class document_model_edit {
public:
    explicit document_model_edit(model_edit& edit) : edit_{edit} {}

    void set(model_path const& path, scalar const& value) {
        if (enter(path, {})) {
            reset_under(path);
            edit_.write({path, "scalar"},
                        text_of(value) + '@' + std::to_string(edit_.by().time.bits),
                        edit_.state().under(path));
        }
    }
    void make(model_path const& path, value_kind kind) {
        std::string const part = kind == value_kind::map ? "map" : "set";
        if (!enter(path, {})) {
            return;
        }
        if (reading().kind(path) != kind) {
            reset_under(path);
            edit_.write({path, part}, {}, edit_.state().under(path));
        } else if (!reading().has(path, part)) {
            edit_.write({path, part}, {}, {});
        }
    }
    void increment(model_path const& path, std::int64_t amount) {
        if (enter(path, value_kind::counter)) {
            edit_.increment(path, amount);
        }
    }
    void insert(model_path const& path, scalar const& element) {
        if (enter(path, value_kind::set)) {
            make(path, value_kind::set);
            model_place const place{path, "member " + text_of(element)};
            edit_.write(place, {}, edit_.state().at(place));
        }
    }
    void erase(model_path const& path, scalar const& element) {
        if (!passes(path) || reading().kind(path) == value_kind::none ||
            !expects(path, value_kind::set)) {
            return;
        }
        auto const old = edit_.state().at({path, "member " + text_of(element)});
        if (!old.empty()) {
            edit_.remove(old);
        }
    }
    void erase(model_path const& path) {
        if (passes(path) && reading().kind(path) != value_kind::none) {
            reset_under(path);
            edit_.remove(edit_.state().under(path));
        }
    }

    [[nodiscard]] bool ok() const { return is_ok_; }

private:
    [[nodiscard]] document_reading reading() const { return document_reading{edit_.state()}; }

    bool passes(model_path const& path) {
        auto const now = reading();
        for (std::size_t keys = 1; keys < path.size() && is_ok_; ++keys) {
            auto const kind = now.kind({path.begin(), path.begin() + static_cast<long>(keys)});
            is_ok_ = kind == value_kind::none || kind == value_kind::map;
        }
        return is_ok_;
    }
    bool expects(model_path const& path, value_kind wanted) {
        auto const kind = reading().kind(path);
        return is_ok_ = kind == value_kind::none || kind == wanted;
    }
    bool enter(model_path const& path, std::optional<value_kind> wanted) {
        if (!passes(path) || (wanted && !expects(path, *wanted))) {
            return false;
        }
        for (std::size_t keys = 1; keys < path.size(); ++keys) {
            model_path const on_the_way{path.begin(), path.begin() + static_cast<long>(keys)};
            if (reading().kind(on_the_way) != value_kind::map) {
                edit_.write({on_the_way, "map"}, {}, {});
            }
        }
        return true;
    }
    void reset_under(model_path const& path) {
        for (auto const& [at, value] : edit_.state().counters()) {
            if (at.size() >= path.size() && std::equal(path.begin(), path.end(), at.begin())) {
                edit_.reset(at);
            }
        }
    }

    model_edit& edit_;
    bool is_ok_ = true;
};

} // namespace joinery::tests
