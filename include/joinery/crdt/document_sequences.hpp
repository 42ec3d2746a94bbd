#pragma once

#include <joinery/core/dot.hpp>
#include <joinery/crdt/scalar.hpp>
#include <joinery/crdt/sequence_difference.hpp>
#include <joinery/crdt/sequence_editor.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace joinery::detail {

using document_order = sequence_store<list_content<scalar>>;
using document_text = sequence_store<text_content>;

/// The item at an index, which there is.
[[nodiscard]] inline dot item_at(document_order const& order, causal_root const& root,
                                 std::size_t index) {
    auto const& items = *order.items();
    auto const at = items.visible_at(static_cast<std::uint32_t>(index));
    return root.context.global(items.items().dot_of(at.item));
}
/// The value that an item began with.
[[nodiscard]] inline scalar value_at(document_order const& order, std::size_t index) {
    return held<scalar>::look(*order.items()->visible_at(static_cast<std::uint32_t>(index)).at);
}
/// Visits (item, the value that it began with) in the order of the list.
template <class F>
void for_each_item(document_order const& order, causal_root const& root, F&& visit) {
    if (order.items() == nullptr) {
        return;
    }
    auto const& items = *order.items();
    std::vector<pooled> values;
    values.reserve(order.size());
    items.for_each_array([&](pooled const* at, std::uint32_t count) {
        values.insert(values.end(), at, at + count);
    });
    auto value = values.begin();
    items.for_each_span([&](item_span const& span) {
        if (span.is_dead()) {
            return;
        }
        items.items().for_each_range(span.first(), span.count(), [&](item_range const& range) {
            auto const first = root.context.global(range.first);
            for (std::uint32_t i = 0; i < range.count; ++i) {
                visit(dot{first.replica, first.sequence + i}, held<scalar>::look(*value++));
            }
        });
    });
}
[[nodiscard]] inline std::string text_of(document_text const& text) {
    std::string out;
    if (auto const* const items = text.items()) {
        out.reserve(items->total().by[1]);
        items->for_each_array([&](char const* at, std::uint32_t count) { out.append(at, count); });
    }
    return out;
}

/// The key under which a document keeps what has become of a list's element: the dot of the item,
/// in units of seven bits, so that it is a key like any other. No two dots share one.
class element_key {
public:
    static constexpr std::size_t bytes_max = 30;

    element_key() = default;
    explicit element_key(dot const& item) {
        put(item.replica.high(), id_units);
        put(item.replica.low(), id_units);
        auto units = 1;
        while (units < sequence_units_max && item.sequence >> (7 * units) != 0) {
            ++units;
        }
        put(item.sequence, units);
    }

    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::string_view view() const { return {units_.data(), size_}; }

    /// The dot of which `key` is the key, if it is one.
    [[nodiscard]] static std::optional<dot> item_of(std::string_view key) {
        if (key.size() <= 2 * id_units || key.size() > bytes_max) {
            return std::nullopt;
        }
        dot const item{
            replica_id{number(key.substr(0, id_units)), number(key.substr(id_units, id_units))},
            number(key.substr(2 * id_units))};
        return element_key{item}.view() == key ? std::optional{item} : std::nullopt;
    }

private:
    static constexpr int id_units = 10;
    static constexpr int sequence_units_max = 10;

    void put(std::uint64_t value, int units) {
        for (auto i = units - 1; i >= 0; --i) {
            units_[size_++] = static_cast<char>(value >> (7 * i) & 0x7f);
        }
    }
    static std::uint64_t number(std::string_view units) {
        std::uint64_t value = 0;
        for (auto const unit : units) {
            value = value << 7 | (static_cast<unsigned char>(unit) & 0x7f);
        }
        return value;
    }

    std::array<char, bytes_max> units_{};
    std::uint8_t size_ = 0;
};

/// What a place holds if it is a list or a text: nothing for almost every place.
///
/// A list is the order of its items, each with its first value, and beside it a map from items to
/// what has become of them since. An item that is removed is gone with all that is under its key.
class document_sequences {
public:
    struct parts;

    document_sequences();
    document_sequences(document_sequences&& other) noexcept;
    document_sequences& operator=(document_sequences&& other) noexcept;
    ~document_sequences();

    [[nodiscard]] parts* get() const { return parts_.get(); }
    parts& open();
    /// Back to nothing if nothing is left.
    void close();

    [[nodiscard]] bool is_bottom() const;
    [[nodiscard]] bool has_list() const;
    [[nodiscard]] bool has_text() const;

    template <class Writer>
    void reset(Writer& out);
    void clear_seen(std::uint64_t seed);
    template <class Source, class Frame>
    void join(Source const& theirs, Frame& f);
    template <class Frame>
    void drop_seen(Frame& f);
    template <class F>
    void for_each_dot(F&& visit) const;
    void rehome(byte_pool& pool);
    void digest(digest_output& out, std::uint64_t path) const;

private:
    std::unique_ptr<parts> parts_;
};

} // namespace joinery::detail
