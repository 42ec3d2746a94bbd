#pragma once

#include <joinery/core/replica_id.hpp>

#include <compare>
#include <cstdint>
#include <string>

namespace joinery {

/// 128 bits that stand for a content.
struct digest128 {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    /// 32 lower-case hexadecimal digits.
    [[nodiscard]] std::string to_string() const {
        std::string out;
        out.reserve(32);
        detail::append_hex(out, high);
        detail::append_hex(out, low);
        return out;
    }

    friend constexpr auto operator<=>(digest128 const&, digest128 const&) = default;
};

/// A digest of a bag of items that does not depend on their order and that can be kept up to date
/// while items come and go.
///
/// It is the sum of the items' digests modulo 2^128. Two different bags that nobody chose have
/// equal digests with probability 2^-128. An adversary who picks items can find two bags with equal
/// sums (Wagner's generalized birthday attack), even for a strong item hash: it detects accidents
/// and bugs, it proves nothing about a hostile peer. Sums also count: an item added twice is not
/// the item added once.
///
/// Complexity   each operation O(1); 16 bytes.
/// Reference    Bellare, Micciancio, "A New Paradigm for Collision-Free Hashing: Incrementality at
///              Reduced Cost", EUROCRYPT 1997 (AdHash); Wagner, "A Generalized Birthday Problem",
///              CRYPTO 2002.
class multiset_digest {
public:
    constexpr void add(digest128 item) {
        sum_.low += item.low;
        sum_.high += item.high + (sum_.low < item.low ? 1U : 0U);
    }

    /// Precondition: `item` was added and not removed since.
    constexpr void remove(digest128 item) {
        auto const borrow = sum_.low < item.low ? 1U : 0U;
        sum_.low -= item.low;
        sum_.high -= item.high + borrow;
    }

    /// Adds every item of `other`. Not idempotent: this is the sum of two bags, not a lattice join.
    constexpr void join(multiset_digest const& other) { add(other.sum_); }

    [[nodiscard]] constexpr digest128 value() const { return sum_; }

    friend constexpr bool operator==(multiset_digest const&, multiset_digest const&) = default;

private:
    digest128 sum_;
};

} // namespace joinery
