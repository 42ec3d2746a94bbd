#pragma once

#include <joinery/crdt/composite_writer.hpp>
#include <joinery/crdt/document_editor.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace joinery {

/// Changes a document whose top-level keys hold whole values: writing below a key writes the
/// object under it anew, so that of two concurrent writes one wins whole.
///
/// Complexity   set and erase below a key: O(bytes under the key).
template <class Location, class Policy = observed_reset>
class top_level_editor {
public:
    /// An object is written, and wins, as a whole.
    static constexpr bool merges_deeply = false;

    explicit top_level_editor(Location location) : inner_{std::move(location)} {}

    void set(path_view path, scalar const& value) {
        if (path.size() <= 1) {
            inner_.set(path, value);
        } else {
            rewrite(path, value);
        }
    }
    /// An empty object at `path`, unless there is an object.
    void make_map(path_view path) {
        if (!path.empty() && inner_.read().find(path).kind() != value_kind::object) {
            set(path, scalar::of_kind(value_kind::object, {}));
        }
    }
    void erase(path_view path) {
        if (path.size() <= 1) {
            inner_.erase(path);
        } else if (inner_.read().find(path).exists()) {
            rewrite(path, std::nullopt);
        }
    }

    // Counters and sets stand directly under a top-level key, and merge there.
    void increment(std::string_view key, std::int64_t amount) { inner_.increment(key, amount); }
    void insert(std::string_view key, scalar const& element) { inner_.insert(key, element); }
    void erase(std::string_view key, scalar const& element) { inner_.erase(key, element); }
    void make_set(std::string_view key) { inner_.make_set(key); }

    [[nodiscard]] document_view read() const { return inner_.read(); }
    [[nodiscard]] result<void> const& outcome() const { return inner_.outcome(); }
    [[nodiscard]] bool ok() const { return inner_.ok(); }
    void fail(errc code, std::string reason) { inner_.fail(code, std::move(reason)); }
    [[nodiscard]] result<void> can_hold(path_view path, std::size_t value_bytes) const {
        return inner_.can_hold(path, value_bytes);
    }

private:
    void rewrite(path_view path, std::optional<scalar> const& value) {
        auto const top = inner_.read().at(path[0]);
        auto const content = rewritten(top.is_scalar() ? top.value() : scalar{}, path, 1, value);
        auto const is_passable = !top.exists() || top.kind() == value_kind::object;
        if (content && is_passable) {
            inner_.set(path[0], scalar::of_kind(value_kind::object, *content));
        } else {
            inner_.fail(errc::wrong_type,
                        path.to_string() + " leads through what is not an object");
        }
    }

    /// The members of `object` with `value` at the keys of `path` from `depth` on; nothing if these
    /// lead through something else than objects.
    static std::optional<std::string> rewritten(scalar const& object, path_view path,
                                                std::size_t depth,
                                                std::optional<scalar> const& value) {
        composite_writer out;
        auto is_found = false;
        auto is_passable = true;
        auto const put = [&](scalar const& old) {
            is_found = true;
            if (depth + 1 == path.size()) {
                if (value) {
                    out.member(path[depth], *value);
                }
                return;
            }
            auto const is_object =
                old.kind() == value_kind::object || old.kind() == value_kind::null;
            auto const inner = rewritten(old, path, depth + 1, value);
            is_passable = is_passable && is_object && inner;
            if (is_passable) {
                out.member(path[depth], scalar::of_kind(value_kind::object, *inner));
            }
        };
        if (object.kind() == value_kind::object) {
            object.for_each_member([&](std::string_view name, scalar const& member) {
                if (name == path[depth]) {
                    put(member);
                } else {
                    out.member(name, member);
                }
            });
        }
        if (!is_found && value) {
            put(scalar{});
        }
        return is_passable ? std::optional{std::string{out.content()}} : std::nullopt;
    }

    document_editor<Location, Policy> inner_;
};

} // namespace joinery
