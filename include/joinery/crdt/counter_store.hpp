#pragma once

#include <joinery/crdt/counter_pieces.hpp>
#include <joinery/crdt/floor_counter.hpp>

#include <cstddef>
#include <cstdint>

namespace joinery::detail {

/// How a piece goes on at a counter.
enum class counter_tag : std::uint8_t {
    add,    ///< the origin's entry follows
    floors, ///< entries that a reset has seen follow
};

/// A `floor_counter` as a store of its own, anywhere in a causal value.
///
/// It has no live dots: superseding removes nothing, so whoever erases the place that it stands in
/// resets it (see `residue`). A counter that was reset is not seen, and keeps its floors.
class counter_store {
public:
    static constexpr bool is_composite = false; // it writes its own tags
    static constexpr bool uses_pool = false;

    [[nodiscard]] floor_counter& counter() { return counter_; }
    [[nodiscard]] floor_counter const& counter() const { return counter_; }

    [[nodiscard]] bool is_bottom() const { return counter_.is_bottom(); }
    [[nodiscard]] bool is_visible() const { return counter_.is_live(); }

    void reset(reset_writer& out) {
        if (counter_.is_live()) {
            reset_counter(counter_, static_cast<std::byte>(counter_tag::floors), out);
        }
    }
    /// Floors stay.
    void clear_seen(std::uint64_t) {}

    template <class Source, class Frame>
    void join(Source const& theirs, Frame&) {
        counter_.join(theirs);
    }
    template <class Frame>
    void drop_seen(Frame&) {}
    template <class F>
    void for_each_dot(F&&) const {}
    void rehome(byte_pool&) {}
    void digest(digest_output& out, std::uint64_t path) const { counter_.digest(out, path); }

    struct memory_source {
        counter_store const& theirs;
        state_frame& f;
        template <class F>
        void for_each(F&& visit) const {
            floor_counter::memory_source{&theirs.counter_, f}.for_each(visit);
        }
    };

    struct piece_source {
        piece_frame& f;
        byte_reader& reader;
        template <class F>
        void for_each(F&& visit) const {
            if (static_cast<counter_tag>(reader.byte()) == counter_tag::add) {
                read_increment(f, reader, visit);
            } else {
                read_floors(f, reader, visit);
            }
        }
    };
    static piece_source piece_child(piece_frame& f, byte_reader& reader) { return {f, reader}; }
    static void check_piece(byte_reader& reader, piece_check& check) {
        auto const tag = static_cast<counter_tag>(reader.byte());
        if (check.is_live) {
            reader.fail(errc::malformed, "a piece says that it is live where it cannot be");
        } else if (tag == counter_tag::add) {
            check_increment(reader, check);
        } else if (tag == counter_tag::floors) {
            check_floors(reader, check);
        } else {
            reader.fail(errc::malformed, "a piece changes a counter in an unknown way");
        }
    }
    static void check_piece_child(byte_reader& reader, piece_check& check) {
        check_piece(reader, check);
    }

    struct state_source {
        state_input* in;
        explicit state_source(state_input& input) : in{&input} {}
        template <class F>
        void for_each(F&& visit) const {
            floor_counter::state_source{in}.for_each(visit);
        }
    };
    /// Returns whether the counter is bottom.
    static bool check_state(byte_reader& reader, state_check& check) {
        if (reader.peek() == 0) {
            (void)reader.byte();
            return true;
        }
        floor_counter::check_state(reader, check);
        return false;
    }
    void write_state(state_output& to) const { counter_.write_state(to); }

private:
    floor_counter counter_;
};

} // namespace joinery::detail
