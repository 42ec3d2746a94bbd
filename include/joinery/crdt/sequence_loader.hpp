#pragma once

#include <joinery/crdt/item_sequence.hpp>
#include <joinery/crdt/join_frame.hpp>
#include <joinery/crdt/sequence_items.hpp>
#include <joinery/crdt/sequence_join.hpp>
#include <joinery/crdt/sequence_placed_reader.hpp>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery::detail {

/// Reads the image of a sequence from bytes that were accepted.
template <class Content>
class sequence_image_reader {
public:
    explicit sequence_image_reader(state_input& in) : in_{in} {}

    sequence_image read() {
        read_placed();
        image_.content = skip_content();
        read_aside();
        return std::move(image_);
    }

private:
    local_dot read_dot() {
        auto const word = in_.reader.varint();
        if (word == 0) {
            return {};
        }
        auto const rank = word == 1
                              ? in_.slots.size() + image_.unranked.intern(replica_id::from_bytes(
                                                       in_.reader.take(16).template first<16>()))
                              : word - 2;
        return {static_cast<replica_slot>(rank), in_.reader.varint()};
    }
    byte_view skip_content() {
        auto const* const begin = in_.reader.position();
        Content::skip(in_.reader);
        return {begin, static_cast<std::size_t>(in_.reader.position() - begin)};
    }

    void read_placed() {
        sequence_placed_reader placed{in_.reader, in_.slots.size(), image_};
        placed.read(Content::items_max, [](sequence_image::run const&) {});
        assert(in_.reader.ok() && "the check accepted items that have no place");
    }
    void read_aside() {
        for (auto left = in_.reader.varint(); left != 0; --left) {
            sequence_image::waiting_run r;
            r.first = read_dot();
            auto const word = in_.reader.varint();
            r.count = static_cast<std::uint32_t>(word >> 1);
            r.is_alive = (word & 1) != 0;
            r.left = read_dot();
            r.right = read_dot();
            if (r.is_alive) {
                r.content = skip_content();
            }
            image_.waiting.push_back(r);
        }
        for (auto left = in_.reader.varint(); left != 0; --left) {
            image_.doomed.push_back({read_dot(), in_.reader.varint()});
        }
    }

    state_input& in_;
    sequence_image image_;
};

/// Takes a sequence from its image.
template <class Content>
class sequence_loader {
public:
    /// `slots`: ours for the ranks in the image.
    sequence_loader(sequence_image& image, slot_list const& slots, causal_root& root)
        : image_{image}, slots_{slots}, root_{root} {}

    /// Adds what was read to `out`. A whole text is kept as it is where nothing was, any other
    /// whole sequence is built at once, and a delta is added item by item.
    void load_into(sequence_items<Content>& to) {
        if constexpr (Content::lies_as_encoded) {
            if (to.is_none() && image_.runs.size() > few && image_.waiting.empty() &&
                image_.doomed.empty()) {
                take_slots();
                to.keep(std::move(image_));
                return;
            }
        }
        load_into(to.open());
        if (to.get()->is_bottom()) {
            to.clear();
        }
    }

private:
    static constexpr std::size_t few = 16;

    void load_into(item_sequence<Content>& out) {
        if (image_.runs.size() > few || (out.is_bottom() && !image_.runs.empty())) {
            build_apart(out);
        } else if (!image_.runs.empty()) {
            add_one_by_one(out);
        }
        add_aside(out);
    }
    void take_slots() {
        auto const is_same = [&, rank = replica_slot{0}](replica_slot slot) mutable {
            return slot == rank++;
        };
        if (std::all_of(slots_.begin(), slots_.end(), is_same)) {
            return;
        }
        for (auto& r : image_.runs) {
            r.first = here(r.first);
        }
    }
    /// The same dot with our slot.
    [[nodiscard]] local_dot here(local_dot d) {
        if (d == local_dot{}) {
            return d;
        }
        auto const known = slots_.size();
        auto const slot = d.slot() < known
                              ? slots_[d.slot()]
                              : root_.context.intern(
                                    image_.unranked[static_cast<replica_slot>(d.slot() - known)]);
        return {slot, d.sequence()};
    }
    [[nodiscard]] item_content_view<Content> read(byte_view content) {
        byte_reader reader{content};
        return Content::read(reader, root_.pool, bytes_owner::our_pool, Content::scratch());
    }

    void build_apart(item_sequence<Content>& out) {
        item_sequence<Content> whole;
        build_items(
            image_, read(image_.content), [&](local_dot d) { return here(d); }, whole);
        if (out.is_bottom()) {
            out = std::move(whole);
        } else {
            sequence_adder adder{out, root_, bytes_owner::our_pool, same_slot};
            adder.add_placed(whole);
        }
    }
    void add_one_by_one(item_sequence<Content>& out) {
        auto content = read(image_.content);
        image_.for_each_part([&](sequence_image::piece const& p, bool is_alive) {
            auto const& r = image_.runs[p.run];
            item_run<Content> const whole{
                here(r.first), r.count, here(image_.dot_of(r.left)), here(image_.dot_of(r.right)),
                true,          {}};
            auto part = whole.part(p.offset, p.count);
            if (is_alive) {
                part.is_dead = false;
                part.content = content.first(p.count);
                content = content.behind(p.count);
            }
            out.add(part, root_.context);
        });
    }

    void add_aside(item_sequence<Content>& out) {
        for (auto const& r : image_.waiting) {
            item_run<Content> run{here(r.first), r.count,     here(r.left),
                                  here(r.right), !r.is_alive, {}};
            if (r.is_alive) {
                run.content = read(r.content);
            }
            out.add(run, root_.context);
        }
        for (auto const& r : image_.doomed) {
            out.remove(here(r.first), r.count, root_.context);
        }
    }

    sequence_image& image_;
    slot_list const& slots_;
    causal_root& root_;
};

} // namespace joinery::detail
