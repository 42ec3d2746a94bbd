#pragma once

#include <joinery/core/author.hpp>

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

} // namespace joinery::tests
