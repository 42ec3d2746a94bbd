#pragma once

#include <array>
#include <cstdint>

namespace joinery::detail {

/// Looks up every key of one map in another.
///
/// Most often both hold them in the same order, as copies do: then no key is hashed. Otherwise it
/// hashes and fetches ahead, since each lookup is three cache misses one behind the other.
template <class Map>
class entry_finder {
public:
    using store_type = typename Map::store_type;

    /// A null map is empty.
    entry_finder(Map const* in, std::uint64_t seed) : in_{in}, seed_{seed} {}

    /// Calls `visit(key, store, found)` for each entry of `from`; `found` is null if the key is not
    /// in the other map.
    template <class Visit>
    void for_each(Map const& from, Visit&& visit) {
        auto const& entries = from.entries();
        for (std::uint32_t at = 0, end = entries.position_end(); at < end; ++at) {
            if (entries.is_alive(at)) {
                auto const& e = entries.at(at);
                auto&& key = traits::look(e.key);
                visit(key, e.value, find(from, at, key));
            }
        }
    }

private:
    using traits = typename Map::traits;
    static constexpr unsigned failures_max = 16; // then the orders have nothing in common
    static constexpr std::uint32_t index_ahead = 16;
    static constexpr std::uint32_t entry_ahead = 8;

    template <class Key>
    store_type const* find(Map const& from, std::uint32_t at, Key const& key) {
        if (in_ == nullptr || in_->entries().empty()) {
            return nullptr;
        }
        auto const& entries = in_->entries();
        if (failures_ == failures_max) {
            return look(entries.find(hash_of(from, at), key));
        }
        while (next_ < entries.position_end() && !entries.is_alive(next_)) {
            ++next_;
        }
        if (next_ < entries.position_end() && traits::equal(entries.at(next_).key, key)) {
            failures_ = 0;
            return look(next_);
        }
        if (++failures_ == failures_max) {
            hashed_ = at + 1;
        }
        return look(in_->place_of(key, seed_).position);
    }

    store_type const* look(std::uint32_t position) {
        if (position == Map::entries_type::none) {
            return nullptr;
        }
        next_ = position + 1;
        return &in_->entries().at(position).value;
    }

    /// The hash of the key at `at`. Fetches what the lookups behind it will need.
    std::uint64_t hash_of(Map const& from, std::uint32_t at) {
        auto const& entries = from.entries();
        for (; hashed_ <= at + index_ahead && hashed_ < entries.position_end(); ++hashed_) {
            if (entries.is_alive(hashed_)) {
                auto const hash = traits::hash(traits::look(entries.at(hashed_).key), seed_);
                hashes_[hashed_ % hashes_.size()] = hash;
                in_->entries().prefetch_index(hash);
            }
        }
        in_->entries().prefetch_entry(hashes_[(at + entry_ahead) % hashes_.size()]);
        return hashes_[at % hashes_.size()];
    }

    Map const* in_;
    std::uint64_t seed_;
    std::uint32_t next_ = 0;
    unsigned failures_ = 0;
    std::uint32_t hashed_ = 0; // keys before it have their hash in the ring
    std::array<std::uint64_t, 32> hashes_{};
};

} // namespace joinery::detail
