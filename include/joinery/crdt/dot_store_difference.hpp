#pragma once

#include <joinery/crdt/dot_fun.hpp>
#include <joinery/crdt/entry_finder.hpp>
#include <joinery/crdt/join_frame.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace joinery::detail {

template <class K, class Store>
class dot_map;
template <class Record>
class dot_product;
template <class T>
class boxed_store;
template <class Policy, class Store>
class marked_store;

/// One difference of two whole causal values: ours and theirs, each in its own slots, and what is
/// only ours, which is being built.
///
/// For each store there is a `subtract(out, ours, theirs, frame)`. It puts into `out`, which is
/// fresh, what `ours` holds and their context does not know, names what they hold and our context
/// knows to be removed, and says whether it did either. A null store is bottom.
struct difference_frame {
    causal_root const& ours;
    causal_root const& theirs;
    causal_root& out;
    std::vector<replica_slot> const& to_theirs; ///< our slot -> theirs, or `no_slot`
    std::vector<replica_slot> const& to_ours;
    std::uint64_t placed = 0; ///< dots new to them whose place is in `out`

    [[nodiscard]] bool we_saw(local_dot theirs_dot) const {
        return saw(ours.context, to_ours[theirs_dot.slot()], theirs_dot.sequence());
    }
    [[nodiscard]] bool they_saw(local_dot our_dot) const {
        return saw(theirs.context, to_theirs[our_dot.slot()], our_dot.sequence());
    }
    [[nodiscard]] bool is_same(local_dot our_dot, local_dot theirs_dot) const {
        return our_dot.sequence() == theirs_dot.sequence() &&
               to_theirs[our_dot.slot()] == theirs_dot.slot();
    }
    /// Our dot as a dot of the difference, which has seen it from now on.
    local_dot give(local_dot our_dot) {
        placed += they_saw(our_dot) ? 0 : 1;
        return add(ours.context.global(our_dot));
    }
    /// Says that a dot that they hold was removed.
    void remove(local_dot theirs_dot) { add(theirs.context.global(theirs_dot)); }

private:
    static bool saw(causal_context const& context, replica_slot slot, std::uint64_t sequence) {
        return slot != causal_context::no_slot && context.seen_of(slot).contains(sequence);
    }
    local_dot add(dot const& d) {
        local_dot const here{out.context.intern(d.replica), d.sequence};
        out.context.insert(here);
        return here;
    }
};

/// A source of one dot, and the frame of a join that takes everything and keeps everything.
template <class Payload>
struct one_dot {
    local_dot d;
    Payload const& payload;
    [[nodiscard]] std::uint32_t count() const { return 1; }
    [[nodiscard]] local_dot dot(std::uint32_t) const { return d; }
    [[nodiscard]] Payload const& peek(std::uint32_t) const { return payload; }
};
struct union_frame {
    causal_root& root;
    bytes_owner owner = bytes_owner::somebody_else;
    std::uint32_t equivocations = 0;
    [[nodiscard]] bool we_saw(local_dot) const { return false; }
    [[nodiscard]] bool they_saw(local_dot) const { return false; }
};

template <class Payload>
void add_dot(dot_fun<Payload>& to, local_dot d, Payload const& payload, causal_root& root) {
    union_frame all{root};
    to.join(one_dot<Payload>{d, payload}, all);
}

/// The position of a dot in a store whose dots are in ascending order; `count()` if it is not
/// there.
template <class Payload>
[[nodiscard]] std::uint32_t position_of(dot_fun<Payload> const& in, local_dot d) {
    std::uint32_t first = 0;
    for (auto left = in.count(); left > 0;) {
        auto const half = left / 2;
        if (in.dot(first + half) < d) {
            first += half + 1;
            left -= half + 1;
        } else {
            left = half;
        }
    }
    return first < in.count() && in.dot(first) == d ? first : in.count();
}

/// The same dot with two payloads is an equivocation: the greater one is news.
template <class Payload>
bool subtract(dot_fun<Payload>& out, dot_fun<Payload> const* ours, dot_fun<Payload> const* theirs,
              difference_frame& f) {
    auto const our_count = ours == nullptr ? 0 : ours->count();
    auto const their_count = theirs == nullptr ? 0 : theirs->count();
    if (our_count == 1 && their_count == 1 && f.is_same(ours->dot(0), theirs->dot(0)) &&
        ours->at(0) == theirs->at(0)) [[likely]] {
        return false;
    }
    auto is_new = false;
    for (std::uint32_t i = 0; i < our_count; ++i) {
        auto const d = ours->dot(i);
        auto is_ours = !f.they_saw(d);
        if (!is_ours && their_count != 0) {
            auto const at = position_of(*theirs, {f.to_theirs[d.slot()], d.sequence()});
            is_ours = at != their_count && Payload::less(theirs->at(at), ours->at(i));
        }
        if (is_ours) {
            add_dot(out, f.give(d), ours->at(i), f.out);
            is_new = true;
        }
    }
    for (std::uint32_t i = 0; i < their_count; ++i) {
        auto const d = theirs->dot(i);
        if (f.we_saw(d) && (our_count == 0 ||
                            position_of(*ours, {f.to_ours[d.slot()], d.sequence()}) == our_count)) {
            f.remove(d);
            is_new = true;
        }
    }
    return is_new;
}

/// The store of `key`, which is made if it is absent.
template <class K, class Store>
Store& name_key(dot_map<K, Store>& in, held_view<K> key, causal_root& root) {
    return in.touch(in.place_of(key, root.hash_seed), root, key, nullptr);
}

/// A map that is a delta of ours speaks only about the keys that it names, so that nobody has to
/// look at the others.
template <class K, class Store>
bool subtract(dot_map<K, Store>& out, dot_map<K, Store> const* ours,
              dot_map<K, Store> const* theirs, difference_frame& f) {
    using map = dot_map<K, Store>;
    out.make_partial();
    auto is_new = false;
    auto const compare = [&](auto const& key, Store const* mine, Store const* other) {
        Store child;
        if (subtract(child, mine, other, f)) {
            name_key(out, key, f.out) = std::move(child);
            is_new = true;
        }
    };
    std::uint32_t shared = 0;
    if (ours != nullptr) {
        entry_finder<map>{theirs, f.theirs.hash_seed}.for_each(
            *ours, [&](auto const& key, Store const& mine, Store const* other) {
                shared += other == nullptr ? 0 : 1;
                compare(key, &mine, other);
            });
        if (ours->is_partial()) {
            return is_new;
        }
    }
    if (theirs != nullptr && shared != theirs->entries().size()) {
        entry_finder<map>{ours, f.ours.hash_seed}.for_each(
            *theirs, [&](auto const& key, Store const& other, Store const* mine) {
                if (mine == nullptr) {
                    compare(key, nullptr, &other);
                }
            });
    }
    return is_new;
}

template <class Record>
bool subtract(dot_product<Record>& out, dot_product<Record> const* ours,
              dot_product<Record> const* theirs, difference_frame& f) {
    auto is_new = false;
    out.for_each([&](auto& store, std::size_t index) {
        using store_type = std::remove_reference_t<decltype(store)>;
        auto const in = [&](dot_product<Record> const* from) {
            return from == nullptr ? nullptr : &from->template at<store_type>(index);
        };
        is_new = subtract(store, in(ours), in(theirs), f) || is_new;
    });
    return is_new;
}

template <class T>
bool subtract(boxed_store<T>& out, boxed_store<T> const* ours, boxed_store<T> const* theirs,
              difference_frame& f) {
    auto const inside = [](boxed_store<T> const* box) {
        return box == nullptr ? nullptr : box->get();
    };
    auto const* const mine = inside(ours);
    auto const* const other = inside(theirs);
    if (mine == nullptr && other == nullptr) {
        return false;
    }
    std::remove_cvref_t<decltype(*mine)> inner;
    if (!subtract(inner, mine, other, f)) {
        return false;
    }
    out.open() = std::move(inner);
    return true;
}

template <class Policy, class Store>
bool subtract(marked_store<Policy, Store>& out, marked_store<Policy, Store> const* ours,
              marked_store<Policy, Store> const* theirs, difference_frame& f) {
    auto const part = [&](auto marked_store<Policy, Store>::*member) {
        return subtract(out.*member, ours == nullptr ? nullptr : &(ours->*member),
                        theirs == nullptr ? nullptr : &(theirs->*member), f);
    };
    auto const is_new = part(&marked_store<Policy, Store>::marks);
    return part(&marked_store<Policy, Store>::value) || is_new;
}

// A difference may know of removed dots whose places it does not: then its maps have to speak about
// every key, or somebody who holds such a dot would keep it. `speak_for(out, ours, root)` makes the
// maps of `out` complete where ours are; a delta of ours has named all its keys, and so does `out`.

template <class Payload>
void speak_for(dot_fun<Payload>&, dot_fun<Payload> const*, causal_root&) {}

template <class K, class Store>
void speak_for(dot_map<K, Store>& out, dot_map<K, Store> const* ours, causal_root& root) {
    using map = dot_map<K, Store>;
    if (ours != nullptr && ours->is_partial()) {
        out.make_partial();
        ours->entries().for_each([&](auto const& e) {
            speak_for(name_key(out, map::traits::look(e.key), root), &e.value, root);
        });
        return;
    }
    out.entries().for_each(
        [&](auto& e) { speak_for(e.value, static_cast<Store const*>(nullptr), root); });
    out.erase_bottoms(root.hash_seed);
    out.make_complete();
}

template <class Record>
void speak_for(dot_product<Record>& out, dot_product<Record> const* ours, causal_root& root) {
    out.for_each([&](auto& store, std::size_t index) {
        using store_type = std::remove_reference_t<decltype(store)>;
        speak_for(store, ours == nullptr ? nullptr : &ours->template at<store_type>(index), root);
    });
}

template <class T>
void speak_for(boxed_store<T>& out, boxed_store<T> const* ours, causal_root& root) {
    using inner = std::remove_pointer_t<decltype(out.get())>;
    auto const* const mine = ours == nullptr ? nullptr : ours->get();
    if (mine != nullptr) {
        (void)out.open();
    }
    if (out.get() != nullptr) {
        speak_for(*out.get(), static_cast<inner const*>(mine), root);
    }
}

template <class Policy, class Store>
void speak_for(marked_store<Policy, Store>& out, marked_store<Policy, Store> const* ours,
               causal_root& root) {
    speak_for(out.value, ours == nullptr ? nullptr : &ours->value, root);
}

/// Fills `out` with the smallest delta that lifts theirs to the join of both; says whether there is
/// anything in it.
template <class Store>
bool difference_of(causal_root& out_root, Store& out, causal_root const& ours_root,
                   Store const& ours, causal_root const& theirs_root, Store const& theirs) {
    struct scratch_memory {
        std::vector<replica_slot> to_theirs;
        std::vector<replica_slot> to_ours;
    };
    thread_local scratch_memory scratch;
    auto const translate = [](std::vector<replica_slot>& slots, causal_context const& from,
                              causal_context const& to) {
        slots.resize(from.slot_count());
        for (replica_slot slot = 0; slot < slots.size(); ++slot) {
            slots[slot] = to.find(from.id_of(slot));
        }
    };
    translate(scratch.to_theirs, ours_root.context, theirs_root.context);
    translate(scratch.to_ours, theirs_root.context, ours_root.context);
    out_root.hash_seed = ours_root.hash_seed;
    out_root.context = ours_root.context.difference(theirs_root.context);
    auto const fresh = out_root.context.count();
    difference_frame f{ours_root, theirs_root, out_root, scratch.to_theirs, scratch.to_ours};
    auto const is_new = subtract(out, &ours, &theirs, f) || fresh != 0;
    if (is_new && f.placed != fresh) {
        speak_for(out, &ours, out_root);
    }
    return is_new;
}

} // namespace joinery::detail
