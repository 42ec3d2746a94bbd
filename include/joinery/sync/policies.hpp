#pragma once

#include <joinery/store/store.hpp>
#include <joinery/wire/compression.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace joinery {

namespace sync {

/// Tells the wall time.
///
/// Models: `wall_clock`; a test's own.
template <class C>
concept clock_policy = std::default_initializable<C> && requires(C& clock) {
    { clock.now_ms() } -> std::same_as<std::uint64_t>;
};

/// The system's clock, in milliseconds since 1970-01-01 UTC.
struct wall_clock {
    [[nodiscard]] std::uint64_t now_ms() const {
        auto const now = std::chrono::system_clock::now().time_since_epoch();
        return static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    }
};

/// The store of a replica that lives only as long as its process.
struct unstored {};

} // namespace sync

/// Policy: where a replica keeps its changesets. Default: nowhere.
template <class Store>
struct stored_in {
    static_assert(store::store<Store>, "joinery: stored_in<Store> needs a model of store::store");
    using type = Store;
};

/// Policy: how a session compresses what it sends. Default: not at all.
template <class Compression>
struct compressed_with {
    static_assert(
        wire::compression_policy<Compression>,
        "joinery: compressed_with<Compression> needs a model of wire::compression_policy");
    using type = Compression;
};

/// Policy: where a replica gets the time of its edits. Default: `sync::wall_clock`.
template <class Clock>
struct timed_by {
    static_assert(sync::clock_policy<Clock>,
                  "joinery: timed_by<Clock> needs a model of sync::clock_policy");
    using type = Clock;
};

namespace sync::detail {

/// The argument of the policy template `Tag` among `Policies`, or `Default`.
template <template <class> class Tag, class Default, class... Policies>
struct policy_argument {
    static constexpr std::size_t count = 0;
    using type = Default;
};
template <template <class> class Tag, class Default, class First, class... Rest>
struct policy_argument<Tag, Default, First, Rest...> : policy_argument<Tag, Default, Rest...> {};
template <template <class> class Tag, class Default, class Argument, class... Rest>
struct policy_argument<Tag, Default, Tag<Argument>, Rest...> {
    static constexpr std::size_t count = 1 + policy_argument<Tag, Default, Rest...>::count;
    using type = typename Tag<Argument>::type;
};

template <class Policy>
inline constexpr bool is_policy = false;
template <class T>
inline constexpr bool is_policy<stored_in<T>> = true;
template <class T>
inline constexpr bool is_policy<compressed_with<T>> = true;
template <class T>
inline constexpr bool is_policy<timed_by<T>> = true;

/// Sorts a replica's policies, which may come in any order, and refuses what it does not know.
template <class... Policies>
struct policies {
    static_assert((is_policy<Policies> && ...),
                  "joinery: a replica's policies are stored_in<Store>, "
                  "compressed_with<Compression> and timed_by<Clock>; this one is unknown");

    using store = policy_argument<stored_in, unstored, Policies...>;
    using compression = policy_argument<compressed_with, wire::uncompressed, Policies...>;
    using clock = policy_argument<timed_by, wall_clock, Policies...>;

    static_assert(store::count < 2, "joinery: a replica has one stored_in<Store>");
    static_assert(compression::count < 2,
                  "joinery: a replica has one compressed_with<Compression>");
    static_assert(clock::count < 2, "joinery: a replica has one timed_by<Clock>");
};

} // namespace sync::detail
} // namespace joinery
