#pragma once

#include <joinery/core/hash.hpp>
#include <joinery/crdt/json_value.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery::json::detail {

/// Up to this many pairs of elements are compared within one replaced run of an array.
inline constexpr std::size_t likeness_pairs_max = 16'384;

/// What an element of an array has in common with others is found by.
struct element_profile {
    struct part {
        std::uint64_t hash;   ///< of a member with its key, or of an item
        std::uint32_t weight; ///< what it says if both have it

        friend bool operator<(part const& a, part const& b) { return a.hash < b.hash; }
    };

    value_kind kind;
    std::string_view text;   ///< of a string
    std::vector<part> parts; ///< of an object or an array, ascending

    explicit element_profile(scalar const& element) : kind{element.kind()} {
        if (kind == value_kind::string) {
            text = element.as_string();
        } else if (kind == value_kind::object) {
            element.for_each_member([&](std::string_view key, scalar const& member) {
                auto const weight = member.kind() == value_kind::string    ? is_same_text
                                    : member.kind() == value_kind::integer ? is_same_integer
                                                                           : is_equal;
                add(std::to_string(key.size()) + ':' + std::string{key}, member, weight);
            });
        } else if (kind == value_kind::array) {
            element.for_each_item([&](scalar const& item) { add({}, item, is_equal); });
        }
        std::sort(parts.begin(), parts.end());
        if (std::ssize(parts) > parts_max) {
            parts.erase(parts.begin() + parts_max, parts.end());
        }
    }

    /// Of more parts than that, those with the least hashes speak for all: they are the same ones
    /// on both sides.
    static constexpr std::ptrdiff_t parts_max = 256;
    /// What a member or an item says that both have.
    static constexpr std::uint32_t is_equal = 4;
    /// The same of a string or an integer which no other element of the run has under its key: it
    /// may be what identifies a record. Integers are equal by chance more often.
    static constexpr std::uint32_t is_same_text = 32;
    static constexpr std::uint32_t is_same_integer = 24;

private:
    void add(std::string key, scalar const& value, std::uint32_t weight) {
        key += canonical_text(value, number_rule::as_written);
        parts.push_back({hash64(as_bytes(key), joinery::detail::hash_key_b), weight});
    }
};

/// How much two strings have in common at their ends, if that is half of the longer one, or of as
/// much as is looked at.
[[nodiscard]] inline std::uint32_t likeness(std::string_view a, std::string_view b) {
    constexpr std::size_t bytes_max = 4096;
    auto const shorter = std::min({a.size(), b.size(), bytes_max});
    auto const longer = std::min(std::max(a.size(), b.size()), bytes_max);
    std::size_t front = 0;
    while (front < shorter && a[front] == b[front]) {
        ++front;
    }
    std::size_t back = 0;
    while (back < shorter - front && a[a.size() - 1 - back] == b[b.size() - 1 - back]) {
        ++back;
    }
    auto const common = front + back;
    return 2 * common < longer ? 0 : static_cast<std::uint32_t>(1 + 8 * common / (longer + 1));
}

/// How much speaks for two elements being the same one, before and after a change: 0 if nothing.
[[nodiscard]] inline std::uint32_t likeness(element_profile const& a, element_profile const& b) {
    if (a.kind != b.kind) {
        return 0;
    }
    if (a.kind == value_kind::string) {
        return likeness(a.text, b.text);
    }
    if (a.kind != value_kind::object && a.kind != value_kind::array) {
        return 0;
    }
    std::uint32_t sum = 1;
    for (auto x = a.parts.begin(), y = b.parts.begin(); x != a.parts.end() && y != b.parts.end();) {
        if (x->hash == y->hash) {
            sum += std::min(x->weight, y->weight);
            ++x;
            ++y;
        } else {
            x->hash < y->hash ? ++x : ++y;
        }
    }
    return sum;
}

/// An element of an old run, and the one of the new run that it has become.
struct element_pair {
    std::size_t old_index;
    std::size_t index;

    friend bool operator==(element_pair const&, element_pair const&) = default;
};

/// Pairs the elements of two runs so that most speaks for it, in ascending order of both. Elements
/// that nothing speaks for are not paired.
///
/// Complexity   O(n m) comparisons of at most 256 members, or 4 KiB of a string, and as much
/// memory.
class likeness_search {
public:
    likeness_search(std::span<scalar const> old_run, std::span<scalar const> run)
        : old_{profiles(old_run)}, new_{profiles(run)} {}

    [[nodiscard]] std::vector<element_pair> pairs() {
        weigh();
        auto const rows = old_.size();
        auto const columns = new_.size();
        std::vector<std::uint32_t> alike(rows * columns);
        std::vector<std::uint32_t> best((rows + 1) * (columns + 1));
        auto const at = [&](std::size_t i, std::size_t j) -> std::uint32_t& {
            return best[i * (columns + 1) + j];
        };
        for (auto i = rows; i-- != 0;) {
            for (auto j = columns; j-- != 0;) {
                auto const both = alike[i * columns + j] = likeness(old_[i], new_[j]);
                auto const one = std::max(at(i + 1, j), at(i, j + 1));
                at(i, j) = std::max(one, both == 0 ? 0 : both + at(i + 1, j + 1));
            }
        }
        std::vector<element_pair> out;
        for (std::size_t i = 0, j = 0; i != rows && j != columns;) {
            auto const both = alike[i * columns + j];
            if (both != 0 && at(i, j) == both + at(i + 1, j + 1)) {
                out.push_back({i++, j++});
            } else {
                at(i, j) == at(i, j + 1) ? ++j : ++i;
            }
        }
        return out;
    }

private:
    static std::vector<element_profile> profiles(std::span<scalar const> run) {
        return {run.begin(), run.end()};
    }
    /// What several elements of one side have does not tell which one it is.
    void weigh() {
        std::map<std::uint64_t, std::pair<std::uint32_t, std::uint32_t>> counts;
        auto const for_each_part = [&](auto& run, auto&& visit) {
            for (auto& element : run) {
                for (auto& part : element.parts) {
                    visit(part);
                }
            }
        };
        for_each_part(old_, [&](auto const& part) { ++counts[part.hash].first; });
        for_each_part(new_, [&](auto const& part) { ++counts[part.hash].second; });
        auto const weigh_one = [&](auto& part) {
            auto const& [before, after] = counts[part.hash];
            if (before > 1 || after > 1) {
                part.weight = element_profile::is_equal;
            }
        };
        for_each_part(old_, weigh_one);
        for_each_part(new_, weigh_one);
    }

    std::vector<element_profile> old_;
    std::vector<element_profile> new_;
};

} // namespace joinery::json::detail
