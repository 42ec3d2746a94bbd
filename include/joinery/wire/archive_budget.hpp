#pragma once

#include <joinery/core/bugs.hpp>
#include <joinery/core/result.hpp>
#include <joinery/wire/limits.hpp>

#include <cereal/cereal.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace joinery::wire {

/// What an archive throws when its input is bad; `decode` turns it into a `result`.
class archive_failure : public cereal::Exception {
public:
    explicit archive_failure(joinery::error reason)
        : cereal::Exception(reason.message), reason_{std::move(reason)} {}

    [[nodiscard]] joinery::error const& reason() const { return reason_; }

private:
    joinery::error reason_;
};

namespace detail {

[[noreturn]] inline void fail(errc code, std::string message, std::uint64_t offset) {
    throw archive_failure{{code, std::move(message), offset}};
}

template <class T>
concept has_hasher = requires {
    typename T::hasher;
};

template <class T>
concept shared_pointer = requires(T const& pointer) {
    pointer.use_count();
};

template <class T>
concept container = requires {
    typename T::value_type;
};

template <class T>
concept owning_pointer = requires {
    typename T::element_type;
};

template <class T>
concept map_container = container<T> && requires {
    typename T::mapped_type;
};

/// Numbers and enumerations: they hold nothing, so that there is nothing to count for them.
template <class T>
concept scalar = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_null_pointer_v<T>;

template <class T>
inline constexpr bool is_wrapper = scalar<T>;
template <class T>
inline constexpr bool is_wrapper<cereal::NameValuePair<T>> = true;
template <class T>
inline constexpr bool is_wrapper<cereal::SizeTag<T>> = true;
template <class T>
inline constexpr bool is_wrapper<cereal::BinaryData<T>> = true;
template <class K, class V>
inline constexpr bool is_wrapper<cereal::MapItem<K, V>> = true;
template <class T>
inline constexpr bool is_wrapper<cereal::DeferredData<T>> = true;

/// A type of its own, not one of the envelopes that cereal puts around a value.
template <class T>
concept archived_object = !is_wrapper<T>;

template <class T>
consteval void refuse_uncanonical() {
    static_assert(!has_hasher<T>,
                  "joinery: an unordered container has no canonical encoding, because equal "
                  "containers may iterate in different orders: use std::map or std::set");
    static_assert(!shared_pointer<T>,
                  "joinery: a shared_ptr has no canonical encoding, because equal values may be "
                  "shared in different ways: use std::unique_ptr or the value itself");
}

/// A type that can tell whether what it was loaded from was its one accepted form: the lattices.
template <class T>
concept self_checking = requires(T const& value) {
    { value.is_canonical() } -> std::convertible_to<bool>;
};

/// Refuses a value, wherever it stands, that says of itself that its bytes were not acceptable.
template <class T>
void require_canonical(T const& value, std::uint64_t offset) {
    if constexpr (self_checking<T>) {
        if (!value.is_canonical()) {
            fail(errc::not_canonical, "a value is not in its one accepted form", offset);
        }
    }
}

/// What reading one value may still cost.
///
/// cereal's containers resize to the size that the input claims. An archive therefore announces
/// each type before it is read, and `admit` checks a claimed size against the bytes that are left
/// and the memory that the elements take.
class archive_budget {
public:
    explicit archive_budget(limits const& bounds)
        : bounds_{bounds}, memory_left_{bounds.decoded_bytes_max} {}

    [[nodiscard]] limits const& bounds() const { return bounds_; }

    template <class T>
    void enter(std::uint64_t offset) {
        refuse_uncanonical<T>();
        if (++depth_ > bounds_.archive_depth_max) {
            fail(errc::too_deep, "objects are nested too deeply", offset);
        }
        if constexpr (container<T>) {
            using element = typename T::value_type;
            // A node of a map or list brings its links and the allocator's own overhead.
            constexpr auto is_flat = requires(T & t) {
                t.data();
            };
            element_bytes_ = sizeof(element) + (is_flat ? 0 : node_bytes);
            element_is_empty_ = std::is_empty_v<element>;
        } else if constexpr (owning_pointer<T>) {
            charge(sizeof(typename T::element_type) + node_bytes, offset);
        }
    }

    void leave() { --depth_; }

    /// Checks that `count` elements of the container entered last may be read from `left` bytes.
    void admit(std::uint64_t count, std::uint64_t left, std::uint64_t offset) {
        if (bugs::length_is_believed) {
            return;
        }
        if (element_is_empty_) {
            if (count > bounds_.empty_elements_max) {
                fail(errc::too_large, "a container claims too many empty elements", offset);
            }
        } else if (count > left) {
            fail(errc::truncated, "a size exceeds the bytes that are left", offset);
        } else if (count > bounds_.elements_max) {
            fail(errc::too_large, "a container claims too many elements", offset);
        }
        if (count > memory_left_ / element_bytes_) {
            fail(errc::too_large, "a value needs more memory than its limit", offset);
        }
        charge(count * element_bytes_, offset);
        element_bytes_ = unknown_element_bytes;
        element_is_empty_ = false;
    }

    void charge(std::uint64_t count, std::uint64_t offset) {
        if (count > memory_left_) {
            fail(errc::too_large, "a value needs more memory than its limit", offset);
        }
        memory_left_ -= count;
    }

private:
    static constexpr std::uint64_t node_bytes = 64;
    static constexpr std::uint64_t unknown_element_bytes = 64;

    limits bounds_;
    std::uint64_t memory_left_;
    std::uint64_t depth_ = 0;
    std::uint64_t element_bytes_ = unknown_element_bytes;
    bool element_is_empty_ = false;
};

} // namespace detail

} // namespace joinery::wire
