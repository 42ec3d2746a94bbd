#pragma once

#include <joinery/core/byte_reader.hpp>
#include <joinery/core/byte_writer.hpp>
#include <joinery/core/utf8.hpp>
#include <joinery/crdt/held.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace joinery::detail {

/// The number of an item in one sequence, in order of arrival: an item's origins have smaller ones.
/// Numbers never leave the process, and order nothing that does.
using item_number = std::uint32_t;

/// No item: the start of a sequence as a left origin, its end as a right one.
inline constexpr item_number no_item = 0xffffffff;

/// The items of one sequence, those that were removed included. Whatever would make them more is
/// refused: bytes and editors fail, mutators and joins throw.
inline constexpr std::uint32_t items_max = std::uint32_t{1} << 30;

/// The removed items of all sequences in the bytes of one state.
inline constexpr std::uint64_t removed_items_max = std::uint64_t{1} << 26;

/// What a stretch of visible content amounts to in each metric of its kind. Sums wrap, so that a
/// difference is added like a sum.
template <std::size_t Metrics>
struct content_counts {
    std::array<std::uint32_t, Metrics> by{};

    /// Visible items.
    [[nodiscard]] std::uint32_t items() const { return by[0]; }
    [[nodiscard]] bool is_zero() const { return by == decltype(by){}; }

    content_counts& operator+=(content_counts const& other) {
        for (std::size_t m = 0; m < Metrics; ++m) {
            by[m] += other.by[m];
        }
        return *this;
    }
    content_counts& operator-=(content_counts const& other) {
        for (std::size_t m = 0; m < Metrics; ++m) {
            by[m] -= other.by[m];
        }
        return *this;
    }
};

/// The units and the number of visible items of a stretch of content.
template <class Content>
struct item_content_view {
    typename Content::unit const* units = nullptr;
    std::uint32_t unit_count = 0;
    std::uint32_t items = 0;

    /// Without its first `count` items.
    [[nodiscard]] item_content_view behind(std::uint32_t count) const {
        auto const skipped = Content::units_of(units, count);
        return {units + skipped, unit_count - skipped, items - count};
    }
    [[nodiscard]] item_content_view first(std::uint32_t count) const {
        return {units, Content::units_of(units, count), count};
    }
};

/// The content of a list: each item is one unit, a value as it is held.
template <class T>
struct list_content {
    using held_type = held<T>;
    using unit = typename held_type::type;
    static_assert(std::is_trivially_copyable_v<unit>);

    static constexpr bool uses_pool = held_type::uses_pool;
    static constexpr bool lies_as_encoded = false;
    static constexpr std::uint32_t items_max = detail::items_max;
    static constexpr std::uint32_t leaf_spans = 32;
    static constexpr std::uint32_t leaf_units = 64;
    static constexpr std::size_t metrics = 1;
    using counts = content_counts<metrics>;

    static counts measure(unit const*, std::uint32_t units) { return {{units}}; }
    static std::uint32_t units_in(counts const& c) { return c.by[0]; }
    /// How many units the first `items` items take.
    static std::uint32_t units_of(unit const*, std::uint32_t items) { return items; }
    /// The units of the last item in front of `end`.
    static std::uint32_t last_item_units(unit const*) { return 1; }
    /// The greatest whole number of items in `units` units.
    static std::uint32_t whole_units(unit const*, std::uint32_t units) { return units; }

    // In bytes: the number of items, then each as it is held.

    /// Accepts or refuses content and returns its number of items.
    static std::uint64_t check(byte_reader& reader) {
        auto const items = reader.varint();
        if (items > reader.remaining()) {
            reader.fail(errc::truncated, "a list claims more items than there are bytes");
        }
        for (auto left = items; left != 0 && reader.ok(); --left) {
            (void)held_type::read(reader);
        }
        return items;
    }
    /// Where units lie that are made of values; good until it is used again.
    using scratch_type = std::vector<unit>;
    static scratch_type& scratch() {
        thread_local scratch_type memory;
        return memory;
    }

    /// Reads what was accepted. The units are in `scratch`.
    static item_content_view<list_content> read(byte_reader& reader, byte_pool& pool,
                                                bytes_owner owner, scratch_type& scratch) {
        scratch.clear();
        for (auto left = reader.varint(); left != 0; --left) {
            auto const* const encoding = reader.position();
            auto const value = read_again<T>(reader);
            scratch.push_back(held_type::keep(pool, value, encoding, owner));
        }
        auto const count = static_cast<std::uint32_t>(scratch.size());
        return {scratch.data(), count, count};
    }
    /// Passes over what was accepted.
    static void skip(byte_reader& reader) {
        for (auto left = reader.varint(); left != 0; --left) {
            (void)read_again<T>(reader);
        }
    }
    static void write(byte_writer& out, unit const* units, std::uint32_t count) {
        for (std::uint32_t i = 0; i < count; ++i) {
            auto const value = held_type::look(units[i]);
            auto* const at = out.reserve(held_type::room(value));
            out.commit(held_type::put(at, value));
        }
    }
    static void write_size(byte_writer& out, std::uint32_t items, std::uint64_t) {
        out.varint(items);
    }

    /// What users insert.
    using source = std::span<held_view<T> const>;

    /// Why nobody would read `values`, as a string literal; null if they are sound.
    static char const* flaw(source values) {
        char const* found = nullptr;
        if constexpr (requires { held_type::flaw(values[0]); }) {
            for (auto const& value : values) {
                found = found == nullptr ? held_type::flaw(value) : found;
            }
        }
        return found;
    }
    static std::size_t count(source values) { return values.size(); }
    static std::size_t room(source values) {
        std::size_t sum = varint_bytes_max;
        for (auto const& value : values) {
            sum += held_type::room(value);
        }
        return sum;
    }
    /// Writes the bytes of `values` to `at`, which lies in the pool, and moves it behind them.
    static item_content_view<list_content> put(std::byte*& at, source values, byte_pool& pool,
                                               scratch_type& scratch) {
        scratch.clear();
        at = write_varint(at, values.size());
        for (auto const& value : values) {
            auto const* const encoding = at;
            at = held_type::put(at, value);
            scratch.push_back(held_type::keep(pool, value, encoding, bytes_owner::our_pool));
        }
        return {scratch.data(), static_cast<std::uint32_t>(values.size()),
                static_cast<std::uint32_t>(values.size())};
    }
    /// Keeps `values` without their bytes in a piece.
    static item_content_view<list_content> keep(source values, byte_pool& pool,
                                                scratch_type& scratch) {
        scratch.clear();
        for (auto const& value : values) {
            scratch.push_back(held_type::keep(pool, value, nullptr, bytes_owner::somebody_else));
        }
        return {scratch.data(), static_cast<std::uint32_t>(values.size()),
                static_cast<std::uint32_t>(values.size())};
    }

    static std::uint64_t hash(unit const* at) {
        return held_type::hash(held_type::look(*at), hash_key_b);
    }
    /// The unit in another pool.
    static unit moved(unit const& from, byte_pool& pool) {
        return held_type::keep(pool, held_type::look(from), nullptr, bytes_owner::somebody_else);
    }
};

/// The content of a text: an item is a code point, a unit is a byte of its UTF-8.
template <std::uint32_t ItemsMax>
struct bounded_text_content {
    using unit = char;

    static constexpr bool uses_pool = false;
    /// Whether units are the bytes of the encoding.
    static constexpr bool lies_as_encoded = true;
    static constexpr std::uint32_t items_max = ItemsMax;
    static constexpr std::uint32_t leaf_spans = 64;
    static constexpr std::uint32_t leaf_units = 512;
    /// Code points, bytes, code points that UTF-16 takes two units for, line feeds.
    static constexpr std::size_t metrics = 4;
    using counts = content_counts<metrics>;

    static std::uint32_t units_in(counts const& c) { return c.by[1]; }
    static bool is_wide(char c) { return static_cast<unsigned char>(c) >= 0xf0; }

    /// Precondition: `units` are whole items.
    static counts measure(char const* at, std::uint32_t units) {
        if (units == 1) [[likely]] {
            return {{1, 1, 0, *at == '\n' ? 1U : 0U}};
        }
        return measure_many(at, units);
    }
    [[gnu::noinline]] static counts measure_many(char const* at, std::uint32_t units) {
        counts out{{units, units, 0, 0}};
        std::uint32_t i = 0;
        for (; i + 8 <= units; i += 8) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, at + i, sizeof eight);
            auto const not_feed = eight ^ ones * '\n';
            auto const feeds = ~(((not_feed & ~tops) + ~tops) | not_feed) & tops;
            out.by[3] += count_tops(feeds);
            if ((eight & tops) != 0) {
                out.by[0] -= count_tops(eight & ~(eight << 1) & tops);
                out.by[2] += count_tops(eight & eight << 1 & eight << 2 & eight << 3 & tops);
            }
        }
        for (; i < units; ++i) {
            out.by[0] -= continues_utf8(at[i]) ? 1U : 0U;
            out.by[2] += is_wide(at[i]) ? 1U : 0U;
            out.by[3] += at[i] == '\n' ? 1U : 0U;
        }
        return out;
    }
    static std::uint32_t items_of(char const* at, std::uint32_t units) {
        return units == 1 || is_ascii(at, units) ? units : measure_many(at, units).items();
    }
    [[gnu::noinline]] static bool is_ascii(char const* at, std::uint32_t units) {
        std::uint64_t all = 0;
        for (; units >= 8; units -= 8, at += 8) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, at, sizeof eight);
            all |= eight;
        }
        for (; units != 0; --units, ++at) {
            all |= static_cast<unsigned char>(*at);
        }
        return (all & tops) == 0;
    }
    static std::uint32_t units_of(char const* at, std::uint32_t items) {
        std::uint32_t units = 0;
        for (; items != 0; --items) {
            auto const first = static_cast<unsigned char>(at[units]);
            units += first < 0x80 ? 1U : first < 0xe0 ? 2U : first < 0xf0 ? 3U : 4U;
        }
        return units;
    }
    static std::uint32_t last_item_units(char const* end) {
        std::uint32_t units = 1;
        while (continues_utf8(end[-static_cast<std::ptrdiff_t>(units)])) {
            ++units;
        }
        return units;
    }
    /// Precondition: an item begins at `at`, and behind `units` there is more.
    static std::uint32_t whole_units(char const* at, std::uint32_t units) {
        while (continues_utf8(at[units])) {
            --units;
        }
        return units;
    }

    /// A text needs none: it lies as it is wherever it comes from.
    struct scratch_type {};
    static scratch_type scratch() { return {}; }

    // In bytes: the number of bytes, then the UTF-8.

    static std::uint64_t check(byte_reader& reader) {
        auto const text = as_text(reader.take(reader.varint()));
        auto const items = count_if_utf8(text);
        if (!items) {
            reader.fail(errc::malformed, "a text is not UTF-8");
        }
        if (text.size() > items_max) {
            reader.fail(errc::too_large, "a text is too long");
        }
        return items.value_or(0);
    }
    static item_content_view<bounded_text_content> read(byte_reader& reader, byte_pool&,
                                                        bytes_owner, scratch_type) {
        return view_of(as_text(reader.take(reader.varint())));
    }
    static void skip(byte_reader& reader) { (void)reader.take(reader.varint()); }
    /// Precondition: `text` is UTF-8.
    static item_content_view<bounded_text_content> view_of(std::string_view text) {
        auto const units = static_cast<std::uint32_t>(text.size());
        return {text.data(), units, items_of(text.data(), units)};
    }
    static void write(byte_writer& out, char const* units, std::uint32_t count) {
        out.raw(as_bytes(std::string_view{units, count}));
    }
    static void write_size(byte_writer& out, std::uint32_t, std::uint64_t units) {
        out.varint(units);
    }

    using source = std::string_view;

    static char const* flaw(source text) {
        auto const is_sound =
            text.size() == 1 ? (static_cast<unsigned char>(text[0]) & 0x80) == 0 : is_utf8(text);
        return is_sound ? nullptr : "a text is not UTF-8";
    }
    static std::size_t count(source text) {
        return measure(text.data(), static_cast<std::uint32_t>(text.size())).items();
    }
    static std::size_t room(source text) { return varint_bytes_max + text.size(); }
    static item_content_view<bounded_text_content> put(std::byte*& at, source text, byte_pool&,
                                                       scratch_type) {
        at = write_varint(at, text.size());
        std::memcpy(at, text.data(), text.size());
        at += text.size();
        return view_of(text);
    }
    static item_content_view<bounded_text_content> keep(source text, byte_pool&, scratch_type) {
        return view_of(text);
    }

    static std::uint64_t hash(char const* at) {
        return hash64(as_bytes(std::string_view{at, units_of(at, 1)}), hash_key_b);
    }
    static char moved(char unit, byte_pool&) { return unit; }

private:
    static constexpr std::uint64_t ones = 0x0101010101010101;
    static constexpr std::uint64_t tops = ones << 7;

    /// How many of the eight bytes have their top bit, which is all that they have.
    static std::uint32_t count_tops(std::uint64_t bytes) {
        return static_cast<std::uint32_t>((bytes >> 7) * ones >> 56);
    }
};

using text_content = bounded_text_content<items_max>;

} // namespace joinery::detail
