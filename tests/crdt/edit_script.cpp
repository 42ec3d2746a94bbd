#include <joinery/crdt/edit_script.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using namespace joinery;

namespace {

std::vector<edit_step> script(std::string_view from, std::string_view to,
                              std::size_t edits_max = edit_search_max) {
    return edit_script(
        from.size(), to.size(), [&](std::size_t i, std::size_t j) { return from[i] == to[j]; },
        edits_max);
}

std::string replay(std::string_view from, std::string_view to,
                   std::vector<edit_step> const& steps) {
    std::string out{from};
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        out.replace(step->at, step->erased, to.substr(step->from, step->inserted));
    }
    return out;
}

std::size_t cost(std::vector<edit_step> const& steps) {
    std::size_t sum = 0;
    for (auto const& step : steps) {
        sum += step.erased + step.inserted;
    }
    return sum;
}

/// The fewest insertions and erasures, by the textbook table.
std::size_t fewest(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    for (std::size_t j = 0; j <= to.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= from.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= to.size(); ++j) {
            auto const kept = diagonal;
            diagonal = row[j];
            row[j] = from[i - 1] == to[j - 1] ? kept : 1 + std::min(row[j], row[j - 1]);
        }
    }
    return row[to.size()];
}

std::string random_text(testing::splitmix64& random, std::size_t size, std::uint64_t letters) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i) {
        out += static_cast<char>('a' + random.below(letters));
    }
    return out;
}

} // namespace

TEST_CASE("edit_script: equal sequences need no step", "[crdt][edit_script]") {
    CHECK(script("", "").empty());
    CHECK(script("same", "same").empty());
}

TEST_CASE("edit_script: one change is one step", "[crdt][edit_script]") {
    using steps = std::vector<edit_step>;
    CHECK(script("", "abc") == steps{{0, 0, 0, 3}});
    CHECK(script("abc", "") == steps{{0, 3, 0, 0}});
    CHECK(script("hello world", "hello big world") == steps{{6, 0, 6, 4}});
    CHECK(script("one two three", "one three") == steps{{5, 4, 5, 0}});
    CHECK(script("abcXdef", "abcYdef") == steps{{3, 1, 3, 1}});
    CHECK(script("aaa", "aaaa") == steps{{3, 0, 3, 1}});
}

TEST_CASE("edit_script: changes far apart are steps of their own", "[crdt][edit_script]") {
    auto const steps = script("the quick brown fox", "a quick brown ox!");

    CHECK(steps == std::vector<edit_step>{{0, 3, 0, 1}, {16, 1, 14, 0}, {19, 0, 16, 1}});
}

TEST_CASE("edit_script: random sequences are replayed with the fewest edits",
          "[crdt][edit_script]") {
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
        CAPTURE(seed);
        testing::splitmix64 random{seed};
        auto const letters = 1 + random.below(4);
        auto const from = random_text(random, random.below(24), letters);
        auto const to = random_text(random, random.below(24), letters);

        auto const steps = script(from, to);

        REQUIRE(replay(from, to, steps) == to);
        REQUIRE(cost(steps) == fewest(from, to));
        for (std::size_t i = 1; i < steps.size(); ++i) {
            REQUIRE(steps[i].at > steps[i - 1].at + steps[i - 1].erased);
        }
    }
}

TEST_CASE("edit_script: a bounded search still ends at the new sequence", "[crdt][edit_script]") {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        CAPTURE(seed);
        testing::splitmix64 random{seed};
        auto const from = random_text(random, random.below(200), 3);
        auto const to = random_text(random, random.below(200), 3);

        auto const steps = script(from, to, 1 + random.below(6));

        REQUIRE(replay(from, to, steps) == to);
    }
}

TEST_CASE("edit_script: sequences without anything in common do not take for ever",
          "[crdt][edit_script]") {
    std::string const from(20'000, 'a');
    std::string const to(20'000, 'b');

    auto const steps = script(from, to, 64);

    CHECK(replay(from, to, steps) == to);
    CHECK(cost(steps) == 40'000);
}
