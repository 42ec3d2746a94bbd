#pragma once

#include <joinery/core/stable_cut.hpp>
#include <joinery/core/varint.hpp>
#include <joinery/crdt/dot_map.hpp>
#include <joinery/crdt/piece_writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery::detail {

/// Writes what an erase has to say beside the dots that it supersedes: the dots of a removal do not
/// tell which increments it has seen, so each live counter below is reset in a piece of its own.
class reset_writer {
public:
    /// `location` is where the store stands whose counters are reset.
    template <class Location>
    explicit reset_writer(Location& location) : writer_{location.writer}, path_(location.room()) {
        path_.resize(static_cast<std::size_t>(location.put(path_.data()) - path_.data()));
    }

    [[nodiscard]] piece_writer& writer() { return writer_; }

    /// Goes on below an entry of a map or a field of a record, for as long as `use` runs.
    template <class Store, class F>
    void below_key(typename Store::key_view key, F&& use) {
        using traits = typename Store::traits;
        auto const size = path_.size();
        path_.resize(size + traits::room(key));
        auto* const end = traits::put(path_.data() + size, key);
        path_.resize(static_cast<std::size_t>(end - path_.data()));
        below<typename Store::store_type>(size, use);
    }
    template <class Store, class F>
    void below_field(std::size_t index, F&& use) {
        auto const size = path_.size();
        path_.resize(size + varint_bytes_max);
        auto* const end = write_varint(path_.data() + size, index);
        path_.resize(static_cast<std::size_t>(end - path_.data()));
        below<Store>(size, use);
    }
    /// Goes on behind a byte that leads to one part of a place.
    template <class F>
    void below_tag(std::byte tag, F&& use) {
        path_.push_back(tag);
        use();
        path_.pop_back();
    }
    /// Goes on in a store that has no path of its own.
    template <class Store, class F>
    void below_itself(F&& use) {
        below<Store>(path_.size(), use);
    }

    /// Begins a dead piece for the store that was reached; `room` is that of its payload.
    std::byte* begin(std::size_t room) {
        piece_ = writer_.begin(piece_life::dead, 0, path_.size() + room);
        return std::copy(path_.begin(), path_.end(), writer_.cursor());
    }
    void end(std::byte* at) { writer_.end(at); }
    /// The dot of the piece that was begun last.
    [[nodiscard]] local_dot piece() const { return piece_; }

private:
    template <class Store, class F>
    void below(std::size_t size, F&& use) {
        if constexpr (Store::is_composite) {
            path_.push_back(std::byte{1});
        }
        use();
        path_.resize(size);
    }

    piece_writer& writer_;
    std::vector<std::byte> path_;
    local_dot piece_{};
};

/// What a store keeps although no reader sees it: floors of counters, tombstones, the content of a
/// removed key. A store of dots alone keeps nothing: what is not bottom is visible.
///
/// A store that keeps something says so by `is_visible`; by `reset(reset_writer&)`, if superseding
/// its dots does not remove all that is seen; and by `clear_seen(seed)`, if something stays behind
/// after that.
///
/// `Open` are the boxes that are being looked into, since a type may hold itself.
template <class Store, class... Open>
struct residue {
    static constexpr bool is_possible = requires(Store const& store) { store.is_visible(); };

    static bool is_visible(Store const& store) {
        if constexpr (is_possible) {
            return store.is_visible();
        } else {
            return !store.is_bottom();
        }
    }
    static void reset(Store& store, reset_writer& out) {
        if constexpr (requires { store.reset(out); }) {
            store.reset(out);
        }
    }
    static void clear_seen(Store& store, std::uint64_t seed) {
        if constexpr (requires { store.clear_seen(seed); }) {
            store.clear_seen(seed);
        } else {
            store.clear();
        }
    }
};

template <class K, class Store, class... Open>
struct residue<dot_map<K, Store>, Open...> {
    using map = dot_map<K, Store>;
    static constexpr bool is_possible = residue<Store, Open...>::is_possible;

    static bool is_visible(map const& store) {
        if constexpr (!is_possible) {
            return !store.is_bottom();
        } else {
            auto const& entries = store.entries();
            for (std::uint32_t i = 0; i < entries.position_end(); ++i) {
                if (entries.is_alive(i) && residue<Store>::is_visible(entries.at(i).value)) {
                    return true;
                }
            }
            return false;
        }
    }
    static void reset(map& store, reset_writer& out) {
        if constexpr (is_possible) {
            store.entries().for_each([&](auto& e) {
                out.below_key<map>(map::traits::look(e.key),
                                   [&] { residue<Store>::reset(e.value, out); });
            });
        }
    }
    static void clear_seen(map& store, std::uint64_t seed) {
        if constexpr (!is_possible) {
            store.clear();
        } else {
            store.entries().for_each([&](auto& e) { residue<Store>::clear_seen(e.value, seed); });
            store.erase_bottoms(seed);
        }
    }
};

/// Whether every dot of a store was seen by all.
template <class Store>
[[nodiscard]] bool is_stable(Store const& store, causal_root const& root, stable_cut const& cut) {
    auto is_below = true;
    store.for_each_dot([&](local_dot d) {
        is_below = is_below && cut.seen_by_all.covers(root.context.global(d));
    });
    return is_below;
}

/// Resets every live counter in the store at `location`, which is not bottom.
template <class Location>
void write_resets(Location& location) {
    using store_type = typename Location::store_type;
    if constexpr (residue<store_type>::is_possible) {
        reset_writer out{location};
        residue<store_type>::reset(*location.find(), out);
    }
}

} // namespace joinery::detail
