#pragma once

#include <joinery/core/byte_writer.hpp>
#include <joinery/core/digest.hpp>
#include <joinery/crdt/dot_fun.hpp>
#include <joinery/crdt/dot_store_decomposition.hpp>
#include <joinery/crdt/piece_writer.hpp>

#include <cstdint>

namespace joinery::detail {

/// The payload of a dot that switches something on or off.
struct switched {
    static constexpr bool uses_pool = false;

    bool is_on = false;

    static switched from_piece(byte_reader& reader, hlc) { return from_state(reader); }
    static switched from_state(byte_reader& reader) { return {reader.byte() == 1}; }
    static void check_piece(byte_reader& reader) { check_state(reader); }
    static void check_state(byte_reader& reader) {
        if (reader.byte() > 1) {
            reader.fail(errc::malformed, "a switch is neither on nor off");
        }
    }
    static bool less(switched a, switched b) { return a.is_on && !b.is_on; }
    [[nodiscard]] switched kept(byte_pool&, bytes_owner) const { return *this; }
    void rehome(byte_pool&) const {}
    void write_state(byte_writer& out) const { out.byte(is_on ? 1 : 0); }
    [[nodiscard]] digest128 digest(std::uint64_t where) const {
        auto const side = where ^ (is_on ? hash_key_a : hash_key_b);
        return {hash_mix(side, hash_key_a), hash_mix(side, hash_key_b)};
    }
    friend bool operator==(switched, switched) = default;
};

/// Something that is on or off, where off wins: the dots of the latest switchings, and it is on if
/// there is one and all of them are on.
///
/// The dots of what is off are kept, unseen, because they win over what was switched on
/// concurrently.
class switch_store : public dot_fun<switched> {
public:
    [[nodiscard]] bool is_visible() const {
        for (std::uint32_t i = 0, n = count(); i < n; ++i) {
            if (!at(i).is_on) {
                return false;
            }
        }
        return !is_bottom();
    }
};

class switch_place final : public part_place<dot_fun<switched>> {
public:
    explicit switch_place(part_place<switch_store>& at) : at_{at} {}
    dot_fun<switched>& touch() override { return at_.touch(); }

private:
    part_place<switch_store>& at_;
};

inline void decompose_at(switch_store const& store, part_place<switch_store>& at,
                         decomposition& f) {
    switch_place place{at};
    decompose_at(static_cast<dot_fun<switched> const&>(store), place, f);
}

/// Writes that the switch at `location` is on or off now, which supersedes what was seen.
template <class Location>
void write_switch(Location& location, bool is_on) {
    auto& writer = location.writer;
    auto const* const store = location.find();
    auto const old = store == nullptr ? 0 : store->count();
    location.prepare();
    auto const d = writer.begin(piece_life::live, old, location.room() + 1);
    for (std::uint32_t i = 0; i < old; ++i) {
        writer.supersede(store->dot(i));
    }
    auto* const at = location.put(writer.cursor());
    *at = std::byte{is_on};
    location.touch().assign(d, {is_on});
    writer.end(at + 1);
}

} // namespace joinery::detail
