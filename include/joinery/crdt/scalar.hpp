#pragma once

#include <joinery/core/bytes.hpp>
#include <joinery/core/utf8.hpp>
#include <joinery/crdt/held.hpp>
#include <joinery/crdt/value_kind.hpp>

#include <bit>
#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace joinery {

/// One value that is changed as a whole: a view, which lives as long as the text that it shows.
///
/// Equality is that of the encoding: `1` and `1.0` differ, every NaN equals every other.
class scalar {
public:
    constexpr scalar() = default;
    constexpr scalar(std::nullptr_t) {}
    constexpr scalar(std::same_as<bool> auto value)
        : bits_{value ? 1U : 0U}, kind_{value_kind::boolean} {}
    template <std::integral T>
    requires(!std::same_as<T, bool> &&
             (sizeof(T) < 8 || std::signed_integral<T>)) constexpr scalar(T value)
        : bits_{static_cast<std::uint64_t>(static_cast<std::int64_t>(value))},
          kind_{value_kind::integer} {}
    scalar(double value) : bits_{held<double>::bits(value)}, kind_{value_kind::real} {}
    constexpr scalar(timestamp value)
        : bits_{static_cast<std::uint64_t>(value.milliseconds)}, kind_{value_kind::timestamp} {}
    template <std::convertible_to<std::string_view> T>
    constexpr scalar(T const& text) : text_{text}, kind_{value_kind::string} {}
    scalar(byte_view value) : text_{as_text(value)}, kind_{value_kind::blob} {}

    /// A JSON number as text, an array's or an object's encoded items; see `composite_writer`.
    static constexpr scalar of_kind(value_kind kind, std::string_view content) {
        scalar out;
        out.kind_ = kind;
        out.text_ = content;
        return out;
    }

    [[nodiscard]] constexpr value_kind kind() const { return kind_; }

    // Precondition of each: `kind()` is the one that it names.
    [[nodiscard]] constexpr bool as_boolean() const { return bits_ != 0; }
    [[nodiscard]] constexpr std::int64_t as_integer() const {
        return static_cast<std::int64_t>(bits_);
    }
    [[nodiscard]] constexpr double as_real() const { return std::bit_cast<double>(bits_); }
    [[nodiscard]] constexpr timestamp as_timestamp() const { return {as_integer()}; }
    [[nodiscard]] constexpr std::string_view as_string() const { return text_; }
    [[nodiscard]] byte_view as_bytes() const { return joinery::as_bytes(text_); }

    /// The text of a string or number, the bytes of anything that has some.
    [[nodiscard]] constexpr std::string_view text() const { return text_; }

    /// Visits the items of an array.
    template <class F>
    void for_each_item(F&& visit) const;
    /// Visits the (key, value) pairs of an object in the order in which they were written.
    template <class F>
    void for_each_member(F&& visit) const;

    friend bool operator==(scalar const&, scalar const&) = default;

private:
    friend struct held<scalar>;
    std::string_view text_;
    std::uint64_t bits_ = 0;
    value_kind kind_ = value_kind::null;
};

namespace detail {

/// The first byte of an encoded scalar: a family in the upper three bits, and in the lower five a
/// small number, or 31 if a varint with the rest follows. Family 7 never begins a scalar.
enum class scalar_family : std::uint8_t {
    simple,
    integer,
    real,
    string,
    bytes,
    timestamp,
    composite
};

inline constexpr unsigned small_bits = 5;
inline constexpr std::uint64_t small_max = 31;
inline constexpr std::uint8_t structural_tag_min = 7 << small_bits;

inline std::byte* put_small(std::byte* at, scalar_family family, std::uint64_t value) {
    auto const high = static_cast<unsigned>(family) << small_bits;
    if (value < small_max) {
        *at++ = static_cast<std::byte>(high | value);
        return at;
    }
    *at++ = static_cast<std::byte>(high | small_max);
    return write_varint(at, value - small_max);
}

/// Whether `text` is a number in the grammar of RFC 8259, section 6.
constexpr bool is_json_number(std::string_view text) {
    std::size_t at = 0;
    auto const digits = [&] {
        auto const begin = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
            ++at;
        }
        return at - begin;
    };
    auto const accept = [&](char c) { return at < text.size() && text[at] == c && ++at != 0; };
    accept('-');
    auto const starts_with_zero = at < text.size() && text[at] == '0';
    auto const whole = digits();
    if (whole == 0 || (starts_with_zero && whole > 1) || (accept('.') && digits() == 0)) {
        return false;
    }
    if (accept('e') || accept('E')) {
        if (!accept('+')) {
            accept('-');
        }
        if (digits() == 0) {
            return false;
        }
    }
    return at == text.size();
}

void check_composite(byte_reader& reader, value_kind kind, byte_view content, unsigned depth);
scalar read_scalar(byte_reader& reader, unsigned depth);

} // namespace detail

/// A scalar lies in a store as a pointer to its own encoding.
template <>
struct held<scalar> {
    using type = pooled;
    using view = scalar;
    static constexpr bool uses_pool = true;
    using family = detail::scalar_family;

    static std::uint64_t hash(view const& value, std::uint64_t seed) {
        auto const keyed =
            hash_mix(seed ^ static_cast<std::uint64_t>(value.kind_), value.bits_ ^ ~seed);
        return hash64(as_bytes(value.text_), keyed);
    }
    static bool equal(type value, view const& other) { return look(value) == other; }

    /// By kind, then by number, then by bytes.
    static bool less(view const& a, view const& b) {
        if (a.kind_ != b.kind_) {
            return a.kind_ < b.kind_;
        }
        if (a.bits_ != b.bits_) {
            return number_prefix(a) < number_prefix(b);
        }
        return a.text_ < b.text_;
    }
    /// The kind and the first bytes of what `less` compares next.
    static std::uint64_t prefix(view const& value) {
        auto const next = number_prefix(value) | held<std::string>::prefix(value.text_);
        return static_cast<std::uint64_t>(value.kind_) << 56 | next >> 8;
    }

    static std::size_t room(view const& value) { return value.text_.size() + 2 * varint_bytes_max; }
    static std::byte* put(std::byte* at, view const& value) {
        using detail::put_small;
        switch (value.kind_) {
        case value_kind::boolean:
            return put_small(at, family::simple, value.bits_ + 1);
        case value_kind::integer:
            return put_small(at, family::integer, zigzag(value.as_integer()));
        case value_kind::timestamp:
            return put_small(at, family::timestamp, zigzag(value.as_integer()));
        case value_kind::real:
            return held<double>::put(put_small(at, family::real, 0), value.as_real());
        case value_kind::string:
            return put_text(put_small(at, family::string, value.text_.size()), value.text_);
        case value_kind::blob:
            return put_text(put_small(at, family::bytes, value.text_.size()), value.text_);
        case value_kind::array:
        case value_kind::number:
        case value_kind::object:
            at = put_small(at, family::composite, composite_code(value.kind_));
            return put_text(write_varint(at, value.text_.size()), value.text_);
        default:
            return put_small(at, family::simple, 0);
        }
    }

    static view read(byte_reader& reader) { return detail::read_scalar(reader, 0); }
    /// Why nobody would read a value, as a string literal; null if it is sound.
    static char const* flaw(view const& value);
    static view read_again(byte_reader& reader);
    static view look(type value);

    static type keep(byte_pool& pool, view const& value, std::byte const* encoding,
                     bytes_owner owner) {
        if (encoding != nullptr && owner == bytes_owner::our_pool) {
            return {encoding};
        }
        auto* const at = pool.reserve(room(value));
        pool.commit(put(at, value));
        return {at};
    }

private:
    static constexpr std::uint64_t composite_code(value_kind kind) {
        return kind == value_kind::array ? 0 : kind == value_kind::number ? 1 : 2;
    }
    static std::byte* put_text(std::byte* at, std::string_view text) {
        if (!text.empty()) {
            std::memcpy(at, text.data(), text.size());
        }
        return at + text.size();
    }
    static std::uint64_t number_prefix(view const& value) {
        switch (value.kind_) {
        case value_kind::real:
            return held<double>::prefix(value.as_real());
        case value_kind::integer:
        case value_kind::timestamp:
            return held<std::int64_t>::prefix(value.as_integer());
        default:
            return value.bits_;
        }
    }
};

namespace detail {

inline std::uint64_t read_small(byte_reader& reader, std::uint8_t tag) {
    auto const small = std::uint64_t{tag} & small_max;
    if (small < small_max) {
        return small;
    }
    auto const rest = reader.varint();
    if (rest > ~std::uint64_t{0} - small_max) {
        reader.fail(errc::malformed, "an integer is out of range");
        return 0;
    }
    return small_max + rest;
}

inline scalar read_composite(byte_reader& reader, std::uint64_t code, unsigned depth) {
    constexpr value_kind kinds[] = {value_kind::array, value_kind::number, value_kind::object};
    auto const content = reader.take(reader.varint());
    if (code > 2) {
        reader.fail(errc::malformed, "a value of an unknown kind");
        return {};
    }
    check_composite(reader, kinds[code], content, depth);
    return scalar::of_kind(kinds[code], as_text(content));
}

inline scalar read_scalar(byte_reader& reader, unsigned depth) {
    auto const tag = reader.byte();
    auto const small = read_small(reader, tag);
    switch (static_cast<scalar_family>(tag >> small_bits)) {
    case scalar_family::simple:
        if (small > 2) {
            break;
        }
        return small == 0 ? scalar{} : scalar{small == 2};
    case scalar_family::integer:
        return {unzigzag(small)};
    case scalar_family::timestamp:
        return {timestamp{unzigzag(small)}};
    case scalar_family::real:
        if (small != 0) {
            break;
        }
        return {held<double>::read(reader)};
    case scalar_family::string: {
        auto const text = as_text(reader.take(small));
        if (!is_utf8(text)) {
            reader.fail(errc::malformed, "a string is not UTF-8");
        }
        return {text};
    }
    case scalar_family::bytes:
        return {reader.take(small)};
    case scalar_family::composite:
        return read_composite(reader, small, depth);
    }
    reader.fail(errc::malformed, "a value of an unknown kind");
    return {};
}

inline void check_composite(byte_reader& reader, value_kind kind, byte_view content,
                            unsigned depth) {
    if (kind == value_kind::number) {
        if (!is_json_number(as_text(content))) {
            reader.fail(errc::malformed, "a number is not in the form of JSON");
        }
        return;
    }
    if (depth >= 64) {
        reader.fail(errc::too_deep, "values are nested too deeply");
        return;
    }
    byte_reader inner{content};
    while (inner.ok() && !inner.at_end()) {
        if (kind == value_kind::object && !is_utf8(held<std::string>::read(inner))) {
            inner.fail(errc::malformed, "a key is not UTF-8");
        }
        (void)read_scalar(inner, depth + 1);
    }
    if (!inner.ok()) {
        reader.fail(errc::malformed, "an array or object does not hold whole values");
    }
}

/// Reads bytes that were accepted before, without a bound and without looking inside composites.
inline scalar read_trusted_scalar(std::byte const*& at) {
    constexpr value_kind composites[] = {value_kind::array, value_kind::number, value_kind::object};
    auto const tag = static_cast<std::uint8_t>(*at++);
    auto small = std::uint64_t{tag} & small_max;
    if (small == small_max) {
        small += read_trusted_varint(at);
    }
    auto const take = [&](std::uint64_t size) {
        byte_view const out{at, static_cast<std::size_t>(size)};
        at += size;
        return out;
    };
    switch (static_cast<scalar_family>(tag >> small_bits)) {
    case scalar_family::simple:
        return small == 0 ? scalar{} : scalar{small == 2};
    case scalar_family::integer:
        return {unzigzag(small)};
    case scalar_family::timestamp:
        return {timestamp{unzigzag(small)}};
    case scalar_family::real: {
        byte_reader reader{take(8)};
        return {held<double>::read(reader)};
    }
    case scalar_family::string:
        return {as_text(take(small))};
    case scalar_family::bytes:
        return {take(small)};
    case scalar_family::composite:
        break;
    }
    auto const size = read_trusted_varint(at);
    return scalar::of_kind(composites[small], as_text(take(size)));
}

} // namespace detail

inline char const* held<scalar>::flaw(view const& value) {
    if (value.kind_ == value_kind::string) {
        return is_utf8(value.text_) ? nullptr : "a string is not UTF-8";
    }
    byte_reader reader{as_bytes(value.text_)};
    if (value.kind_ == value_kind::number || value.kind_ == value_kind::array ||
        value.kind_ == value_kind::object) {
        detail::check_composite(reader, value.kind_, as_bytes(value.text_), 0);
    }
    return reader.ok() ? nullptr : "a number, array or object is not whole";
}
inline scalar held<scalar>::look(type value) {
    auto const* at = value.at;
    return detail::read_trusted_scalar(at);
}
inline scalar held<scalar>::read_again(byte_reader& reader) {
    auto const* at = reader.position();
    auto const value = detail::read_trusted_scalar(at);
    (void)reader.take(static_cast<std::size_t>(at - reader.position()));
    return value;
}

template <class F>
void scalar::for_each_item(F&& visit) const {
    assert(kind_ == value_kind::array && "scalar::for_each_item: this is not an array");
    auto const content = joinery::as_bytes(text_);
    for (auto const* at = content.data(); at != content.data() + content.size();) {
        visit(detail::read_trusted_scalar(at));
    }
}

template <class F>
void scalar::for_each_member(F&& visit) const {
    assert(kind_ == value_kind::object && "scalar::for_each_member: this is not an object");
    auto const content = joinery::as_bytes(text_);
    for (auto const* at = content.data(); at != content.data() + content.size();) {
        auto const size = read_trusted_varint(at);
        std::string_view const key{reinterpret_cast<char const*>(at),
                                   static_cast<std::size_t>(size)};
        at += size;
        visit(key, detail::read_trusted_scalar(at));
    }
}

} // namespace joinery
