#pragma once

#include <joinery/crdt/dot_fun.hpp>
#include <joinery/crdt/item_sequence.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery::detail {

// The bytes of a sequence in a state. An origin is 0 for the start or the end, else the rank of its
// replica + 1 and its sequence number.
//
//     placed     count, then runs in the order of their dots: rank, sequence, count, left, right
//     order      count, then stretches in the order of the list: index of a run, count << 1 |
//     alive;
//                the items of a run come in their order
//     content    of what is alive, in the order of the list
//     waiting    count, then runs that wait for others: rank, sequence, count << 1 | alive, left,
//                right, content
//     doomed     count, then removals of items that are not here: rank, sequence, count
//
// A run is as long as it can be: its items have consecutive dots, each but the first is inserted
// behind its predecessor, and all have one right origin.

/// Writes sequences in their canonical form.
template <class Content>
class sequence_writer {
public:
    sequence_writer(state_output& to, item_sequence<Content> const& from) : to_{to}, from_{from} {}

    void write() {
        collect_runs();
        to_.out.varint(runs_.size());
        for (auto const& r : runs_) {
            write_head(r.first, r.count);
            write_origin(r.left);
            write_origin(r.right);
        }
        write_order();
        write_waiting();
    }

private:
    struct placed_run {
        local_dot first;
        std::uint32_t count;
        local_dot left;
        local_dot right;
    };
    struct stretch {
        std::uint32_t run;
        std::uint32_t count;
        bool is_alive;
    };

    void write_head(local_dot first, std::uint64_t count) {
        to_.out.varint(to_.rank[first.slot()]);
        to_.out.varint(first.sequence());
        to_.out.varint(count);
    }
    void write_origin(local_dot d) {
        if (d == local_dot{}) {
            to_.out.varint(0);
        } else {
            to_.out.varint(std::uint64_t{to_.rank[d.slot()]} + 1);
            to_.out.varint(d.sequence());
        }
    }
    [[nodiscard]] local_dot dot_of(item_number item) const {
        return item == no_item ? local_dot{} : from_.items().dot_of(item);
    }
    [[nodiscard]] bool is_less(local_dot a, local_dot b) const {
        return std::pair{to_.rank[a.slot()], a.sequence()} <
               std::pair{to_.rank[b.slot()], b.sequence()};
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
        auto const left = dot_of(origins.left);
        auto const right = dot_of(origins.right);
        if (!runs_.empty()) {
            auto& last = runs_.back();
            if (last.first.bits() + last.count == r.first.bits() &&
                left.bits() + 1 == r.first.bits() && last.right == right) {
                last.count += r.count;
                index_[from_.items().run_of(r.number)] =
                    static_cast<std::uint32_t>(runs_.size() - 1);
                return;
            }
        }
        index_[from_.items().run_of(r.number)] = static_cast<std::uint32_t>(runs_.size());
        runs_.push_back({r.first, r.count, left, right});
    }

    void write_order() {
        std::vector<stretch> order;
        from_.for_each_span([&](item_span const& s) {
            from_.items().for_each_range(s.first(), s.count(), [&](item_range const& r) {
                auto const run = index_[from_.items().run_of(r.number)];
                if (!order.empty() && order.back().run == run &&
                    order.back().is_alive != s.is_dead()) {
                    order.back().count += r.count;
                } else {
                    order.push_back({run, r.count, !s.is_dead()});
                }
            });
        });
        to_.out.varint(order.size());
        for (auto const& s : order) {
            to_.out.varint(s.run);
            to_.out.varint(std::uint64_t{s.count} << 1 | (s.is_alive ? 1U : 0U));
        }
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
    void append(item_run<Content>& to, item_run<Content> const& more) {
        to.count += more.count;
        if (to.is_dead) {
            return;
        }
        std::vector<typename Content::unit> joined(to.content.units,
                                                   to.content.units + to.content.unit_count);
        joined.insert(joined.end(), more.content.units,
                      more.content.units + more.content.unit_count);
        kept_.push_back(std::move(joined));
        auto const& units = kept_.back();
        to.content = {units.data(), static_cast<std::uint32_t>(units.size()), to.count};
    }

    state_output& to_;
    item_sequence<Content> const& from_;
    std::vector<placed_run> runs_;
    std::vector<std::uint32_t> index_; ///< of a run by number -> in `runs_`
    std::vector<std::vector<typename Content::unit>> kept_;
};

/// A dot in a state's bytes: a rank instead of a slot.
struct ranked_dot {
    std::uint64_t rank = 0;
    std::uint64_t sequence = 0;
    friend auto operator<=>(ranked_dot const&, ranked_dot const&) = default;
};

/// Accepts or refuses the bytes of a sequence.
template <class Content>
class sequence_check {
public:
    sequence_check(byte_reader& reader, state_check const& state)
        : reader_{reader}, state_{state} {}

    /// Returns whether the sequence is bottom.
    bool run() {
        auto const placed = check_placed();
        auto const alive = check_order();
        if (reader_.ok() && Content::check(reader_) != alive) {
            fail("a sequence has content for another number of items");
        }
        auto const waiting = check_waiting();
        return check_doomed() == 0 && placed == 0 && waiting == 0;
    }

private:
    void fail(char const* reason) { reader_.fail(errc::malformed, reason); }

    ranked_dot read_dot() {
        ranked_dot d;
        d.rank = reader_.varint();
        d.sequence = reader_.varint();
        if (d.rank >= state_.seen.size() || d.sequence == 0 ||
            d.sequence > local_dot::sequence_max) {
            fail("an item cannot exist");
        }
        return d;
    }
    void check_origin(ranked_dot& out) {
        out = {};
        auto const word = reader_.varint();
        if (word != 0) {
            out = {word - 1, reader_.varint()};
            if (out.rank >= state_.seen.size() || out.sequence == 0 ||
                out.sequence > local_dot::sequence_max) {
                fail("an item stands beside one that cannot exist");
            }
        }
    }
    /// Dots that ascend; where they are items, they lie in the context.
    void check_dots(ranked_dot first, std::uint64_t count, bool are_seen) {
        if (count == 0 || count > local_dot::sequence_max - first.sequence + 1 ||
            (has_last_ && first <= last_)) {
            fail("the items of a sequence are not in order");
        }
        if (are_seen && (!reader_.ok() || count > items_max || !is_seen(first, count))) {
            fail("an item lies outside of the causal context");
        }
        has_last_ = true;
        last_ = {first.rank, first.sequence + count - 1};
    }
    [[nodiscard]] bool is_seen(ranked_dot first, std::uint64_t count) const {
        auto const& seen = state_.seen[first.rank];
        auto const end = first.sequence + count;
        auto sequence = std::max(first.sequence, seen.prefix() + 1);
        while (sequence < end && seen.contains(sequence)) {
            ++sequence;
        }
        return sequence >= end;
    }

    std::uint64_t check_placed() {
        auto const count = reader_.varint();
        ranked_dot last_right;
        for (std::uint64_t i = 0; i < count && reader_.ok(); ++i) {
            auto const before = last_;
            auto const first = read_dot();
            auto const items = reader_.varint();
            ranked_dot left;
            ranked_dot right;
            check_origin(left);
            check_origin(right);
            check_dots(first, items, true);
            if (i != 0 && left == before && right == last_right && first.rank == before.rank &&
                first.sequence == before.sequence + 1) {
                reader_.fail(errc::not_canonical, "a run of items is written in two parts");
            }
            last_right = right;
            left_in_.push_back(items);
            total_ += items;
            if (total_ > items_max) {
                reader_.fail(errc::too_large, "a sequence has too many items");
            }
        }
        return count;
    }

    /// Returns the number of items that are alive.
    std::uint64_t check_order() {
        auto const count = reader_.varint();
        std::uint64_t alive = 0;
        auto last_run = ~std::uint64_t{0};
        std::uint64_t last_flag = 2;
        for (std::uint64_t i = 0; i < count && reader_.ok(); ++i) {
            auto const run = reader_.varint();
            auto const word = reader_.varint();
            if (run >= left_in_.size() || word >> 1 == 0 || word >> 1 > left_in_[run]) {
                fail("the order of a sequence names items that do not exist");
                break;
            }
            if (run == last_run && (word & 1) == last_flag) {
                reader_.fail(errc::not_canonical, "a stretch of items is written in two parts");
            }
            last_run = run;
            last_flag = word & 1;
            left_in_[run] -= word >> 1;
            total_ -= word >> 1;
            alive += (word & 1) != 0 ? word >> 1 : 0;
        }
        if (reader_.ok() && total_ != 0) {
            fail("the order of a sequence lacks items");
        }
        return alive;
    }

    std::uint64_t check_waiting() {
        has_last_ = false;
        auto const count = reader_.varint();
        for (std::uint64_t i = 0; i < count && reader_.ok(); ++i) {
            auto const first = read_dot();
            auto const word = reader_.varint();
            ranked_dot origin;
            check_origin(origin);
            check_origin(origin);
            check_dots(first, word >> 1, true);
            if ((word & 1) != 0 && reader_.ok() && Content::check(reader_) != word >> 1) {
                fail("a sequence has content for another number of items");
            }
        }
        return count;
    }
    std::uint64_t check_doomed() {
        has_last_ = false;
        auto const count = reader_.varint();
        for (std::uint64_t i = 0; i < count && reader_.ok(); ++i) {
            auto const first = read_dot();
            check_dots(first, reader_.varint(), false);
        }
        return count;
    }

    byte_reader& reader_;
    state_check const& state_;
    std::vector<std::uint64_t> left_in_; ///< items of a run that the order has yet to name
    std::uint64_t total_ = 0;
    ranked_dot last_{};
    bool has_last_ = false;
};

/// Builds a sequence from bytes that were accepted.
template <class Content>
class sequence_loader {
public:
    explicit sequence_loader(state_input& in, causal_root& root) : in_{in}, root_{root} {}

    [[nodiscard]] item_sequence<Content> load() {
        item_sequence<Content> out;
        read_placed();
        read_order();
        auto const content = Content::read(in_.reader, root_.pool, bytes_owner::our_pool, scratch_);
        if (number_runs()) {
            build(out, content.units);
        } else {
            add_one_by_one(out, content);
        }
        read_aside(out);
        return out;
    }

private:
    struct placed_run {
        local_dot first;
        std::uint32_t count;
        local_dot left;
        local_dot right;
        item_number number = no_item;
    };
    struct stretch {
        std::uint32_t run;
        std::uint32_t count;
        bool is_alive;
    };
    static constexpr std::uint32_t nowhere = 0xffffffff;

    local_dot read_dot() {
        auto const slot = in_.slots[in_.reader.varint()];
        return {slot, in_.reader.varint()};
    }
    local_dot read_origin() {
        auto const word = in_.reader.varint();
        return word == 0 ? local_dot{} : local_dot{in_.slots[word - 1], in_.reader.varint()};
    }
    std::uint32_t read_count() { return static_cast<std::uint32_t>(in_.reader.varint()); }

    void read_placed() {
        runs_.resize(in_.reader.varint());
        for (auto& r : runs_) {
            r.first = read_dot();
            r.count = read_count();
            r.left = read_origin();
            r.right = read_origin();
        }
        // The bytes have them by rank; here they are looked up by slot.
        by_dot_.resize(runs_.size());
        for (std::uint32_t i = 0; i < by_dot_.size(); ++i) {
            by_dot_[i] = i;
        }
        std::sort(by_dot_.begin(), by_dot_.end(), [&](std::uint32_t a, std::uint32_t b) {
            return runs_[a].first < runs_[b].first;
        });
    }
    void read_order() {
        order_.resize(in_.reader.varint());
        for (auto& s : order_) {
            s.run = read_count();
            auto const word = in_.reader.varint();
            s.count = static_cast<std::uint32_t>(word >> 1);
            s.is_alive = (word & 1) != 0;
        }
    }

    [[nodiscard]] std::uint32_t run_with(local_dot d) const {
        auto const at =
            std::upper_bound(by_dot_.begin(), by_dot_.end(), d,
                             [&](local_dot x, std::uint32_t i) { return x < runs_[i].first; });
        if (at == by_dot_.begin()) {
            return nowhere;
        }
        auto const& r = runs_[*(at - 1)];
        return d.bits() - r.first.bits() < r.count ? *(at - 1) : nowhere;
    }

    /// Gives numbers, to the origins of a run before the run. Fails if they are in a circle, or not
    /// here, as they are in no bytes that an honest replica wrote.
    bool number_runs() {
        std::vector<std::uint32_t> open;
        std::vector<bool> is_open(runs_.size());
        for (std::uint32_t i = 0; i < runs_.size(); ++i) {
            open.push_back(i);
            while (!open.empty()) {
                auto const at = open.back();
                auto& r = runs_[at];
                auto const needed = r.number == no_item ? unnumbered_origin(r) : at;
                if (needed == nowhere || (needed != at && is_open[needed])) {
                    return false;
                }
                if (needed != at) {
                    is_open[at] = true;
                    open.push_back(needed);
                    continue;
                }
                if (r.number == no_item) {
                    r.number = next_;
                    next_ += r.count;
                    sequence_order_.push_back(at);
                }
                is_open[at] = false;
                open.pop_back();
            }
        }
        return true;
    }
    /// A run that has to be numbered first; the run itself if none has to.
    [[nodiscard]] std::uint32_t unnumbered_origin(placed_run const& r) const {
        for (auto const d : {r.left, r.right}) {
            if (d != local_dot{}) {
                auto const run = run_with(d);
                if (run == nowhere || runs_[run].number == no_item) {
                    return run;
                }
            }
        }
        return static_cast<std::uint32_t>(&r - runs_.data());
    }
    [[nodiscard]] item_number number_of(local_dot d) const {
        if (d == local_dot{}) {
            return no_item;
        }
        auto const& r = runs_[run_with(d)];
        return r.number + static_cast<std::uint32_t>(d.bits() - r.first.bits());
    }

    void build(item_sequence<Content>& out, typename Content::unit const* content) {
        for (auto const i : sequence_order_) {
            auto const& r = runs_[i];
            out.append_item_run(r.first, r.count, number_of(r.left), number_of(r.right));
        }
        std::vector<std::uint32_t> done(runs_.size());
        std::vector<item_span> spans;
        spans.reserve(order_.size());
        for (auto const& s : order_) {
            auto const number = runs_[s.run].number + done[s.run];
            auto const left = done[s.run] == 0 ? number_of(runs_[s.run].left) : number - 1;
            done[s.run] += s.count;
            auto const follows = !spans.empty() && spans.back().end() == number;
            auto const is_hard = follows && left != number - 1;
            if (follows && !is_hard && spans.back().is_dead() != s.is_alive) {
                spans.back().grow(s.count);
            } else {
                spans.push_back({number, s.count, !s.is_alive, is_hard});
            }
        }
        out.build(spans, content);
    }

    void add_one_by_one(item_sequence<Content>& out, item_content_view<Content> content) {
        std::vector<std::uint32_t> done(runs_.size());
        for (auto const& s : order_) {
            auto const& r = runs_[s.run];
            item_run<Content> part{r.first, r.count, r.left, r.right, true, {}};
            part = part.part(done[s.run], s.count);
            done[s.run] += s.count;
            if (s.is_alive) {
                part.is_dead = false;
                part.content = content.first(s.count);
                content = content.behind(s.count);
            }
            out.add(part, root_.context);
        }
    }

    void read_aside(item_sequence<Content>& out) {
        for (auto left = in_.reader.varint(); left != 0; --left) {
            item_run<Content> r;
            r.first = read_dot();
            auto const word = in_.reader.varint();
            r.count = static_cast<std::uint32_t>(word >> 1);
            r.is_dead = (word & 1) == 0;
            r.left = read_origin();
            r.right = read_origin();
            if (!r.is_dead) {
                r.content = Content::read(in_.reader, root_.pool, bytes_owner::our_pool, scratch_);
            }
            out.add(r, root_.context);
        }
        for (auto left = in_.reader.varint(); left != 0; --left) {
            auto const first = read_dot();
            out.remove(first, in_.reader.varint(), root_.context);
        }
    }

    state_input& in_;
    causal_root& root_;
    std::vector<placed_run> runs_;
    std::vector<stretch> order_;
    std::vector<std::uint32_t> by_dot_;
    std::vector<std::uint32_t> sequence_order_;
    std::vector<typename Content::unit> scratch_;
    item_number next_ = 0;
};

} // namespace joinery::detail
