#pragma once

#include <joinery/core/bytes.hpp>
#include <joinery/core/result.hpp>
#include <joinery/wire/archive_budget.hpp>
#include <joinery/wire/limits.hpp>
#include <joinery/wire/msgpack.hpp>
#include <joinery/wire/msgpack_output_archive.hpp>
#include <joinery/wire/msgpack_reader.hpp>

#include <cereal/cereal.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace joinery::wire {

/// Reads what `msgpack_output_archive` wrote, or what another program wrote for the same type.
///
/// Every legal form of a value is accepted. Named fields may come in any order; names that the type
/// does not have are passed over; a name that it does have must be there. An array is accepted
/// for a class with named fields too, in the order of its fields. A number is accepted for another
/// type of number if it fits: an integer exactly, a `float` as the nearest one.
///
/// Throws       `archive_failure`; sizes are checked before anything is allocated for them.
/// Complexity   O(input) if fields come in the order of the type; one more pass over the map for
///              each field that does not.
///
/// See also `decode`, which is the way to use it.
class msgpack_input_archive
    : public cereal::InputArchive<msgpack_input_archive, cereal::AllowEmptyClassElision> {
public:
    explicit msgpack_input_archive(byte_view input, limits const& bounds = {})
        : cereal::InputArchive<msgpack_input_archive, cereal::AllowEmptyClassElision>{this},
          input_bytes_{input.size()},
          reader_{input},
          budget_{bounds} {}

    [[nodiscard]] std::uint64_t offset() const { return reader_.offset(); }
    [[nodiscard]] bool at_end() const { return reader_.at_end(); }
    [[nodiscard]] detail::archive_budget& budget() { return budget_; }

    [[noreturn]] void fail(errc code, std::string message) const {
        detail::fail(code, std::move(message), offset());
    }

    void name_next(char const* name) { name_ = name; }

    /// The next value or the head of the next container.
    msgpack_token next_value() {
        announce();
        return checked(reader_.next());
    }

    /// The next value, which has to be of the kind `kind`; `wanted` names it for people.
    msgpack_token next_value(msgpack_kind kind, char const* wanted) {
        auto const token = next_value();
        if (token.kind != kind) {
            fail(errc::wrong_type, std::string("MessagePack holds no ") + wanted + " here");
        }
        return token;
    }

    /// Whether the next value is nil; if so, it is consumed.
    bool consume_nil() {
        announce();
        auto ahead = reader_;
        is_announced_ = checked(ahead.next()).kind != msgpack_kind::nil;
        if (!is_announced_) {
            reader_ = ahead;
        }
        return !is_announced_;
    }

    template <class T>
    void open() {
        auto const token = next_value();
        auto const is_map = token.kind == msgpack_kind::map;
        if (!is_map && token.kind != msgpack_kind::array) {
            fail(errc::wrong_type, "MessagePack holds neither an array nor a map here");
        }
        nodes_.push_back({.is_map = is_map,
                          .wants_map = detail::map_container<T>,
                          .count = token.number,
                          .first = reader_});
        if constexpr (detail::tuple_like<T>) {
            if (is_map || token.number != std::tuple_size<T>::value) {
                fail(errc::wrong_type, "MessagePack holds no array of the right length here");
            }
        }
    }

    /// The checked size of the container that was opened last.
    std::uint64_t tag_size() {
        auto& current = nodes_.back();
        if (current.is_map != current.wants_map) {
            fail(errc::wrong_type, current.wants_map ? "MessagePack holds no map here"
                                                     : "MessagePack holds no array here");
        }
        budget_.admit(current.count, input_bytes_ - reader_.offset(), offset());
        auto const size = current.count;
        if (current.is_map) {
            current.is_map = false;
            current.count *= 2;
        }
        return size;
    }

    void close() {
        auto& current = nodes_.back();
        if (!current.is_map && current.next != current.count) {
            fail(errc::malformed, "an array holds more elements than its type");
        }
        for (; current.next < current.count; ++current.next) {
            skip_entry();
        }
        nodes_.pop_back();
    }

private:
    /// A container that is being read: elements in order, or entries that are found by name.
    struct node {
        bool is_map = false;       ///< Whether it is read by name.
        bool wants_map = false;    ///< Whether its type is a C++ map.
        std::uint64_t count = 0;   ///< Elements or entries.
        std::uint64_t next = 0;    ///< The first one behind the reader.
        std::uint64_t unnamed = 0; ///< Fields without a name among named ones: `value0`, …
        msgpack_reader first;
    };

    msgpack_token checked(msgpack_token const& token) const {
        if (!reader_.ok()) {
            throw archive_failure{reader_.error()};
        }
        return token;
    }

    /// Moves to the next value: the next element, or the field with the name that was given.
    void announce() {
        auto const name = std::exchange(name_, nullptr);
        if (std::exchange(is_announced_, false) || nodes_.empty()) {
            return;
        }
        auto& parent = nodes_.back();
        if (parent.is_map) {
            find(name != nullptr ? name : "value" + std::to_string(parent.unnamed++));
        } else if (parent.next == parent.count) {
            fail(errc::malformed, "an array holds fewer elements than its type");
        } else {
            ++parent.next;
        }
    }

    /// Looks at the next entry, which is the right one if the writer had the same type; then
    /// everywhere.
    void find(std::string_view name) {
        auto& map = nodes_.back();
        if (map.next < map.count && consume_key(name)) {
            ++map.next;
            return;
        }
        reader_ = map.first;
        for (map.next = 0; map.next < map.count;) {
            ++map.next;
            if (consume_key(name)) {
                return;
            }
            skip_entry();
        }
        fail(errc::malformed, "the field \"" + std::string(name) + "\" is missing");
    }

    bool consume_key(std::string_view name) {
        auto ahead = reader_;
        auto const token = ahead.next();
        auto const is_found =
            ahead.ok() && token.kind == msgpack_kind::string && as_text(token.content) == name;
        if (is_found) {
            reader_ = ahead;
        }
        return is_found;
    }

    void skip_entry() {
        reader_.skip();
        reader_.skip();
        checked({});
    }

    std::size_t input_bytes_;
    msgpack_reader reader_;
    detail::archive_budget budget_;
    std::vector<node> nodes_;
    char const* name_ = nullptr;
    bool is_announced_ = false;
};

namespace detail {

template <class T>
concept msgpack_read_node =
    !msgpack_leaf<T> &&
    !cereal::traits::has_minimal_base_class_serialization<
        T, cereal::traits::has_minimal_input_serialization, msgpack_input_archive>::value &&
    !cereal::traits::has_minimal_input_serialization<T, msgpack_input_archive>::value;

} // namespace detail

template <class T>
void prologue(msgpack_input_archive& archive, T const&) {
    if constexpr (detail::archived_object<T>) {
        archive.budget().enter<T>(archive.offset());
    }
    if constexpr (detail::msgpack_read_node<T>) {
        archive.open<T>();
    }
}

template <class T>
void epilogue(msgpack_input_archive& archive, T const& value) {
    if constexpr (detail::msgpack_read_node<T>) {
        archive.close();
    }
    if constexpr (detail::archived_object<T>) {
        detail::require_canonical(value, archive.offset());
        archive.budget().leave();
    }
}

template <std::integral T>
void load(msgpack_input_archive& archive, T& value) {
    if constexpr (std::same_as<T, bool>) {
        value = archive.next_value(msgpack_kind::boolean, "boolean").number == 1;
    } else {
        auto const token = archive.next_value();
        auto const number = msgpack_integer_of(token);
        if (!number) {
            archive.fail(errc::wrong_type, "MessagePack holds no integer here");
        }
        using standard =
            std::conditional_t<std::is_signed_v<T>, std::make_signed_t<T>, std::make_unsigned_t<T>>;
        auto const is_negative = number->kind == msgpack_kind::negative_integer;
        auto const fits = is_negative ? std::in_range<standard>(number->negative())
                                      : std::in_range<standard>(number->number);
        if (!fits) {
            archive.fail(errc::malformed, "an integer does not fit its type");
        }
        value = static_cast<T>(number->number);
    }
}

template <std::floating_point T>
void load(msgpack_input_archive& archive, T& value) {
    static_assert(sizeof(T) <= sizeof(double),
                  "joinery: only IEEE 754 float and double have a portable encoding");
    auto const token = archive.next_value();
    auto const number = msgpack_floating_of(token);
    if (!number) {
        archive.fail(errc::wrong_type, "MessagePack holds no number here");
    }
    if (std::isfinite(*number) && std::abs(*number) > std::numeric_limits<T>::max()) {
        archive.fail(errc::malformed, "a number does not fit its type");
    }
    value = static_cast<T>(*number);
}

inline void load(msgpack_input_archive& archive, std::nullptr_t& value) {
    value = nullptr;
    archive.next_value(msgpack_kind::nil, "nil");
}

inline void load(msgpack_input_archive& archive, std::string& value) {
    auto const content = archive.next_value(msgpack_kind::string, "string").content;
    archive.budget().charge(content.size(), archive.offset());
    value = as_text(content);
}

inline void load(msgpack_input_archive& archive, bytes& value) {
    auto const content = archive.next_value(msgpack_kind::binary, "binary").content;
    archive.budget().charge(content.size(), archive.offset());
    value.assign(content.begin(), content.end());
}

inline void load(msgpack_input_archive& archive, std::vector<std::uint8_t>& value) {
    auto const content = archive.next_value(msgpack_kind::binary, "binary").content;
    archive.budget().charge(content.size(), archive.offset());
    value.resize(content.size());
    if (!content.empty()) {
        std::memcpy(value.data(), content.data(), content.size());
    }
}

inline void load(msgpack_input_archive& archive, msgpack_timestamp& value) {
    auto const time = msgpack_timestamp_of(archive.next_value());
    if (!time) {
        archive.fail(errc::wrong_type, "MessagePack holds no timestamp here");
    }
    value = *time;
}

template <class T>
void load(msgpack_input_archive& archive, std::optional<T>& value) {
    if (archive.consume_nil()) {
        value.reset();
    } else {
        archive(value.emplace());
    }
}

template <class T>
void load(msgpack_input_archive& archive, cereal::NameValuePair<T>& pair) {
    archive.name_next(pair.name);
    archive(pair.value);
}

template <class T>
void load(msgpack_input_archive& archive, cereal::SizeTag<T>& tag) {
    tag.size = static_cast<std::remove_reference_t<decltype(tag.size)>>(archive.tag_size());
}

} // namespace joinery::wire

CEREAL_REGISTER_ARCHIVE(joinery::wire::msgpack_input_archive)
