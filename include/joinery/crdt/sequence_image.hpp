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
        local_dot left{};
        local_dot right{};
        item left_item{}; ///< nowhere: the start, or not here
        item right_item{};
        item_number number = no_item;
    };
    struct stretch {
        std::uint32_t run = 0;
        std::uint32_t count = 0;
        bool is_alive = false;
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

    std::vector<run> runs; ///< in the order of their dots, like those that wait
    std::vector<stretch> order;
    byte_view content; ///< of what is alive, in order
    small_list<waiting_run, 1> waiting;
    small_list<range, 1> doomed;
    replica_table unranked; ///< replicas of which the context has seen nothing

    /// Looks up all origins. Returns whether they are here.
    bool resolve() {
        firsts_.clear();
        for (auto const& r : runs) {
            firsts_.push_back(r.first);
        }
        auto are_here = true;
        for (auto& r : runs) {
            r.left_item = find(r.left);
            r.right_item = find(r.right);
            are_here = are_here && (r.left == local_dot{} || r.left_item.run != nowhere) &&
                       (r.right == local_dot{} || r.right_item.run != nowhere);
        }
        return are_here;
    }

    /// The item of a dot, if it is here. Precondition: origins were looked up.
    [[nodiscard]] item find(local_dot d) const {
        auto const behind = runs_before(d);
        if (d == local_dot{} || behind == 0) {
            return {};
        }
        auto const offset = d.bits() - firsts_[behind - 1].bits();
        return offset < runs[behind - 1].count
                   ? item{behind - 1, static_cast<std::uint32_t>(offset)}
                   : item{};
    }
    /// Whether any of `count` dots from `first` on is here.
    [[nodiscard]] bool has_any(local_dot first, std::uint64_t count) const {
        auto const behind = runs_before(first);
        return find(first).run != nowhere ||
               (behind != firsts_.size() && firsts_[behind].bits() < first.bits() + count);
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
    [[nodiscard]] bool is_bottom() const {
        return runs.empty() && waiting.empty() && doomed.empty();
    }

    /// Gives numbers, to the origins of a run before the run. Returns whether it can be done: not
    /// if they are in a circle.
    bool number_runs() {
        std::vector<std::uint32_t> open;
        std::vector<bool> is_open(runs.size());
        std::uint32_t next = 0;
        for (std::uint32_t i = 0; i < runs.size(); ++i) {
            open.push_back(i);
            while (!open.empty()) {
                auto const at = open.back();
                auto const needed = runs[at].number == no_item ? unnumbered_origin(at) : at;
                if (needed != at) {
                    if (needed == nowhere || is_open[needed]) {
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
    /// The runs in the order of their numbers.
    [[nodiscard]] std::vector<std::uint32_t> const& numbered() const { return numbered_; }
    [[nodiscard]] item_number number_of(item const& one) const {
        return one.run == nowhere ? no_item : runs[one.run].number + one.offset;
    }

private:
    /// How many runs begin at a dot or before it.
    [[nodiscard]] std::uint32_t runs_before(local_dot d) const {
        return static_cast<std::uint32_t>(std::upper_bound(firsts_.begin(), firsts_.end(), d) -
                                          firsts_.begin());
    }

    /// A run that has to be numbered first; the run itself if none has to, `nowhere` if it needs
    /// itself.
    [[nodiscard]] std::uint32_t unnumbered_origin(std::uint32_t at) const {
        for (auto const& origin : {runs[at].left_item, runs[at].right_item}) {
            if (origin.run != nowhere && runs[origin.run].number == no_item) {
                return origin.run == at ? nowhere : origin.run;
            }
        }
        return at;
    }

    std::vector<local_dot> firsts_; ///< of the runs, close together: they are looked up often
    std::vector<std::uint32_t> numbered_;
};

} // namespace joinery::detail
