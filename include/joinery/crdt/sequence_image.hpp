#pragma once

#include <joinery/core/bytes.hpp>
#include <joinery/core/local_dot.hpp>
#include <joinery/core/replica_table.hpp>
#include <joinery/core/small_list.hpp>
#include <joinery/crdt/item_content.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery::detail {

/// A sequence as its bytes tell it: runs, the order in which parts of them stand, and what has no
/// place yet.
///
/// The slot in a dot is the rank of its replica in the context of the bytes, or, behind all ranks,
/// the position in `unranked`. So dots are in the order of replica ids.
class sequence_image {
public:
    static constexpr std::uint32_t nowhere = 0xffffffff;

    /// An item: a run, and the offset in it.
    struct item {
        std::uint32_t run = nowhere;
        std::uint32_t offset = 0;
        friend bool operator==(item const&, item const&) = default;
    };
    struct run {
        local_dot first{};
        std::uint32_t count = 0;
        item_number number = no_item;
        item left{};  ///< nowhere: the start
        item right{}; ///< nowhere: the end
    };
    /// Items of a run that stand beside each other.
    struct piece {
        std::uint32_t run = 0;
        std::uint32_t offset = 0;
        std::uint32_t count = 0;
    };

    struct waiting_run {
        local_dot first{};
        std::uint32_t count = 0;
        local_dot left{};
        local_dot right{};
        bool is_alive = false;
        byte_view content;
    };
    struct range {
        local_dot first{};
        std::uint64_t count = 0;
    };

    std::vector<run> runs;              ///< in the order of their dots, like those that wait
    std::vector<piece> pieces;          ///< in the order of the sequence
    std::vector<std::uint32_t> lengths; ///< by turns of what is alive and of what is removed
    byte_view content;                  ///< of what is alive, in order
    small_list<waiting_run, 1> waiting;
    small_list<range, 1> doomed;
    replica_table unranked; ///< replicas of which the context has seen nothing

    /// The item of a dot, if it has a place.
    [[nodiscard]] item find(local_dot d) const {
        auto const behind = runs_before(d);
        if (d == local_dot{} || behind == 0) {
            return {};
        }
        auto const offset = d.bits() - runs[behind - 1].first.bits();
        return offset < runs[behind - 1].count
                   ? item{behind - 1, static_cast<std::uint32_t>(offset)}
                   : item{};
    }
    [[nodiscard]] local_dot dot_of(item const& one) const {
        return one.run == nowhere ? local_dot{}
                                  : local_dot::from_bits(runs[one.run].first.bits() + one.offset);
    }
    [[nodiscard]] item left_of(item const& one) const {
        return one.offset == 0 ? runs[one.run].left : item{one.run, one.offset - 1};
    }
    /// Whether any of `count` dots from `first` on has a place.
    [[nodiscard]] bool has_any(local_dot first, std::uint64_t count) const {
        auto const behind = runs_before(first);
        return find(first).run != nowhere ||
               (behind != runs.size() && runs[behind].first.bits() < first.bits() + count);
    }

    /// Visits all items, those that wait included, as ranges.
    template <class F>
    void for_each_items(F&& visit) const {
        for (auto const& r : runs) {
            visit(r.first, std::uint64_t{r.count});
        }
        for (auto const& r : waiting) {
            visit(r.first, std::uint64_t{r.count});
        }
    }
    [[nodiscard]] std::uint64_t item_count() const {
        std::uint64_t sum = 0;
        for_each_items([&](local_dot, std::uint64_t count) { sum += count; });
        return sum;
    }
    /// How many of those that have a place are alive.
    [[nodiscard]] std::uint32_t alive() const {
        std::uint32_t sum = 0;
        for (std::size_t i = 0; i < lengths.size(); i += 2) {
            sum += lengths[i];
        }
        return sum;
    }
    [[nodiscard]] bool is_bottom() const {
        return runs.empty() && waiting.empty() && doomed.empty();
    }
    /// Visits what has a place in the order of the sequence: a piece and whether it is alive.
    template <class F>
    void for_each_part(F&& visit) const {
        std::size_t turn = 0;
        auto left = lengths.empty() ? 0U : lengths.front();
        for (auto p : pieces) {
            while (p.count != 0) {
                while (left == 0) {
                    left = lengths[++turn];
                }
                auto const count = std::min(p.count, left);
                visit(piece{p.run, p.offset, count}, turn % 2 == 0);
                p.offset += count;
                p.count -= count;
                left -= count;
            }
        }
    }

    /// Gives numbers, to the origins of a run before the run. Returns whether it can be done: not
    /// if they are in a circle.
    [[nodiscard]] bool number_runs() {
        for (auto& r : runs) {
            r.number = no_item;
        }
        std::vector<std::uint32_t> open;
        std::vector<bool> is_open(runs.size());
        std::uint32_t next = 0;
        for (std::uint32_t i = 0; i < runs.size(); ++i) {
            open.push_back(i);
            while (!open.empty()) {
                auto const at = open.back();
                auto const needed = runs[at].number == no_item ? unnumbered_origin(at) : at;
                if (needed != at) {
                    if (is_open[needed]) {
                        return false;
                    }
                    is_open[at] = true;
                    open.push_back(needed);
                    continue;
                }
                if (runs[at].number == no_item) {
                    runs[at].number = next;
                    next += runs[at].count;
                    numbered_.push_back(at);
                }
                is_open[at] = false;
                open.pop_back();
            }
        }
        return true;
    }
    /// Visits the runs in the order of their numbers.
    template <class F>
    void for_each_by_number(F&& visit) const {
        if (numbered_.empty()) {
            std::for_each(runs.begin(), runs.end(), visit);
        }
        for (auto const i : numbered_) {
            visit(runs[i]);
        }
    }
    [[nodiscard]] item_number number_of(item const& one) const {
        return one.run == nowhere ? no_item : runs[one.run].number + one.offset;
    }

private:
    /// How many runs begin at a dot or before it.
    [[nodiscard]] std::uint32_t runs_before(local_dot d) const {
        auto const behind = std::partition_point(runs.begin(), runs.end(),
                                                 [&](run const& r) { return r.first <= d; });
        return static_cast<std::uint32_t>(behind - runs.begin());
    }

    /// A run that has to be numbered first; the run itself if none has to.
    [[nodiscard]] std::uint32_t unnumbered_origin(std::uint32_t at) const {
        for (auto const& origin : {runs[at].left, runs[at].right}) {
            if (origin.run != nowhere && runs[origin.run].number == no_item) {
                return origin.run;
            }
        }
        return at;
    }

    std::vector<std::uint32_t> numbered_; ///< none if they are in the order of their dots
};

} // namespace joinery::detail
