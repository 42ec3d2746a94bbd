#pragma once

#include <joinery/crdt/document_sequences.hpp>
#include <joinery/crdt/dot_map.hpp>
#include <joinery/crdt/floor_counter.hpp>
#include <joinery/crdt/residue.hpp>
#include <joinery/crdt/scalar.hpp>
#include <joinery/crdt/stamped.hpp>

#include <cstdint>
#include <utility>

namespace joinery::detail {

/// A key of a document: a string that is UTF-8.
struct document_key {};

class document_node;
using document_fields = dot_map<document_key, document_node>;
using document_registers = dot_fun<stamped<scalar>>;
using document_members = dot_map<scalar, dot_set>;

} // namespace joinery::detail

namespace joinery {

template <>
struct held<detail::document_key> : held<std::string> {
    static view read(byte_reader& reader) {
        auto const text = held<std::string>::read(reader);
        if (!is_utf8(text)) {
            reader.fail(errc::malformed, "a key is not UTF-8");
        }
        return text;
    }
    static view read_again(byte_reader& reader) { return held<std::string>::read(reader); }
};

} // namespace joinery

namespace joinery::detail {

/// How a piece goes on after a key of a document. Scalars begin with a smaller byte.
enum class document_tag : std::uint8_t {
    descend = structural_tag_min, ///< a key of the map here follows
    gone,                         ///< everything that the piece supersedes here is removed
    map,                          ///< there is a map here, empty or not
    set,                          ///< there is a set here, empty or not
    member,                       ///< an element follows; live: inserted, dead: erased
    add,                          ///< the origin's counter entry follows
    floors,                       ///< counter entries that a reset has seen follow
    removed,                      ///< the place is removed; see `document_policy`
    updated,                      ///< something is written here or below
    list,                         ///< there is a list here, empty or not
    text,                         ///< there is a text here, empty or not
    items,                        ///< what happens to the items of the list here follows
    characters,                   ///< what happens to the characters of the text here follows
    element,                      ///< the key of an element of the list here follows
};

/// One place in a document: a product of stores of which almost always only the registers are not
/// bottom. It then has the 24 bytes of one register; otherwise the same word points to the rest.
/// What reaches into lists and texts is a template, so that only who calls it compiles them.
class document_node {
public:
    struct branch;
    static constexpr bool is_composite = false; // it writes its own tags
    static constexpr bool uses_pool = true;

    document_node() = default;
    document_node(document_node&& other) noexcept : registers_{std::move(other.registers_)} {}
    document_node& operator=(document_node&& other) noexcept {
        std::swap(registers_, other.registers_);
        return *this;
    }
    ~document_node() { drop_branch(); }

    [[nodiscard]] bool is_bottom() const;
    [[nodiscard]] branch* more() const { return static_cast<branch*>(registers_.guest()); }
    [[nodiscard]] document_registers const& registers() const;
    [[nodiscard]] document_registers& registers();
    /// Makes room for everything else.
    branch& open();
    /// Back to the small form if only registers are left.
    void close();
    /// Resets every live counter here and below.
    template <class Writer>
    void reset(Writer& out);
    /// Removes what a local write supersedes: everything but the floors of counters.
    void clear_seen(std::uint64_t seed);

    /// Whether a removal hides what is here, as some policies have it.
    [[nodiscard]] bool is_removed() const;
    /// Whether a reader sees something here; floors of counters alone are not seen.
    [[nodiscard]] bool is_visible() const;
    [[nodiscard]] bool has_map() const;
    [[nodiscard]] bool has_list() const;
    [[nodiscard]] bool has_text() const;
    [[nodiscard]] bool has_set() const;
    [[nodiscard]] bool has_counter() const;
    [[nodiscard]] value_kind kind(causal_root const& root) const;
    /// Position of the register that everybody shows. Precondition: there is one.
    [[nodiscard]] std::uint32_t winner(causal_root const& root) const;

    template <class Source>
    void like(Source const& theirs);
    template <class Source, class Frame>
    void join(Source const& theirs, Frame& f);
    template <class Frame>
    void drop_seen(Frame& f);
    template <class F>
    void for_each_dot(F&& visit) const;
    void rehome(byte_pool& pool);
    void digest(digest_output& out, std::uint64_t path) const;

    class memory_source;
    class piece_source;
    class state_source;
    static piece_source piece_child(piece_frame& f, byte_reader& reader);
    static void check_piece_child(byte_reader& reader, piece_check& check);
    template <class Check>
    static bool check_state(byte_reader& reader, Check& check);
    template <class Output>
    void write_state(Output& to) const;

private:
    void drop_branch();
    static void check_tagged(byte_reader& reader, piece_check& check, document_tag tag);

    document_registers registers_;
};
static_assert(sizeof(document_node) == 24);

struct document_sequences::parts {
    dot_set list_presence;
    dot_set text_presence;
    document_order order;
    document_text text;
    document_fields elements; ///< by `element_key`
};

struct document_node::branch {
    document_registers registers;
    dot_set map_presence;
    dot_set set_presence;
    document_fields fields;
    document_members members;
    floor_counter counter;
    dot_set removals; ///< They hide the place,
    dot_set updates;  ///< unless there is one of these.
    document_sequences sequences;
};

inline bool document_node::is_bottom() const {
    auto const* const b = more();
    return b == nullptr
               ? registers_.is_bottom()
               : b->registers.is_bottom() && b->map_presence.is_bottom() &&
                     b->set_presence.is_bottom() && b->fields.is_bottom() &&
                     b->members.is_bottom() && b->counter.is_bottom() && b->removals.is_bottom() &&
                     b->updates.is_bottom() && b->sequences.is_bottom();
}
inline document_registers const& document_node::registers() const {
    auto const* const b = more();
    return b == nullptr ? registers_ : b->registers;
}
inline document_registers& document_node::registers() {
    auto* const b = more();
    return b == nullptr ? registers_ : b->registers;
}
inline document_node::branch& document_node::open() {
    if (auto* const b = more()) {
        return *b;
    }
    auto* const b = new branch{};
    b->registers = std::move(registers_);
    registers_.set_guest(b);
    return *b;
}
inline void document_node::close() {
    auto* const b = more();
    if (b != nullptr) {
        b->sequences.close();
    }
    if (b == nullptr || b->sequences.get() != nullptr || !b->map_presence.is_bottom() ||
        !b->set_presence.is_bottom() || !b->fields.is_bottom() || b->fields.is_partial() ||
        !b->members.is_bottom() || b->members.is_partial() || !b->counter.is_bottom() ||
        !b->removals.is_bottom() || !b->updates.is_bottom()) {
        return;
    }
    auto kept = std::move(b->registers);
    drop_branch();
    registers_ = std::move(kept);
}
inline void document_node::drop_branch() {
    if (auto* const b = more()) {
        registers_.clear_guest();
        delete b;
    }
}

inline void clear_seen_in(document_fields& fields, std::uint64_t seed) {
    for (std::uint32_t i = 0; i < fields.entries().position_end(); ++i) {
        if (fields.entries().is_alive(i)) {
            fields.entries().at(i).value.clear_seen(seed);
        }
    }
    fields.erase_bottoms(seed);
}
inline void document_node::clear_seen(std::uint64_t seed) {
    auto* const b = more();
    if (b == nullptr) {
        registers_.clear();
        return;
    }
    b->registers.clear();
    b->map_presence.clear();
    b->set_presence.clear();
    b->members.clear();
    b->removals.clear();
    b->updates.clear();
    clear_seen_in(b->fields, seed);
    b->sequences.clear_seen(seed);
    close();
}

template <class F>
void document_node::for_each_dot(F&& visit) const {
    registers().for_each_dot(visit);
    if (auto const* const b = more()) {
        b->map_presence.for_each_dot(visit);
        b->set_presence.for_each_dot(visit);
        b->fields.for_each_dot(visit);
        b->members.for_each_dot(visit);
        b->removals.for_each_dot(visit);
        b->updates.for_each_dot(visit);
        b->sequences.for_each_dot(visit);
    }
}

inline void document_node::rehome(byte_pool& pool) {
    registers().rehome(pool);
    if (auto* const b = more()) {
        b->fields.rehome(pool);
        b->members.rehome(pool);
        b->sequences.rehome(pool);
    }
}

inline bool document_node::has_map() const {
    auto const* const b = more();
    if (b == nullptr) {
        return false;
    }
    auto found = !b->map_presence.is_bottom();
    for (std::uint32_t i = 0; !found && i < b->fields.entries().position_end(); ++i) {
        found = b->fields.entries().is_alive(i) && b->fields.entries().at(i).value.is_visible();
    }
    return found;
}
inline bool document_node::has_list() const {
    auto const* const b = more();
    return b != nullptr && b->sequences.has_list();
}
inline bool document_node::has_text() const {
    auto const* const b = more();
    return b != nullptr && b->sequences.has_text();
}
inline bool document_node::has_set() const {
    auto const* const b = more();
    return b != nullptr && (!b->set_presence.is_bottom() || !b->members.is_bottom());
}
inline bool document_node::has_counter() const {
    auto const* const b = more();
    return b != nullptr && b->counter.is_live();
}
inline bool document_node::is_removed() const {
    auto const* const b = more();
    return b != nullptr && !b->removals.is_bottom() && b->updates.is_bottom();
}
inline bool document_node::is_visible() const {
    return !is_removed() && (!registers().is_bottom() || has_map() || has_list() || has_text() ||
                             has_set() || has_counter());
}

inline std::uint32_t document_node::winner(causal_root const& root) const {
    auto const& all = registers();
    auto const key = [&](std::uint32_t i) {
        return std::pair{all.at(i).time, root.context.global(all.dot(i))};
    };
    std::uint32_t best = 0;
    for (std::uint32_t i = 1; i < all.count(); ++i) {
        best = key(best) < key(i) ? i : best;
    }
    return best;
}

/// Different kinds in one place are a conflict; a map comes before a list, a text, a set, a counter
/// and a scalar.
inline value_kind document_node::kind(causal_root const& root) const {
    if (more() != nullptr) {
        if (is_removed()) {
            return value_kind::none;
        }
        if (has_map()) {
            return value_kind::map;
        }
        if (has_list()) {
            return value_kind::list;
        }
        if (has_text()) {
            return value_kind::text;
        }
        if (has_set()) {
            return value_kind::set;
        }
        if (has_counter()) {
            return value_kind::counter;
        }
    }
    return registers().is_bottom() ? value_kind::none : registers().at(winner(root)).view().kind();
}

} // namespace joinery::detail

#include <joinery/crdt/document_difference.hpp>
#include <joinery/crdt/document_join.hpp>
#include <joinery/crdt/document_sequences_join.hpp>
