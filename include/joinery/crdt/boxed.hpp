#pragma once

#include <joinery/crdt/product.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace joinery {

namespace detail {

template <class T>
struct causal_of {
    using type = T;
};
template <record T>
struct causal_of<T> {
    using type = product<T>;
};

/// A store behind a pointer, so that a type may hold itself. Null: bottom.
template <class T>
class boxed_store {
public:
    static constexpr bool is_composite = causal_of<T>::type::store_type::is_composite;
    static constexpr std::uint32_t levels = empty_levels<typename causal_of<T>::type::store_type>();
    static constexpr bool uses_pool = true;

    boxed_store() = default;
    boxed_store(boxed_store&& other) noexcept : inner_{std::exchange(other.inner_, nullptr)} {}
    boxed_store& operator=(boxed_store&& other) noexcept {
        std::swap(inner_, other.inner_);
        return *this;
    }
    ~boxed_store() { delete get(); }

    [[nodiscard]] auto* get() const {
        return static_cast<typename causal_of<T>::type::store_type*>(inner_);
    }
    [[nodiscard]] auto& open() {
        if (inner_ == nullptr) {
            inner_ = new typename causal_of<T>::type::store_type{};
        }
        return *get();
    }

    [[nodiscard]] bool is_bottom() const { return inner_ == nullptr || get()->is_bottom(); }

    /// A map that turns out to be complete on their side becomes so by the join.
    template <class Source>
    void like(Source const&) {
        if constexpr (has_partial<std::remove_reference_t<decltype(open())>>) {
            open().make_partial();
        }
    }

    template <class Source, class Frame>
    void join(Source const& theirs, Frame& f) {
        if (theirs.is_here()) {
            theirs.with([&](auto const& inner) { open().join(inner, f); });
        } else {
            drop_seen(f);
        }
    }
    template <class Frame>
    void drop_seen(Frame& f) {
        if (inner_ != nullptr) {
            get()->drop_seen(f);
        }
    }
    template <class F>
    void for_each_dot(F&& visit) const {
        if (inner_ != nullptr) {
            get()->for_each_dot(visit);
        }
    }
    void rehome(byte_pool& pool) {
        if (inner_ != nullptr) {
            get()->rehome(pool);
        }
    }
    void digest(digest_output& out, std::uint64_t path) const {
        if (inner_ != nullptr) {
            get()->digest(out, path);
        }
    }

    struct memory_source {
        boxed_store const& theirs;
        state_frame& f;
        [[nodiscard]] bool is_here() const { return theirs.inner_ != nullptr; }
        template <class F>
        void with(F&& use) const {
            use(typename std::remove_pointer_t<decltype(theirs.get())>::memory_source{*theirs.get(),
                                                                                      f});
        }
    };
    struct piece_source {
        piece_frame& f;
        byte_reader& reader;
        bool is_gone;
        [[nodiscard]] bool is_here() const { return !is_gone; }
        template <class F>
        void with(F&& use) const {
            if constexpr (is_composite) {
                use(typename causal_of<T>::type::store_type::piece_source{f, reader, false});
            } else {
                use(typename causal_of<T>::type::store_type::piece_source{f, reader});
            }
        }
    };
    static piece_source piece_child(piece_frame& f, byte_reader& reader) {
        return {f, reader, is_composite && reader.byte() == 0};
    }
    static void check_piece_child(byte_reader& reader, piece_check& check) {
        causal_of<T>::type::store_type::check_piece_child(reader, check);
    }

    struct state_source {
        state_input* in;
        explicit state_source(state_input& input) : in{&input} {}
        [[nodiscard]] bool is_here() const { return true; }
        template <class F>
        void with(F&& use) const {
            use(typename causal_of<T>::type::store_type::state_source{*in});
        }
    };
    static bool check_state(byte_reader& reader, state_check& check) {
        return causal_of<T>::type::store_type::check_state(reader, check);
    }
    void write_state(state_output& to) const {
        if (inner_ != nullptr) {
            get()->write_state(to);
        } else {
            typename causal_of<T>::type::store_type const nothing{};
            nothing.write_state(to);
        }
    }

private:
    void* inner_ = nullptr; // its type may be incomplete where this class is
};

template <class T, bool is_open, class... Open>
inline constexpr bool residue_in_box =
    residue<typename causal_of<T>::type::store_type, Open..., T>::is_possible;
template <class T, class... Open>
inline constexpr bool residue_in_box<T, true, Open...> = false;

template <class T, class... Open>
struct residue<boxed_store<T>, Open...> {
    using box = boxed_store<T>;
    static constexpr bool is_possible =
        residue_in_box<T, (std::is_same_v<T, Open> || ...), Open...>;

    static bool is_visible(box const& store) {
        return store.get() != nullptr && inner<box>::is_visible(*store.get());
    }
    static void reset(box& store, reset_writer& out) {
        if (store.get() != nullptr) {
            inner<box>::reset(*store.get(), out);
        }
    }
    static void clear_seen(box& store, std::uint64_t seed) {
        if (store.get() != nullptr) {
            inner<box>::clear_seen(*store.get(), seed);
        }
    }

private:
    // Not the store's type itself, which may be incomplete where this class is.
    template <class Box>
    using inner = residue<std::remove_pointer_t<decltype(std::declval<Box const&>().get())>>;
};

/// The store inside a box.
template <class Parent, class T>
struct boxed_location {
    using store_type = typename causal_of<T>::type::store_type;
    static constexpr std::uint32_t depth = Parent::depth;

    Parent parent;
    piece_writer& writer;

    [[nodiscard]] store_type* find() const {
        auto* const box = parent.find();
        return box == nullptr ? nullptr : box->get();
    }
    [[nodiscard]] std::size_t room() const { return parent.room(); }
    std::byte* put(std::byte* at) { return parent.put(at); }
    store_type& touch() { return parent.touch().open(); }
    void prune() { parent.prune(); }
    void prepare() { parent.prepare(); }
};

} // namespace detail

/// A causal value or a record of such, behind a pointer, so that a type can hold itself:
///
///     struct folder {
///         BOOST_HANA_DEFINE_STRUCT(folder,
///             (joinery::mv_register<std::string>, title),
///             (joinery::or_map<std::string, joinery::boxed<folder>>, children));
///     };
///     joinery::product<folder> root;
///
/// Concurrent writes, complexity   those of what is inside. Nesting is bounded by 64 levels, in
/// bytes that come from outside too.
template <class T>
struct boxed {
    using store_type = detail::boxed_store<T>;

    struct view : detail::causal_of<T>::type::view {
        view(store_type const* store, detail::causal_root const& root)
            : detail::causal_of<T>::type::view{store == nullptr ? nullptr : store->get(), root} {}
    };

    template <class Location>
    struct editor
        : detail::causal_of<T>::type::template editor<detail::boxed_location<Location, T>> {
        explicit editor(Location location)
            : detail::causal_of<T>::type::template editor<detail::boxed_location<Location, T>>{
                  detail::boxed_location<Location, T>{location, location.writer}} {}
    };
};

} // namespace joinery
