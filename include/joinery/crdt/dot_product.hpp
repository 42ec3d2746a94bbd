#pragma once

#include <joinery/core/record.hpp>
#include <joinery/crdt/dot_fun.hpp>
#include <joinery/crdt/join_frame.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace joinery {

template <class Derived, class Store>
class causal;

namespace detail {

/// A type that can be nested in a causal value: it has a store of dots, a view and an editor.
template <class T>
concept causal_type = requires {
    typename T::store_type;
}
&&std::derived_from<T, causal<T, typename T::store_type>>;

/// The field types of a record as a `std::tuple` of pointers. A class, since a lambda in an alias
/// does not survive g++ 12's constraint checking.
template <class Record>
struct record_fields {
    using pointers =
        decltype(boost::hana::unpack(boost::hana::accessors<Record>(), [](auto... fields) {
            return std::tuple<std::remove_cvref_t<decltype(boost::hana::second(fields)(
                std::declval<Record&>()))>*...>{};
        }));
};

template <class Pointers>
inline constexpr bool are_causal = false;
template <class... Fields>
inline constexpr bool are_causal<std::tuple<Fields*...>> = (causal_type<Fields> && ...);

template <class Pointers>
struct stores_of;
template <class... Fields>
struct stores_of<std::tuple<Fields*...>> {
    using type = std::tuple<typename Fields::store_type...>;
    static constexpr bool have_partial = (has_partial<typename Fields::store_type> || ...);
};

/// The levels of the deepest of some empty stores.
template <class... Stores>
constexpr std::uint32_t most_levels(std::tuple<Stores...> const*) {
    return std::max({empty_levels<Stores>()...});
}

/// A record of which every field can be nested in a causal value.
template <class Record>
concept causal_record = record<Record> && are_causal<typename record_fields<Record>::pointers>;

/// The position of the field that a member pointer names.
template <class Record, class Field>
[[nodiscard]] std::size_t field_index(Field Record::*member) {
    static Record const sample{};
    std::size_t index = 0;
    std::size_t found = 0;
    for_each_field(sample, [&](std::string_view, auto const& field) {
        if constexpr (std::same_as<std::remove_cvref_t<decltype(field)>, Field>) {
            found = &field == &(sample.*member) ? index : found;
        }
        ++index;
    });
    return found;
}

/// One store for each field of a record, under one context.
///
/// In a piece: the position of the field, then what the piece says about it. In a state: all of
/// them, one behind the other.
template <class Record>
class dot_product {
public:
    using stores_type = typename stores_of<typename record_fields<Record>::pointers>::type;
    static constexpr std::size_t size = std::tuple_size_v<stores_type>;
    static constexpr bool have_partial =
        stores_of<typename record_fields<Record>::pointers>::have_partial;
    static constexpr std::uint32_t levels =
        1 + most_levels(static_cast<stores_type const*>(nullptr));
    static constexpr bool is_composite = true;
    static constexpr bool uses_pool = true;

    /// The store of the field at `index`, which is of type `Store`.
    template <class Store>
    [[nodiscard]] Store& at(std::size_t index) {
        Store* found = nullptr;
        visit(index, [&](auto& store) {
            if constexpr (std::same_as<std::remove_cvref_t<decltype(store)>, Store>) {
                found = &store;
            }
        });
        return *found;
    }
    template <class Store>
    [[nodiscard]] Store const& at(std::size_t index) const {
        return const_cast<dot_product&>(*this).template at<Store>(index);
    }

    [[nodiscard]] bool is_bottom() const {
        auto all = true;
        for_each([&](auto const& store, std::size_t) { all = all && store.is_bottom(); });
        return all;
    }

    /// Whether it speaks only about the keys that its maps name: in a delta all of them do.
    [[nodiscard]] bool is_partial() const requires have_partial {
        auto any = false;
        for_each([&](auto const& store, std::size_t) {
            if constexpr (has_partial<std::remove_cvref_t<decltype(store)>>) {
                any = any || store.is_partial();
            }
        });
        return any;
    }
    void make_partial() requires have_partial {
        for_each([&](auto& store, std::size_t) {
            if constexpr (has_partial<std::remove_cvref_t<decltype(store)>>) {
                store.make_partial();
            }
        });
    }
    /// A map that turns out to be complete on their side becomes so by the join.
    template <class Source>
    void like(Source const&) requires have_partial {
        make_partial();
    }

    template <class Source, class Frame>
    void join(Source const& theirs, Frame& f) {
        theirs.join_into(*this, f);
    }
    template <class Frame>
    void drop_seen(Frame& f) {
        for_each([&](auto& store, std::size_t) { store.drop_seen(f); });
    }
    template <class F>
    void for_each_dot(F&& visit_dot) const {
        for_each([&](auto const& store, std::size_t) { store.for_each_dot(visit_dot); });
    }
    void rehome(byte_pool& pool) {
        for_each([&](auto& store, std::size_t) { store.rehome(pool); });
    }
    void digest(digest_output& out, std::uint64_t path) const {
        for_each([&](auto const& store, std::size_t index) {
            store.digest(out, hash_mix(path ^ hash_key_a, index + 1));
        });
    }

    struct memory_source {
        dot_product const& theirs;
        state_frame& f;
        void join_into(dot_product& ours, state_frame& frame) const {
            ours.for_each([&](auto& store, std::size_t index) {
                using store_type = std::remove_reference_t<decltype(store)>;
                store.join(
                    typename store_type::memory_source{theirs.template at<store_type>(index), f},
                    frame);
            });
        }
    };

    struct piece_source {
        piece_frame& f;
        byte_reader& reader;
        bool is_gone = false;
        void join_into(dot_product& ours, piece_frame& frame) const {
            if (is_gone) {
                ours.drop_seen(frame);
                return;
            }
            auto const index = static_cast<std::size_t>(reader.varint());
            ours.visit(index, [&](auto& store) {
                store.join(std::remove_reference_t<decltype(store)>::piece_child(f, reader), frame);
            });
        }
    };
    static piece_source piece_child(piece_frame& f, byte_reader& reader) {
        return {f, reader, reader.byte() == 0};
    }
    static void check_piece(byte_reader& reader, piece_check& check) {
        auto const index = reader.varint();
        if (index >= size) {
            reader.fail(errc::malformed, "a piece names a field that the record does not have");
            return;
        }
        visit_types(static_cast<std::size_t>(index), [&](auto const* store) {
            std::remove_cvref_t<decltype(*store)>::check_piece_child(reader, check);
        });
    }
    static void check_piece_child(byte_reader& reader, piece_check& check) {
        // As a state counts it: the root, this record, and what an empty one holds.
        nesting_guard const guard{check.depth, reader, levels};
        auto const tag = reader.byte();
        if (tag == 1) {
            check_piece(reader, check);
        } else if (tag != 0 || check.is_live) {
            reader.fail(errc::malformed, "a piece names a record in an unknown way");
        }
    }

    struct state_source {
        state_input* in;
        explicit state_source(state_input& input) : in{&input} {}
        void join_into(dot_product& ours, state_frame& frame) const {
            ours.for_each([&](auto& store, std::size_t) {
                store.join(typename std::remove_reference_t<decltype(store)>::state_source{*in},
                           frame);
            });
        }
    };
    static bool check_state(byte_reader& reader, state_check& check) {
        nesting_guard const guard{check.depth, reader};
        auto is_empty = true;
        for (std::size_t index = 0; index < size && reader.ok(); ++index) {
            visit_types(index, [&](auto const* store) {
                is_empty =
                    std::remove_cvref_t<decltype(*store)>::check_state(reader, check) && is_empty;
            });
        }
        return is_empty;
    }
    void write_state(state_output& to) const {
        for_each([&](auto const& store, std::size_t) { store.write_state(to); });
    }

    template <class F>
    void for_each(F&& use) {
        for (std::size_t index = 0; index < size; ++index) {
            visit(index, [&](auto& store) { use(store, index); });
        }
    }
    template <class F>
    void for_each(F&& use) const {
        const_cast<dot_product&>(*this).for_each(
            [&](auto& store, std::size_t index) { use(std::as_const(store), index); });
    }

private:
    template <class F>
    void visit(std::size_t index, F&& use) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (void)((I == index && (use(std::get<I>(stores_)), true)) || ...);
        }
        (std::make_index_sequence<size>{});
    }
    template <class F>
    static void visit_types(std::size_t index, F&& use) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (void)((I == index &&
                    (use(static_cast<std::tuple_element_t<I, stores_type> const*>(nullptr)),
                     true)) ||
                   ...);
        }
        (std::make_index_sequence<size>{});
    }

    stores_type stores_;
};

} // namespace detail
} // namespace joinery
