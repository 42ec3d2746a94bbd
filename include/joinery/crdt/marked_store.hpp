#pragma once

#include <joinery/crdt/dot_fun.hpp>
#include <joinery/crdt/residue.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery::detail {

/// How a piece goes on at a marked store.
enum class mark_tag : std::uint8_t {
    gone,    ///< dead: everything that the piece supersedes is removed
    value,   ///< the value's own piece follows
    replace, ///< live: the same, and the dot becomes the mark
    mark,    ///< only marks are superseded; live: the dot becomes the mark
};

/// The store of one key with dots that say whether it is removed, which `Policy` interprets.
///
/// What is under a removed key is kept, unseen. In a state: the marks, then the value.
template <class Policy, class Store>
class marked_store {
public:
    using store_type = Store;
    static constexpr bool is_composite = true;
    static constexpr bool uses_pool = Store::uses_pool;
    static constexpr std::uint32_t levels = 1 + empty_levels<Store>();

    dot_set marks;
    Store value;

    [[nodiscard]] bool is_bottom() const { return marks.is_bottom() && value.is_bottom(); }
    /// Whether the key was not removed.
    [[nodiscard]] bool is_alive() const { return Policy::is_alive(marks); }
    [[nodiscard]] bool is_visible() const {
        return is_alive() && (Policy::has_empty_values || residue<Store>::is_visible(value));
    }
    void reset(reset_writer& out) {
        out.below_itself<Store>([&] { residue<Store>::reset(value, out); });
    }
    void clear_seen(std::uint64_t seed) {
        marks.clear();
        residue<Store>::clear_seen(value, seed);
    }

    void make_partial() requires has_partial<Store> { value.make_partial(); }
    [[nodiscard]] bool is_partial() const requires has_partial<Store> { return value.is_partial(); }
    /// A map that turns out to be complete on their side becomes so by the join.
    template <class Source>
    void like(Source const& theirs) {
        if constexpr (has_partial<Store>) {
            value.make_partial();
        } else if constexpr (requires { value.like(theirs); }) {
            value.like(theirs);
        }
    }

    template <class Source, class Frame>
    void join(Source const& theirs, Frame& f) {
        theirs.join_into(*this, f);
    }
    template <class Frame>
    void drop_seen(Frame& f) {
        marks.drop_seen(f);
        value.drop_seen(f);
    }
    template <class F>
    void for_each_dot(F&& visit) const {
        marks.for_each_dot(visit);
        value.for_each_dot(visit);
    }
    void rehome(byte_pool& pool) { value.rehome(pool); }
    void digest(digest_output& out, std::uint64_t path) const {
        marks.digest(out, hash_mix(path, hash_key_a));
        value.digest(out, path);
    }

    struct memory_source {
        marked_store const& theirs;
        state_frame& f;
        void join_into(marked_store& ours, state_frame& frame) const {
            ours.marks.join(dot_set::memory_source{theirs.marks, f}, frame);
            ours.value.join(typename Store::memory_source{theirs.value, f}, frame);
        }
    };

    struct piece_source {
        piece_frame& f;
        byte_reader& reader;
        mark_tag tag;
        void join_into(marked_store& ours, piece_frame& frame) const {
            if (tag == mark_tag::value) {
                ours.value.join(Store::piece_child(f, reader), frame);
                return;
            }
            ours.marks.join(dot_set::piece_source{f, reader}, frame);
            if (tag != mark_tag::mark) {
                ours.value.drop_seen(frame);
            }
        }
    };
    static piece_source piece_child(piece_frame& f, byte_reader& reader) {
        return {f, reader, static_cast<mark_tag>(reader.byte())};
    }
    static void check_piece_child(byte_reader& reader, piece_check& check) {
        // As a state counts it: the root, this, and what an empty value holds.
        nesting_guard const guard{check.depth, reader, levels};
        auto const tag = static_cast<mark_tag>(reader.byte());
        auto const is_replaced = tag == mark_tag::replace;
        if (tag == mark_tag::value) {
            Store::check_piece_child(reader, check);
        } else if (tag > mark_tag::mark ||
                   (tag != mark_tag::mark && check.is_live != is_replaced)) {
            reader.fail(errc::malformed, "a piece marks a key in an unknown way");
        }
    }

    struct state_source {
        state_input* in;
        explicit state_source(state_input& input) : in{&input} {}
        void join_into(marked_store& ours, state_frame& frame) const {
            ours.marks.join(dot_set::state_source{*in}, frame);
            ours.value.join(typename Store::state_source{*in}, frame);
        }
    };
    /// Returns whether both are bottom.
    static bool check_state(byte_reader& reader, state_check& check) {
        nesting_guard const guard{check.depth, reader};
        auto const has_no_marks = dot_set::check_state(reader, check);
        return (!reader.ok() || Store::check_state(reader, check)) && has_no_marks;
    }
    void write_state(state_output& to) const {
        marks.write_state(to);
        value.write_state(to);
    }
};

/// Whether a mark is the only one and was made by the edit that is going on.
[[nodiscard]] inline bool is_of_this_edit(dot_set const& marks, piece_writer const& writer) {
    return marks.count() == 1 && marks.dot(0).slot() == writer.self() &&
           marks.dot(0).sequence() >= writer.first();
}

/// Writes a piece about the key at `location`, whose store is marked. Returns its dot; the key then
/// points at the piece.
template <class Location>
local_dot write_mark(Location& location, piece_life life, mark_tag tag,
                     std::vector<local_dot> const& superseded) {
    auto& writer = location.writer;
    auto const d =
        writer.begin(life, static_cast<std::uint32_t>(superseded.size()), location.room());
    for (auto const old : superseded) {
        writer.supersede(old);
    }
    auto* const end = location.put(writer.cursor());
    *(end - 1) = static_cast<std::byte>(tag); // where the location says that the value follows
    writer.end(end);
    return d;
}

template <class Store>
[[nodiscard]] std::vector<local_dot> dots_of(Store const& store) {
    std::vector<local_dot> out;
    store.for_each_dot([&](local_dot d) { out.push_back(d); });
    return out;
}

/// Removes everything seen of the key at `location`, which is there, with its marks.
template <class Location>
void write_removal(Location& location) {
    auto& store = *location.find();
    write_resets(location);
    write_mark(location, piece_life::dead, mark_tag::gone, dots_of(store));
    store.clear_seen(location.writer.root().hash_seed);
}

/// The value of a key whose store is marked.
template <class Policy, class Parent>
struct marked_location {
    using marked_type = typename Parent::store_type;
    using store_type = typename marked_type::store_type;
    static constexpr std::uint32_t depth = level_below<Parent, store_type>::depth;
    static_assert(depth <= nesting_max);

    Parent parent;
    piece_writer& writer;

    /// What is under a removed key is as good as absent.
    [[nodiscard]] store_type* find() const {
        auto* const store = parent.find();
        return store != nullptr && store->is_alive() ? &store->value : nullptr;
    }
    [[nodiscard]] std::size_t room() const { return parent.room() + 1; }
    std::byte* put(std::byte* at) {
        at = parent.put(at);
        if constexpr (store_type::is_composite) {
            *at++ = std::byte{1};
        }
        return at;
    }
    /// Precondition: `prepare`, and `put` behind it.
    store_type& touch() { return parent.touch().value; }
    void prune() { parent.prune(); }
    void prepare() {
        parent.prepare();
        Policy::prepare(parent);
    }
};

} // namespace joinery::detail
