#pragma once

#include <joinery/core/causal_context.hpp>
#include <joinery/core/version_vector.hpp>
#include <joinery/crdt/dot_store_difference.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace joinery::detail {

class document_node;

/// A store that is a counter and nothing else.
template <class Store>
concept counter_holder = requires(Store& store) {
    store.counter().forget_resets();
};

/// Whether a store can hold a counter. `Open` are the boxes that are being looked into, since a
/// type may hold itself.
template <class Store, class... Open>
inline constexpr bool keeps_resets = counter_holder<Store>;
template <class... Open>
inline constexpr bool keeps_resets<document_node, Open...> = true;
template <class K, class Store, class... Open>
inline constexpr bool keeps_resets<dot_map<K, Store>, Open...> = keeps_resets<Store, Open...>;
template <class Policy, class Store, class... Open>
inline constexpr bool keeps_resets<marked_store<Policy, Store>, Open...> =
    keeps_resets<Store, Open...>;

template <class Stores, class... Open>
inline constexpr bool one_keeps_resets = false;
template <class... Stores, class... Open>
inline constexpr bool
    one_keeps_resets<std::tuple<Stores...>, Open...> = (keeps_resets<Stores, Open...> || ...);
template <class Record, class... Open>
inline constexpr bool keeps_resets<dot_product<Record>, Open...> =
    one_keeps_resets<typename dot_product<Record>::stores_type, Open...>;

template <class T>
using boxed_inner = std::remove_pointer_t<decltype(std::declval<boxed_store<T> const&>().get())>;
template <class T, class... Open>
constexpr bool box_keeps_resets() {
    if constexpr ((std::same_as<T, Open> || ...)) {
        return false;
    } else {
        return keeps_resets<boxed_inner<T>, T, Open...>;
    }
}
template <class T, class... Open>
inline constexpr bool keeps_resets<boxed_store<T>, Open...> = box_keeps_resets<T, Open...>();

/// Drops what is left of counters of which every increment was reset, and the keys that hold
/// nothing else. O(entries).
template <class Store>
void forget_resets(Store&, std::uint64_t) {}

template <counter_holder Store>
void forget_resets(Store& store, std::uint64_t) {
    store.counter().forget_resets();
}

template <class K, class Store>
void forget_resets(dot_map<K, Store>& map, std::uint64_t seed) {
    if constexpr (keeps_resets<Store>) {
        map.entries().for_each([&](auto& e) { forget_resets(e.value, seed); });
        map.erase_bottoms(seed);
    }
}

template <class Policy, class Store>
void forget_resets(marked_store<Policy, Store>& store, std::uint64_t seed) {
    forget_resets(store.value, seed);
}

template <class Record>
void forget_resets(dot_product<Record>& record, std::uint64_t seed) {
    record.for_each([&](auto& store, std::size_t) { forget_resets(store, seed); });
}

template <class T>
void forget_resets(boxed_store<T>& box, std::uint64_t seed) {
    if (auto* const inner = box.get()) {
        forget_resets(*inner, seed);
    }
}

/// Whether everything that `context` has seen is below `cut`.
[[nodiscard]] inline bool is_seen_by_all(causal_context const& context, version_vector const& cut) {
    for (replica_slot slot = 0; slot < context.slot_count(); ++slot) {
        auto const& seen = context.seen_of(slot);
        if (seen.gap_count() != 0 || cut.of(context.id_of(slot)) < seen.prefix()) {
            return false;
        }
    }
    return true;
}

} // namespace joinery::detail
