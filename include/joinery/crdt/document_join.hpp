#pragma once

// Needs the whole of document_node, which includes this file at its end.
#include <joinery/crdt/counter_pieces.hpp>
#include <joinery/crdt/document_node.hpp>
#include <joinery/crdt/document_sequences_join.hpp>

#include <optional>

namespace joinery::detail {

class document_node::memory_source {
public:
    memory_source(document_node const& node, state_frame& f)
        : node_{node}, more_{node.more()}, f_{f} {}

    [[nodiscard]] bool has_more() const { return more_ != nullptr; }
    [[nodiscard]] document_registers::memory_source registers() const {
        return {node_.registers(), f_};
    }
    // Precondition of each: `has_more()`.
    [[nodiscard]] dot_set::memory_source map_presence() const { return {more_->map_presence, f_}; }
    [[nodiscard]] dot_set::memory_source set_presence() const { return {more_->set_presence, f_}; }
    [[nodiscard]] document_fields::memory_source fields() const { return {more_->fields, f_}; }
    [[nodiscard]] document_members::memory_source members() const { return {more_->members, f_}; }
    [[nodiscard]] floor_counter::memory_source counter() const { return {&more_->counter, f_}; }
    [[nodiscard]] dot_set::memory_source removals() const { return {more_->removals, f_}; }
    [[nodiscard]] dot_set::memory_source updates() const { return {more_->updates, f_}; }
    [[nodiscard]] auto sequences() const { return sequences_in_memory{more_->sequences.get(), f_}; }

private:
    document_node const& node_;
    branch const* more_;
    state_frame& f_;
};

/// What one piece says about one place.
class document_node::piece_source {
public:
    piece_source(piece_frame& f, byte_reader& reader)
        : f_{f}, reader_{reader}, tag_{static_cast<document_tag>(reader.peek())} {
        if (tag_ >= document_tag::descend) {
            (void)reader.byte();
        }
    }

    struct registers_source {
        piece_frame& f;
        byte_reader& reader;
        bool is_here;
        [[nodiscard]] std::uint32_t count() const { return is_here ? 1 : 0; }
        [[nodiscard]] local_dot dot(std::uint32_t) const { return f.d; }
        [[nodiscard]] stamped<scalar> peek(std::uint32_t) const {
            return stamped<scalar>::from_piece(reader, f.time);
        }
    };
    struct counter_source {
        piece_frame& f;
        byte_reader& reader;
        document_tag tag;
        template <class F>
        void for_each(F&& visit) const;
    };

    [[nodiscard]] bool has_more() const {
        return tag_ >= document_tag::descend && tag_ != document_tag::gone;
    }
    [[nodiscard]] registers_source registers() const {
        return {f_, reader_, tag_ < document_tag::descend};
    }
    [[nodiscard]] presence_in_piece map_presence() const { return {f_, tag_ == document_tag::map}; }
    [[nodiscard]] presence_in_piece set_presence() const { return {f_, tag_ == document_tag::set}; }
    [[nodiscard]] document_fields::piece_source fields() const {
        return {f_, reader_, tag_ != document_tag::descend};
    }
    [[nodiscard]] document_members::piece_source members() const {
        return {f_, reader_, tag_ != document_tag::member};
    }
    [[nodiscard]] counter_source counter() const { return {f_, reader_, tag_}; }
    [[nodiscard]] presence_in_piece removals() const { return {f_, tag_ == document_tag::removed}; }
    [[nodiscard]] presence_in_piece updates() const { return {f_, tag_ == document_tag::updated}; }
    [[nodiscard]] auto sequences() const { return sequences_in_piece{f_, reader_, tag_}; }

private:
    piece_frame& f_;
    byte_reader& reader_;
    document_tag tag_;
};

inline document_node::piece_source document_node::piece_child(piece_frame& f, byte_reader& reader) {
    return {f, reader};
}

template <class F>
void document_node::piece_source::counter_source::for_each(F&& visit) const {
    if (tag == document_tag::add) {
        read_increment(f, reader, visit);
    } else if (tag == document_tag::floors) {
        read_floors(f, reader, visit);
    }
}

inline void document_node::check_piece_child(byte_reader& reader, piece_check& check) {
    auto const tag = static_cast<document_tag>(reader.peek());
    if (tag >= document_tag::descend) {
        (void)reader.byte();
        check_tagged(reader, check, tag);
    } else if (check.is_live) {
        document_registers::check_piece(reader, check);
    } else {
        reader.fail(errc::malformed, "a removal carries a value");
    }
}

/// Whether a piece with this tag is live; nothing if it may be either.
[[nodiscard]] constexpr std::optional<bool> liveness_of(document_tag tag) {
    switch (tag) {
    case document_tag::map:
    case document_tag::set:
    case document_tag::removed:
    case document_tag::updated:
    case document_tag::list:
    case document_tag::text:
        return true;
    case document_tag::gone:
    case document_tag::add:
    case document_tag::floors:
        return false;
    default:
        return std::nullopt;
    }
}

inline void document_node::check_tagged(byte_reader& reader, piece_check& check, document_tag tag) {
    nesting_guard const guard{check.depth, reader};
    if (auto const is_live = liveness_of(tag); is_live && *is_live != check.is_live) {
        reader.fail(errc::malformed, "a piece says that it is live where it cannot be");
    }
    switch (tag) {
    case document_tag::descend:
    case document_tag::element:
        return document_fields::check_piece(reader, check);
    case document_tag::member: {
        nesting_guard const members{check.depth, reader}; // as a state counts it
        return document_members::check_piece(reader, check);
    }
    case document_tag::items:
        return document_order::check_piece(reader, check);
    case document_tag::characters:
        return document_text::check_piece(reader, check);
    case document_tag::add:
        return check_increment(reader, check);
    case document_tag::floors:
        return check_floors(reader, check);
    default:
        if (!liveness_of(tag)) {
            reader.fail(errc::malformed, "a piece names a place in an unknown way");
        }
    }
}

/// In a state: a byte that says which stores follow, then they, in the order of its bits. Where
/// there is a list or a text, `has_sequences` and a byte of `sequence_part`s come first.
enum document_part : std::uint8_t {
    part_registers = 1,
    part_map_presence = 2,
    part_set_presence = 4,
    part_fields = 8,
    part_members = 16,
    part_counter = 32,
    part_removals = 64,
    part_updates = 128,
};

/// In place of all parts at once, which are written behind it like any others.
inline constexpr std::uint8_t has_sequences = 255;

class document_node::state_source {
public:
    explicit state_source(state_input& in)
        : in_{in},
          first_{in.reader.byte()},
          sequences_{first_ == has_sequences ? in.reader.byte() : std::uint8_t{0}},
          parts_{first_ == has_sequences ? in.reader.byte() : first_},
          registers_{leaf<document_registers>(part_registers)},
          map_presence_{leaf<dot_set>(part_map_presence)},
          set_presence_{leaf<dot_set>(part_set_presence)} {}

    [[nodiscard]] bool has_more() const { return first_ > part_registers; }
    [[nodiscard]] auto const& registers() const { return registers_; }
    [[nodiscard]] auto const& map_presence() const { return map_presence_; }
    [[nodiscard]] auto const& set_presence() const { return set_presence_; }

    template <class Join>
    void with_fields(Join&& join) const {
        with<document_fields>(part_fields, join);
    }
    /// Precondition: after `with_fields`, since both move the reader.
    template <class Join>
    void with_members(Join&& join) const {
        with<document_members>(part_members, join);
    }
    // Each after the one before, since they move the reader.
    [[nodiscard]] floor_counter::state_source counter() const { return {part(part_counter)}; }
    [[nodiscard]] dot_set::state_source removals() const { return leaf<dot_set>(part_removals); }
    [[nodiscard]] dot_set::state_source updates() const { return leaf<dot_set>(part_updates); }
    [[nodiscard]] auto sequences() const { return sequences_in_state{in_, sequences_}; }

private:
    [[nodiscard]] state_input* part(document_part wanted) const {
        return (parts_ & wanted) != 0 ? &in_ : nullptr;
    }
    template <class Store>
    [[nodiscard]] typename Store::state_source leaf(document_part wanted) const {
        auto* const in = part(wanted);
        return in != nullptr ? typename Store::state_source{*in} : typename Store::state_source{};
    }
    template <class Map, class Join>
    void with(document_part wanted, Join&& join) const {
        if (auto* const in = part(wanted)) {
            join(typename Map::state_source{*in});
        } else {
            join(no_entries{});
        }
    }

    state_input& in_;
    std::uint8_t first_;
    std::uint8_t sequences_;
    std::uint8_t parts_;
    document_registers::state_source registers_;
    dot_set::state_source map_presence_;
    dot_set::state_source set_presence_;
};

template <class Check>
bool document_node::check_state(byte_reader& reader, Check& check) {
    auto const first = reader.byte();
    auto const sequences = first == has_sequences ? reader.byte() : std::uint8_t{0};
    auto const parts = first == has_sequences ? reader.byte() : first;
    auto const has = [&](document_part part) { return (parts & part) != 0 && reader.ok(); };
    auto has_bottom = has(part_registers) && document_registers::check_state(reader, check);
    has_bottom |= has(part_map_presence) && dot_set::check_state(reader, check);
    has_bottom |= has(part_set_presence) && dot_set::check_state(reader, check);
    has_bottom |= has(part_fields) && document_fields::check_state(reader, check);
    has_bottom |= has(part_members) && document_members::check_state(reader, check);
    if (has(part_counter)) {
        floor_counter::check_state(reader, check);
    }
    has_bottom |= has(part_removals) && dot_set::check_state(reader, check);
    has_bottom |= has(part_updates) && dot_set::check_state(reader, check);
    if (first == has_sequences) {
        has_bottom |=
            sequences == 0 ? parts != has_sequences : check_sequences(reader, check, sequences);
    }
    if (has_bottom && reader.ok()) {
        reader.fail(errc::not_canonical, "a place in a document says more than it holds");
    }
    return first == 0;
}

template <class Output>
void document_node::write_state(Output& to) const {
    auto const* const b = more();
    auto const has_map_part = [&](auto const& map) {
        return !map.is_bottom() || (to.is_partial && map.is_partial());
    };
    auto parts = registers().is_bottom() ? 0 : part_registers;
    if (b != nullptr) {
        parts |= b->map_presence.is_bottom() ? 0 : part_map_presence;
        parts |= b->set_presence.is_bottom() ? 0 : part_set_presence;
        parts |= has_map_part(b->fields) ? part_fields : 0;
        parts |= has_map_part(b->members) ? part_members : 0;
        parts |= b->counter.is_bottom() ? 0 : part_counter;
        parts |= b->removals.is_bottom() ? 0 : part_removals;
        parts |= b->updates.is_bottom() ? 0 : part_updates;
    }
    auto const sequences = b == nullptr ? std::uint8_t{0} : parts_of(b->sequences, to.is_partial);
    if (sequences != 0 || parts == has_sequences) {
        to.out.byte(has_sequences);
        to.out.byte(sequences);
    }
    to.out.byte(static_cast<std::uint8_t>(parts));
    auto const write = [&](document_part part, auto const& store) {
        if ((parts & part) != 0) {
            store.write_state(to);
        }
    };
    write(part_registers, registers());
    if (b != nullptr) {
        write(part_map_presence, b->map_presence);
        write(part_set_presence, b->set_presence);
        write(part_fields, b->fields);
        write(part_members, b->members);
        write(part_counter, b->counter);
        write(part_removals, b->removals);
        write(part_updates, b->updates);
        write_sequences(b->sequences, sequences, to);
    }
}

template <class Source>
void document_node::like(Source const& theirs) {
    if constexpr (requires { theirs.fields(); }) {
        if (theirs.has_more()) {
            auto& b = open();
            b.fields.like(theirs.fields());
            b.members.like(theirs.members());
            like_sequences(b.sequences, theirs.sequences());
        }
    } else if (theirs.has_more()) {
        // What follows in the bytes is not known yet; a map that is complete there clears the flag.
        auto& b = open();
        b.fields.make_partial();
        b.members.make_partial();
        if (!theirs.sequences().is_empty()) {
            b.sequences.open().elements.make_partial();
        }
    }
}

/// The product rule: component by component, under the same frame.
template <class Source, class Frame>
void document_node::join(Source const& theirs, Frame& f) {
    if (!theirs.has_more() && more() == nullptr) [[likely]] {
        registers_.join(theirs.registers(), f);
        return;
    }
    auto& b = open();
    b.registers.join(theirs.registers(), f);
    if (!theirs.has_more()) {
        b.map_presence.drop_seen(f);
        b.set_presence.drop_seen(f);
        b.fields.drop_seen(f);
        b.members.drop_seen(f);
        b.removals.drop_seen(f);
        b.updates.drop_seen(f);
        b.sequences.drop_seen(f);
    } else {
        b.map_presence.join(theirs.map_presence(), f);
        b.set_presence.join(theirs.set_presence(), f);
        if constexpr (requires { theirs.fields(); }) {
            b.fields.join(theirs.fields(), f);
            b.members.join(theirs.members(), f);
        } else {
            theirs.with_fields([&](auto const& fields) { b.fields.join(fields, f); });
            theirs.with_members([&](auto const& members) { b.members.join(members, f); });
        }
        b.counter.join(theirs.counter());
        b.removals.join(theirs.removals(), f);
        b.updates.join(theirs.updates(), f);
        b.sequences.join(theirs.sequences(), f);
    }
    close();
}

template <class Frame>
void document_node::drop_seen(Frame& f) {
    auto* const b = more();
    registers().drop_seen(f);
    if (b != nullptr) {
        b->map_presence.drop_seen(f);
        b->set_presence.drop_seen(f);
        b->fields.drop_seen(f);
        b->members.drop_seen(f);
        b->removals.drop_seen(f);
        b->updates.drop_seen(f);
        b->sequences.drop_seen(f);
        close();
    }
}

template <class Writer>
void document_node::reset(Writer& out) {
    if (auto* const b = more()) {
        if (b->counter.is_live()) {
            reset_counter(b->counter, static_cast<std::byte>(document_tag::floors), out);
        }
        out.below_tag(static_cast<std::byte>(document_tag::descend),
                      [&] { residue<document_fields>::reset(b->fields, out); });
        b->sequences.reset(out);
    }
}

inline void document_node::digest(digest_output& out, std::uint64_t path) const {
    registers().digest(out, path);
    if (auto const* const b = more()) {
        b->map_presence.digest(out, hash_mix(path, part_map_presence + hash_key_a));
        b->set_presence.digest(out, hash_mix(path, part_set_presence + hash_key_a));
        b->fields.digest(out, hash_mix(path, part_fields + hash_key_a));
        b->members.digest(out, hash_mix(path, part_members + hash_key_a));
        b->counter.digest(out, path);
        b->removals.digest(out, hash_mix(path, part_removals + hash_key_a));
        b->updates.digest(out, hash_mix(path, part_updates + hash_key_a));
        b->sequences.digest(out, path);
    }
}

} // namespace joinery::detail
