#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace joinery::testing {

/// A small generator that gives the same numbers everywhere: a failure is
/// replayed from its seed on any machine.
///
/// A model of std::uniform_random_bit_generator. Not for secrets or identities.
///
/// Reference   Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
///             Generators", OOPSLA 2014.
class splitmix64 {
public:
    using result_type = std::uint64_t;

    constexpr explicit splitmix64(std::uint64_t seed) : state_{seed} {}

    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

    constexpr result_type operator()() {
        state_ += 0x9e37'79b9'7f4a'7c15;
        auto bits = state_;
        bits = (bits ^ (bits >> 30)) * 0xbf58'476d'1ce4'e5b9;
        bits = (bits ^ (bits >> 27)) * 0x94d0'49bb'1331'11eb;
        return bits ^ (bits >> 31);
    }

    /// A number less than `bound`. Precondition: `bound` is not 0.
    constexpr std::uint64_t below(std::uint64_t bound) { return (*this)() % bound; }

    /// True in about `percent` of 100 calls.
    constexpr bool chance(unsigned percent) { return below(100) < percent; }

    /// An element of a container that is not empty.
    template <class Container>
    constexpr auto& pick(Container& container) {
        return container[static_cast<std::size_t>(below(container.size()))];
    }

    /// The next number as 16 lower-case hexadecimal digits.
    std::string hex() {
        std::string text(16, '0');
        auto bits = (*this)();
        for (auto at = text.size(); at > 0; bits >>= 4) {
            text[--at] = "0123456789abcdef"[bits & 15];
        }
        return text;
    }

private:
    std::uint64_t state_;
};

} // namespace joinery::testing
