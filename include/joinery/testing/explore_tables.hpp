#pragma once

#include <joinery/core/hash.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace joinery::testing::detail {

/// The number of what is not there.
inline constexpr std::uint32_t no_id = std::numeric_limits<std::uint32_t>::max();

/// From pairs of numbers to numbers. Open addressing: an exploration looks up little else.
class pair_table {
public:
    /// The number kept for (a, b), for the caller to fill in while it is `no_id`. Valid until the
    /// next call.
    std::uint32_t& at(std::uint32_t a, std::uint32_t b) {
        if (2 * (size_ + 1) > slots_.size()) {
            grow();
        }
        auto const key = (std::uint64_t{a} << 32 | b) + 1;
        auto& slot = slots_[place_of(key)];
        if (slot.key == 0) {
            slot.key = key;
            ++size_;
        }
        return slot.id;
    }

private:
    struct entry {
        std::uint64_t key = 0;
        std::uint32_t id = no_id;
    };

    [[nodiscard]] std::size_t place_of(std::uint64_t key) const {
        auto const mask = slots_.size() - 1;
        auto at = hash_mix(key, joinery::detail::hash_key_a) & mask;
        while (slots_[at].key != 0 && slots_[at].key != key) {
            at = (at + 1) & mask;
        }
        return static_cast<std::size_t>(at);
    }
    void grow() {
        auto const old = std::exchange(
            slots_, std::vector<entry>(std::max<std::size_t>(64, std::bit_ceil(4 * (size_ + 1)))));
        for (auto const& one : old) {
            if (one.key != 0) {
                slots_[place_of(one.key)] = one;
            }
        }
    }

    std::vector<entry> slots_;
    std::size_t size_ = 0;
};

/// What each replica knows, by the numbers of its knowledge; the rest is `no_id`.
using configuration = std::array<std::uint32_t, 4>;

/// The configurations that were visited, in that order. They are kept whole, not as hashes: two
/// of them are never taken for one.
class configuration_set {
public:
    [[nodiscard]] std::size_t size() const { return all_.size(); }
    [[nodiscard]] configuration const& operator[](std::size_t at) const { return all_[at]; }

    /// The number of `wanted`, and whether it is new.
    std::pair<std::uint32_t, bool> insert(configuration const& wanted) {
        if (2 * (all_.size() + 1) > slots_.size()) {
            grow();
        }
        auto& slot = slots_[place_of(wanted)];
        if (slot != no_id) {
            return {slot, false};
        }
        slot = static_cast<std::uint32_t>(all_.size());
        all_.push_back(wanted);
        return {slot, true};
    }

private:
    [[nodiscard]] std::size_t place_of(configuration const& wanted) const {
        auto const mask = slots_.size() - 1;
        auto const hash =
            joinery::detail::hash_words(0, {std::uint64_t{wanted[0]} << 32 | wanted[1],
                                            std::uint64_t{wanted[2]} << 32 | wanted[3]});
        auto at = static_cast<std::size_t>(hash) & mask;
        while (slots_[at] != no_id && all_[slots_[at]] != wanted) {
            at = (at + 1) & mask;
        }
        return at;
    }
    void grow() {
        slots_.assign(std::max<std::size_t>(64, std::bit_ceil(4 * (all_.size() + 1))), no_id);
        for (std::uint32_t id = 0; id < all_.size(); ++id) {
            slots_[place_of(all_[id])] = id;
        }
    }

    std::vector<configuration> all_;
    std::vector<std::uint32_t> slots_;
};

} // namespace joinery::testing::detail
