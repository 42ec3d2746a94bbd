#include <joinery/core/digest.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <vector>

using namespace joinery;

namespace {

std::vector<digest128> random_items(unsigned seed) {
    std::mt19937_64 random{seed};
    std::vector<digest128> items(1 + random() % 40);
    for (auto& item : items) {
        item = {random(), random()};
    }
    return items;
}

multiset_digest sum_of(std::vector<digest128> const& items) {
    multiset_digest sum;
    for (auto const& item : items) {
        sum.add(item);
    }
    return sum;
}

} // namespace

TEST_CASE("digest128: text is 32 digits, high half first", "[core][digest]") {
    CHECK(digest128{1, 0xabcULL << 52}.to_string() == "0000000000000001abc0000000000000");
}

TEST_CASE("multiset_digest: sums carry into and borrow from the high half", "[core][digest]") {
    multiset_digest sum;
    sum.add({0, ~0ULL});
    sum.add({0, 1});
    CHECK(sum.value() == digest128{1, 0});

    sum.remove({0, 1});
    CHECK(sum.value() == digest128{0, ~0ULL});

    sum.remove({0, ~0ULL});
    CHECK(sum == multiset_digest{});
}

TEST_CASE("multiset_digest: order does not matter", "[core][digest]") {
    auto const seed = GENERATE(range(0U, 100U));
    CAPTURE(seed);
    auto items = random_items(seed);
    auto const before = sum_of(items);

    std::shuffle(items.begin(), items.end(), std::mt19937{seed});

    CHECK(sum_of(items) == before);
}

TEST_CASE("multiset_digest: removing undoes adding", "[core][digest]") {
    auto const seed = GENERATE(range(0U, 100U));
    CAPTURE(seed);
    auto const items = random_items(seed);
    auto sum = sum_of(items);

    sum.remove(items.front());

    CHECK(sum != sum_of(items));
    CHECK(sum == sum_of({items.begin() + 1, items.end()}));
}

TEST_CASE("multiset_digest: joining two is the digest of both bags", "[core][digest]") {
    auto const seed = GENERATE(range(0U, 100U));
    CAPTURE(seed);
    auto const left = random_items(seed);
    auto const right = random_items(seed + 1'000);
    auto both = left;
    both.insert(both.end(), right.begin(), right.end());

    auto sum = sum_of(left);
    sum.join(sum_of(right));

    CHECK(sum == sum_of(both));
}

TEST_CASE("multiset_digest: counts, so twice is not once", "[core][digest]") {
    CHECK(sum_of({{1, 2}, {1, 2}}) != sum_of({{1, 2}}));
}
