#pragma once

#include <cassert>
#include <concepts>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace joinery {

/// What went wrong with something from outside: bytes, a peer, a disk, a wall clock.
enum class errc : std::uint8_t {
    truncated,           ///< The input ends inside a value.
    malformed,           ///< The input does not follow the format.
    not_canonical,       ///< The input follows the format, but not in its one accepted form.
    too_large,           ///< A length or a count exceeds its limit.
    too_deep,            ///< Values are nested more deeply than the limit.
    checksum,            ///< The content does not match its checksum or digest.
    unsupported_version, ///< The format is one that this program does not know.
    wrong_document,      ///< The message belongs to another document.
    wrong_type,          ///< The value is not of the kind that was asked for.
    clock_drift,         ///< A remote time is too far in the future.
    clock_exhausted,     ///< The local clock cannot give another stamp.
    equivocation,        ///< One dot came with two different contents.
    gap,                 ///< Something that has to come first is missing.
    not_found,           ///< There is no such thing.
    io,                  ///< The operating system reported a failure.
    busy,                ///< Somebody else holds it.
    foreign_file,        ///< The file was not written by this library.
    newer_file,          ///< The file was written by a newer version of this library.
    full,                ///< There is no room left.
    closed,              ///< It was closed before.
    identity,            ///< The replica id may not be used here.
    invalid_argument,    ///< A value from outside is out of its range.
    no_rights,           ///< The replica does not hold the rights that this takes.
};

/// The name of `code` as it is written in this header.
[[nodiscard]] constexpr std::string_view name(errc code) {
    constexpr std::string_view names[] = {"truncated",
                                          "malformed",
                                          "not_canonical",
                                          "too_large",
                                          "too_deep",
                                          "checksum",
                                          "unsupported_version",
                                          "wrong_document",
                                          "wrong_type",
                                          "clock_drift",
                                          "clock_exhausted",
                                          "equivocation",
                                          "gap",
                                          "not_found",
                                          "io",
                                          "busy",
                                          "foreign_file",
                                          "newer_file",
                                          "full",
                                          "closed",
                                          "identity",
                                          "invalid_argument",
                                          "no_rights"};
    auto const index = static_cast<std::size_t>(code);
    return index < std::size(names) ? names[index] : "unknown";
}

/// A failure that a program can act on and a person can read.
struct error {
    errc code{};
    std::string message;      ///< One sentence that says what was wrong and with what.
    std::uint64_t offset = 0; ///< Where in the input, when there is one.

    friend bool operator==(error const&, error const&) = default;
};

/// An error on its way into a `result` of any type: `return failure(errc::io, "...");`
struct failure {
    explicit failure(errc code, std::string message, std::uint64_t offset = 0)
        : reason{code, std::move(message), offset} {}
    explicit failure(error reason_given) : reason{std::move(reason_given)} {}

    error reason;
};

template <class T>
class result;

namespace detail {

/// What converts to a value, and is not a result or a failure on its way to another result.
template <class U, class T>
concept result_value =
    std::convertible_to<U, T> && !std::same_as<std::remove_cvref_t<U>, result<T>> &&
    !std::same_as<std::remove_cvref_t<U>, failure>;

/// An error on the heap, or none: one word, so that a success costs little.
class error_slot {
public:
    error_slot() = default;
    explicit error_slot(error&& reason) : reason_{new error(std::move(reason))} {}
    error_slot(error_slot const& other)
        : reason_{other.reason_ == nullptr ? nullptr : new error(*other.reason_)} {}
    error_slot(error_slot&& other) noexcept : reason_{std::exchange(other.reason_, nullptr)} {}
    error_slot& operator=(error_slot other) noexcept {
        std::swap(reason_, other.reason_);
        return *this;
    }
    ~error_slot() {
        if (reason_ != nullptr) [[unlikely]] {
            destroy();
        }
    }

    [[nodiscard]] error& operator*() const {
        assert(reason_ != nullptr && "this result was moved from");
        return *reason_;
    }

private:
    // Apart, so that what every success pays for is one comparison in place.
    [[gnu::noinline]] void destroy() { delete reason_; }

    error* reason_ = nullptr;
};

} // namespace detail

/// A value, or the error that there is instead of one.
///
/// The shape of C++23's `std::expected<T, error>`, for programs without exceptions too. A result
/// that was moved from still knows whether it held a value, but no longer which.
///
/// Complexity   two words beside the value; only a failure allocates.
///
/// See also `failure`, which makes the other kind.
template <class T>
class [[nodiscard]] result {
public:
    using value_type = T;

    template <detail::result_value<T> U = T>
    result(U&& value) : value_(std::forward<U>(value)), has_value_{true} {}

    result(failure reason) : error_{std::move(reason.reason)}, has_value_{false} {}

    result(result const& other) requires std::copy_constructible<T>
        : error_{other.error_}, has_value_{other.has_value_} {
        if (has_value_) {
            ::new (static_cast<void*>(&value_)) T(other.value_);
        }
    }
    result(result&& other) noexcept(std::is_nothrow_move_constructible_v<T>)
        : error_{std::move(other.error_)}, has_value_{other.has_value_} {
        if (has_value_) {
            ::new (static_cast<void*>(&value_)) T(std::move(other.value_));
        }
    }
    /// A copy or a move in one; the old content goes only when the new one is at hand.
    result& operator=(result other) noexcept(std::is_nothrow_move_constructible_v<T>) {
        destroy_value();
        has_value_ = false;
        error_ = std::move(other.error_);
        if (other.has_value_) {
            ::new (static_cast<void*>(&value_)) T(std::move(other.value_));
            has_value_ = true;
        }
        return *this;
    }
    ~result() { destroy_value(); }

    [[nodiscard]] bool has_value() const noexcept { return has_value_; }
    [[nodiscard]] explicit operator bool() const noexcept { return has_value_; }

    /// Precondition: there is a value.
    [[nodiscard]] T& value() & { return checked(*this); }
    [[nodiscard]] T const& value() const& { return checked(*this); }
    [[nodiscard]] T&& value() && { return std::move(checked(*this)); }
    [[nodiscard]] T& operator*() & { return checked(*this); }
    [[nodiscard]] T const& operator*() const& { return checked(*this); }
    [[nodiscard]] T&& operator*() && { return std::move(checked(*this)); }
    [[nodiscard]] T* operator->() { return &checked(*this); }
    [[nodiscard]] T const* operator->() const { return &checked(*this); }

    /// Precondition: there is no value.
    [[nodiscard]] joinery::error const& error() const& {
        assert(!has_value_ && "this result holds a value, not an error");
        return *error_;
    }
    [[nodiscard]] joinery::error&& error() && {
        assert(!has_value_ && "this result holds a value, not an error");
        return std::move(*error_);
    }

private:
    template <class Self>
    static auto& checked(Self& self) {
        assert(self.has_value_ && "this result holds an error, not a value: ask it first");
        return self.value_;
    }

    void destroy_value() {
        if (has_value_) {
            value_.~T();
        }
    }

    union {
        T value_;
    };
    detail::error_slot error_;
    bool has_value_; // kept by a move, so that a result that was moved from stays of its kind
};

/// Success, or an error.
template <>
class [[nodiscard]] result<void> {
public:
    using value_type = void;

    result() = default;
    result(failure reason) : error_{std::move(reason.reason)}, has_value_{false} {}

    [[nodiscard]] bool has_value() const noexcept { return has_value_; }
    [[nodiscard]] explicit operator bool() const noexcept { return has_value_; }

    /// Precondition: it is a success.
    void value() const {
        assert(has_value_ && "this result holds an error, not a success: ask it first");
    }

    /// Precondition: it is not a success.
    [[nodiscard]] joinery::error const& error() const& {
        assert(!has_value_ && "this result is a success and holds no error");
        return *error_;
    }
    [[nodiscard]] joinery::error&& error() && {
        assert(!has_value_ && "this result is a success and holds no error");
        return std::move(*error_);
    }

private:
    detail::error_slot error_;
    bool has_value_ = true;
};

} // namespace joinery
