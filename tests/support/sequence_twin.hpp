#pragma once

#include <joinery/crdt/sequence.hpp>
#include <joinery/crdt/text.hpp>
#include <joinery/testing/random.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/naive_list.hpp"
#include "support/traces.hpp"

namespace joinery::tests {

/// Text in leaves of a few items, so that short histories make many of them.
struct narrow_content : joinery::detail::text_content {
    using text_content = joinery::detail::text_content;
    using view = joinery::detail::item_content_view<narrow_content>;

    static constexpr std::uint32_t leaf_spans = 8;
    static constexpr std::uint32_t leaf_units = 64;

    template <class... More>
    static view read(byte_reader& reader, More&&... more) {
        return own(text_content::read(reader, std::forward<More>(more)...));
    }
    template <class... More>
    static view put(std::byte*& at, source text, More&&... more) {
        return own(text_content::put(at, text, std::forward<More>(more)...));
    }
    template <class... More>
    static view keep(source text, More&&... more) {
        return own(text_content::keep(text, std::forward<More>(more)...));
    }

private:
    static view own(joinery::detail::item_content_view<text_content> const& of) {
        return {of.units, of.unit_count, of.items};
    }
};

class narrow_text : public sequence_base<narrow_text, narrow_content> {
public:
    change insert(replica_id self, std::size_t index, std::string_view utf8) {
        return insert_all(self, index, utf8);
    }
    [[nodiscard]] std::string value() const {
        std::string out;
        if (auto const* const items = store().items()) {
            items->for_each_array(
                [&](char const* at, std::uint32_t count) { out.append(at, count); });
        }
        return out;
    }
};

/// How many items are looked at one by one before an index of siblings is made.
template <class Sequence>
void set_scan_limit(Sequence& of, std::uint32_t limit) {
    joinery::detail::causal_access::store(of).open().set_scan_limit(limit);
}

/// How a type of lists takes and shows values that are code points.
template <class Sequence>
struct sequence_values;

template <>
struct sequence_values<narrow_text> {
    static narrow_text insert(narrow_text& into, replica_id self, std::size_t at,
                              std::string const& values) {
        return into.insert(self, at, values);
    }
    static std::string shown(narrow_text const& from) { return from.value(); }
    static std::string letter(testing::splitmix64& random) {
        constexpr std::array letters{"\xC3\xA9", "\xE6\xBC\xA2", "\xF0\x9F\x98\x80", "\n"};
        return random.chance(20) ? random.pick(letters)
                                 : std::string(1, static_cast<char>('a' + random.below(26)));
    }
    static std::string broken_units(narrow_text const&) { return {}; }
};

template <>
struct sequence_values<text> {
    static text insert(text& into, replica_id self, std::size_t at, std::string const& values) {
        return into.insert(self, at, values);
    }
    static std::string shown(text const& from) { return from.value(); }
    static std::string letter(testing::splitmix64& random) {
        return sequence_values<narrow_text>::letter(random);
    }
    static std::string broken_units(text const& from);
};

/// Each item is a letter.
template <>
struct sequence_values<sequence<std::uint32_t>> {
    using type = sequence<std::uint32_t>;

    static type insert(type& into, replica_id self, std::size_t at, std::string const& values) {
        std::vector<std::uint32_t> const letters(values.begin(), values.end());
        return into.insert(self, at, std::span<std::uint32_t const>{letters});
    }
    static std::string shown(type const& from) {
        std::string out;
        for (std::uint32_t const letter : from.value()) {
            out += static_cast<char>(letter);
        }
        return out;
    }
    static std::string letter(testing::splitmix64& random) {
        return std::string(1, static_cast<char>('a' + random.below(26)));
    }
    static std::string broken_units(type const&) { return {}; }
};

/// Positions in every unit, for the text and for all of its beginnings, beside a plain count.
inline std::string sequence_values<text>::broken_units(text const& from) {
    std::size_t index = 0;
    std::size_t bytes = 0;
    std::size_t utf16 = 0;
    std::size_t lines = 0;
    auto const view = from.read();
    auto const is_right = [&] {
        return view.position(text_unit::utf8, index) == bytes &&
               view.position(text_unit::utf16, index) == utf16 &&
               view.position(text_unit::lines, index) == lines &&
               view.index_at(text_unit::utf8, bytes) == index &&
               view.index_at(text_unit::utf16, utf16) == index;
    };
    for (auto const& one : code_points(from.value())) {
        if (!is_right() || view[index] != one) {
            return "counts wrong at index " + std::to_string(index);
        }
        ++index;
        bytes += one.size();
        utf16 += one.size() == 4 ? 2 : 1;
        lines += one == "\n" ? 1 : 0;
    }
    auto const is_whole = from.size(text_unit::utf8) == bytes &&
                          from.size(text_unit::utf16) == utf16 &&
                          from.size(text_unit::lines) == lines && from.size() == index;
    return is_whole && is_right() ? "" : "counts wrong in whole";
}

template <class Sequence>
std::string shown(Sequence const& from) {
    return sequence_values<Sequence>::shown(from);
}

struct ordered_item {
    dot id;
    bool is_alive;
    friend bool operator==(ordered_item const&, ordered_item const&) = default;
};

using item_order = std::vector<ordered_item>;

template <class Sequence>
item_order order_of(Sequence const& from) {
    item_order out;
    from.for_each_item([&](dot const& id, bool is_alive) { out.push_back({id, is_alive}); });
    return out;
}

inline item_order order_of(list_items const& items) {
    item_order out;
    for (auto const& item : items) {
        out.push_back({item.made.id, item.is_alive});
    }
    return out;
}

/// A replica's change, for the type and for the model.
template <class Sequence>
struct twin_change {
    Sequence delta;
    std::vector<list_change> model;
};

/// A sequence and beside it the model that says what it has to be.
template <class Sequence>
struct sequence_twin {
    Sequence real{};
    scanned_list model{};
    std::uint32_t scan_limit = 64;

    twin_change<Sequence> insert(replica_id self, std::size_t at, std::string const& values) {
        twin_change<Sequence> out{sequence_values<Sequence>::insert(real, self, at, values), {}};
        auto id = real.id_at(at);
        for (auto const& value : code_points(values)) {
            out.model.emplace_back(insert_at(model, id, at++, value));
            ++id.sequence;
        }
        return out;
    }

    twin_change<Sequence> erase(replica_id self, std::size_t at, std::size_t count) {
        twin_change<Sequence> out{real.erase(self, at, count), {}};
        for (std::size_t i = 0; i < count; ++i) {
            out.model.emplace_back(erase_at(model, at));
        }
        return out;
    }

    /// The changes of one transaction of a recording.
    std::vector<twin_change<Sequence>> edit(replica_id self, std::vector<trace_edit> const& edits) {
        std::vector<twin_change<Sequence>> out;
        for (auto const& edit : edits) {
            if (edit.erased > 0) {
                out.push_back(erase(self, edit.at, edit.erased));
            }
            if (!edit.inserted.empty()) {
                out.push_back(insert(self, edit.at, edit.inserted));
            }
        }
        return out;
    }

    void take(twin_change<Sequence> const& change) {
        set_scan_limit(real, scan_limit);
        real.join(change.delta);
        tests::take(model, change.model);
    }
};

/// What differs between a sequence and what it has to be; nothing if they agree.
template <class Sequence>
std::string difference_from_model(Sequence const& real, list_items const& model) {
    auto const expected = text_of_items(model);
    if (real.waiting() != 0) {
        return std::to_string(real.waiting()) + " items wait though nothing is missing";
    }
    if (auto const found = shown(real); found != expected) {
        return "shows \"" + found + "\" instead of \"" + expected + '"';
    }
    if (real.size() != count_code_points(expected) || real.empty() != expected.empty()) {
        return "counts " + std::to_string(real.size()) + " items";
    }
    if (order_of(real) != order_of(model)) {
        return "has the erased items in another order";
    }
    return sequence_values<Sequence>::broken_units(real);
}

/// What differs between two replicas that have learned the same; nothing if they agree.
template <class Sequence>
std::string difference_between(Sequence const& one, Sequence const& other) {
    if (order_of(one) != order_of(other)) {
        return "two replicas have other orders";
    }
    if (!(one == other) || one.encode() != other.encode()) {
        return "two replicas with one order are not equal";
    }
    return one.digest() == other.digest() ? "" : "two equal replicas have other digests";
}

} // namespace joinery::tests
