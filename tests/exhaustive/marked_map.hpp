#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "exhaustive/scope.hpp"

namespace joinery::tests {

inline std::string_view key_of(past_edit const& one) {
    return one.argument.substr(0, one.argument.find('.'));
}
inline bool is_erase(past_edit const& one) {
    return one.verb == "erase";
}

using sets = std::map<std::string, std::set<std::string>>;

/// Adds the elements of some inserts, by key.
inline void show(past const& known, std::uint64_t edits, sets& out) {
    past::for_each(edits, [&](std::size_t at) {
        auto const& one = known[at];
        if (one.verb == "insert") {
            out[std::string{key_of(one)}].emplace(one.argument.substr(2));
        }
    });
}

/// A map under a policy that marks keys. Which edits a write takes away depends on whether its
/// author had seen the key removed: then it starts anew.
class marked_map {
public:
    marked_map(past const& known, bool remove_wins) : known_{known}, remove_wins_{remove_wins} {}

    /// Whether the key of `edit` is there, for somebody who has seen `edits`.
    [[nodiscard]] bool is_alive(std::uint64_t edits, std::string_view key) const {
        // Each write and each erase replaces the marks of its key that it has in front of it.
        auto const marks = known_.in_force(about(edits, key),
                                           [](past_edit const& later, past_edit const& earlier) {
                                               return key_of(later) == key_of(earlier);
                                           });
        auto has_write = false;
        auto has_erase = false;
        past::for_each(
            marks, [&](std::size_t at) { (is_erase(known_[at]) ? has_erase : has_write) = true; });
        return remove_wins_ ? !has_erase : has_write;
    }

    /// The edits of values that nobody among `edits` has taken away.
    [[nodiscard]] std::uint64_t values(std::uint64_t edits) const {
        return known_.in_force(edits, [&](past_edit const& later, past_edit const& earlier) {
            if (key_of(later) != key_of(earlier) || is_erase(earlier)) {
                return false;
            }
            if (is_erase(later)) {
                return remove_wins_;
            }
            auto const starts_anew =
                about(later.before, key_of(later)) != 0 && !is_alive(later.before, key_of(later));
            return starts_anew || later.argument == earlier.argument;
        });
    }

private:
    [[nodiscard]] std::uint64_t about(std::uint64_t edits, std::string_view key) const {
        past::for_each(edits, [&](std::size_t at) {
            if (key_of(known_[at]) != key) {
                edits &= ~(std::uint64_t{1} << at);
            }
        });
        return edits;
    }

    past const& known_;
    bool remove_wins_;
};

/// What is shown under keys by a map in which an erase wins, if `remove_wins`, or a write does.
inline std::string shown_keys(past const& known, bool remove_wins) {
    marked_map const map{known, remove_wins};
    sets all;
    show(known, map.values(known.seen()), all);
    sets shown;
    for (std::string const key : {"a", "b"}) {
        if (map.is_alive(known.seen(), key) && (!remove_wins || all.count(key) != 0)) {
            shown[key] = all[key];
        }
    }
    return testing::text_of(shown);
}

} // namespace joinery::tests
