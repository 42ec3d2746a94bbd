#pragma once

#include <joinery/core/utf8.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery {

/// One step from an old sequence to a new one: `erased` elements at `at` give way to the `inserted`
/// elements of the new one from `from` on.
struct edit_step {
    std::size_t at = 0; ///< in the old sequence
    std::size_t erased = 0;
    std::size_t from = 0; ///< in the new sequence; also where the step stands there
    std::size_t inserted = 0;

    friend bool operator==(edit_step const&, edit_step const&) = default;
};

/// How many edits are searched for at once; see `edit_script`.
inline constexpr std::size_t edit_search_max = 512;

namespace detail {

/// The search for a short way through the grid of two sequences, from one corner towards the other:
/// right erases an element of the old one, down inserts one of the new one, a diagonal keeps both.
template <class Equal>
class edit_search {
public:
    edit_search(std::size_t old_size, std::size_t new_size, Equal const& equal)
        : rows_{as_signed(old_size)}, columns_{as_signed(new_size)}, equal_{equal} {}

    struct point {
        std::ptrdiff_t x; ///< in the old sequence
        std::ptrdiff_t y; ///< in the new one
    };

    /// Goes from `from` towards the end with at most `edits_max` edits, calls `keep(point, length)`
    /// for each run on its way that both have, and returns how far it came.
    template <class Keep>
    point advance(point from, std::size_t edits_max, Keep&& keep) {
        from_ = from;
        layers_.clear();
        auto best = from;
        for (std::ptrdiff_t d = 0; d <= as_signed(edits_max); ++d) {
            std::vector<std::ptrdiff_t> layer(static_cast<std::size_t>(d) + 1, nowhere);
            for (std::ptrdiff_t k = -d; k <= d; k += 2) {
                auto const reached = slide(start_of(d, k), k);
                layer[index(d, k)] = reached;
                if (reached != nowhere && 2 * reached - k - offset() > best.x + best.y) {
                    best = {reached, reached - k - offset()};
                }
            }
            layers_.push_back(std::move(layer));
            if (best.x == rows_ && best.y == columns_) {
                break;
            }
        }
        walk_back(best, keep);
        return best;
    }

private:
    static constexpr std::ptrdiff_t nowhere = -1;

    static std::ptrdiff_t as_signed(std::size_t n) { return static_cast<std::ptrdiff_t>(n); }
    static std::size_t index(std::ptrdiff_t d, std::ptrdiff_t k) {
        return static_cast<std::size_t>((k + d) / 2);
    }
    /// Diagonal 0 goes through `from_`.
    [[nodiscard]] std::ptrdiff_t offset() const { return from_.x - from_.y; }
    [[nodiscard]] std::ptrdiff_t at(std::ptrdiff_t d, std::ptrdiff_t k) const {
        return d < 0 || k < -d || k > d ? nowhere
                                        : layers_[static_cast<std::size_t>(d)][index(d, k)];
    }
    /// Where diagonal `k` is entered with the `d`-th edit, or `nowhere` outside of the grid.
    [[nodiscard]] std::ptrdiff_t start_of(std::ptrdiff_t d, std::ptrdiff_t k) const {
        if (d == 0) {
            return from_.x;
        }
        auto const left = at(d - 1, k - 1);
        auto const above = at(d - 1, k + 1);
        auto const erased = left == nowhere || left == rows_ ? nowhere : left + 1;
        auto const inserted = above == nowhere || above - k - offset() > columns_ ? nowhere : above;
        return std::max(erased, inserted);
    }
    [[nodiscard]] std::ptrdiff_t slide(std::ptrdiff_t x, std::ptrdiff_t k) const {
        if (x != nowhere) {
            auto y = x - k - offset();
            while (x < rows_ && y < columns_ &&
                   equal_(static_cast<std::size_t>(x), static_cast<std::size_t>(y))) {
                ++x;
                ++y;
            }
        }
        return x;
    }

    template <class Keep>
    void walk_back(point reached, Keep&& keep) const {
        auto k = reached.x - reached.y - offset();
        auto x = reached.x;
        auto d = as_signed(layers_.size()) - 1;
        while (at_or_nowhere(d, k) != x) {
            --d; // the point was reached with fewer edits
        }
        std::vector<std::pair<point, std::ptrdiff_t>> runs;
        for (;; --d) {
            auto const start = start_of(d, k);
            if (start != x) {
                runs.push_back({{start, start - k - offset()}, x - start});
            }
            if (d == 0) {
                break;
            }
            auto const was_erased = at(d - 1, k - 1) != nowhere && at(d - 1, k - 1) + 1 == start;
            k += was_erased ? -1 : 1;
            x = was_erased ? start - 1 : start;
        }
        for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
            keep(run->first, run->second);
        }
    }
    [[nodiscard]] std::ptrdiff_t at_or_nowhere(std::ptrdiff_t d, std::ptrdiff_t k) const {
        return ((k + d) & 1) != 0 ? nowhere : at(d, k);
    }

    std::ptrdiff_t rows_;
    std::ptrdiff_t columns_;
    Equal const& equal_;
    point from_{};
    std::vector<std::vector<std::ptrdiff_t>> layers_; ///< by number of edits, then by diagonal
};

} // namespace detail

/// The steps that make the new sequence out of the old one, in ascending order; between two steps
/// there is always something that both have. `equal(i, j)` says whether element `i` of the old one
/// is element `j` of the new one.
///
/// What both have at the start and at the end is set aside first. The rest is searched for the
/// fewest edits; where more than `edits_max` are needed, for the way that comes furthest with so
/// many, and from there anew, so that the steps are always right but then not the fewest.
///
/// Complexity   O((n + m) D) time and O(D²) memory for D edits, at most `edits_max`.
/// Reference    Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1, 1986.
template <class Equal>
[[nodiscard]] std::vector<edit_step> edit_script(std::size_t old_size, std::size_t new_size,
                                                 Equal const& equal,
                                                 std::size_t edits_max = edit_search_max) {
    auto const shorter = std::min(old_size, new_size);
    std::size_t front = 0;
    while (front < shorter && equal(front, front)) {
        ++front;
    }
    std::size_t back = 0;
    while (back < shorter - front && equal(old_size - 1 - back, new_size - 1 - back)) {
        ++back;
    }
    std::vector<edit_step> steps;
    auto x = front;
    auto y = front;
    auto const step_to = [&](std::size_t to_x, std::size_t to_y) {
        if (to_x != x || to_y != y) {
            steps.push_back({x, to_x - x, y, to_y - y});
        }
    };
    auto const end_x = old_size - back;
    auto const end_y = new_size - back;
    using search = detail::edit_search<Equal>;
    search grid{end_x, end_y, equal};
    typename search::point at{static_cast<std::ptrdiff_t>(front),
                              static_cast<std::ptrdiff_t>(front)};
    while (end_x != front && end_y != front &&
           (at.x != static_cast<std::ptrdiff_t>(end_x) ||
            at.y != static_cast<std::ptrdiff_t>(end_y))) {
        at = grid.advance(at, std::max<std::size_t>(edits_max, 1),
                          [&](typename search::point run, std::ptrdiff_t length) {
                              auto const run_x = static_cast<std::size_t>(run.x);
                              auto const run_y = static_cast<std::size_t>(run.y);
                              step_to(run_x, run_y);
                              x = run_x + static_cast<std::size_t>(length);
                              y = run_y + static_cast<std::size_t>(length);
                          });
    }
    step_to(end_x, end_y);
    return steps;
}

/// A step from one text to another, in code points, and the characters that go and come.
struct text_step {
    edit_step points;
    std::string_view erased;
    std::string_view inserted;
};

/// The steps that make `after` out of `before`, as of `edit_script`. Precondition: both are UTF-8;
/// the steps live as long as they.
[[nodiscard]] inline std::vector<text_step> text_script(std::string_view before,
                                                        std::string_view after) {
    auto const starts_of = [](std::string_view utf8) {
        std::vector<std::size_t> starts;
        for (std::size_t i = 0; i < utf8.size(); ++i) {
            if (!detail::continues_utf8(utf8[i])) {
                starts.push_back(i);
            }
        }
        starts.push_back(utf8.size());
        return starts;
    };
    auto const from = starts_of(before);
    auto const to = starts_of(after);
    auto const slice = [](std::string_view utf8, std::vector<std::size_t> const& starts,
                          std::size_t at, std::size_t count) {
        return utf8.substr(starts[at], starts[at + count] - starts[at]);
    };
    std::vector<text_step> out;
    for (auto const &step :
         edit_script(from.size() - 1, to.size() - 1, [&](std::size_t i, std::size_t j) {
             return slice(before, from, i, 1) == slice(after, to, j, 1);
         })) {
        out.push_back({step, slice(before, from, step.at, step.erased),
                       slice(after, to, step.from, step.inserted)});
    }
    return out;
}

} // namespace joinery
