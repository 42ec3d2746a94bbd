#pragma once

#include <joinery/core/result.hpp>
#include <joinery/core/utf8.hpp>
#include <joinery/crdt/json_number.hpp>
#include <joinery/crdt/json_stream.hpp>

#if __has_include(<cereal/external/rapidjson/reader.h>)
#include <cereal/external/rapidjson/error/en.h>
#else
#include <rapidjson/error/en.h>
#endif

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace joinery::json::detail {

/// "line 3, column 14": a column is a character, counted from one.
[[nodiscard]] inline std::string place_text(std::string_view text, std::size_t offset) {
    auto const before = text.substr(0, offset);
    auto const line_start = before.rfind('\n') + 1; // npos + 1 is 0
    auto const lines = std::count(before.begin(), before.end(), '\n');
    auto const line = before.substr(line_start);
    auto const characters = std::count_if(line.begin(), line.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    });
    return "line " + std::to_string(lines + 1) + ", column " + std::to_string(characters + 1);
}

[[nodiscard]] inline failure fail_at(std::string_view text, std::size_t offset, errc code,
                                     std::string const& reason) {
    return failure(code, place_text(text, offset) + ": " + reason, offset);
}

/// The characters of a number at the start of `text`.
[[nodiscard]] inline std::string_view number_token(std::string_view text) {
    return text.substr(0, text.find_first_not_of("+-.0123456789Ee"));
}

/// `text` with zeros in place of the numbers that may be beyond every double, which RapidJSON
/// refuses even when it is to keep numbers as text. Everything stays where it is.
[[nodiscard]] inline std::string without_huge_numbers(std::string_view text) {
    std::string out{text};
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') {
            while (++i < text.size() && text[i] != '"') {
                i += text[i] == '\\' ? 1U : 0U;
            }
        } else if (text[i] == '-' || (text[i] >= '0' && text[i] <= '9')) {
            auto const token = number_token(text.substr(i));
            auto const may_be_huge = token.size() > 300 || token.find_first_of("eE") != token.npos;
            if (may_be_huge && joinery::detail::is_json_number(token)) {
                std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(i), token.size(), ' ');
                out[i] = '0';
            }
            i += token.size() - 1;
        }
    }
    return out;
}

/// Why a visitor did not want to go on.
struct refusal {
    errc code{};
    std::string reason;
};

/// Passes RapidJSON's events on to a visitor with `on_value`, `on_key`, `on_begin_object`,
/// `on_end_object`, `on_begin_array` and `on_end_array`, which return false to stop, and a
/// `refused` that says why.
template <class Visitor>
class sax_handler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, sax_handler<Visitor>> {
public:
    /// `parsed` is `text`, in which numbers may have been replaced.
    sax_handler(Visitor& visitor, std::string_view text, std::string_view parsed,
                unescaped_strings const& apart)
        : visitor_{visitor},
          text_{text},
          parsed_{parsed},
          apart_{apart},
          may_have_halves_{text.find("\\u") != text.npos} {}

    bool Null() { return visitor_.on_value(scalar{}); }
    bool Bool(bool value) { return visitor_.on_value(scalar{value}); }
    bool RawNumber(char const* data, rapidjson::SizeType size, bool) {
        auto const rest = text_.substr(static_cast<std::size_t>(data - parsed_.data()));
        auto const is_replaced = parsed_.data() != text_.data();
        auto const number = is_replaced ? number_token(rest) : rest.substr(0, size);
        return visitor_.on_value(number_of(number));
    }
    bool String(char const* data, rapidjson::SizeType size, bool) {
        auto const value = string_at(data, size);
        return check(value) && visitor_.on_value(scalar{value});
    }
    bool Key(char const* data, rapidjson::SizeType size, bool) {
        auto const key = string_at(data, size);
        return check(key) && visitor_.on_key(key);
    }
    bool StartObject() { return visitor_.on_begin_object(); }
    bool EndObject(rapidjson::SizeType) { return visitor_.on_end_object(); }
    bool StartArray() { return visitor_.on_begin_array(); }
    bool EndArray(rapidjson::SizeType) { return visitor_.on_end_array(); }

private:
    [[nodiscard]] std::string_view string_at(char const* data, std::size_t size) const {
        return {apart_.holds(data) ? apart_.last().data() : data, size};
    }
    /// The text is UTF-8, but RapidJSON lets an escape make half of a surrogate pair.
    bool check(std::string_view value) {
        if (may_have_halves_ && !is_utf8(value)) {
            visitor_.refused = {errc::malformed,
                                "an escape in a string is half of a surrogate pair"};
            return false;
        }
        return true;
    }

    Visitor& visitor_;
    std::string_view text_;
    std::string_view parsed_;
    unescaped_strings const& apart_;
    bool may_have_halves_;
};

[[nodiscard]] inline std::string parse_error_text(rapidjson::ParseErrorCode code) {
    std::string out = rapidjson::GetParseError_En(code);
    while (!out.empty() && out.back() == '.') {
        out.pop_back();
    }
    return out;
}

/// A text that is ready to be parsed, several times if need be.
class parser {
public:
    explicit parser(std::string_view text) : text_{text} {
        constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
        if (text_.starts_with(byte_order_mark)) {
            text_.remove_prefix(byte_order_mark.size());
        }
    }

    /// The texts that `visitor` is given stay good until the next time, and as long as `*this` and
    /// what it was made of.
    template <class Visitor>
    [[nodiscard]] result<void> parse(Visitor& visitor) {
        using namespace rapidjson;
        // RapidJSON takes a null character for the end of the text.
        if (auto const null = text_.find('\0'); null != std::string_view::npos) {
            return fail_at(text_, null, errc::malformed, "a null character stands in the text");
        }
        // Its own check looks at every character, and is only good for telling which one is wrong.
        constexpr unsigned flags = kParseInsituFlag | kParseNumbersAsStringsFlag;
        return is_utf8(text_) ? parse_with<flags>(visitor)
                              : parse_with<flags | kParseValidateEncodingFlag>(visitor);
    }

    [[nodiscard]] std::string_view text() const { return text_; }

private:
    template <unsigned Flags, class Visitor>
    [[nodiscard]] result<void> parse_with(Visitor& visitor) {
        using namespace rapidjson;
        apart_.clear();
        auto const parsed = patched_ ? std::string_view{*patched_} : text_;
        text_stream stream{parsed, (Flags & kParseValidateEncodingFlag) == 0, apart_};
        sax_handler<Visitor> handler{visitor, text_, parsed, apart_};
        Reader reader;
        auto const done = reader.Parse<Flags>(stream, handler);
        if (done.IsError() && done.Code() == kParseErrorTermination) {
            return fail_at(text_, stream.Tell(), visitor.refused.code, visitor.refused.reason);
        }
        if (done.IsError() && done.Code() == kParseErrorNumberTooBig && !patched_) {
            patched_ = without_huge_numbers(text_);
            visitor.restart();
            return parse_with<Flags>(visitor);
        }
        if (done.IsError()) {
            return fail_at(text_, done.Offset(), errc::malformed, parse_error_text(done.Code()));
        }
        return {};
    }

    std::string_view text_;
    std::optional<std::string> patched_;
    unescaped_strings apart_;
};

} // namespace joinery::json::detail
