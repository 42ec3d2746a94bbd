#pragma once

#include <joinery/core/bugs.hpp>
#include <joinery/core/varint.hpp>
#include <joinery/crdt/dot_fun.hpp>
#include <joinery/crdt/item_sequence.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery::detail {

// The bytes of a sequence in a state.
//
//     placed     count; if there are any: runs in the order of their dots, the order in which they
//                begin, lengths by turns of what is alive and of what is removed
//     content    of what is alive, in the order of the list
//     waiting    count, then runs that wait for others: dot, count << 1 | alive, left, right,
//                content
//     doomed     count, then removals of items that are not here: dot, count
//
// A run is as long as it can be: its items have consecutive dots, each but the first is inserted
// behind its predecessor, and all have one right origin. Of one that is placed are written
//
//     first      how many dots behind the run before it << 1; or, if that is of another replica,
//                how much greater the rank is << 1 | 1 and the sequence number
//     count
//     left       an origin: 0 for the start or the end; or how many runs before this one, zigzag,
//     right      and the offset in that run
//
// and in the order: how much greater the index of the run is than of the one before, zigzag, << 1 |
// whether it stands behind the rest of the run that its left origin is in.
//
// What waits or is doomed has dots: the rank of a replica + 2 and a sequence number; or 1, the id
// of a replica that has no rank, since none of its dots was seen, and a sequence number. An origin
// is then such a dot, or 0.

/// Writes sequences in their canonical form.
template <class Content>
class sequence_writer {
public:
    sequence_writer(state_output& to, item_sequence<Content> const& from) : to_{to}, from_{from} {}

    void write() {
        collect_runs();
        to_.out.varint(runs_.size());
        for (std::uint32_t i = 0; i < runs_.size(); ++i) {
            write_run(i);
        }
        write_order();
        write_content();
        write_waiting();
    }

private:
    struct placed_run {
        local_dot first;
        std::uint32_t count;
        item_number left;
        item_number right;
    };
    /// An item: a run, and the offset in it.
    struct place {
        std::uint32_t run;
        std::uint32_t offset;
    };

    [[nodiscard]] place place_of(item_number item) const {
        auto const at = from_.items().run_of(item);
        auto const in = from_.items().range_at(at);
        auto const offset = in.first.bits() + (item - in.number) - runs_[index_[at]].first.bits();
        return {index_[at], static_cast<std::uint32_t>(offset)};
    }
    void write_distance(std::uint32_t from, std::uint32_t to, unsigned flag_bits, bool flag) {
        auto const distance = std::int64_t{to} - std::int64_t{from};
        to_.out.varint(zigzag(distance) << flag_bits | (flag ? 1U : 0U));
    }

    void write_run(std::uint32_t index) {
        auto const& r = runs_[index];
        auto const* const before = index == 0 ? nullptr : &runs_[index - 1];
        auto const rank = std::uint64_t{to_.rank[r.first.slot()]} + 1;
        auto const rank_before =
            before == nullptr ? 0 : std::uint64_t{to_.rank[before->first.slot()]} + 1;
        if (rank == rank_before) {
            to_.out.varint((r.first.bits() - before->first.bits() - before->count) << 1);
        } else {
            to_.out.varint((rank - rank_before) << 1 | 1);
            to_.out.varint(r.first.sequence());
        }
        to_.out.varint(r.count);
        for (auto const origin : {r.left, r.right}) {
            if (origin == no_item) {
                to_.out.varint(0);
            } else {
                auto const [run, offset] = place_of(origin);
                write_distance(run, index, 0, false);
                to_.out.varint(offset);
            }
        }
    }

    void write_head(local_dot first, std::uint64_t count) {
        write_origin(first);
        to_.out.varint(count);
    }
    void write_origin(local_dot d) {
        if (d == local_dot{}) {
            to_.out.varint(0);
            return;
        }
        if (auto const rank = to_.rank[d.slot()];
            rank != state_output::no_rank || bugs::unseen_replicas_have_a_rank) {
            to_.out.varint(std::uint64_t{rank} + 2);
        } else {
            to_.out.varint(1);
            to_.out.raw(to_.root.context.id_of(d.slot()).to_bytes());
        }
        to_.out.varint(d.sequence());
    }
    [[nodiscard]] local_dot dot_of(item_number item) const {
        return item == no_item ? local_dot{} : from_.items().dot_of(item);
    }
    [[nodiscard]] bool is_less(local_dot a, local_dot b) const {
        return to_.root.context.global(a) < to_.root.context.global(b);
    }

    void collect_runs() {
        std::vector<replica_slot> slots;
        for (replica_slot slot = 0; slot < from_.items().slot_end(); ++slot) {
            auto has_items = false;
            from_.items().for_each_stretch(slot, [&](item_range) { has_items = true; });
            if (has_items) {
                slots.push_back(slot);
            }
        }
        std::sort(slots.begin(), slots.end(),
                  [&](replica_slot a, replica_slot b) { return to_.rank[a] < to_.rank[b]; });
        index_.resize(from_.items().run_count());
        for (auto const slot : slots) {
            from_.items().for_each_stretch(slot, [&](item_range const& all) {
                from_.items().for_each_range(all.number, all.count,
                                             [&](item_range const& r) { add_run(r); });
            });
        }
    }
    void add_run(item_range const& r) {
        auto const origins = from_.items().origins_of(r.number);
        auto& index = index_[from_.items().run_of(r.number)];
        if (!runs_.empty()) {
            auto& last = runs_.back();
            if (last.first.bits() + last.count == r.first.bits() &&
                dot_of(origins.left).bits() + 1 == r.first.bits() && last.right == origins.right) {
                last.count += r.count;
                index = static_cast<std::uint32_t>(runs_.size() - 1);
                return;
            }
        }
        index = static_cast<std::uint32_t>(runs_.size());
        runs_.push_back({r.first, r.count, origins.left, origins.right});
    }

    void write_order() {
        std::vector<std::uint32_t> done(runs_.size());
        std::vector<std::uint32_t> lengths;
        std::uint32_t before = 0;
        from_.for_each_span([&](item_span const& s) {
            while (lengths.empty() || s.is_dead() == (lengths.size() % 2 != 0)) {
                lengths.push_back(0);
            }
            lengths.back() += s.count();
            from_.items().for_each_range(s.first(), s.count(), [&](item_range const& r) {
                auto const run = index_[from_.items().run_of(r.number)];
                auto const offset =
                    static_cast<std::uint32_t>(r.first.bits() - runs_[run].first.bits());
                if (offset == 0) {
                    write_distance(before, run, 1, is_behind(runs_[run].left, done));
                    before = run;
                }
                done[run] = offset + r.count;
            });
        });
        for (auto const n : lengths) {
            to_.out.varint(n);
        }
    }
    /// Whether what follows an item in its run stands before what now begins behind it.
    [[nodiscard]] bool is_behind(item_number left, std::vector<std::uint32_t> const& done) const {
        if (left == no_item) {
            return false;
        }
        auto const [run, offset] = place_of(left);
        return done[run] > offset + 1;
    }
    void write_content() {
        std::uint64_t units = 0;
        from_.for_each_array([&](auto const*, std::uint32_t count) { units += count; });
        Content::write_size(to_.out, from_.total().items(), units);
        from_.for_each_array(
            [&](auto const* at, std::uint32_t count) { Content::write(to_.out, at, count); });
    }

    void write_waiting() {
        std::vector<item_run<Content>> waiting;
        dot_ranges doomed;
        from_.for_each_doomed([&](local_dot d, std::uint64_t n) { doomed.insert(d, n); });
        from_.for_each_waiting([&](item_run<Content> const& r) { cut(r, doomed, waiting); });
        std::sort(waiting.begin(), waiting.end(),
                  [&](auto const& a, auto const& b) { return is_less(a.first, b.first); });
        merge(waiting);
        to_.out.varint(waiting.size());
        for (auto const& r : waiting) {
            write_head(r.first, std::uint64_t{r.count} << 1 | (r.is_dead ? 0U : 1U));
            write_origin(r.left);
            write_origin(r.right);
            if (!r.is_dead) {
                Content::write_size(to_.out, r.count, r.content.unit_count);
                Content::write(to_.out, r.content.units, r.content.unit_count);
            }
            doomed.erase(r.first, r.count);
        }
        write_doomed(doomed);
    }
    void write_doomed(dot_ranges const& doomed) {
        std::vector<std::pair<local_dot, std::uint64_t>> order;
        doomed.for_each([&](local_dot d, std::uint64_t n) { order.emplace_back(d, n); });
        std::sort(order.begin(), order.end(),
                  [&](auto const& a, auto const& b) { return is_less(a.first, b.first); });
        to_.out.varint(order.size());
        for (auto const& [first, count] : order) {
            write_head(first, count);
        }
    }

    /// Cuts a run into parts that are all removed or all alive.
    static void cut(item_run<Content> const& r, dot_ranges const& doomed,
                    std::vector<item_run<Content>>& out) {
        std::uint32_t offset = 0;
        auto const alive_to = [&](std::uint32_t end) {
            if (offset != end) {
                out.push_back(r.part(offset, end - offset));
                offset = end;
            }
        };
        if (!r.is_dead) {
            doomed.for_each_in(r.first, r.count, [&](local_dot d, std::uint64_t n) {
                alive_to(static_cast<std::uint32_t>(d.bits() - r.first.bits()));
                auto dead = r.part(offset, static_cast<std::uint32_t>(n));
                dead.is_dead = true;
                out.push_back(dead);
                offset += dead.count;
            });
        }
        alive_to(r.count);
    }
    /// Content of runs that follow each other may lie apart, and is put together.
    void merge(std::vector<item_run<Content>>& runs) {
        std::vector<item_run<Content>> out;
        for (auto const& r : runs) {
            if (!out.empty()) {
                auto& last = out.back();
                if (last.first.bits() + last.count == r.first.bits() &&
                    r.left.bits() + 1 == r.first.bits() && last.right == r.right &&
                    last.is_dead == r.is_dead) {
                    append(last, r);
                    continue;
                }
            }
            out.push_back(r);
        }
        runs = std::move(out);
    }
    /// Content that is put together goes on growing where it lies.
    void append(item_run<Content>& to, item_run<Content> const& more) {
        to.count += more.count;
        if (to.is_dead) {
            return;
        }
        auto const end_of = [](item_content_view<Content> const& c) {
            return c.units + c.unit_count;
        };
        if (kept_.empty() || kept_.back().data() != to.content.units) {
            kept_.emplace_back(to.content.units, end_of(to.content));
        }
        auto& units = kept_.back();
        units.insert(units.end(), more.content.units, end_of(more.content));
        to.content = {units.data(), static_cast<std::uint32_t>(units.size()), to.count};
    }

    state_output& to_;
    item_sequence<Content> const& from_;
    std::vector<placed_run> runs_;
    std::vector<std::uint32_t> index_; ///< of a run by number -> in `runs_`
    std::vector<std::vector<typename Content::unit>> kept_;
};

} // namespace joinery::detail
