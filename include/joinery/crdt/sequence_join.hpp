#pragma once

#include <joinery/core/hash.hpp>
#include <joinery/crdt/dot_fun.hpp>
#include <joinery/crdt/item_sequence.hpp>
#include <joinery/crdt/join_frame.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace joinery::detail {

/// Visits the items of a run by number, in parts that are all alive or all removed.
template <class Content, class F>
void for_each_part(item_sequence<Content> const& in, item_range const& items, F&& visit) {
    auto const origins = in.items().origins_of(items.number);
    auto const dot_of = [&](item_number item) {
        return item == no_item ? local_dot{} : in.items().dot_of(item);
    };
    item_run<Content> part{items.first, 0, dot_of(origins.left), dot_of(origins.right), false, {}};
    in.for_each_stretch(items.number, items.count,
                        [&](item_content_view<Content> const& content, std::uint32_t count) {
                            part.count = count;
                            part.is_dead = content.items == 0;
                            part.content = content;
                            visit(std::as_const(part));
                            part.first = local_dot::from_bits(part.first.bits() + count);
                            part.left = local_dot::from_bits(part.first.bits() - 1);
                        });
}

/// The same for all items that have a place.
template <class Content, class F>
void for_each_part(item_sequence<Content> const& in, F&& visit) {
    for (std::uint32_t i = 0; i < in.items().run_count(); ++i) {
        for_each_part(in, in.items().range_at(i), visit);
    }
}

/// The slot of a replica in the same root.
inline constexpr auto same_slot = [](replica_slot slot) { return slot; };

/// Adds items of a sequence in another root, or in this one, to a sequence of `root`. `slot_of`
/// gives the slot here for one there.
template <class Content, class SlotOf>
class sequence_adder {
public:
    sequence_adder(item_sequence<Content>& to, causal_root& root, bytes_owner owner, SlotOf slot_of)
        : to_{to}, root_{root}, owner_{owner}, slot_of_{std::move(slot_of)} {}

    void add(item_run<Content> r) {
        r.first = here(r.first);
        r.left = here(r.left);
        r.right = here(r.right);
        if constexpr (Content::uses_pool) {
            if (owner_ == bytes_owner::somebody_else) {
                moved_.clear();
                for (std::uint32_t i = 0; i < r.content.unit_count; ++i) {
                    moved_.push_back(Content::moved(r.content.units[i], root_.pool));
                }
                r.content.units = moved_.data();
            }
        }
        to_.add(r, root_.context);
    }
    void remove(local_dot first, std::uint64_t count) {
        to_.remove(here(first), count, root_.context);
    }

    /// Everything that has a place there.
    void add_placed(item_sequence<Content> const& from) {
        for (std::uint32_t i = 0; i < from.items().run_count(); ++i) {
            auto const all = from.items().range_at(i);
            auto const known = to_.items().find(here(all.first), all.count);
            if (known.number == no_item || known.count != all.count) {
                for_each_part(from, all, [&](item_run<Content> const& part) { add(part); });
            }
        }
        from.for_each_span([&](item_span const& s) {
            if (s.is_dead()) {
                from.items().for_each_range(s.first(), s.count(),
                                            [&](item_range const& r) { remove(r.first, r.count); });
            }
        });
    }
    /// What waits there.
    void add_aside(item_sequence<Content> const& from) {
        from.for_each_waiting([&](item_run<Content> const& r) { add(r); });
        from.for_each_doomed([&](local_dot d, std::uint64_t count) { remove(d, count); });
    }

private:
    [[nodiscard]] local_dot here(local_dot d) const {
        return d == local_dot{} ? d : local_dot{slot_of_(d.slot()), d.sequence()};
    }

    item_sequence<Content>& to_;
    causal_root& root_;
    bytes_owner owner_;
    SlotOf slot_of_;
    std::vector<typename Content::unit> moved_;
};

/// Adds items of a root with the context `from` to a sequence of another root, which is made to
/// know the replicas that they name, and no others.
template <class Content>
auto adder_to(item_sequence<Content>& to, causal_root& root, causal_context const& from) {
    auto const slot_of = [&root, &from](replica_slot slot) {
        return root.context.intern(from.id_of(slot));
    };
    return sequence_adder{to, root, bytes_owner::somebody_else, slot_of};
}

/// Adds each item, with where it stands and whether it was removed, to a digest.
template <class Content>
void digest_items(digest_output& out, item_sequence<Content> const& in, std::uint64_t path) {
    auto const mix = [&](std::uint64_t seed, local_dot d) {
        if (d == local_dot{}) {
            return hash_words(seed, {0});
        }
        auto const id = out.root.context.id_of(d.slot());
        return hash_words(seed, {id.high(), id.low(), d.sequence()});
    };
    auto const add = [&](local_dot d, local_dot left, local_dot right, std::uint64_t content) {
        auto const where = hash_words(mix(mix(mix(path, d), left), right), {content});
        out.sum.add({hash_mix(where, hash_key_a), hash_mix(where, hash_key_b)});
    };
    constexpr std::uint64_t removed = 1;
    auto const add_run = [&](item_run<Content> const& r) {
        auto left = r.left;
        auto const* at = r.content.units;
        for (std::uint32_t i = 0; i < r.count; ++i) {
            auto const d = local_dot::from_bits(r.first.bits() + i);
            auto const is_dead = r.is_dead || in.is_doomed(d);
            add(d, left, r.right, is_dead ? removed : Content::hash(at));
            left = d;
            at += r.is_dead ? 0 : Content::units_of(at, 1);
        }
    };
    for_each_part(in, add_run);
    dot_ranges doomed;
    in.for_each_doomed([&](local_dot d, std::uint64_t count) { doomed.insert(d, count); });
    in.for_each_waiting([&](item_run<Content> const& r) {
        add_run(r);
        doomed.erase(r.first, r.count);
    });
    doomed.for_each([&](local_dot d, std::uint64_t count) {
        auto const where = hash_words(mix(path ^ hash_key_a, d), {count});
        out.sum.add({hash_mix(where, hash_key_a), hash_mix(where, hash_key_b)});
    });
}

} // namespace joinery::detail
