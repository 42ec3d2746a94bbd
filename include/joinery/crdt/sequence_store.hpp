#pragma once

#include <joinery/crdt/residue.hpp>
#include <joinery/crdt/sequence_check.hpp>
#include <joinery/crdt/sequence_join.hpp>
#include <joinery/crdt/sequence_loader.hpp>
#include <joinery/crdt/sequence_pieces.hpp>
#include <joinery/crdt/sequence_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery::detail {

/// A sequence as a store, anywhere in a causal value.
///
/// It has no live dots: superseding removes nothing, so whoever erases the place that it stands in
/// erases its items (see `residue`). Removed items stay, unseen and without content, since others
/// may insert beside them.
template <class Content>
class sequence_store {
public:
    using content = Content;
    using items_type = item_sequence<Content>;
    static constexpr bool is_composite = false; // it writes its own tags
    static constexpr bool uses_pool = Content::uses_pool;

    /// Null: bottom.
    [[nodiscard]] items_type const* items() const { return items_.get(); }
    [[nodiscard]] items_type* items() { return items_.get(); }
    /// `units`: of what is going to be inserted, if that is known.
    [[nodiscard]] items_type& open(std::uint32_t units = 0) { return items_.open(units); }
    [[nodiscard]] std::uint32_t size() const { return items_.size(); }
    [[nodiscard]] std::uint32_t unit_count() const { return items_.unit_count(); }
    /// Visits the visible content in order, as arrays of units. What was just loaded is read as it
    /// is.
    template <class F>
    void for_each_array(F&& visit) const {
        items_.for_each_array(visit);
    }

    [[nodiscard]] bool is_bottom() const {
        return items_.is_none() || (items_.size() == 0 && items_.get()->is_bottom());
    }
    [[nodiscard]] bool is_visible() const { return size() != 0; }

    /// Erases everything that was seen.
    void reset(reset_writer& out) {
        if (auto* const all = items()) {
            write_reset<Content>(*all, out);
        }
    }
    /// Removed items stay.
    void clear_seen(std::uint64_t) {}

    template <class Source, class Frame>
    void join(Source const& theirs, Frame& f) {
        theirs.join_into(*this, f);
    }
    template <class Frame>
    void drop_seen(Frame&) {}
    template <class F>
    void for_each_dot(F&&) const {}

    void rehome(byte_pool& pool) {
        if constexpr (uses_pool) {
            if (auto* const all = items()) {
                all->for_each_unit([&](auto& unit) { unit = Content::moved(unit, pool); });
            }
        }
    }

    void digest(digest_output& out, std::uint64_t path) const {
        if (auto const* const all = items()) {
            digest_items(out, *all, path);
        }
    }

    struct memory_source {
        sequence_store const& theirs;
        state_frame& f;
        void join_into(sequence_store& ours, state_frame&) const {
            if (!theirs.is_bottom()) {
                ours.join_items(*theirs.items(), f.slots, f.root, f.owner);
            }
        }
    };

    struct piece_source {
        piece_frame& f;
        byte_reader& reader;
        void join_into(sequence_store& ours, piece_frame&) const {
            if (f.is_live) {
                read_insert(f, reader, ours.open());
            } else {
                read_erase(f, reader, ours.open());
            }
        }
    };
    static piece_source piece_child(piece_frame& f, byte_reader& reader) { return {f, reader}; }
    static void check_piece(byte_reader& reader, piece_check& check) {
        if (check.is_live) {
            check_insert<Content>(reader, check);
        } else {
            check_erase(reader, check);
        }
    }
    static void check_piece_child(byte_reader& reader, piece_check& check) {
        check_piece(reader, check);
    }

    /// At the root, what the checking pass has read need not be read again.
    using image_type = sequence_image;
    static void check_state(byte_reader& reader, state_check& check, image_type& into) {
        sequence_check<Content>{reader, check, into}.run();
    }
    /// Returns whether the sequence is bottom.
    static bool check_state(byte_reader& reader, state_check& check) {
        image_type image;
        check_state(reader, check, image);
        return image.is_bottom();
    }
    /// Whether the items of an image that are new have room. `slots`: ours for the ranks in it.
    [[nodiscard]] bool has_room_for(image_type const& image, slot_list const& slots) const {
        auto const* const all = items();
        auto sum = all == nullptr ? std::uint64_t{0} : all->item_count();
        auto const with_all = sum + image.item_count();
        if (all == nullptr || with_all <= Content::items_max) {
            return with_all <= Content::items_max;
        }
        image.for_each_items([&](local_dot d, std::uint64_t count) {
            sum += all->count_new({slots[d.slot()], d.sequence()}, count);
        });
        return sum <= Content::items_max;
    }
    struct state_source {
        state_input* in;
        image_type* image = nullptr; ///< taken apart by the join

        explicit state_source(state_input& input) : in{&input} {}
        state_source(state_input& input, image_type& accepted) : in{&input}, image{&accepted} {}

        void join_into(sequence_store& ours, state_frame& f) const {
            if (image != nullptr) {
                ours.load(*image, in->slots, f.root);
            } else {
                auto fresh = sequence_image_reader<Content>{*in}.read();
                ours.load(fresh, in->slots, f.root);
            }
        }
    };
    void write_state(state_output& to) const {
        if (auto const* const all = items()) {
            sequence_writer<Content>{to, *all}.write();
        } else {
            items_type const nothing;
            sequence_writer<Content>{to, nothing}.write();
        }
    }

private:
    void load(sequence_image& image, slot_list const& slots, causal_root& root) {
        sequence_loader<Content>{image, slots, root}.load_into(items_);
    }

    static void add(items_type& to, items_type const& from, causal_root& root, bytes_owner owner,
                    auto const& slot_of) {
        sequence_adder adder{to, root, owner, slot_of};
        adder.add_placed(from);
        adder.add_aside(from);
    }

    /// The greater of the two sides is kept, and the other one added to it.
    void join_items(items_type const& theirs, slot_list const& slots, causal_root& root,
                    bytes_owner owner) {
        constexpr std::uint64_t much = 8;
        auto const slot_of = [&](replica_slot slot) { return slots[slot]; };
        auto const here = open().item_count();
        auto const there = theirs.item_count();
        if (here >= there / much || here + there > Content::items_max) {
            add(open(), theirs, root, owner, slot_of);
            return;
        }
        auto fewer = std::exchange(items_, {});
        auto& all = open();
        all.copy_from(theirs, slots);
        keep_units(all, root, owner);
        sequence_adder{all, root, owner, slot_of}.add_aside(theirs);
        add(all, *fewer.get(), root, bytes_owner::our_pool, same_slot);
    }
    static void keep_units(items_type& in, causal_root& root, bytes_owner owner) {
        if constexpr (uses_pool) {
            if (owner == bytes_owner::somebody_else) {
                in.for_each_unit([&](auto& unit) { unit = Content::moved(unit, root.pool); });
            }
        }
    }

    sequence_items<Content> items_;
};

} // namespace joinery::detail
