#pragma once

#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/document_changes.hpp>
#include <joinery/crdt/document_view.hpp>
#include <joinery/crdt/item_steps.hpp>
#include <joinery/crdt/json_export.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
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
            compare_texts(before, after, changed);
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

    using access = document_view_access;
    static auto const& sequence_of(document_view const& place, document_order const*) {
        return access::sequences(place).order;
    }
    static auto const& sequence_of(document_view const& place, document_text const*) {
        return access::sequences(place).text;
    }
    template <class Content>
    static item_side<Content> side_of(document_view const& place) {
        static item_sequence<Content> const nothing;
        sequence_store<Content> const* const wanted = nullptr;
        auto const* const items = sequence_of(place, wanted).items();
        return {items == nullptr ? nothing : *items, access::root(place).context};
    }

    /// The steps between two lists or texts. What waits for others may appear with what it waits
    /// for, so that then it is not enough to look at the items that are named.
    template <class Content>
    static std::vector<item_step> steps_between(item_side<Content> const& before,
                                                item_side<Content> const& after,
                                                changed_places const* changed) {
        item_comparison<Content> comparison{before, after};
        if (changed == nullptr || (before.items.waiting() != 0 && !changed->items.empty())) {
            return comparison.compare();
        }
        dot_ranges named;
        for (auto const& items : changed->items) {
            if (auto const slot = after.ids.find(items.first.replica);
                slot != causal_context::no_slot) {
                named.insert({slot, items.first.sequence}, items.count);
            }
        }
        return comparison.compare(named);
    }

    void compare_lists(document_view const& before, document_view const& after,
                       changed_places const* changed) {
        auto const was = side_of<list_content<scalar>>(before);
        auto const is = side_of<list_content<scalar>>(after);
        auto const steps = steps_between(was, is, changed);
        for (auto const& step : steps) {
            tell_items(before, after, step.positions);
        }
        if (changed == nullptr) {
            compare_kept(before, after, steps);
            return;
        }
        for (auto const& [key, below] : changed->elements) {
            auto const old_index = index_of(was, key);
            auto const index = index_of(is, key);
            if (old_index && index) {
                at_key(std::to_string(*index), [&, &part = below] {
                    compare(before.at(*old_index), after.at(*index), &part);
                });
            }
        }
    }
    void tell_items(document_view const& before, document_view const& after,
                    edit_step const& step) {
        auto const erase = [&](std::size_t i) {
            auto const place = before.at(step.at + i);
            at_key(std::to_string(step.from), [&] { tell(kind_type::remove, &place, nullptr); });
        };
        auto const insert = [&](std::size_t i) {
            auto const place = after.at(step.from + i);
            at_key(std::to_string(step.from + i),
                   [&] { tell(kind_type::insert, nullptr, &place); });
        };
        for (std::size_t i = 0; i < step.erased; ++i) {
            erase(i);
        }
        for (std::size_t i = 0; i < step.inserted; ++i) {
            insert(i);
        }
    }
    /// Compares the elements that both lists show.
    void compare_kept(document_view const& before, document_view const& after,
                      std::vector<item_step> const& steps) {
        auto const old_elements = elements_of(before);
        auto const elements = elements_of(after);
        std::size_t old_index = 0;
        std::size_t index = 0;
        auto const compare_until = [&](std::size_t end) {
            for (; index < end; ++index, ++old_index) {
                at_key(std::to_string(index),
                       [&] { compare(old_elements[old_index], elements[index], nullptr); });
            }
        };
        for (auto const& step : steps) {
            compare_until(step.positions.from);
            index += step.positions.inserted;
            old_index += step.positions.erased;
        }
        compare_until(elements.size());
    }
    static std::vector<document_view> elements_of(document_view const& list) {
        std::vector<document_view> out;
        out.reserve(list.size());
        list.for_each_element([&](document_view const& element) { out.push_back(element); });
        return out;
    }
    /// The index of the element of which `key` is the `element_key`, if it is visible.
    template <class Content>
    static std::optional<std::size_t> index_of(item_side<Content> const& in, std::string_view key) {
        std::optional<std::size_t> index;
        if (auto const id = element_key::item_of(key)) {
            for_each_known(in, *id, 1, [&](known_items const& known) {
                if (known.is_visible) {
                    index = in.items.position_of(known.number);
                }
            });
        }
        return index;
    }

    void compare_texts(document_view const& before, document_view const& after,
                       changed_places const* changed) {
        auto const was = side_of<text_content>(before);
        auto const is = side_of<text_content>(after);
        for (auto const& step : steps_between(was, is, changed)) {
            visit_(document_patch{kind_type::splice, path(), step.positions.from,
                                  step.positions.erased, characters_of(was.items, step.erased),
                                  characters_of(is.items, step.inserted)});
        }
    }
    static std::string characters_of(item_sequence<text_content> const& text,
                                     std::vector<item_stretch> const& stretches) {
        std::string out;
        for (auto const& stretch : stretches) {
            text.for_each_stretch(stretch.first, stretch.count,
                                  [&](item_content_view<text_content> const& part, std::uint32_t) {
                                      out.append(part.units, part.unit_count);
                                  });
        }
        return out;
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
/// The elements of a list and the characters of a text are told by what they are, not by what they
/// look like: what both states have is left alone, and what is put beside it has its true place.
///
/// Complexity   O(both). A text with n ranges of characters that stay together costs O(n log n),
///              and what came and went.
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
/// Complexity   a changeset O(what it names), O(log n) for each range of items that it inserts or
///              erases in a list or a text; O(n log n) for n such ranges in one of which some wait
///              for others.
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
