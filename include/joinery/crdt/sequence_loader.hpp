#pragma once

#include <joinery/crdt/item_order_check.hpp>
#include <joinery/crdt/item_sequence.hpp>
#include <joinery/crdt/join_frame.hpp>
#include <joinery/crdt/sequence_join.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery::detail {

/// Builds a sequence from bytes that were accepted.
template <class Content>
class sequence_loader {
public:
    explicit sequence_loader(state_input& in, causal_root& root) : in_{in}, root_{root} {}

    /// Adds what was read to `out`. A whole sequence is built at once, a delta item by item.
    void load_into(item_sequence<Content>& out) {
        constexpr std::size_t few = 16;
        read_placed();
        read_order();
        auto const content =
            Content::read(in_.reader, root_.pool, bytes_owner::our_pool, Content::scratch());
        if (runs_.size() > few || out.is_bottom()) {
            build_apart(out, content);
        } else {
            add_one_by_one(out, content);
        }
        read_aside(out);
    }

private:
    static constexpr std::uint32_t nowhere = 0xffffffff;

    struct placed_run {
        local_dot first;
        std::uint32_t count;
        local_dot left;
        local_dot right;
        std::uint32_t left_run = nowhere; ///< the run with the left origin
        std::uint32_t right_run = nowhere;
        item_number number = no_item;
    };
    struct stretch {
        std::uint32_t run;
        std::uint32_t count;
        bool is_alive;
    };
    local_dot read_dot() {
        auto const word = in_.reader.varint();
        if (word == 0) {
            return {};
        }
        auto const slot = word == 1 ? root_.context.intern(replica_id::from_bytes(
                                          in_.reader.take(16).template first<16>()))
                                    : in_.slots[word - 2];
        return {slot, in_.reader.varint()};
    }
    std::uint32_t read_count() { return static_cast<std::uint32_t>(in_.reader.varint()); }

    void read_placed() {
        runs_.resize(in_.reader.varint());
        for (auto& r : runs_) {
            r.first = read_dot();
            r.count = read_count();
            r.left = read_dot();
            r.right = read_dot();
        }
        // The bytes have them by replica id; here they are looked up by slot.
        by_dot_.resize(runs_.size());
        for (std::uint32_t i = 0; i < by_dot_.size(); ++i) {
            by_dot_[i] = i;
        }
        auto const is_less = [&](std::uint32_t a, std::uint32_t b) {
            return runs_[a].first < runs_[b].first;
        };
        if (!std::is_sorted(by_dot_.begin(), by_dot_.end(), is_less)) {
            std::sort(by_dot_.begin(), by_dot_.end(), is_less);
        }
        for (auto& r : runs_) {
            r.left_run = run_with(r.left);
            r.right_run = run_with(r.right);
        }
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
        auto const self = static_cast<std::uint32_t>(&r - runs_.data());
        for (auto const& [d, run] : {std::pair{r.left, r.left_run}, {r.right, r.right_run}}) {
            if (d != local_dot{} && (run == nowhere || runs_[run].number == no_item)) {
                return run == self ? nowhere : run;
            }
        }
        return self;
    }
    [[nodiscard]] item_number number_of(local_dot d, std::uint32_t run) const {
        return d == local_dot{}
                   ? no_item
                   : runs_[run].number +
                         static_cast<std::uint32_t>(d.bits() - runs_[run].first.bits());
    }

    void build_apart(item_sequence<Content>& out, item_content_view<Content> const& content) {
        if (runs_.empty()) {
            return;
        }
        item_sequence<Content> whole;
        auto const is_numbered = number_runs();
        if (is_numbered) {
            build(whole, content.units);
        }
        if (!is_numbered || !item_order_check<Content>{whole, root_.context}.run()) {
            whole = {};
            add_one_by_one(whole, content);
        }
        if (out.is_bottom()) {
            out = std::move(whole);
        } else {
            constexpr auto same_slot = [](replica_slot slot) { return slot; };
            sequence_adder adder{out, root_, bytes_owner::our_pool, same_slot};
            adder.add_placed(whole);
            adder.add_aside(whole);
        }
    }

    void build(item_sequence<Content>& out, typename Content::unit const* content) {
        for (auto const i : sequence_order_) {
            auto const& r = runs_[i];
            out.append_item_run(r.first, r.count, number_of(r.left, r.left_run),
                                number_of(r.right, r.right_run));
        }
        std::vector<std::uint32_t> done(runs_.size());
        std::vector<item_span> spans;
        spans.reserve(order_.size());
        for (auto const& s : order_) {
            auto const& r = runs_[s.run];
            auto const number = r.number + done[s.run];
            auto const left = done[s.run] == 0 ? number_of(r.left, r.left_run) : number - 1;
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
            r.left = read_dot();
            r.right = read_dot();
            if (!r.is_dead) {
                r.content = Content::read(in_.reader, root_.pool, bytes_owner::our_pool,
                                          Content::scratch());
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
    item_number next_ = 0;
};

} // namespace joinery::detail
