#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/decomposition.hpp>
#include <joinery/core/forget.hpp>
#include <joinery/core/join.hpp>
#include <joinery/core/record.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/dot_product.hpp>
#include <joinery/crdt/residue.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace joinery {

namespace detail {
template <class Record>
struct product_target;
} // namespace detail

/// A record whose fields are lattices, as one lattice.
///
/// `Record` is a struct described with `BOOST_HANA_DEFINE_STRUCT`. Fields are reached through
/// member pointers: `p[&profile::name]` reads, `p.edit(by, [](auto e) {
/// e[&profile::name].assign("Ada"); })` writes.
///
/// Concurrent writes   field by field, as each field joins.
/// State               the fields. A record of causal types alone has one context for all of them,
///                     and can be nested in `or_map`; otherwise each causal field has its own.
/// Complexity          the sum of the fields'.
/// Reference           Almeida, Shoker, Baquero, "Delta State Replicated Data Types", 2018, §4
///                     (composition of lattices: products).
template <record Record>
class product {
public:
    using record_type = Record;
    using delta_type = product;

    template <class Field>
    [[nodiscard]] Field const& operator[](Field Record::*member) const {
        return fields_.*member;
    }
    [[nodiscard]] Record const& fields() const { return fields_; }

    [[nodiscard]] bool is_bottom() const { return joinery::is_bottom(fields_); }

    /// Changes fields on behalf of `by` and returns the change to send. `change` is called with the
    /// editor; mutators that cannot be carried out change nothing.
    template <class F>
    product edit(author const& by, F&& change) {
        product delta;
        change(editor<detail::product_target<Record>>{{this, &delta, &by}});
        return delta;
    }

    void join(product const& other) {
        static_assert(lattice_record<Record>,
                      "joinery: every field of a product's record has to be a lattice, with "
                      "join(Field const&) and ==");
        joinery::join(fields_, other.fields_);
    }

    /// Visits a product of each part of each field, in the order of the fields.
    template <class Visit>
    void decompose(Visit&& visit) const {
        joinery::decompose(fields_, [&](Record const& fields) {
            product part;
            part.fields_ = fields;
            visit(std::move(part));
        });
    }
    /// Field by field what is news to `other`.
    [[nodiscard]] product difference(product const& other) const {
        product news;
        news.fields_ = joinery::difference(fields_, other.fields_);
        return news;
    }
    /// Drops what `cut` makes superfluous in each field.
    void forget(stable_cut const& cut) { joinery::forget(fields_, cut); }

    friend bool operator==(product const& a, product const& b) {
        return equal(a.fields_, b.fields_);
    }

    /// A flag for each field, and the fields that are not bottom.
    template <class Archive>
    void save(Archive& archive) const {
        for_each_field(fields_, [&](std::string_view, auto const& field) {
            auto const is_here = !joinery::is_bottom(field);
            archive(is_here);
            if (is_here) {
                archive(field);
            }
        });
    }
    template <class Archive>
    void load(Archive& archive) {
        *this = {};
        for_each_field(fields_, [&](std::string_view, auto& field) {
            auto is_here = false;
            archive(is_here);
            if (is_here) {
                archive(field);
                has_empty_field_ = has_empty_field_ || joinery::is_bottom(field);
            }
        });
    }
    /// Whether the bytes that it was loaded from were acceptable.
    [[nodiscard]] bool is_canonical() const {
        auto all = !has_empty_field_;
        for_each_field(fields_, [&](std::string_view, auto const& field) {
            if constexpr (requires { field.is_canonical(); }) {
                all = all && field.is_canonical();
            }
        });
        return all;
    }

    template <class Target>
    class editor;

private:
    Record fields_{};
    bool has_empty_field_ = false; ///< It was loaded from bytes with a field that is bottom.
};

namespace detail {

/// Reaches a plain product that nobody else looks after.
template <class Record>
struct product_target {
    product<Record>* whole;
    product<Record>* delta;
    author const* who;

    [[nodiscard]] author const& by() const { return *who; }
    [[nodiscard]] product<Record>& state() { return *whole; }
    void record(product<Record> const& change) { delta->join(change); }
    void fail(error const&) {}
};

/// Reaches one field of a plain product.
template <class Target, class Record, class Field>
struct field_target {
    Target target;
    Field Record::*member;

    [[nodiscard]] author const& by() const { return target.by(); }
    [[nodiscard]] Field& state() { return const_cast<Field&>(target.state()[member]); }
    void record(Field delta) {
        product<Record> whole;
        const_cast<Field&>(whole[member]) = std::move(delta);
        target.record(std::move(whole));
    }
    void fail(error reason) { target.fail(std::move(reason)); }
    template <class F>
    void change(F&& f) {
        record(f(state(), std::as_const(by())));
    }
};

/// Owns the pieces of a causal field while its editor lives.
template <class Target, class Field>
struct open_field {
    Target target;
    piece_writer writer;

    explicit open_field(Target to)
        : target{std::move(to)}, writer{causal_access::begin_edit(target.state(), target.by())} {}
    open_field(open_field const&) = delete;
    open_field& operator=(open_field const&) = delete;
    ~open_field() {
        if (!writer.ok()) {
            target.fail(writer.outcome().error());
        }
        if (auto delta = causal_access::finish_edit(target.state(), writer); !delta.is_bottom()) {
            target.record(std::move(delta));
        }
    }
};

/// The editor of a causal field of a plain product: what was done becomes one delta at its end.
template <class Target, class Field>
class causal_field_editor
    : private open_field<Target, Field>,
      public Field::template editor<root_location<typename Field::store_type>> {
    using open = open_field<Target, Field>;
    using base = typename Field::template editor<root_location<typename Field::store_type>>;

public:
    explicit causal_field_editor(Target to)
        : open{std::move(to)},
          base{root_location<typename Field::store_type>{
              open::writer, causal_access::store(open::target.state())}} {}
};

/// The editor of a field that has none of its own, such as a standard map of lattices.
template <class Target, class Field>
class joining_editor {
public:
    explicit joining_editor(Target target) : target_{std::move(target)} {}

    /// Joins `value` into the field; what is new of it is the change.
    void join(Field const& value) {
        target_.change([&](Field& field, author const&) {
            auto news = joinery::difference(value, field);
            joinery::join(field, news);
            return news;
        });
    }

private:
    Target target_;
};

} // namespace detail

/// Changes the fields of a plain product; made by a replica's `edit`.
template <record Record>
template <class Target>
class product<Record>::editor {
public:
    explicit editor(Target target) : target_{std::move(target)} {}

    /// The editor of one field. That of a causal field takes effect for others when it ends. A
    /// field that has no editor, such as a standard map of lattices, is changed by `join(value)`.
    ///
    /// Precondition: no other editor of the same causal field is alive.
    template <class Field>
    [[nodiscard]] auto operator[](Field Record::*member) {
        using field_target = detail::field_target<Target, Record, Field>;
        if constexpr (detail::causal_type<Field>) {
            return detail::causal_field_editor<field_target, Field>{field_target{target_, member}};
        } else if constexpr (requires { typename Field::template editor<field_target>; }) {
            return typename Field::template editor<field_target>{field_target{target_, member}};
        } else {
            return detail::joining_editor<field_target, Field>{field_target{target_, member}};
        }
    }

private:
    Target target_;
};

namespace detail {

template <class... Open>
struct residue_of_any {
    template <class... Stores>
    static constexpr bool of(std::tuple<Stores...> const*) {
        return (residue<Stores, Open...>::is_possible || ...);
    }
};

template <class Record, class... Open>
struct residue<dot_product<Record>, Open...> {
    using record_store = dot_product<Record>;
    static constexpr bool is_possible = residue_of_any<Open...>::of(
        static_cast<typename record_store::stores_type const*>(nullptr));

    static bool is_visible(record_store const& store) {
        auto any = false;
        store.for_each([&]<class Store>(Store const& field, std::size_t) {
            any = any || residue<Store>::is_visible(field);
        });
        return any;
    }
    static void reset(record_store& store, reset_writer& out) {
        if constexpr (is_possible) {
            store.for_each([&]<class Store>(Store& field, std::size_t index) {
                out.below_field<Store>(index, [&] { residue<Store>::reset(field, out); });
            });
        }
    }
    static void clear_seen(record_store& store, std::uint64_t seed) {
        store.for_each([&]<class Store>(Store& field, std::size_t) {
            residue<Store>::clear_seen(field, seed);
        });
    }
};

/// The store of one field of a product that is somewhere in a causal value.
template <class Parent, class Record, class Field>
struct field_location {
    using store_type = typename Field::store_type;
    static constexpr std::uint32_t depth = level_below<Parent, store_type>::depth;
    static_assert(depth <= nesting_max);

    Parent parent;
    piece_writer& writer;
    std::size_t index;

    [[nodiscard]] store_type* find() const {
        auto* const stores = parent.find();
        return stores == nullptr ? nullptr : &stores->template at<store_type>(index);
    }
    [[nodiscard]] std::size_t room() const { return parent.room() + varint_bytes_max + 1; }
    std::byte* put(std::byte* at) {
        at = write_varint(parent.put(at), index);
        if constexpr (store_type::is_composite) {
            *at++ = std::byte{1};
        }
        return at;
    }
    store_type& touch() { return parent.touch().template at<store_type>(index); }
    void prune() { parent.prune(); }
    void prepare() { parent.prepare(); }
};

} // namespace detail

/// A product of causal types alone: one context, and it can be nested.
template <record Record>
requires detail::causal_record<Record>
class product<Record> : public causal<product<Record>, detail::dot_product<Record>> {
public:
    using record_type = Record;
    using store_type = detail::dot_product<Record>;

    /// Reads a record anywhere in a causal value. Lives as long as the value is not changed.
    class view {
    public:
        view(store_type const* store, detail::causal_root const& root)
            : store_{store}, root_{&root} {}

        template <class Field>
        [[nodiscard]] typename Field::view operator[](Field Record::*member) const {
            auto const index = detail::field_index(member);
            return {store_ == nullptr ? nullptr
                                      : &store_->template at<typename Field::store_type>(index),
                    *root_};
        }

    private:
        store_type const* store_;
        detail::causal_root const* root_;
    };

    /// Changes a record anywhere in a causal value; made by `edit`.
    template <class Location>
    class editor {
    public:
        explicit editor(Location location) : location_{std::move(location)} {}

        template <class Field>
        [[nodiscard]] auto operator[](Field Record::*member) {
            using field_location = detail::field_location<Location, Record, Field>;
            return typename Field::template editor<field_location>{
                field_location{location_, location_.writer, detail::field_index(member)}};
        }

    private:
        Location location_;
    };

    [[nodiscard]] view read() const { return {&this->store(), this->root()}; }
    template <class Field>
    [[nodiscard]] typename Field::view operator[](Field Record::*member) const {
        return read()[member];
    }
};

} // namespace joinery
