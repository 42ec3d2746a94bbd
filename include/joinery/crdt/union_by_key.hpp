#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/decomposition.hpp>
#include <joinery/core/forget.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/core/record.hpp>
#include <joinery/crdt/sole_form.hpp>
#include <joinery/crdt/sorted_blocks.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace joinery {

namespace detail {

template <class Field>
struct is_keyed_field : std::bool_constant<lattice<Field> || std::totally_ordered<Field>> {};

/// A record that `union_by_key` can hold: its key is no lattice, every other field is one or has an
/// order.
template <class Record, auto Key>
concept keyed_record =
    record<Record> && std::default_initializable<Record> && std::copyable<Record> &&
    std::totally_ordered<key_type<Key, Record>> && !lattice<key_type<Key, Record>> &&
    all_fields_are<Record, is_keyed_field>();

} // namespace detail

/// A set of records, at most one for each key, in which records with the same key join.
///
/// `Record` is a struct described with `BOOST_HANA_DEFINE_STRUCT`. `Key` is a pointer to the member
/// that is the key, `&item::id`, or a function without state that computes it. For a function, the
/// key of the join of two records with one key has to be that key.
///
/// Concurrent writes   of one key: field by field, as each field's lattice joins; of a field that
/// is
///                     no lattice the greater value stays (the keys are equal anyway). Of different
///                     keys: all of them. No record is ever removed.
/// State               the records, sorted by their keys.
/// Complexity          n records: insert and find O(log n); join with m records O(n + m), O(m log
/// n)
///                     if m is small. A join that brings no new key allocates what its fields do.
/// Reference           Almeida, Shoker, Baquero, "Delta State Replicated Data Types", JPDC 111,
///                     2018, §4 (composition: maps from keys to lattices).
///
/// See also `or_map`, whose keys can be erased.
template <class Record, auto Key>
requires detail::keyed_record<Record, Key>
class union_by_key {
    using blocks = sorted_blocks<Record, Key>;

public:
    using key_type = typename blocks::key_type;
    using value_type = std::vector<Record>;
    using delta_type = union_by_key;
    using const_iterator = typename blocks::const_iterator;

    /// A copy of the records in the order of their keys. Iterate to avoid the copy.
    [[nodiscard]] value_type value() const { return {begin(), end()}; }

    [[nodiscard]] bool is_bottom() const { return records_.empty(); }
    [[nodiscard]] std::size_t size() const { return records_.size(); }
    [[nodiscard]] bool contains(key_type const& key) const { return records_.contains(key); }
    /// The record with `key`; null if there is none. Valid until the set changes.
    [[nodiscard]] Record const* find(key_type const& key) const { return records_.find(key); }

    /// The records in the order of their keys. Any change invalidates iterators.
    [[nodiscard]] const_iterator begin() const { return records_.begin(); }
    [[nodiscard]] const_iterator end() const { return records_.end(); }

    /// Joins `one` into the record with its key, or adds it, and returns the change to send: what
    /// was new.
    ///
    /// Precondition: the key equals itself (no NaN).
    delta_type insert(Record one) {
        for_each_field(one, [](std::string_view, auto& field) {
            if constexpr (!lattice<std::remove_cvref_t<decltype(field)>>) {
                field = detail::sole_form(std::move(field));
            }
        });
        delta_type all;
        all.records_.append(std::move(one));
        auto delta = all.difference(*this);
        join(delta);
        return delta;
    }

    /// Changes one field of the record with `key` by `mutate(Field&)`, which returns the change of
    /// the field, and returns the change to send. If there is no such record, it is added, unless
    /// nothing was changed.
    template <class Field, std::invocable<Field&> Mutate>
    requires std::is_member_object_pointer_v<decltype(Key)> && lattice<Field>
        delta_type change(key_type const& key, Field Record::*member, Mutate&& mutate) {
        delta_type delta;
        if (auto* const mine = records_.find(key)) {
            auto part = std::forward<Mutate>(mutate)(mine->*member);
            if (!joinery::is_bottom(part)) {
                auto one = without_lattices(*mine);
                one.*member = std::move(part);
                delta.records_.append(std::move(one));
            }
            return delta;
        }
        Record one{};
        one.*Key = detail::sole_form(key);
        one.*member = std::forward<Mutate>(mutate)(one.*member);
        if (!joinery::is_bottom(one.*member)) {
            records_.insert(one);
            delta.records_.append(std::move(one));
        }
        return delta;
    }

    void join(union_by_key const& other) {
        records_.merge(
            other.records_, [](Record& mine, Record const& theirs) { join_records(mine, theirs); },
            [](Record const&) {});
    }

    /// Visits for each key a set of one record for each part of its fields; of one record without
    /// parts if there is none.
    template <class Visit>
    void decompose(Visit&& visit) const {
        for (auto const& one : records_) {
            auto has_parts = false;
            auto part = without_lattices(one);
            auto const visit_part = [&] {
                has_parts = true;
                delta_type all;
                all.records_.append(part);
                visit(std::move(all));
            };
            for_each_field(one, part, [&](std::string_view, auto const& field, auto& slot) {
                using field_type = std::remove_cvref_t<decltype(field)>;
                if constexpr (lattice<field_type>) {
                    joinery::decompose(field, [&](field_type const& piece) {
                        slot = piece;
                        visit_part();
                    });
                    slot = field_type{};
                }
            });
            if (!has_parts) {
                visit_part();
            }
        }
    }

    /// The records that `other` lacks, and of those that it has the news of each field. O(n + m).
    [[nodiscard]] delta_type difference(union_by_key const& other) const {
        delta_type news;
        news.records_ =
            records_.difference(other.records_, [](Record const& mine, Record const& theirs) {
                return news_of(mine, theirs);
            });
        return news;
    }

    /// Drops what `cut` makes superfluous in each record.
    void forget(stable_cut const& cut) {
        records_.update([&](Record& one) { joinery::forget(one, cut); });
    }

    friend bool operator==(union_by_key const& a, union_by_key const& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                          [](Record const& x, Record const& y) { return joinery::equal(x, y); });
    }

    template <class Archive>
    void save(Archive& archive) const {
        records_.save(archive, [&](Record const& one) {
            for_each_field(one, [&](std::string_view, auto const& field) { archive(field); });
        });
    }

    /// Stops at the first record whose key is out of order or twice there; the set is then empty
    /// and not canonical.
    template <class Archive>
    void load(Archive& archive) {
        is_canonical_ = records_.load(archive, [&](Record& one) {
            auto is_good = true;
            for_each_field(one, [&](std::string_view, auto& field) {
                archive(field);
                if constexpr (requires { field.is_canonical(); }) {
                    is_good = is_good && field.is_canonical();
                } else if constexpr (!lattice<std::remove_cvref_t<decltype(field)>>) {
                    is_good = is_good && detail::is_sole_form(field);
                }
            });
            return is_good;
        });
    }

    /// Whether the bytes that it was loaded from were acceptable.
    [[nodiscard]] bool is_canonical() const { return is_canonical_; }

    /// The mutators as a replica offers them: `insert(record)`, and `at(key)[&Record::field]`,
    /// which is the editor of the field.
    template <class Target>
    class editor;

private:
    static void join_records(Record& mine, Record const& theirs) {
        for_each_field(mine, theirs, [](std::string_view, auto& x, auto const& y) {
            if constexpr (lattice<std::remove_cvref_t<decltype(y)>>) {
                joinery::join(x, y);
            } else if (x < y) {
                x = y;
            }
        });
    }

    /// A record with the key of `one`, and its other fields that are no lattices.
    [[nodiscard]] static Record without_lattices(Record const& one) {
        Record out{};
        for_each_field(one, out, [](std::string_view, auto const& from, auto& to) {
            if constexpr (!lattice<std::remove_cvref_t<decltype(from)>>) {
                to = from;
            }
        });
        return out;
    }

    [[nodiscard]] static std::optional<Record> news_of(Record const& mine, Record const& theirs) {
        // Most records are the same: a record is made only if there is something to put into it.
        auto is_new = false;
        for_each_field(mine, theirs, [&](std::string_view, auto const& x, auto const& y) {
            if constexpr (lattice<std::remove_cvref_t<decltype(x)>>) {
                is_new = is_new || !joinery::is_bottom(joinery::difference(x, y));
            } else {
                is_new = is_new || y < x;
            }
        });
        if (!is_new) {
            return std::nullopt;
        }
        auto news = without_lattices(mine);
        for_each_field(news, mine, theirs,
                       [](std::string_view, auto& slot, auto const& x, auto const& y) {
                           if constexpr (lattice<std::remove_cvref_t<decltype(x)>>) {
                               slot = joinery::difference(x, y);
                           }
                       });
        return news;
    }

    blocks records_;
    bool is_canonical_ = true;
};

/// Changes a set of records; made by a replica's `edit`.
template <class Record, auto Key>
requires detail::keyed_record<Record, Key>
template <class Target>
class union_by_key<Record, Key>::editor {
    template <class Field>
    struct field_target {
        Target target;
        key_type key;
        Field Record::*member;

        template <class F>
        void change(F&& f) {
            target.change([&](union_by_key& all, author const& by) {
                return all.change(key, member, [&](Field& field) { return f(field, by); });
            });
        }
    };

    class record_editor {
    public:
        record_editor(Target target, key_type key)
            : target_{std::move(target)}, key_{std::move(key)} {}

        template <class Field>
        [[nodiscard]] auto operator[](Field Record::*member) {
            using one_field = field_target<Field>;
            return typename Field::template editor<one_field>{one_field{target_, key_, member}};
        }

    private:
        Target target_;
        key_type key_;
    };

public:
    explicit editor(Target target) : target_{std::move(target)} {}

    void insert(Record one) {
        target_.change(
            [&](union_by_key& all, author const&) { return all.insert(std::move(one)); });
    }

    /// The record with `key`, which is added by the first change if it is not there.
    [[nodiscard]] record_editor at(key_type key) { return {target_, std::move(key)}; }

private:
    Target target_;
};

} // namespace joinery
