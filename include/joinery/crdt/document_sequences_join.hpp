// Needs the whole of document_node, which includes this file at its end and goes on with what is
// here. So the guard lies behind the include: whoever includes this file first gets it from there.
#include <joinery/crdt/document_node.hpp>

#ifndef JOINERY_CRDT_DOCUMENT_SEQUENCES_JOIN_HPP
#define JOINERY_CRDT_DOCUMENT_SEQUENCES_JOIN_HPP

#include <cstdint>
#include <utility>

namespace joinery::detail {

/// In a state: which stores of a list or a text follow.
enum sequence_part : std::uint8_t {
    part_list_presence = 1,
    part_text_presence = 2,
    part_order = 4,
    part_text = 8,
    part_elements = 16,
};
inline constexpr std::uint8_t sequence_parts_all = 31;

/// A source of a map that is empty and speaks about every key.
struct no_entries {
    [[nodiscard]] bool is_complete() const { return true; }
    [[nodiscard]] std::uint32_t size_hint() const { return 0; }
    template <class F>
    void for_each(F&&) const {}
};

/// A source of the dot of one piece, where that is what the piece says.
struct presence_in_piece {
    piece_frame& f;
    bool is_here;
    [[nodiscard]] std::uint32_t count() const { return is_here ? 1 : 0; }
    [[nodiscard]] local_dot dot(std::uint32_t) const { return f.d; }
    [[nodiscard]] unit peek(std::uint32_t) const { return {}; }
};

// Sources of lists and texts. Unless one is empty, it joins itself to the parts of a place.

struct sequences_in_memory {
    document_sequences::parts const* parts; ///< null: there is neither
    state_frame& f;

    [[nodiscard]] bool is_empty() const { return parts == nullptr; }
    template <class Frame>
    void join_to(document_sequences::parts& to, Frame& frame) const {
        to.list_presence.join(dot_set::memory_source{parts->list_presence, f}, frame);
        to.text_presence.join(dot_set::memory_source{parts->text_presence, f}, frame);
        to.order.join(document_order::memory_source{parts->order, f}, frame);
        to.text.join(document_text::memory_source{parts->text, f}, frame);
        to.elements.join(document_fields::memory_source{parts->elements, f}, frame);
    }
};

struct sequences_in_piece {
    piece_frame& f;
    byte_reader& reader;
    document_tag tag;

    [[nodiscard]] bool is_empty() const { return tag < document_tag::list; }
    template <class Frame>
    void join_to(document_sequences::parts& to, Frame& frame) const {
        to.list_presence.join(presence_in_piece{f, tag == document_tag::list}, frame);
        to.text_presence.join(presence_in_piece{f, tag == document_tag::text}, frame);
        if (tag == document_tag::items) {
            to.order.join(document_order::piece_source{f, reader}, frame);
        } else if (tag == document_tag::characters) {
            to.text.join(document_text::piece_source{f, reader}, frame);
        }
        to.elements.join(document_fields::piece_source{f, reader, tag != document_tag::element},
                         frame);
    }
};

struct sequences_in_state {
    state_input& in;
    std::uint8_t parts;

    [[nodiscard]] bool is_empty() const { return parts == 0; }
    template <class Frame>
    void join_to(document_sequences::parts& to, Frame& frame) const {
        to.list_presence.join(presence(part_list_presence), frame);
        to.text_presence.join(presence(part_text_presence), frame);
        if ((parts & part_order) != 0) {
            to.order.join(document_order::state_source{in}, frame);
        }
        if ((parts & part_text) != 0) {
            to.text.join(document_text::state_source{in}, frame);
        }
        if ((parts & part_elements) != 0) {
            to.elements.join(document_fields::state_source{in}, frame);
        } else {
            to.elements.join(no_entries{}, frame);
        }
    }

private:
    [[nodiscard]] dot_set::state_source presence(sequence_part part) const {
        return (parts & part) != 0 ? dot_set::state_source{in} : dot_set::state_source{};
    }
};

inline document_sequences::document_sequences() = default;
inline document_sequences::document_sequences(document_sequences&& other) noexcept = default;
inline document_sequences&
document_sequences::operator=(document_sequences&& other) noexcept = default;
inline document_sequences::~document_sequences() = default;

inline document_sequences::parts& document_sequences::open() {
    if (parts_ == nullptr) {
        parts_ = std::make_unique<parts>();
    }
    return *parts_;
}
inline void document_sequences::close() {
    if (parts_ != nullptr && is_bottom() && !parts_->elements.is_partial()) {
        parts_.reset();
    }
}
inline bool document_sequences::is_bottom() const {
    return parts_ == nullptr ||
           (parts_->list_presence.is_bottom() && parts_->text_presence.is_bottom() &&
            parts_->order.is_bottom() && parts_->text.is_bottom() && parts_->elements.is_bottom());
}
inline bool document_sequences::has_list() const {
    return parts_ != nullptr && (!parts_->list_presence.is_bottom() || parts_->order.is_visible());
}
inline bool document_sequences::has_text() const {
    return parts_ != nullptr && (!parts_->text_presence.is_bottom() || parts_->text.is_visible());
}

template <class Source, class Frame>
void document_sequences::join(Source const& theirs, Frame& f) {
    if (theirs.is_empty()) {
        drop_seen(f);
    } else {
        theirs.join_to(open(), f);
        close();
    }
}
template <class Frame>
void document_sequences::drop_seen(Frame& f) {
    if (parts_ != nullptr) {
        parts_->list_presence.drop_seen(f);
        parts_->text_presence.drop_seen(f);
        parts_->order.drop_seen(f);
        parts_->text.drop_seen(f);
        parts_->elements.drop_seen(f);
        close();
    }
}

/// A removal does not tell by its dots which items it has seen, nor which increments.
template <class Writer>
void document_sequences::reset(Writer& out) {
    if (parts_ == nullptr) {
        return;
    }
    if (parts_->order.is_visible()) {
        out.below_tag(static_cast<std::byte>(document_tag::items),
                      [&] { parts_->order.reset(out); });
    }
    if (parts_->text.is_visible()) {
        out.below_tag(static_cast<std::byte>(document_tag::characters),
                      [&] { parts_->text.reset(out); });
    }
    out.below_tag(static_cast<std::byte>(document_tag::element),
                  [&] { residue<document_fields>::reset(parts_->elements, out); });
}
inline void document_sequences::clear_seen(std::uint64_t seed) {
    if (parts_ != nullptr) {
        parts_->list_presence.clear();
        parts_->text_presence.clear();
        parts_->order.clear_seen(seed);
        parts_->text.clear_seen(seed);
        clear_seen_in(parts_->elements, seed);
        close();
    }
}

template <class F>
void document_sequences::for_each_dot(F&& visit) const {
    if (parts_ != nullptr) {
        parts_->list_presence.for_each_dot(visit);
        parts_->text_presence.for_each_dot(visit);
        parts_->order.for_each_dot(visit);
        parts_->text.for_each_dot(visit);
        parts_->elements.for_each_dot(visit);
    }
}
inline void document_sequences::rehome(byte_pool& pool) {
    if (parts_ != nullptr) {
        parts_->order.rehome(pool);
        parts_->text.rehome(pool);
        parts_->elements.rehome(pool);
    }
}
inline void document_sequences::digest(digest_output& out, std::uint64_t path) const {
    if (parts_ != nullptr) {
        auto const below = [&](std::uint64_t part) { return hash_mix(path ^ hash_key_b, part); };
        parts_->list_presence.digest(out, below(part_list_presence));
        parts_->text_presence.digest(out, below(part_text_presence));
        parts_->order.digest(out, below(part_order));
        parts_->text.digest(out, below(part_text));
        parts_->elements.digest(out, below(part_elements));
    }
}

/// Lets `ours` say of itself, as `theirs` does, that it speaks only about what it names.
inline void like_sequences(document_sequences& ours, sequences_in_memory const& theirs) {
    if (!theirs.is_empty()) {
        ours.open().elements.like(document_fields::memory_source{theirs.parts->elements, theirs.f});
    }
}
inline void like_sequences(document_sequences& ours, sequences_in_piece const& theirs) {
    if (!theirs.is_empty()) {
        ours.open().elements.make_partial();
    }
}

[[nodiscard]] inline std::uint8_t parts_of(document_sequences const& of, bool is_partial) {
    auto const* const parts = of.get();
    if (parts == nullptr) {
        return 0;
    }
    auto out = parts->list_presence.is_bottom() ? 0 : part_list_presence;
    out |= parts->text_presence.is_bottom() ? 0 : part_text_presence;
    out |= parts->order.is_bottom() ? 0 : part_order;
    out |= parts->text.is_bottom() ? 0 : part_text;
    out |= parts->elements.is_bottom() && !(is_partial && parts->elements.is_partial())
               ? 0
               : part_elements;
    return static_cast<std::uint8_t>(out);
}
template <class Output>
void write_sequences(document_sequences const& of, std::uint8_t parts, Output& to) {
    auto const write = [&](sequence_part part, auto const& store) {
        if ((parts & part) != 0) {
            store.write_state(to);
        }
    };
    if (auto const* const from = of.get()) {
        write(part_list_presence, from->list_presence);
        write(part_text_presence, from->text_presence);
        write(part_order, from->order);
        write(part_text, from->text);
        write(part_elements, from->elements);
    }
}
/// Whether a part says that it is there and holds nothing.
template <class Check>
[[nodiscard]] bool check_sequences(byte_reader& reader, Check& check, std::uint8_t parts) {
    auto const has = [&](sequence_part part) { return (parts & part) != 0 && reader.ok(); };
    if (parts > sequence_parts_all) {
        reader.fail(errc::malformed, "a place in a document holds something unknown");
    }
    auto has_bottom = has(part_list_presence) && dot_set::check_state(reader, check);
    has_bottom |= has(part_text_presence) && dot_set::check_state(reader, check);
    has_bottom |= has(part_order) && document_order::check_state(reader, check);
    has_bottom |= has(part_text) && document_text::check_state(reader, check);
    has_bottom |= has(part_elements) && document_fields::check_state(reader, check);
    return has_bottom;
}

} // namespace joinery::detail

#endif
