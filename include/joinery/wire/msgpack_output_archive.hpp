#pragma once

#include <joinery/core/byte_writer.hpp>
#include <joinery/core/bytes.hpp>
#include <joinery/wire/archive_budget.hpp>
#include <joinery/wire/msgpack_writer.hpp>

#include <cereal/cereal.hpp>

#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace joinery::wire {

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// Types that are one MessagePack value of their own, or stand for the value they hold.
template <class T>
concept msgpack_leaf =
    is_wrapper<T> || is_optional<T> || std::same_as<T, std::string> || std::same_as<T, bytes> ||
    std::same_as<T, std::vector<std::uint8_t>> || std::same_as<T, msgpack_timestamp>;

template <class T>
concept tuple_like = requires {
    std::tuple_size<T>::value;
};

} // namespace detail

/// Writes C++ values as MessagePack that other languages read naturally.
///
///   a class whose first field is named     map from field name to value
///   any other class, `std::pair`, `tuple`  array
///   sequences and sets                     array
///   maps                                   map
///   `std::optional`                        nil or the value
///   `bytes`, `std::vector<std::uint8_t>`   binary
///   `msgpack_timestamp`                    timestamp extension
///
/// Every value has its shortest form, so that equal values give equal bytes.
///
/// See also `encode`, which is the way to use it.
class msgpack_output_archive
    : public cereal::OutputArchive<msgpack_output_archive, cereal::AllowEmptyClassElision> {
public:
    /// Appends to `out`, which must outlive the archive.
    explicit msgpack_output_archive(byte_writer& out)
        : cereal::OutputArchive<msgpack_output_archive, cereal::AllowEmptyClassElision>{this},
          out_{out},
          writer_{out} {}

    /// The writer, after the place of the next value in its parent has been settled.
    [[nodiscard]] msgpack_writer& next_value() {
        announce();
        return writer_;
    }

    void name_next(char const* name) { name_ = name; }

    /// Begins a value of type `T` that holds others.
    template <class T>
    void open() {
        announce();
        nodes_.push_back({.is_map = detail::map_container<T>});
        if constexpr (detail::tuple_like<T>) {
            tag_size(std::tuple_size<T>::value);
        }
    }

    /// Makes the node that was just opened hold exactly `size` elements.
    void tag_size(std::uint64_t size) {
        assert(!nodes_.empty() && nodes_.back().shape == node_shape::undecided &&
               "a size tag is the first thing that a container saves");
        auto& current = nodes_.back();
        current.shape = node_shape::counted;
        current.count = current.is_map ? 2 * size : size;
        if (current.is_map) {
            writer_.map(size);
        } else {
            writer_.array(size);
        }
    }

    void close() {
        auto const current = nodes_.back();
        nodes_.pop_back();
        if (current.shape == node_shape::undecided) {
            writer_.array(0);
        } else if (current.shape == node_shape::counted) {
            assert(current.count == 0 && "a container holds as many elements as its size tag says");
        } else {
            write_head(current);
        }
    }

private:
    enum class node_shape : std::uint8_t { undecided, fields, named_fields, counted };

    struct node {
        node_shape shape = node_shape::undecided;
        bool is_map = false;
        std::size_t head_at = 0;
        std::uint64_t unnamed = 0; ///< Fields without a name among named ones: `value0`, …
        std::uint64_t count = 0;   ///< Of fields so far; in a counted node, of those still to come.
    };

    void announce() {
        auto const name = std::exchange(name_, nullptr);
        if (nodes_.empty()) {
            return;
        }
        auto& parent = nodes_.back();
        if (parent.shape == node_shape::counted) {
            assert(parent.count > 0 && "a container holds as many elements as its size tag says");
            --parent.count;
            return;
        }
        if (parent.shape == node_shape::undecided) {
            parent.shape = name != nullptr ? node_shape::named_fields : node_shape::fields;
            parent.head_at = out_.size();
            out_.byte(0);
        }
        if (parent.shape == node_shape::named_fields) {
            writer_.string(name != nullptr ? name : "value" + std::to_string(parent.unnamed++));
        }
        ++parent.count;
    }

    /// Fields are counted while they are written: one byte was left for the head, and only a
    /// class of more than 15 fields has to move.
    void write_head(node const& closed) {
        byte_writer head;
        msgpack_writer{head}.array(closed.count);
        if (closed.shape == node_shape::named_fields) {
            head.clear();
            msgpack_writer{head}.map(closed.count);
        }
        auto const more = head.size() - 1;
        auto* const end = out_.reserve(more);
        auto* const at = end - (out_.size() - closed.head_at);
        if (more > 0) {
            std::memmove(at + head.size(), at + 1, out_.size() - closed.head_at - 1);
        }
        std::memcpy(at, head.view().data(), head.size());
        out_.commit(end + more);
    }

    byte_writer& out_;
    msgpack_writer writer_;
    std::vector<node> nodes_;
    char const* name_ = nullptr;
};

namespace detail {

template <class T>
concept msgpack_written_node =
    !msgpack_leaf<T> &&
    !cereal::traits::has_minimal_base_class_serialization<
        T, cereal::traits::has_minimal_output_serialization, msgpack_output_archive>::value &&
    !cereal::traits::has_minimal_output_serialization<T, msgpack_output_archive>::value;

} // namespace detail

template <class T>
void prologue(msgpack_output_archive& archive, T const&) {
    detail::refuse_uncanonical<T>();
    if constexpr (detail::msgpack_written_node<T>) {
        archive.open<T>();
    }
}

template <detail::msgpack_written_node T>
void epilogue(msgpack_output_archive& archive, T const&) {
    archive.close();
}

template <std::integral T>
void save(msgpack_output_archive& archive, T const& value) {
    if constexpr (std::same_as<T, bool>) {
        archive.next_value().boolean(value);
    } else if constexpr (std::signed_integral<T>) {
        archive.next_value().integer(static_cast<std::int64_t>(value));
    } else {
        archive.next_value().integer(static_cast<std::uint64_t>(value));
    }
}

template <std::floating_point T>
void save(msgpack_output_archive& archive, T const& value) {
    static_assert(sizeof(T) <= sizeof(double),
                  "joinery: only IEEE 754 float and double have a portable encoding");
    archive.next_value().floating(value);
}

inline void save(msgpack_output_archive& archive, std::nullptr_t const&) {
    archive.next_value().nil();
}

inline void save(msgpack_output_archive& archive, std::string const& value) {
    archive.next_value().string(value);
}

inline void save(msgpack_output_archive& archive, bytes const& value) {
    archive.next_value().binary(value);
}

inline void save(msgpack_output_archive& archive, std::vector<std::uint8_t> const& value) {
    archive.next_value().binary(std::as_bytes(std::span{value}));
}

inline void save(msgpack_output_archive& archive, msgpack_timestamp const& value) {
    archive.next_value().timestamp(value);
}

template <class T>
void save(msgpack_output_archive& archive, std::optional<T> const& value) {
    static_assert(!detail::is_optional<T> && !std::is_null_pointer_v<T>,
                  "joinery: MessagePack has one nil, so that an optional of something that can be "
                  "nil itself cannot be read back");
    if (value) {
        archive(*value);
    } else {
        archive(nullptr);
    }
}

template <class T>
void save(msgpack_output_archive& archive, cereal::NameValuePair<T> const& pair) {
    archive.name_next(pair.name);
    archive(pair.value);
}

template <class T>
void save(msgpack_output_archive& archive, cereal::SizeTag<T> const& tag) {
    archive.tag_size(tag.size);
}

} // namespace joinery::wire

CEREAL_REGISTER_ARCHIVE(joinery::wire::msgpack_output_archive)
