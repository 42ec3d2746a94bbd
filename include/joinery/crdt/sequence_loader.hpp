#pragma once

#include <joinery/crdt/item_sequence.hpp>
#include <joinery/crdt/join_frame.hpp>
#include <joinery/crdt/sequence_image.hpp>
#include <joinery/crdt/sequence_join.hpp>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery::detail {

/// Takes a sequence from bytes that were accepted.
template <class Content>
class sequence_loader {
public:
    explicit sequence_loader(state_input& in, causal_root& root) : in_{in}, root_{root} {}

    /// Adds what was read to `out`. A whole sequence is built at once, a delta item by item.
    void load_into(item_sequence<Content>& out) {
        constexpr std::size_t few = 16;
        read_placed();
        auto const content =
            Content::read(in_.reader, root_.pool, bytes_owner::our_pool, Content::scratch());
        if (image_.runs.size() > few || out.is_bottom()) {
            build_apart(out, content);
        } else {
            add_one_by_one(out, content);
        }
        read_aside(out);
    }

private:
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
        image_.runs.resize(in_.reader.varint());
        for (auto& r : image_.runs) {
            r.first = read_dot();
            r.count = read_count();
            r.left = read_dot();
            r.right = read_dot();
        }
        image_.order.resize(in_.reader.varint());
        for (auto& s : image_.order) {
            s.run = read_count();
            auto const word = in_.reader.varint();
            s.count = static_cast<std::uint32_t>(word >> 1);
            s.is_alive = (word & 1) != 0;
        }
    }

    void build_apart(item_sequence<Content>& out, item_content_view<Content> const& content) {
        if (image_.runs.empty()) {
            return;
        }
        item_sequence<Content> whole;
        build(whole, content.units);
        if (out.is_bottom()) {
            out = std::move(whole);
        } else {
            sequence_adder adder{out, root_, bytes_owner::our_pool, same_slot};
            adder.add_placed(whole);
        }
    }
    void build(item_sequence<Content>& out, typename Content::unit const* content) {
        [[maybe_unused]] auto const is_sound = image_.resolve() && image_.number_runs();
        assert(is_sound && "the check accepted items whose origins are not there");
        for (auto const i : image_.numbered()) {
            auto const& r = image_.runs[i];
            out.append_item_run(r.first, r.count, image_.number_of(r.left_item),
                                image_.number_of(r.right_item));
        }
        std::vector<std::uint32_t> done(image_.runs.size());
        std::vector<item_span> spans;
        spans.reserve(image_.order.size());
        for (auto const& s : image_.order) {
            auto const& r = image_.runs[s.run];
            auto const number = r.number + done[s.run];
            auto const left = done[s.run] == 0 ? image_.number_of(r.left_item) : number - 1;
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
        std::vector<std::uint32_t> done(image_.runs.size());
        for (auto const& s : image_.order) {
            auto const& r = image_.runs[s.run];
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
    sequence_image image_;
};

} // namespace joinery::detail
