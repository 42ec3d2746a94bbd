#pragma once

#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/document_changes.hpp>
#include <joinery/crdt/document_view.hpp>
#include <joinery/crdt/edit_script.hpp>
#include <joinery/crdt/json_export.hpp>
#include <joinery/crdt/json_updater.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery {

/// One step from what a document showed to what it shows. Steps are taken in their order: the
/// indexes of each one are those after the steps before it.
struct document_patch {
    enum class kind_type : std::uint8_t {
        put,    ///< The place at `path` shows `new_value`; `old_value` is empty if it is new.
        erase,  ///< The place at `path` is gone.
        insert, ///< An element comes into a list; the last key of `path` is its index.
        remove, ///< The element at `path` leaves its list.
        splice, ///< In the text at `path`, `count` code points from `index` on give way.
    };
    kind_type kind{};
    document_path path;
    std::size_t index = 0; ///< of a splice
    std::size_t count = 0;
    std::string old_value; ///< as JSON; of a splice, the characters themselves
    std::string new_value;
};

[[nodiscard]] constexpr std::string_view name(document_patch::kind_type kind) {
    constexpr std::string_view names[] = {"put", "erase", "insert", "remove", "splice"};
    return names[static_cast<std::size_t>(kind)];
}

/// How a text that changed is told.
enum class text_changes : std::uint8_t {
    splices, ///< As the characters that came and went.
    values,  ///< As another value, as a JSON Patch has to.
};

namespace detail {

/// Finds the steps from one view of a document to another.
template <class Visit>
class patch_finder {
public:
    using kind_type = document_patch::kind_type;

    patch_finder(text_changes texts, Visit& visit) : texts_{texts}, visit_{visit} {}

    /// Compares what is in both; where `changed` is given, only what it names.
    void compare(document_view const& before, document_view const& after,
                 changed_places const* changed) {
        if (changed != nullptr && changed->is_whole) {
            changed = nullptr;
        }
        if (!before.exists() && !after.exists()) {
            return;
        }
        if (!before.exists() || !after.exists()) {
            tell(after.exists() ? kind_type::put : kind_type::erase, &before, &after);
        } else if (before.kind() == value_kind::map && after.kind() == value_kind::map) {
            compare_maps(before, after, changed);
        } else if (before.kind() == value_kind::list && after.kind() == value_kind::list) {
            compare_lists(before, after, changed);
        } else if (before.kind() == value_kind::text && after.kind() == value_kind::text &&
                   texts_ == text_changes::splices) {
            compare_texts(before.text(), after.text());
        } else if (json::export_text(before) != json::export_text(after)) {
            tell(kind_type::put, &before, &after);
        }
    }

private:
    void compare_maps(document_view const& before, document_view const& after,
                      changed_places const* changed) {
        if (changed != nullptr) {
            for (auto const& [key, below] : changed->fields) {
                at_key(key, [&, &part = below, &name = key] {
                    compare(before.at(name), after.at(name), &part);
                });
            }
            return;
        }
        std::set<std::string> keys;
        auto const note = [&](std::string_view key, document_view const&) { keys.emplace(key); };
        before.for_each(note);
        after.for_each(note);
        for (auto const& key : keys) {
            at_key(key, [&] { compare(before.at(key), after.at(key), nullptr); });
        }
    }

    using item = std::pair<dot, document_view>;
    static std::vector<item> items_of(document_view const& list) {
        std::vector<item> out;
        out.reserve(list.size());
        list.for_each_item(
            [&](dot const& id, document_view const& place) { out.emplace_back(id, place); });
        return out;
    }
    static std::set<dot> ids_of(std::vector<item> const& items) {
        std::set<dot> out;
        for (auto const& each : items) {
            out.insert(out.end(), each.first);
        }
        return out;
    }

    /// Items never change places, so that one pass over both is enough.
    void compare_lists(document_view const& before, document_view const& after,
                       changed_places const* changed) {
        auto const old_items = items_of(before);
        auto const new_items = items_of(after);
        auto const is_same = changed != nullptr && !changed->has_items;
        auto const kept = is_same ? std::set<dot>{} : ids_of(new_items);
        auto old = old_items.begin();
        for (std::size_t index = 0;; ++index) {
            while (old != old_items.end() && !is_same && kept.count(old->first) == 0) {
                at_key(std::to_string(index),
                       [&] { tell(kind_type::remove, &old->second, nullptr); });
                ++old;
            }
            if (index == new_items.size()) {
                return;
            }
            auto const& [id, place] = new_items[index];
            if (old == old_items.end() || old->first != id) {
                at_key(std::to_string(index),
                       [&, &now = place] { tell(kind_type::insert, nullptr, &now); });
                continue;
            }
            if (auto const* const below = part_of(changed, id); below != &untouched()) {
                at_key(std::to_string(index),
                       [&, &now = place] { compare(old->second, now, below); });
            }
            ++old;
        }
    }
    static changed_places const& untouched() {
        static changed_places const none;
        return none;
    }
    static changed_places const* part_of(changed_places const* changed, dot const& id) {
        if (changed == nullptr) {
            return nullptr;
        }
        if (changed->elements.empty()) {
            return &untouched();
        }
        auto const found = changed->elements.find(element_key{id}.view());
        return found == changed->elements.end() ? &untouched() : &found->second;
    }
    void compare_texts(std::string_view before, std::string_view after) {
        for (auto const& step : text_script(before, after)) {
            visit_(document_patch{kind_type::splice, path(), step.points.from, step.points.erased,
                                  std::string{step.erased}, std::string{step.inserted}});
        }
    }

    void tell(kind_type kind, document_view const* before, document_view const* after) {
        visit_(document_patch{kind, path(), 0, 0, shown(before), shown(after)});
    }
    static std::string shown(document_view const* place) {
        return place != nullptr && place->exists() ? json::export_text(*place) : std::string{};
    }
    [[nodiscard]] document_path path() const { return document_path{keys_}; }
    template <class F>
    void at_key(std::string_view key, F&& use) {
        keys_.emplace_back(key);
        use();
        keys_.pop_back();
    }

    text_changes texts_;
    Visit& visit_;
    std::vector<std::string> keys_;
};

} // namespace detail

/// Visits the patches that lead from what `before` shows to what `after` shows, which are two
/// states of one document: replayed on a JSON value, they give the other.
///
/// Complexity   O(both). A list costs O(n log n) for its items, a text O(its bytes) and the search
///              for its edits.
template <class Visit>
void for_each_patch(document_view const& before, document_view const& after, Visit&& visit,
                    text_changes texts = text_changes::splices) {
    detail::patch_finder<std::remove_reference_t<Visit>>{texts, visit}.compare(before, after,
                                                                               nullptr);
}

/// Patches as a JSON Patch. Precondition: none is a splice; see `text_changes`.
///
/// Reference    RFC 6902.
[[nodiscard]] inline std::string json_patch_text(std::span<document_patch const> patches) {
    using kind_type = document_patch::kind_type;
    std::string out = "[";
    for (auto const& patch : patches) {
        auto const is_gone = patch.kind == kind_type::erase || patch.kind == kind_type::remove;
        auto const is_new = patch.kind == kind_type::insert || patch.old_value.empty();
        auto const* const op = is_gone ? "remove" : is_new ? "add" : "replace";
        out += out.size() == 1 ? "{" : ",{";
        out += std::string{R"("op":")"} + op + R"(","path":)" +
               json::export_text(scalar{patch.path.to_string()});
        out += is_gone ? "}" : ",\"value\":" + patch.new_value + '}';
    }
    return out + ']';
}

/// What leads from `before` to `after`, as a JSON Patch.
[[nodiscard]] inline std::string json_patch_between(document_view const& before,
                                                    document_view const& after) {
    std::vector<document_patch> patches;
    for_each_patch(
        before, after, [&](document_patch patch) { patches.push_back(std::move(patch)); },
        text_changes::values);
    return json_patch_text(patches);
}

/// Follows a document through its changesets, and tells what each one changed for who looks at it.
///
///     document_follower follower{replica.state()};
///     replica.observe([&](sync::change const& change) {
///         follower.follow(change.in, replica.state(), [&](document_patch const& patch) { ... });
///     });
///
/// State        a copy of the document as it was told last.
/// Complexity   a changeset O(what it names); for each list and text in which it inserts or erases,
///              O(its size), see `for_each_patch`.
template <class Document>
class document_follower {
public:
    explicit document_follower(Document const& now) : last_{now} {}

    /// Visits the patches from what was told last to `now`, which is that and `in`, applied by a
    /// replica.
    template <class Visit>
    void follow(piece_sequence const& in, Document const& now, Visit&& visit) {
        detail::changed_places changed;
        detail::for_each_changed_place(
            in, [&](detail::changed_place const& place) { changed.add(place); });
        detail::patch_finder<std::remove_reference_t<Visit>>{text_changes::splices, visit}.compare(
            last_.read(), now.read(), &changed);
        apply(in);
    }
    /// The same where it is not known what was changed, as after a join of a whole state. O(both).
    template <class Visit>
    void follow(Document const& now, Visit&& visit) {
        for_each_patch(last_.read(), now.read(), visit);
        last_ = now;
    }

private:
    void apply(piece_sequence const& in) {
        using access = detail::causal_access;
        auto& root = access::root(last_);
        detail::piece_applier<typename Document::store_type> applier;
        [[maybe_unused]] auto const accepted = applier.check(in, root.hash_seed);
        assert(accepted && "nobody has accepted this changeset of a document");
        applier.apply(root, access::store(last_), in, bytes_owner::somebody_else);
    }

    Document last_;
};

} // namespace joinery
