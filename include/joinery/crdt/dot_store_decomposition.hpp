#pragma once

#include <joinery/crdt/dot_store_difference.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace joinery::detail {

/// A place in the part that is being built: where a store of the whole has its counterpart.
///
/// A class with a virtual function because a type may hold itself, so that no type can name a path.
template <class Store>
class part_place {
public:
    /// The store in this part, with everything on the way made.
    virtual Store& touch() = 0;

protected:
    part_place() = default;
    part_place(part_place const&) = default;
    part_place& operator=(part_place const&) = default;
    ~part_place() = default;
};

/// One decomposition of a whole causal value. A store's `decompose_at(store, place, frame)` makes a
/// part for each thing that it holds.
class decomposition {
public:
    explicit decomposition(causal_root const& from) : whole{from} {}
    decomposition(decomposition const&) = delete;
    decomposition& operator=(decomposition const&) = delete;

    causal_root const& whole;
    causal_root* part = nullptr; ///< of the part that is being built

    /// Makes a part that has seen `d`; `put(d)` adds to its store, whose dot it is given.
    template <class Put>
    void make(local_dot d, Put&& put) {
        placed_.push_back(d);
        build(d, put);
    }
    /// The same for what no dot stands for.
    template <class Put>
    void make_without_dot(Put&& put) {
        build({}, put);
    }
    [[nodiscard]] std::vector<local_dot>& placed() { return placed_; }

protected:
    ~decomposition() = default;

private:
    template <class Put>
    void build(local_dot d, Put&& put) {
        using function = std::remove_reference_t<Put>;
        make_part(
            d, [](void* context, local_dot here) { (*static_cast<function*>(context))(here); },
            &put);
    }
    /// `d` may be no dot.
    virtual void make_part(local_dot d, void (*put)(void*, local_dot), void* context) = 0;

    std::vector<local_dot> placed_; ///< dots that have a part with a place
};

/// `Store` is the store itself or a class that derives from it.
template <class Payload, class Store>
void decompose_at(dot_fun<Payload> const& store, part_place<Store>& at, decomposition& f) {
    std::vector<std::uint32_t> order(store.count());
    for (std::uint32_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    auto const global = [&](std::uint32_t i) { return f.whole.context.global(store.dot(i)); };
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return global(a) < global(b); });
    for (auto const i : order) {
        auto put = [&](local_dot here) { add_dot(at.touch(), here, store.at(i), *f.part); };
        f.make(store.dot(i), put);
    }
}

template <class K, class Store>
class key_place final : public part_place<Store> {
public:
    key_place(part_place<dot_map<K, Store>>& map, held_view<K> key, decomposition& f)
        : map_{map}, key_{key}, f_{f} {}
    Store& touch() override {
        auto& map = map_.touch();
        map.make_partial();
        return name_key(map, key_, *f_.part);
    }

private:
    part_place<dot_map<K, Store>>& map_;
    held_view<K> key_;
    decomposition& f_;
};

template <class K, class Store>
void decompose_at(dot_map<K, Store> const& store, part_place<dot_map<K, Store>>& at,
                  decomposition& f) {
    store.for_each_ordered([&](auto const& key, Store const& child) {
        key_place<K, Store> place{at, key, f};
        decompose_at(child, place, f);
    });
}

template <class Record, class Store>
class field_place final : public part_place<Store> {
public:
    field_place(part_place<dot_product<Record>>& record, std::size_t index)
        : record_{record}, index_{index} {}
    Store& touch() override {
        auto& record = record_.touch();
        if constexpr (has_partial<dot_product<Record>>) {
            record.make_partial();
        }
        return record.template at<Store>(index_);
    }

private:
    part_place<dot_product<Record>>& record_;
    std::size_t index_;
};

template <class Record>
void decompose_at(dot_product<Record> const& store, part_place<dot_product<Record>>& at,
                  decomposition& f) {
    store.for_each([&](auto const& field, std::size_t index) {
        field_place<Record, std::remove_cvref_t<decltype(field)>> place{at, index};
        decompose_at(field, place, f);
    });
}

template <class T, class Store>
class box_place final : public part_place<Store> {
public:
    explicit box_place(part_place<boxed_store<T>>& box) : box_{box} {}
    Store& touch() override { return box_.touch().open(); }

private:
    part_place<boxed_store<T>>& box_;
};

template <class T>
void decompose_at(boxed_store<T> const& store, part_place<boxed_store<T>>& at, decomposition& f) {
    if (auto const* const inner = store.get()) {
        box_place<T, std::remove_cvref_t<decltype(*inner)>> place{at};
        decompose_at(*inner, place, f);
    }
}

template <class Policy, class Inner, class Store>
class marked_place final : public part_place<Store> {
public:
    using whole = marked_store<Policy, Inner>;
    marked_place(part_place<whole>& at, Store whole::*member) : at_{at}, member_{member} {}
    Store& touch() override {
        auto& store = at_.touch();
        if constexpr (has_partial<Inner>) {
            store.value.make_partial();
        }
        return store.*member_;
    }

private:
    part_place<whole>& at_;
    Store whole::*member_;
};

template <class Policy, class Store>
void decompose_at(marked_store<Policy, Store> const& store,
                  part_place<marked_store<Policy, Store>>& at, decomposition& f) {
    using whole = marked_store<Policy, Store>;
    marked_place<Policy, Store, dot_set> marks{at, &whole::marks};
    decompose_at(store.marks, marks, f);
    marked_place<Policy, Store, Store> value{at, &whole::value};
    decompose_at(store.value, value, f);
}

/// The whole store of a part.
template <class Store>
class root_place final : public part_place<Store> {
public:
    Store& touch() override {
        if constexpr (has_partial<Store>) {
            store->make_partial();
        }
        return *store;
    }
    Store* store = nullptr;
};

/// Decomposes a whole value. `make(build)` makes a fresh one and calls `build(root, store)` to fill
/// it.
template <class Store, class Make>
class decomposer final : public decomposition {
public:
    decomposer(causal_root const& from, Make const& make) : decomposition{from}, make_{make} {}
    root_place<Store> root;

private:
    void make_part(local_dot d, void (*put)(void*, local_dot), void* context) override {
        make_([&](causal_root& to, Store& store) {
            part = &to;
            root.store = &store;
            local_dot here;
            if (d != local_dot{}) {
                here = {to.context.intern(whole.context.id_of(d.slot())), d.sequence()};
                to.context.insert(here);
            }
            put(context, here);
        });
    }

    Make const& make_;
};

template <class Store, class Make>
void decompose_store(causal_root const& from, Store const& store, Make const& make) {
    decomposer<Store, Make> f{from, make};
    decompose_at(store, f.root, f);
    auto& placed = f.placed();
    std::sort(placed.begin(), placed.end());
    auto next = placed.begin();
    auto slot = causal_context::no_slot;
    from.context.for_each_dot([&](local_dot d) {
        if (d.slot() != slot) {
            slot = d.slot();
            next = std::lower_bound(placed.begin(), placed.end(), d);
        }
        while (next != placed.end() && *next < d) {
            ++next;
        }
        if (next == placed.end() || *next != d) {
            make([&](causal_root& to, Store&) { to.context.insert(from.context.global(d)); });
        }
    });
}

} // namespace joinery::detail
