#include <joinery/testing/check_stability.hpp>

#include <catch2/catch.hpp>

#include "broken_lattices.hpp"

using namespace joinery;
using namespace joinery::testing;
using namespace joinery::tests;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

auto const change = [](auto& state, author const&, std::uint64_t bits) {
    auto const bit = static_cast<unsigned>(bits / 2 % 5);
    return bits % 2 == 0 ? state.insert(bit) : state.remove(bit);
};

/// An insert of a bit that says by whom, and is forgotten once everybody knows.
struct remembers_authors {
    using delta_type = remembers_authors;
    std::uint64_t bits = 0;
    version_vector by{};

    [[nodiscard]] std::uint64_t value() const { return bits; }
    void join(remembers_authors const& other) {
        bits |= other.bits;
        by.join(other.by);
    }
    void forget(stable_cut const& cut) {
        version_vector left;
        for (auto const& [id, upto] : by) {
            if (cut.seen_by_all.of(id) < upto) {
                left.raise(id, upto);
            }
        }
        by = left;
    }
    friend bool operator==(remembers_authors const&, remembers_authors const&) = default;
};

} // namespace

TEST_CASE("check_stability: a type that forgets what nobody needs keeps the law",
          "[testing][check_stability]") {
    auto const insert = [](remembers_authors& state, author const& by, std::uint64_t bits) {
        remembers_authors delta{std::uint64_t{1} << bits % 7};
        delta.by.raise(by.replica, by.sequence);
        state.join(delta);
        return delta;
    };

    CHECK(check_stability<remembers_authors>(1, 200, insert) == "");
    CHECK(check_stability<bit_set<flaw::none>>(1, 200, change) == "");
}

TEST_CASE("check_stability: a value that is forgotten is found", "[testing][check_stability]") {
    auto const report = check_stability<bit_set<flaw::forgets_its_value>>(1, 200, change);

    CHECK_THAT(report, StartsWith("stable: forget changes no value"));
    CHECK_THAT(report, Contains("shrunk to 1 of "));
}

TEST_CASE("check_stability: a tombstone that is missed later is found",
          "[testing][check_stability]") {
    auto const report = check_stability<bit_set<flaw::forgets_its_tombstones>>(1, 200, change);

    CHECK_THAT(report, StartsWith("stable: forget changes no "));
    CHECK_THAT(report, Contains("-forget-"));
}

TEST_CASE("check_stability: a state that does not come to rest is found",
          "[testing][check_stability]") {
    CHECK_THAT(check_stability<bit_set<flaw::forgets_again>>(1, 200, change),
               StartsWith("forgotten: what was forgotten is not forgotten again"));
}
