#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "broken_lattices.hpp"

using namespace joinery;
using namespace joinery::testing;
using namespace joinery::tests;

namespace {

/// A set of bits that takes single deltas well, and whose batches lose what both have.
struct forgets_in_batches {
    struct batch {
        std::uint64_t bits = 0;
        void join(batch const& other) { bits ^= other.bits; }
        friend bool operator==(batch const&, batch const&) = default;
    };
    using delta_type = batch;
    std::uint64_t bits = 0;

    void join(forgets_in_batches const& other) { bits |= other.bits; }
    void join(batch const& delta) { bits |= delta.bits; }
    friend bool operator==(forgets_in_batches const&, forgets_in_batches const&) = default;
};

} // namespace

TEST_CASE("deliveries: a maximum is the same in every delivery", "[testing][deliveries]") {
    CHECK(check_deliveries<maximum>({{1}, {5}, {3}, {5}, {2}}) == "");
    CHECK(check_deliveries<maximum>({{1}}) == "");
    CHECK(check_deliveries<maximum>({}) == "");
}

TEST_CASE("deliveries: a join that adds differs with duplicates", "[testing][deliveries]") {
    CHECK(check_deliveries<adds_twice>({adds_twice{{1}}, adds_twice{{2}}}) ==
          "each twice, order 0 1");
}

TEST_CASE("deliveries: a tie that keeps mine differs in another order", "[testing][deliveries]") {
    CHECK(check_deliveries<keeps_mine>({{1, 10}, {1, 20}}) == "one by one, order 1 0");
}

TEST_CASE("deliveries: orders that are forbidden are not tried", "[testing][deliveries]") {
    std::vector<needs_order::step> const deltas{{0, 1}, {1, 2}, {2, 3}};

    CHECK(check_deliveries<needs_order>(deltas, {{0, 1}, {1, 2}}) == "");
    CHECK(check_deliveries<needs_order>(deltas, {{0, 1}}) == "one by one, order 0 2 1");
    CHECK(check_deliveries<needs_order>(deltas) == "one by one, order 0 2 1");
}

TEST_CASE("deliveries: a batch that forgets is found", "[testing][deliveries]") {
    CHECK(check_deliveries<forgets_in_batches>({{1}, {2}}) == "");
    CHECK(check_deliveries<forgets_in_batches>({{1}, {3}}) == "as one batch, order 0 1");
}

TEST_CASE("deliveries: batches that depend on their grouping are found", "[testing][deliveries]") {
    struct mean_in_batches : maximum {
        using delta_type = takes_mean;
        using maximum::join;
        void join(takes_mean const& delta) { value = std::max(value, delta.value); }
    };
    CHECK(check_deliveries<mean_in_batches>({{2}, {8}, {16}}) ==
          "batched in two ways, order 0 1 2");
}
