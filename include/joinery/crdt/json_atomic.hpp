#pragma once

#include <joinery/crdt/composite_writer.hpp>
#include <joinery/crdt/json_check.hpp>
#include <joinery/crdt/json_tape.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery::json {
namespace detail {

inline std::string content_of(tape::cursor container);

/// Calls `use(scalar)` with what a tape says at one place, as one value.
template <class F>
void with_atomic(tape::cursor at, F&& use) {
    if (at.is_container()) {
        auto const content = content_of(at);
        use(scalar::of_kind(at.kind(), content));
    } else {
        use(at.value());
    }
}

/// The items of an array, or the members of an object in ascending order, as they are encoded.
inline std::string content_of(tape::cursor container) {
    composite_writer out;
    if (container.kind() == value_kind::array) {
        for (auto item = container.first(); !item.is_end(); item = item.next()) {
            with_atomic(item, [&](scalar const& value) { out.item(value); });
        }
        return std::string{out.content()};
    }
    std::vector<std::pair<std::string_view, tape::cursor>> members;
    for (auto key = container.first(); !key.is_end(); key = key.next().next()) {
        members.emplace_back(key.key(), key.next());
    }
    std::sort(members.begin(), members.end(),
              [](auto const& a, auto const& b) { return a.first < b.first; });
    for (auto const& [key, member] : members) {
        with_atomic(member, [&, &name = key](scalar const& value) { out.member(name, value); });
    }
    return std::string{out.content()};
}

} // namespace detail

/// One value that owns its bytes.
class atomic_value {
public:
    /// Reads any JSON text as one atomic value, as in `import_text`.
    [[nodiscard]] static result<atomic_value> parse(std::string_view text,
                                                    import_options const& options = {}) {
        detail::parser parser{text};
        detail::checker checker{options, 0, text.size()};
        if (auto const good = parser.parse(checker); !good) {
            return failure(good.error());
        }
        composite_writer out;
        detail::with_atomic(checker.values().begin(),
                            [&](scalar const& value) { out.item(value); });
        return atomic_value{out.content()};
    }

    [[nodiscard]] scalar view() const {
        auto const* at = encoded_.data();
        return joinery::detail::read_trusted_scalar(at);
    }

private:
    explicit atomic_value(std::string_view encoded)
        : encoded_(as_bytes(encoded).begin(), as_bytes(encoded).end()) {}

    bytes encoded_;
};

} // namespace joinery::json
