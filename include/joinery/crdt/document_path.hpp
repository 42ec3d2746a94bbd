#pragma once

#include <joinery/core/result.hpp>
#include <joinery/core/utf8.hpp>
#include <joinery/crdt/json_pointer.hpp>

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery {

/// The most keys in a path, and the most bytes in a key.
inline constexpr std::size_t path_keys_max = 60;
inline constexpr std::size_t key_bytes_max = 1024;

/// The keys that lead to a place in a document: a view.
class path_view {
public:
    path_view(std::string_view key) : one_{key}, size_{1} {}
    path_view(char const* key) : path_view(std::string_view{key}) {}
    path_view(std::string const& key) : path_view(std::string_view{key}) {}
    path_view(std::initializer_list<std::string_view> keys)
        : many_{keys.begin()}, size_{keys.size()} {}
    path_view(std::span<std::string_view const> keys) : many_{keys.data()}, size_{keys.size()} {}

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::string_view operator[](std::size_t i) const {
        return many_ == nullptr ? one_ : many_[i];
    }

    /// The first `count` keys as a JSON Pointer (RFC 6901).
    [[nodiscard]] std::string to_string(std::size_t count) const {
        std::string out;
        for (std::size_t i = 0; i < count; ++i) {
            json::append_token(out, (*this)[i]);
        }
        return out;
    }
    [[nodiscard]] std::string to_string() const { return to_string(size_); }

private:
    std::string_view one_;
    std::string_view const* many_ = nullptr;
    std::size_t size_;
};

/// Why `path` cannot lead to a place that is written.
[[nodiscard]] inline result<void> check_path(path_view path) {
    if (path.empty()) {
        return failure(errc::invalid_argument, "the document itself is not a place");
    }
    if (path.size() > path_keys_max) {
        return failure(errc::too_deep,
                       "a path has more than " + std::to_string(path_keys_max) + " keys");
    }
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i].size() > key_bytes_max) {
            return failure(errc::too_large, path.to_string(i) +
                                                " is followed by a key of more than " +
                                                std::to_string(key_bytes_max) + " bytes");
        }
        if (!is_utf8(path[i])) {
            return failure(errc::invalid_argument,
                           path.to_string(i) + " is followed by a key that is not UTF-8");
        }
    }
    return {};
}

/// A path that owns its keys.
class document_path {
public:
    document_path() = default;
    explicit document_path(std::vector<std::string> keys) : keys_{std::move(keys)} { show(); }
    document_path(path_view path) {
        for (std::size_t i = 0; i < path.size(); ++i) {
            keys_.emplace_back(path[i]);
        }
        show();
    }

    /// Reads a JSON Pointer: `""` is the document, `/a/b~1c` the key `b/c` of the map `a`.
    ///
    /// Reference   RFC 6901, sections 3 and 4.
    [[nodiscard]] static result<document_path> parse(std::string_view pointer) {
        auto keys = json::parse_pointer(pointer);
        if (!keys) {
            return failure(keys.error());
        }
        return document_path{std::move(*keys)};
    }

    document_path(document_path const& other) : keys_{other.keys_} { show(); }
    document_path(document_path&& other) noexcept = default;
    document_path& operator=(document_path other) noexcept {
        keys_.swap(other.keys_);
        views_.swap(other.views_);
        return *this;
    }

    [[nodiscard]] std::size_t size() const { return keys_.size(); }
    [[nodiscard]] std::vector<std::string> const& keys() const { return keys_; }
    [[nodiscard]] std::string to_string() const { return json::pointer_text(keys_); }
    operator path_view() const { return std::span<std::string_view const>{views_}; }

    friend bool operator==(document_path const& a, document_path const& b) {
        return a.keys_ == b.keys_;
    }

private:
    void show() { views_.assign(keys_.begin(), keys_.end()); }

    std::vector<std::string> keys_;
    std::vector<std::string_view> views_;
};

} // namespace joinery
