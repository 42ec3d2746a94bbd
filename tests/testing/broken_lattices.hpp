#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/byte_reader.hpp>
#include <joinery/core/byte_writer.hpp>
#include <joinery/core/bytes.hpp>
#include <joinery/core/result.hpp>
#include <joinery/core/stable_cut.hpp>

#include <algorithm>
#include <cstdint>

namespace joinery::tests {

/// The correct one: a maximum.
struct maximum {
    using delta_type = maximum;
    std::uint64_t value = 0;

    maximum raise(std::uint64_t to) {
        value = std::max(value, to);
        return maximum{to};
    }
    void join(maximum const& other) { value = std::max(value, other.value); }
    friend bool operator==(maximum const&, maximum const&) = default;
};

/// Adds instead of taking the maximum.
struct adds_twice : maximum {
    using delta_type = adds_twice;
    void join(adds_twice const& other) { value += other.value; }
    friend bool operator==(adds_twice const&, adds_twice const&) = default;
};

/// Keeps its own value in a tie of times.
struct keeps_mine {
    using delta_type = keeps_mine;
    std::uint64_t time = 0;
    std::uint64_t value = 0;

    void join(keeps_mine const& other) {
        if (time < other.time) {
            *this = other;
        }
    }
    friend bool operator==(keeps_mine const&, keeps_mine const&) = default;
};

/// Takes the mean: in any order, but not in any grouping.
struct takes_mean {
    using delta_type = takes_mean;
    std::uint64_t value = 0;

    void join(takes_mean const& other) { value = (value + other.value) / 2; }
    friend bool operator==(takes_mean const&, takes_mean const&) = default;
};

/// A minimum whose fresh value is 0: a fresh replica swallows everything.
struct sinks {
    using delta_type = sinks;
    std::uint64_t value = 0;

    void join(sinks const& other) { value = std::min(value, other.value); }
    friend bool operator==(sinks const&, sinks const&) = default;
};

/// Its delta forgets the highest bit of the change.
struct forgetful_delta : maximum {
    using delta_type = forgetful_delta;

    forgetful_delta raise(std::uint64_t to) {
        value = std::max(value, to);
        return forgetful_delta{{to & 0x7f}};
    }
    void join(forgetful_delta const& other) { value = std::max(value, other.value); }
    friend bool operator==(forgetful_delta const&, forgetful_delta const&) = default;
};

/// A maximum whose deltas are steps: each is lost unless the one before it is there.
struct needs_order : maximum {
    struct step {
        std::uint64_t from = 0;
        std::uint64_t to = 0;

        void join(step const& other) {
            if (other.from <= to) {
                to = std::max(to, other.to);
            }
        }
        friend bool operator==(step const&, step const&) = default;
    };
    using delta_type = step;
    using maximum::join;

    void join(step const& delta) {
        if (delta.from <= value) {
            value = std::max(value, delta.to);
        }
    }
    friend bool operator==(needs_order const&, needs_order const&) = default;
};

/// In a tie of times each takes what the other has.
struct takes_theirs {
    using delta_type = takes_theirs;
    std::uint64_t time = 0;
    std::uint64_t value = 0;

    void join(takes_theirs const& other) {
        if (time <= other.time) {
            *this = other;
        }
    }
    friend bool operator==(takes_theirs const&, takes_theirs const&) = default;
};

/// Each of three values beats another: rock, scissors, paper.
struct goes_round {
    using delta_type = goes_round;
    std::uint64_t value = 0;

    void join(goes_round const& other) {
        if (other.value == (value + 1) % 3) {
            value = other.value;
        }
    }
    friend bool operator==(goes_round const&, goes_round const&) = default;
};

/// A set of bits that notes in the lowest one that it was joined with something different.
struct overshoots {
    using delta_type = overshoots;
    std::uint64_t bits = 0;

    void join(overshoots const& other) {
        auto const both = bits | other.bits;
        bits = both == bits || both == other.bits ? both : both | 1U;
    }
    friend bool operator==(overshoots const&, overshoots const&) = default;
};

/// A maximum whose deltas say what it is from now on, whether that is more or less.
struct deflates : maximum {
    struct order {
        std::uint64_t to = 0;
        void join(order const& other) { to = std::max(to, other.to); }
        friend bool operator==(order const&, order const&) = default;
    };
    using delta_type = order;
    using maximum::join;

    order become(std::uint64_t to) {
        value = to;
        return order{to};
    }
    void join(order const& delta) { value = delta.to; }
    friend bool operator==(deflates const&, deflates const&) = default;
};

/// What is wrong with a set of bits.
enum class flaw {
    none,
    bottom_has_parts,
    part_is_lost,
    part_is_redundant,
    news_are_lost,
    news_of_nothing,
    news_are_invented,
    news_are_known,
    decodes_differently,
    encodes_differently,
    accepts_too_little,
    accepts_too_much,
    forgets_its_value,
    forgets_its_tombstones,
    forgets_again,
};

/// A set of bits, each of which can be removed once, with one flaw.
template <flaw Flaw>
struct bit_set {
    using delta_type = bit_set;
    std::uint64_t bits = 0;
    std::uint64_t removed = 0; ///< tombstones
    std::uint64_t encodings = 0;
    bool is_compact = true;

    [[nodiscard]] std::uint64_t value() const { return bits & ~removed; }

    bit_set insert(unsigned bit) { return added({std::uint64_t{1} << bit}); }
    bit_set remove(unsigned bit) {
        auto const one = std::uint64_t{1} << bit;
        return added({one, one});
    }
    void join(bit_set const& other) {
        bits |= other.bits;
        removed |= other.removed;
    }

    template <class Visit>
    void decompose(Visit&& visit) const {
        if (Flaw == flaw::bottom_has_parts && bits == 0) {
            visit(bit_set{});
        }
        if (Flaw == flaw::part_is_redundant && bits != 0) {
            visit(*this);
        }
        auto const first = Flaw == flaw::part_is_lost ? 1U : 0U;
        for (auto bit = first; bit < 64; ++bit) {
            if (auto const one = std::uint64_t{1} << bit; (bits & one) != 0) {
                visit(bit_set{one, removed & one});
            }
        }
    }
    [[nodiscard]] bit_set difference(bit_set const& other) const {
        auto const news = (bits & ~other.bits) | (removed & ~other.removed);
        bit_set const exact{bits & news, removed & news};
        switch (Flaw) {
        case flaw::news_are_lost:
            return {exact.bits & ~std::uint64_t{1}, exact.removed};
        case flaw::news_of_nothing:
            return *this;
        case flaw::news_are_invented:
            return news == 0 ? exact : bit_set{exact.bits | other.bits, exact.removed};
        case flaw::news_are_known:
            return news == 0 ? exact : *this;
        default:
            return exact;
        }
    }

    [[nodiscard]] bytes encode() const {
        auto const shown = Flaw == flaw::encodes_differently ? bits ^ (encodings << 32) : bits;
        byte_writer out;
        out.fixed64(shown);
        out.fixed64(removed);
        return out.take();
    }
    [[nodiscard]] static result<bit_set> decode(byte_view input) {
        byte_reader reader{input};
        bit_set out;
        out.bits = reader.fixed64();
        out.removed = Flaw == flaw::accepts_too_little && input.size() < 16 ? 0 : reader.fixed64();
        if (!reader.ok() || (reader.remaining() != 0 && Flaw != flaw::accepts_too_much)) {
            return failure(errc::malformed, "these are not two numbers");
        }
        out.bits ^= Flaw == flaw::decodes_differently ? 1U : 0U;
        out.encodings = 1;
        return out;
    }

    void forget(stable_cut const&) {
        if (Flaw == flaw::forgets_its_value) {
            bits &= removed;
        } else if (Flaw == flaw::forgets_its_tombstones) {
            bits &= ~removed;
            removed = 0;
        } else if (Flaw == flaw::forgets_again) {
            is_compact = !is_compact;
        }
    }

    friend bool operator==(bit_set const& a, bit_set const& b) {
        return a.bits == b.bits && a.removed == b.removed && a.is_compact == b.is_compact;
    }

private:
    bit_set added(bit_set const& change) {
        join(change);
        return change;
    }
};

} // namespace joinery::tests
