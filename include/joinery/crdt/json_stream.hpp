#pragma once

// cereal brings RapidJSON along; some distributions package it by itself.
#if __has_include(<cereal/external/rapidjson/reader.h>)
#include <cereal/external/rapidjson/reader.h>
#else
#include <rapidjson/reader.h>
#endif

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>

namespace joinery::json::detail {

/// The strings of a text that have escapes, without them.
class unescaped_strings {
public:
    void clear() { all_.clear(); }
    /// Appends to the string that begins at `begin` and has none before `end`.
    void append(char const* begin, char const* end, char c) {
        if (!holds(begin)) {
            all_.push_back({begin, {begin, end}});
        }
        all_.back().characters += c;
    }
    /// Whether the last one begins at `begin`.
    [[nodiscard]] bool holds(char const* begin) const {
        return !all_.empty() && all_.back().begin == begin;
    }
    [[nodiscard]] std::string const& last() const { return all_.back().characters; }

private:
    struct string {
        char const* begin;
        std::string characters;
    };
    std::deque<string> all_; // which stay where they are
};

/// A text that RapidJSON believes it can parse in place. As long as a string is written over itself
/// nothing is written at all; from its first escape on, it is put together elsewhere. What no
/// string has to be parsed for is passed over eight characters at a time.
class text_stream {
public:
    using Ch = char;

    /// `has_good_strings`: no character has to be looked at to see whether it is UTF-8.
    text_stream(std::string_view text, bool has_good_strings, unescaped_strings& apart)
        : has_good_strings_{has_good_strings},
          at_{text.data()},
          to_{at_},
          begin_{at_},
          text_begin_{at_},
          text_end_{at_ + text.size()},
          apart_{&apart} {}

    [[nodiscard]] char Peek() const { return at_ == text_end_ ? '\0' : *at_; }
    char Take() { return at_ == text_end_ ? '\0' : *at_++; }
    [[nodiscard]] std::size_t Tell() const { return static_cast<std::size_t>(at_ - text_begin_); }

    /// RapidJSON does not write through what this returns.
    char* PutBegin() {
        begin_ = to_ = at_;
        auto const is_string = at_ != text_begin_ && at_[-1] == '"'; // or a number
        if (has_good_strings_ && is_string) {
            to_ = at_ = end_of_plain();
        }
        return const_cast<char*>(begin_);
    }
    void Put(char c) {
        if (to_ + 1 == at_) [[likely]] {
            ++to_;
        } else {
            apart_->append(begin_, to_, c);
        }
    }
    std::size_t PutEnd(char const* begin) {
        return apart_->holds(begin) ? apart_->last().size() : static_cast<std::size_t>(to_ - begin);
    }
    void Flush() {}

private:
    /// Not behind the next quote, escape or control character.
    [[nodiscard]] char const* end_of_plain() const {
        constexpr std::uint64_t ones = 0x0101010101010101;
        constexpr std::uint64_t tops = ones << 7;
        auto const* at = at_;
        for (; text_end_ - at >= 8; at += 8) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, at, sizeof eight);
            auto const is_zero = [](std::uint64_t x) { return (x - ones) & ~x; };
            auto const special = is_zero(eight ^ ones * '"') | is_zero(eight ^ ones * '\\') |
                                 ((eight - ones * ' ') & ~eight);
            if ((special & tops) != 0) {
                // Borrows only make those behind the first one look special as well.
                if constexpr (std::endian::native == std::endian::little) {
                    return at + std::countr_zero(special & tops) / 8;
                }
                break;
            }
        }
        while (at != text_end_ && *at != '"' && *at != '\\' &&
               static_cast<unsigned char>(*at) >= ' ') {
            ++at;
        }
        return at;
    }

    bool has_good_strings_;
    char const* at_;
    char const* to_;    ///< stays behind an escape for the rest of the string
    char const* begin_; ///< of the string
    char const* text_begin_;
    char const* text_end_;
    unescaped_strings* apart_;
};

} // namespace joinery::json::detail

namespace rapidjson {

template <>
struct StreamTraits<joinery::json::detail::text_stream> {
    enum { copyOptimization = 1 };
};

} // namespace rapidjson
