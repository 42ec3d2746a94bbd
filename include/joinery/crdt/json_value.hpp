#pragma once

#include <joinery/crdt/composite_writer.hpp>
#include <joinery/crdt/document_view.hpp>
#include <joinery/crdt/json_export.hpp>
#include <joinery/crdt/json_number.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery::json::detail {

/// Keeps the bytes of values that are made on the way, for as long as it lives.
class value_store {
public:
    /// The one item that `writer` holds, out of its own bytes.
    scalar keep(composite_writer const& writer) {
        auto const content = joinery::as_bytes(writer.content());
        auto const& kept = kept_.emplace_back(content.begin(), content.end());
        auto const* at = kept.data();
        return joinery::detail::read_trusted_scalar(at);
    }

private:
    std::deque<bytes> kept_;
};

/// Appends what `place` shows as one item: a map as an object, a list or set as an array, a
/// text as a string, a counter as an integer.
inline void put_value(composite_writer& out, document_view const& place) {
    composite_writer inner;
    switch (place.kind()) {
    case value_kind::none:
        out.item({});
        break;
    case value_kind::map:
        place.for_each([&](std::string_view key, document_view const& child) {
            composite_writer value;
            put_value(value, child);
            auto const content = joinery::as_bytes(value.content());
            auto const* at = content.data();
            inner.member(key, joinery::detail::read_trusted_scalar(at));
        });
        out.item(scalar::of_kind(value_kind::object, inner.content()));
        break;
    case value_kind::set:
        for (auto const& element : place.elements()) {
            inner.item(element);
        }
        out.item(scalar::of_kind(value_kind::array, inner.content()));
        break;
    case value_kind::list:
        place.for_each_element([&](document_view const& element) { put_value(inner, element); });
        out.item(scalar::of_kind(value_kind::array, inner.content()));
        break;
    case value_kind::text:
        out.item(place.text());
        break;
    case value_kind::counter:
        out.item(place.counter());
        break;
    default:
        out.item(place.value());
    }
}
inline scalar value_of(document_view const& place, value_store& store) {
    if (place.is_scalar()) {
        return place.value();
    }
    composite_writer out;
    put_value(out, place);
    return store.keep(out);
}

/// Which numbers are the same: those of one value (1 and 1.0), or those that are written alike.
enum class number_rule : std::uint8_t { by_value, as_written };

/// A text that is the same for values that are the same JSON, whatever order their keys are in.
class canonical_writer {
public:
    explicit canonical_writer(number_rule rule) : rule_{rule} {}

    void put(scalar const& value) {
        switch (value.kind()) {
        case value_kind::boolean:
            out_ += value.as_boolean() ? 't' : 'f';
            break;
        case value_kind::integer:
            put_number(std::to_string(value.as_integer()));
            break;
        case value_kind::real:
            put_number(real_text(value.as_real()));
            break;
        case value_kind::number:
            put_number(value.text());
            break;
        case value_kind::string:
            put_text('s', value.as_string());
            break;
        case value_kind::blob:
            put_text('s', base64_text(value.as_bytes()));
            break;
        case value_kind::timestamp:
            put_moment(value.as_timestamp());
            break;
        case value_kind::array:
            out_ += '[';
            value.for_each_item([&](scalar const& item) { put(item); });
            out_ += ']';
            break;
        case value_kind::object:
            put_object(value);
            break;
        default:
            out_ += 'n';
        }
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    void put_text(char kind, std::string_view text) {
        out_ += kind;
        out_ += std::to_string(text.size());
        out_ += ':';
        out_ += text;
    }
    void put_number(std::string_view text) {
        if (text == "null") { // a real that is not finite
            out_ += 'n';
            return;
        }
        if (rule_ == number_rule::as_written) {
            put_text('d', text);
            return;
        }
        auto const number = normal_form(text);
        auto const is_negative = number.is_negative && !number.digits.empty();
        put_text('d',
                 (is_negative ? "-" : "") + number.digits + 'e' + std::to_string(number.exponent));
    }
    void put_moment(timestamp value) {
        auto const text = timestamp_text(value);
        if (text.empty()) {
            put_number(std::to_string(value.milliseconds));
        } else {
            put_text('s', text);
        }
    }
    void put_object(scalar const& value) {
        std::vector<std::pair<std::string_view, scalar>> members;
        value.for_each_member(
            [&](std::string_view key, scalar const& member) { members.emplace_back(key, member); });
        std::sort(members.begin(), members.end(),
                  [](auto const& a, auto const& b) { return a.first < b.first; });
        out_ += '{';
        for (auto const& [key, member] : members) {
            put_text('k', key);
            put(member);
        }
        out_ += '}';
    }

    number_rule rule_;
    std::string out_;
};

[[nodiscard]] inline std::string canonical_text(scalar const& value, number_rule rule) {
    canonical_writer out{rule};
    out.put(value);
    return out.take();
}
[[nodiscard]] inline std::string canonical_text(document_view const& place, number_rule rule) {
    value_store store;
    return canonical_text(value_of(place, store), rule);
}
[[nodiscard]] inline bool are_equal(scalar const& a, scalar const& b, number_rule rule) {
    return a == b || canonical_text(a, rule) == canonical_text(b, rule);
}

} // namespace joinery::json::detail
