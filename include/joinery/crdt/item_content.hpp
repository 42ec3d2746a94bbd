#pragma once

#include <joinery/core/utf8.hpp>
#include <joinery/crdt/held.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace joinery::detail {

/// The number of an item in one sequence, in order of arrival: an item's origins have smaller ones.
/// Numbers never leave the process, and order nothing that does.
using item_number = std::uint32_t;

/// No item: the start of a sequence as a left origin, its end as a right one.
inline constexpr item_number no_item = 0xffffffff;

inline constexpr std::uint32_t items_max = std::uint32_t{1} << 30;

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

/// The content of a list: each item is one unit, a value as it is held.
template <class T>
struct list_content {
    using held_type = held<T>;
    using unit = typename held_type::type;
    static_assert(std::is_trivially_copyable_v<unit>);

    static constexpr bool uses_pool = held_type::uses_pool;
    static constexpr std::uint32_t leaf_spans = 32;
    static constexpr std::uint32_t leaf_units = 64;
    static constexpr std::size_t metrics = 1;
    using counts = content_counts<metrics>;

    static counts measure(unit const*, std::uint32_t units) { return {{units}}; }
    /// How many units the first `items` items take.
    static std::uint32_t units_of(unit const*, std::uint32_t items) { return items; }
    /// The units of the last item in front of `end`.
    static std::uint32_t last_item_units(unit const*) { return 1; }
    /// The greatest whole number of items in `units` units.
    static std::uint32_t whole_units(unit const*, std::uint32_t units) { return units; }
};

/// The content of a text: an item is a code point, a unit is a byte of its UTF-8.
struct text_content {
    using unit = char;

    static constexpr bool uses_pool = false;
    static constexpr std::uint32_t leaf_spans = 64;
    static constexpr std::uint32_t leaf_units = 512;
    /// Code points, bytes, code points that UTF-16 takes two units for, line feeds.
    static constexpr std::size_t metrics = 4;
    using counts = content_counts<metrics>;

    static bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }
    static bool is_wide(char c) { return static_cast<unsigned char>(c) >= 0xf0; }

    /// Precondition: `units` are whole items.
    static counts measure(char const* at, std::uint32_t units) {
        if (units == 1) [[likely]] {
            return {{1, 1, 0, *at == '\n' ? 1U : 0U}};
        }
        return measure_many(at, units);
    }
    static counts measure_many(char const* at, std::uint32_t units) {
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
            out.by[0] -= continues(at[i]) ? 1U : 0U;
            out.by[2] += is_wide(at[i]) ? 1U : 0U;
            out.by[3] += at[i] == '\n' ? 1U : 0U;
        }
        return out;
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
        while (continues(end[-static_cast<std::ptrdiff_t>(units)])) {
            ++units;
        }
        return units;
    }
    /// Precondition: an item begins at `at`, and behind `units` there is more.
    static std::uint32_t whole_units(char const* at, std::uint32_t units) {
        while (continues(at[units])) {
            --units;
        }
        return units;
    }

private:
    static constexpr std::uint64_t ones = 0x0101010101010101;
    static constexpr std::uint64_t tops = ones << 7;

    /// How many of the eight bytes have their top bit, which is all that they have.
    static std::uint32_t count_tops(std::uint64_t bytes) {
        return static_cast<std::uint32_t>((bytes >> 7) * ones >> 56);
    }
};

} // namespace joinery::detail
