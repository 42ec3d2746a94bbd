#pragma once

#include <joinery/core/byte_reader.hpp>
#include <joinery/core/byte_writer.hpp>
#include <joinery/core/bytes.hpp>
#include <joinery/core/result.hpp>
#include <joinery/core/varint.hpp>
#include <joinery/wire/archive_budget.hpp>
#include <joinery/wire/limits.hpp>

#include <cereal/cereal.hpp>

#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace joinery::wire {

namespace detail {

template <class T>
concept byte_like = sizeof(std::remove_pointer_t<std::remove_cvref_t<T>>) == 1;

template <class T>
using float_bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

/// The one NaN that is ever written.
template <std::floating_point T>
inline constexpr auto
    canonical_nan = std::bit_cast<float_bits<T>>(std::numeric_limits<T>::quiet_NaN());

template <class T>
concept portable_float = std::floating_point<T> && std::numeric_limits<T>::is_iec559 &&
    (sizeof(T) == 4 || sizeof(T) == 8);

} // namespace detail

/// Writes C++ values as canonical, compact bytes: equal values give equal bytes.
///
/// Any type that cereal can save is accepted; include cereal's own header for a standard type
/// (`<cereal/types/vector.hpp>`). There are no names and no type tags: reader and writer agree on
/// the type. `docs/wire-format.md` gives the bytes.
///
/// See also `encode`, which is the way to use it.
class compact_output_archive
    : public cereal::OutputArchive<compact_output_archive, cereal::AllowEmptyClassElision> {
public:
    /// Appends to `out`, which must outlive the archive.
    explicit compact_output_archive(byte_writer& out)
        : cereal::OutputArchive<compact_output_archive, cereal::AllowEmptyClassElision>{this},
          out_{out} {}

    [[nodiscard]] byte_writer& writer() { return out_; }

private:
    byte_writer& out_;
};

/// Reads what `compact_output_archive` wrote, and refuses everything else.
///
/// Throws   `archive_failure`. No size is believed: each is checked against the bytes that are
///          left and against the `limits` before anything is allocated for it.
///
/// See also `decode`, which is the way to use it.
class compact_input_archive
    : public cereal::InputArchive<compact_input_archive, cereal::AllowEmptyClassElision> {
public:
    explicit compact_input_archive(byte_view input, limits const& bounds = {})
        : cereal::InputArchive<compact_input_archive, cereal::AllowEmptyClassElision>{this},
          in_{input},
          budget_{bounds} {}

    [[nodiscard]] std::uint64_t offset() const { return in_.offset(); }
    [[nodiscard]] bool at_end() const { return in_.at_end(); }
    [[nodiscard]] detail::archive_budget& budget() { return budget_; }

    std::uint8_t byte() { return checked(in_.byte()); }
    std::uint64_t varint() { return checked(in_.varint()); }
    byte_view take(std::uint64_t count) { return checked(in_.take(count)); }

    /// The claimed size of a container, checked.
    std::uint64_t size() {
        auto const count = varint();
        budget_.admit(count, in_.remaining(), offset());
        return count;
    }

    [[noreturn]] void fail(errc code, char const* message) const {
        detail::fail(code, message, offset());
    }

private:
    template <class T>
    T checked(T value) const {
        if (!in_.ok()) [[unlikely]] {
            throw archive_failure{in_.error()};
        }
        return value;
    }

    byte_reader in_;
    detail::archive_budget budget_;
};

/// The canonical compact format, for `encode` and `decode`.
struct compact {
    static constexpr std::string_view name = "compact";
    using output_archive = compact_output_archive;
    using input_archive = compact_input_archive;
};

template <class T>
void prologue(compact_output_archive&, T const&) {
    detail::refuse_uncanonical<T>();
}

template <detail::archived_object T>
void prologue(compact_input_archive& archive, T const&) {
    archive.budget().enter<T>(archive.offset());
}

template <detail::archived_object T>
void epilogue(compact_input_archive& archive, T const& value) {
    detail::require_canonical(value, archive.offset());
    archive.budget().leave();
}

// Integers: one raw byte, or a varint; signed ones zigzag first.

template <std::integral T>
void save(compact_output_archive& archive, T const& value) {
    if constexpr (sizeof(T) == 1) {
        archive.writer().byte(static_cast<std::uint8_t>(value));
    } else if constexpr (std::signed_integral<T>) {
        archive.writer().varint(zigzag(value));
    } else {
        archive.writer().varint(value);
    }
}

template <std::integral T>
void load(compact_input_archive& archive, T& value) {
    if constexpr (std::same_as<T, bool>) {
        auto const byte = archive.byte();
        if (byte > 1) {
            archive.fail(errc::not_canonical, "a bool is neither 0 nor 1");
        }
        value = byte == 1;
    } else if constexpr (sizeof(T) == 1) {
        value = static_cast<T>(archive.byte());
    } else {
        auto const raw = archive.varint();
        auto const wide = [raw] {
            if constexpr (std::signed_integral<T>) {
                return unzigzag(raw);
            } else {
                return raw;
            }
        }();
        if (wide < std::numeric_limits<T>::min() || wide > std::numeric_limits<T>::max()) {
            archive.fail(errc::malformed, "an integer does not fit its type");
        }
        value = static_cast<T>(wide);
    }
}

// Floating point: IEEE 754, least significant byte first, one NaN.

template <std::floating_point T>
void save(compact_output_archive& archive, T const& value) {
    static_assert(detail::portable_float<T>,
                  "joinery: only IEEE 754 float and double have a portable encoding");
    auto bits =
        std::isnan(value) ? detail::canonical_nan<T> : std::bit_cast<detail::float_bits<T>>(value);
    for (std::size_t i = 0; i < sizeof(T); ++i, bits >>= 8) {
        archive.writer().byte(static_cast<std::uint8_t>(bits));
    }
}

template <std::floating_point T>
void load(compact_input_archive& archive, T& value) {
    static_assert(detail::portable_float<T>,
                  "joinery: only IEEE 754 float and double have a portable encoding");
    auto const raw = archive.take(sizeof(T));
    detail::float_bits<T> bits = 0;
    for (std::size_t i = sizeof(T); i-- > 0;) {
        bits = bits << 8 | static_cast<detail::float_bits<T>>(raw[i]);
    }
    value = std::bit_cast<T>(bits);
    if (std::isnan(value) && bits != detail::canonical_nan<T>) {
        archive.fail(errc::not_canonical, "a NaN is not the canonical one");
    }
}

// What cereal wraps.

template <class T>
void save(compact_output_archive& archive, cereal::NameValuePair<T> const& pair) {
    archive(pair.value);
}

template <class T>
void load(compact_input_archive& archive, cereal::NameValuePair<T>& pair) {
    archive(pair.value);
}

template <class T>
void save(compact_output_archive& archive, cereal::SizeTag<T> const& tag) {
    archive.writer().varint(tag.size);
}

template <class T>
void load(compact_input_archive& archive, cereal::SizeTag<T>& tag) {
    tag.size = static_cast<std::remove_reference_t<decltype(tag.size)>>(archive.size());
}

/// Only for elements of one byte: wider ones are written one by one, as varints.
template <detail::byte_like T>
void save(compact_output_archive& archive, cereal::BinaryData<T> const& data) {
    archive.writer().raw(
        {reinterpret_cast<std::byte const*>(data.data), static_cast<std::size_t>(data.size)});
}

template <detail::byte_like T>
void load(compact_input_archive& archive, cereal::BinaryData<T>& data) {
    if (auto const raw = archive.take(data.size); !raw.empty()) {
        std::memcpy(data.data, raw.data(), raw.size());
    }
}

// The common byte strings in one step each; cereal would take `bytes` one element at a time.

inline void save(compact_output_archive& archive, std::string const& value) {
    archive.writer().varint(value.size());
    archive.writer().raw(as_bytes(value));
}

inline void load(compact_input_archive& archive, std::string& value) {
    value = as_text(archive.take(archive.size()));
}

inline void save(compact_output_archive& archive, bytes const& value) {
    archive.writer().varint(value.size());
    archive.writer().raw(value);
}

inline void load(compact_input_archive& archive, bytes& value) {
    auto const raw = archive.take(archive.size());
    value.assign(raw.begin(), raw.end());
}

// cereal would accept keys in any order, and twice; and any byte for a pointer that is there.

namespace detail {

/// Keys have to ascend, and strictly so where the container holds each only once.
template <class Container, class Key>
void require_ascending(compact_input_archive& archive, Container const& container,
                       Key const& before, Key const& key) {
    constexpr bool may_repeat = !requires(Container & c) {
        c.insert(*c.begin()).second;
    };
    auto const less = container.key_comp();
    if (may_repeat ? less(key, before) : !less(before, key)) {
        archive.fail(errc::not_canonical, "keys are not in ascending order");
    }
}

template <class Map>
void load_map(compact_input_archive& archive, Map& map) {
    map.clear();
    for (auto left = archive.size(); left > 0; --left) {
        typename Map::key_type key;
        typename Map::mapped_type value;
        archive(key, value);
        if (!map.empty()) {
            require_ascending(archive, map, map.rbegin()->first, key);
        }
        map.emplace_hint(map.end(), std::move(key), std::move(value));
    }
}

template <class Set>
void load_set(compact_input_archive& archive, Set& set) {
    set.clear();
    for (auto left = archive.size(); left > 0; --left) {
        typename Set::key_type key;
        archive(key);
        if (!set.empty()) {
            require_ascending(archive, set, *set.rbegin(), key);
        }
        set.emplace_hint(set.end(), std::move(key));
    }
}

template <class T>
concept plain_pointee = std::default_initializable<T> && !std::is_polymorphic_v<T>;

} // namespace detail

template <class Key, class Value, class Compare, class Allocator>
void load(compact_input_archive& archive, std::map<Key, Value, Compare, Allocator>& map) {
    detail::load_map(archive, map);
}

template <class Key, class Value, class Compare, class Allocator>
void load(compact_input_archive& archive, std::multimap<Key, Value, Compare, Allocator>& map) {
    detail::load_map(archive, map);
}

template <class Key, class Compare, class Allocator>
void load(compact_input_archive& archive, std::set<Key, Compare, Allocator>& set) {
    detail::load_set(archive, set);
}

template <class Key, class Compare, class Allocator>
void load(compact_input_archive& archive, std::multiset<Key, Compare, Allocator>& set) {
    detail::load_set(archive, set);
}

template <detail::plain_pointee T>
void save(compact_output_archive& archive, std::unique_ptr<T> const& pointer) {
    archive(pointer != nullptr);
    if (pointer != nullptr) {
        archive(*pointer);
    }
}

template <detail::plain_pointee T>
void load(compact_input_archive& archive, std::unique_ptr<T>& pointer) {
    bool is_there = false;
    archive(is_there);
    pointer = is_there ? std::make_unique<T>() : nullptr;
    if (is_there) {
        archive(*pointer);
    }
}

} // namespace joinery::wire

CEREAL_REGISTER_ARCHIVE(joinery::wire::compact_output_archive)
CEREAL_REGISTER_ARCHIVE(joinery::wire::compact_input_archive)
CEREAL_SETUP_ARCHIVE_TRAITS(joinery::wire::compact_input_archive,
                            joinery::wire::compact_output_archive)
