#pragma once

#include <joinery/core/byte_writer.hpp>
#include <joinery/core/digest.hpp>
#include <joinery/core/hlc.hpp>
#include <joinery/crdt/held.hpp>

#include <cstdint>

namespace joinery::detail {

/// A value and when it was written: the payload of registers.
///
/// In a piece the time is that of the changeset and costs nothing; in a state it is written out.
template <class T>
struct stamped {
    using traits = held<T>;
    static constexpr bool uses_pool = traits::uses_pool;

    hlc time{};
    typename traits::type value{};

    [[nodiscard]] held_view<T> view() const { return traits::look(value); }

    static stamped from_piece(byte_reader& reader, hlc time) { return {time, held_in(reader)}; }
    static stamped from_state(byte_reader& reader) {
        auto const time = hlc{reader.fixed64()};
        return {time, held_in(reader)};
    }
    static void check_piece(byte_reader& reader) { (void)traits::read(reader); }
    static void check_state(byte_reader& reader) {
        (void)reader.fixed64();
        (void)traits::read(reader);
    }
    static bool less(stamped const& a, stamped const& b) {
        return a.time != b.time ? a.time < b.time : traits::less(a.view(), b.view());
    }

    [[nodiscard]] stamped kept(byte_pool& pool, bytes_owner owner) const {
        return {time, traits::keep(pool, view(), encoding(), owner)};
    }
    void rehome(byte_pool& pool) {
        value = traits::keep(pool, view(), encoding(), bytes_owner::somebody_else);
    }
    void write_state(byte_writer& out) const {
        out.fixed64(time.bits);
        auto const shown = view();
        out.commit(traits::put(out.reserve(traits::room(shown)), shown));
    }
    [[nodiscard]] digest128 digest(std::uint64_t where) const {
        auto const low = hash_mix(traits::hash(view(), where), time.bits ^ hash_key_b);
        return {hash_mix(traits::hash(view(), ~where), low), low};
    }

    friend bool operator==(stamped const& a, stamped const& b) {
        return a.time == b.time && traits::equal(a.value, b.view());
    }

private:
    static typename traits::type held_in(byte_reader& reader) {
        if constexpr (uses_pool) {
            auto const* const at = reader.position();
            (void)read_again<T>(reader);
            return {at};
        } else {
            return read_again<T>(reader);
        }
    }
    [[nodiscard]] std::byte const* encoding() const {
        if constexpr (uses_pool) {
            return value.at;
        } else {
            return nullptr;
        }
    }
};

} // namespace joinery::detail
