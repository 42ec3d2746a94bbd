#pragma once

#include <joinery/core/lattice.hpp>
#include <joinery/core/utf8.hpp>
#include <joinery/crdt/sequence_base.hpp>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace joinery {

/// What a position in a text counts. Indexes are code points where nothing else is said.
enum class text_unit : std::uint8_t {
    code_points,
    utf8,  ///< bytes
    utf16, ///< as JavaScript, Java and the language server protocol count
    lines, ///< line feeds before the position
};

/// A text that many replicas edit at once: a sequence of code points.
///
/// Concurrent writes   as in `sequence`: what is typed at one place at the same time stands one
///                     after the other and does not interleave; an erase removes exactly the code
///                     points that it has seen.
/// State               a byte for each byte of the text, 24 for each run of typing and 8 for each
///                     range of it, alive or erased. Erased text is not kept. What was decoded is
///                     held as it was written until it is changed or asked for a place.
/// Complexity          n runs: insert, erase, positions O(log n), next to the last edit O(1); join
///                     of a delta O(log n), of a state O(items of it that are new); `value`
///                     O(bytes).
/// Errors              what is not UTF-8 is not inserted: mutators throw, editors and decoders
///                     refuse it.
/// Reference           Weidner, Kleppmann, "The Art of the Fugue: Minimizing Interleaving in
///                     Collaborative Text Editing", IEEE TPDS 36(11), 2025 (FugueMax).
///
/// A template, so that programs which include it and have no text compile none of it.
template <class Content>
class basic_text : public sequence_base<basic_text<Content>, Content> {
    using base = sequence_base<basic_text<Content>, Content>;

public:
    using value_type = std::string;
    using base::size;
    using typename base::change;
    using typename base::store_type;

    /// Reads a text anywhere in a causal value. Lives as long as the value is not changed.
    class view : public sequence_places<Content> {
    public:
        using sequence_places<Content>::sequence_places;
        using sequence_places<Content>::size;

        [[nodiscard]] std::size_t size(text_unit unit) const {
            if (unit == text_unit::utf8) {
                return store() == nullptr ? 0 : store()->unit_count();
            }
            return items() == nullptr ? 0 : amount(items()->total(), unit);
        }
        [[nodiscard]] std::string value() const {
            std::string out;
            out.reserve(size(text_unit::utf8));
            for_each_chunk([&](std::string_view chunk) { out += chunk; });
            return out;
        }
        /// Visits the text as pieces of UTF-8, cut between code points.
        template <class F>
        void for_each_chunk(F&& visit) const {
            if (store() != nullptr) {
                store()->for_each_array([&](char const* at, std::uint32_t count) {
                    visit(std::string_view{at, count});
                });
            }
        }
        /// The code point at an index, as UTF-8. O(log n). Precondition: `index < size()`.
        [[nodiscard]] std::string_view operator[](std::size_t index) const {
            assert(index < size() && "there is no code point at this index");
            auto const at = items()->visible_at(static_cast<std::uint32_t>(index));
            return {at.at, Content::units_of(at.at, 1)};
        }
        /// Where the code point at `index` begins, in another unit. O(log n).
        ///
        /// Precondition: `index <= size()`.
        [[nodiscard]] std::size_t position(text_unit unit, std::size_t index) const {
            assert(index <= size() && "there is no code point at this index");
            return items() == nullptr
                       ? 0
                       : amount(items()->counts_before(static_cast<std::uint32_t>(index)), unit);
        }
        /// The index of the first code point that begins at a position or behind it; for lines, of
        /// the first one in a line. O(log n). `size()` if there is none.
        [[nodiscard]] std::size_t index_at(text_unit unit, std::size_t position) const {
            if (items() == nullptr || position > size(unit)) {
                return size();
            }
            return items()->position_at([&](auto const& c) { return amount(c, unit); }, position);
        }

    private:
        using sequence_places<Content>::items;
        using sequence_places<Content>::store;

        static std::size_t amount(typename Content::counts const& c, text_unit unit) {
            switch (unit) {
            case text_unit::utf8:
                return c.by[1];
            case text_unit::utf16:
                return c.by[0] + c.by[2];
            case text_unit::lines:
                return c.by[3];
            case text_unit::code_points:
                break;
            }
            return c.by[0];
        }
    };

    /// Changes a text anywhere in a causal value; made by `edit`. An index outside of it, and what
    /// is not UTF-8, fails the edit.
    template <class Location>
    class editor : public detail::sequence_editor<Location, Content> {
    public:
        using detail::sequence_editor<Location, Content>::sequence_editor;

        void insert(std::size_t index, std::string_view utf8) { this->insert_all(index, utf8); }
    };

    /// Inserts text in front of the code point at `index`, on behalf of `self`. Throws
    /// `std::invalid_argument` if it is not UTF-8, `std::out_of_range` if `index > size()`.
    change insert(replica_id self, std::size_t index, std::string_view utf8) {
        return this->insert_all(self, index, utf8);
    }

    [[nodiscard]] view read() const { return {&this->store(), this->root()}; }
    [[nodiscard]] std::size_t size(text_unit unit) const { return read().size(unit); }
    [[nodiscard]] std::string value() const { return read().value(); }
    [[nodiscard]] std::string_view operator[](std::size_t index) const { return read()[index]; }
};

using text = basic_text<detail::text_content>;

static_assert(delta_crdt<text>);

} // namespace joinery
