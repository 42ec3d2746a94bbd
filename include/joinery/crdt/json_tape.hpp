#pragma once

#include <joinery/crdt/scalar.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace joinery::json::detail {

/// A JSON text in the order in which it stands: one token for each value, each key, and each end of
/// an array or object. What is text in it lies where the parser has left it.
class tape {
public:
    class cursor;

    /// Makes room for what a text of so many bytes usually says.
    void reserve_for(std::size_t text_bytes) { tokens_.reserve(text_bytes / 8); }
    void clear() { tokens_.clear(); }
    [[nodiscard]] std::size_t size() const { return tokens_.size(); }
    [[nodiscard]] cursor begin() const;

    /// Precondition: `value` is what one token of JSON can be.
    void add(scalar const& value) {
        token next;
        next.kind = value.kind();
        switch (next.kind) {
        case value_kind::boolean:
            next.integer = value.as_boolean() ? 1 : 0;
            break;
        case value_kind::integer:
            next.integer = value.as_integer();
            break;
        case value_kind::real:
            next.real = value.as_real();
            break;
        default:
            next.text = value.text().data();
            next.size = static_cast<std::uint32_t>(value.text().size());
        }
        tokens_.push_back(next);
    }
    /// Begins an array or object and returns its place, for `close`.
    std::size_t open(value_kind kind) {
        token next;
        next.kind = kind;
        tokens_.push_back(next);
        return tokens_.size() - 1;
    }
    /// `count`: of the keys of an object.
    void close(std::size_t begin, std::size_t count) {
        tokens_.push_back({});
        tokens_[begin].length = tokens_.size() - begin;
        tokens_[begin].size = static_cast<std::uint32_t>(count);
    }

private:
    struct token {
        union {
            char const* text = nullptr;
            std::int64_t integer;
            double real;
            std::size_t length; ///< of an array or object, in tokens
        };
        std::uint32_t size = 0; ///< of the text, or of an object in keys
        value_kind kind = value_kind::none;
    };
    static_assert(sizeof(token) == 16);

    std::vector<token> tokens_;
};

/// A token of a tape that is complete, and the way to others.
class tape::cursor {
public:
    [[nodiscard]] value_kind kind() const { return at_->kind; }
    [[nodiscard]] bool is_container() const {
        return kind() == value_kind::array || kind() == value_kind::object;
    }
    /// Whether the array or object that is being walked along ends here.
    [[nodiscard]] bool is_end() const { return kind() == value_kind::none; }

    /// Precondition: it is a container. In an object, keys and values alternate.
    [[nodiscard]] cursor first() const { return cursor{at_ + 1}; }
    /// Precondition: it is an object.
    [[nodiscard]] std::uint32_t key_count() const { return at_->size; }
    /// Behind the value, or the key.
    [[nodiscard]] cursor next() const {
        return cursor{at_ + (is_container() ? at_->length : std::size_t{1})};
    }
    /// The last token of the value: the end of a container, or the value itself.
    [[nodiscard]] cursor last() const { return cursor{next().at_ - 1}; }

    /// Precondition: it is a key.
    [[nodiscard]] std::string_view key() const { return {at_->text, at_->size}; }
    /// Precondition: it is a value, and not a container.
    [[nodiscard]] scalar value() const {
        switch (kind()) {
        case value_kind::boolean:
            return {at_->integer != 0};
        case value_kind::integer:
            return {at_->integer};
        case value_kind::real:
            return {at_->real};
        case value_kind::null:
            return {};
        default:
            return scalar::of_kind(kind(), {at_->text, at_->size});
        }
    }
    /// Which token of the tape it is.
    [[nodiscard]] std::size_t index_in(tape const& whole) const {
        return static_cast<std::size_t>(at_ - whole.tokens_.data());
    }

private:
    friend class tape;
    explicit cursor(token const* at) : at_{at} {}

    token const* at_;
};

inline tape::cursor tape::begin() const {
    return cursor{tokens_.data()};
}

} // namespace joinery::json::detail
