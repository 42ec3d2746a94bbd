#pragma once

#include <joinery/crdt/document_view.hpp>
#include <joinery/crdt/json_number.hpp>

#if __has_include(<cereal/external/rapidjson/prettywriter.h>)
#include <cereal/external/rapidjson/prettywriter.h>
#else
#include <rapidjson/prettywriter.h>
#endif

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace joinery::json {

enum class layout : std::uint8_t { compact, pretty };

/// Bytes as text in base64 (RFC 4648, section 4).
[[nodiscard]] inline std::string base64_text(byte_view input) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((input.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < input.size(); i += 3) {
        std::uint32_t three = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            three = three << 8 |
                    (i + j < input.size() ? std::to_integer<std::uint32_t>(input[i + j]) : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            auto const is_padding = i + j > input.size();
            out += is_padding ? '=' : digits[three >> (18 - 6 * j) & 63];
        }
    }
    return out;
}

/// A moment as RFC 3339 writes it, such as `2026-01-31T12:00:00.250Z`; empty for the years that it
/// cannot write, which are those before 0 and after 9999.
[[nodiscard]] inline std::string timestamp_text(timestamp value) {
    using namespace std::chrono;
    constexpr std::int64_t first = -62'167'219'200'000;
    constexpr std::int64_t last = 253'402'300'799'999;
    if (value.milliseconds < first || value.milliseconds > last) {
        return {};
    }
    sys_time<milliseconds> const moment{milliseconds{value.milliseconds}};
    auto const day = floor<days>(moment);
    year_month_day const date{day};
    auto const digits = [](std::int64_t number, std::size_t width) {
        auto const text = std::to_string(number);
        return std::string(width - text.size(), '0') + text;
    };
    auto const rest = (moment - day).count();
    return digits(int{date.year()}, 4) + '-' + digits(unsigned{date.month()}, 2) + '-' +
           digits(unsigned{date.day()}, 2) + 'T' + digits(rest / 3'600'000, 2) + ':' +
           digits(rest / 60'000 % 60, 2) + ':' + digits(rest / 1'000 % 60, 2) + '.' +
           digits(rest % 1'000, 3) + 'Z';
}

namespace detail {

/// RapidJSON's idea of a stream.
struct string_stream {
    using Ch = char;
    std::string& out;
    void Put(char c) { out.push_back(c); }
    void Flush() {}
};

template <class Writer>
class exporter {
public:
    explicit exporter(Writer& writer) : writer_{writer} {}

    void write(document_view const& place) {
        switch (place.kind()) {
        case value_kind::none:
            writer_.Null();
            break;
        case value_kind::counter:
            writer_.Int64(place.counter());
            break;
        case value_kind::set:
            writer_.StartArray();
            for (auto const& element : place.elements()) {
                write(element);
            }
            writer_.EndArray();
            break;
        case value_kind::map:
            writer_.StartObject();
            place.for_each([&](std::string_view key, document_view const& value) {
                write_key(key);
                write(value);
            });
            writer_.EndObject();
            break;
        case value_kind::list:
            writer_.StartArray();
            place.for_each_element([&](document_view const& element) { write(element); });
            writer_.EndArray();
            break;
        case value_kind::text:
            write_string(place.text());
            break;
        default:
            write(place.value());
        }
    }

    void write(scalar const& value) {
        switch (value.kind()) {
        case value_kind::boolean:
            writer_.Bool(value.as_boolean());
            break;
        case value_kind::integer:
            writer_.Int64(value.as_integer());
            break;
        case value_kind::real:
            write_number(real_text(value.as_real()));
            break;
        case value_kind::number:
            write_number(value.text());
            break;
        case value_kind::string:
            write_string(value.as_string());
            break;
        case value_kind::blob:
            write_string(base64_text(value.as_bytes()));
            break;
        case value_kind::timestamp:
            write_timestamp(value.as_timestamp());
            break;
        case value_kind::array:
            writer_.StartArray();
            value.for_each_item([&](scalar const& item) { write(item); });
            writer_.EndArray();
            break;
        case value_kind::object:
            writer_.StartObject();
            value.for_each_member([&](std::string_view key, scalar const& member) {
                write_key(key);
                write(member);
            });
            writer_.EndObject();
            break;
        default:
            writer_.Null();
        }
    }

private:
    void write_key(std::string_view key) {
        writer_.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
    }
    void write_string(std::string_view text) {
        // An empty view may have no address, which RapidJSON does not take.
        writer_.String(text.empty() ? "" : text.data(),
                       static_cast<rapidjson::SizeType>(text.size()));
    }
    void write_number(std::string_view text) {
        writer_.RawValue(text.data(), text.size(), rapidjson::kNumberType);
    }
    void write_timestamp(timestamp value) {
        auto const text = timestamp_text(value);
        if (text.empty()) {
            writer_.Int64(value.milliseconds);
        } else {
            write_string(text);
        }
    }

    Writer& writer_;
};

template <class Value>
[[nodiscard]] std::string export_any(Value const& value, layout wanted) {
    std::string out;
    string_stream stream{out};
    if (wanted == layout::pretty) {
        rapidjson::PrettyWriter<string_stream> writer{stream};
        writer.SetIndent(' ', 2);
        exporter{writer}.write(value);
    } else {
        rapidjson::Writer<string_stream> writer{stream};
        exporter{writer}.write(value);
    }
    return out;
}

} // namespace detail

/// The JSON text of what `place` shows: equal states give equal text.
///
/// Keys are ascending and numbers stand as they are kept. What JSON has no words for is written as
/// what comes nearest: a set as an array in the order of its elements, a counter as a number, bytes
/// as base64, a timestamp as RFC 3339 (a number of milliseconds outside the years 0 to 9999), a
/// real that is not finite as null. An import of the text gives the same maps, arrays, strings,
/// numbers, booleans and nulls; sets, counters, bytes and timestamps come back as what they were
/// written as, and of a conflict only what was shown.
///
/// Complexity   O(bytes), and O(n log n) for the keys of a map.
/// Reference    RFC 8259.
[[nodiscard]] inline std::string export_text(document_view const& place,
                                             layout wanted = layout::compact) {
    return detail::export_any(place, wanted);
}
[[nodiscard]] inline std::string export_text(scalar const& value, layout wanted = layout::compact) {
    return detail::export_any(value, wanted);
}

} // namespace joinery::json
