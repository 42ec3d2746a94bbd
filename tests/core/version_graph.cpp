#include <joinery/core/version_graph.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "support/traces.hpp"

using namespace joinery;
using nlohmann::json;

namespace {

using numbers = std::vector<version_graph::number>;
using stretches = std::vector<version_graph::stretch>;

/// Two branches behind event 1 that event 6 merges:   0 1 2 3
///                                                        4 5 6 (3 and 5) 7
version_graph fork_and_merge() {
    version_graph graph;
    graph.add({});
    graph.add(numbers{0});
    graph.add(numbers{1});
    graph.add(numbers{2});
    graph.add(numbers{1});
    graph.add(numbers{4});
    graph.add(numbers{3, 5});
    graph.add(numbers{6});
    return graph;
}

/// The events that a version has.
std::set<version_graph::number> past_of(std::vector<numbers> const& parents, numbers left) {
    std::set<version_graph::number> out;
    while (!left.empty()) {
        auto const event = left.back();
        left.pop_back();
        if (out.insert(event).second) {
            left.insert(left.end(), parents[event].begin(), parents[event].end());
        }
    }
    return out;
}

std::set<version_graph::number> events_of(stretches const& of) {
    std::set<version_graph::number> out;
    for (auto const& [first, last] : of) {
        for (auto event = first; event <= last; ++event) {
            out.insert(event);
        }
    }
    return out;
}

/// A graph of the data, whose spans end behind their last event.
version_graph graph_of(json const& history) {
    version_graph graph;
    for (auto const& entry : history) {
        auto parents = entry["parents"].get<numbers>();
        std::ranges::sort(parents);
        for (auto event = entry["span"][0].get<version_graph::number>(); event < entry["span"][1];
             ++event) {
            graph.add(parents);
            parents = {event};
        }
    }
    return graph;
}

std::set<version_graph::number> events_of(json const& spans) {
    std::set<version_graph::number> out;
    for (auto const& span : spans) {
        for (auto event = span[0].get<version_graph::number>(); event < span[1]; ++event) {
            out.insert(event);
        }
    }
    return out;
}

std::vector<json> cases_of(char const* file) {
    std::vector<json> out;
    std::ifstream in{tests::conformance_data() / "causal-graph" / file};
    for (std::string line; std::getline(in, line);) {
        out.push_back(json::parse(line));
    }
    if (out.empty()) {
        WARN("there is no " << file << " in the conformance data: nothing was compared");
    }
    return out;
}

void check_lead(json const& one, char const* from, char const* to, char const* more,
                char const* less) {
    CAPTURE(one.dump(), from);
    auto const lead = graph_of(one["hist"]).lead(one[from].get<numbers>(), one[to].get<numbers>());
    REQUIRE(lead.has_value() == one[less].empty());
    if (lead) {
        REQUIRE(events_of(*lead) == events_of(one[more]));
    }
}

} // namespace

TEST_CASE("version_graph: the tips are the events that are nobody's parent",
          "[core][version_graph]") {
    version_graph graph;
    CHECK(graph.tips().empty());

    graph.add({});
    graph.add(numbers{0});
    graph.add(numbers{0});

    CHECK(numbers(graph.tips().begin(), graph.tips().end()) == numbers{1, 2});
    graph.add(numbers{1, 2});
    CHECK(numbers(graph.tips().begin(), graph.tips().end()) == numbers{3});
}

TEST_CASE("version_graph: a version has its events and all that came before them",
          "[core][version_graph]") {
    auto const graph = fork_and_merge();

    CHECK(graph.contains(numbers{3}, 0));
    CHECK(graph.contains(numbers{3}, 3));
    CHECK_FALSE(graph.contains(numbers{3}, 4));
    CHECK_FALSE(graph.contains(numbers{5}, 2));
    CHECK(graph.contains(numbers{7}, 2));
    CHECK_FALSE(graph.contains({}, 0));
}

TEST_CASE("version_graph: a lead is what one version has and the other one lacks",
          "[core][version_graph]") {
    auto const graph = fork_and_merge();

    CHECK(graph.lead({}, numbers{1}) == stretches{{0, 1}});
    CHECK(graph.lead(numbers{5}, numbers{6}) == stretches{{2, 3}, {6, 6}});
    CHECK(graph.lead(numbers{3}, numbers{7}) == stretches{{4, 7}});
    CHECK(graph.lead(numbers{3, 5}, numbers{6}) == stretches{{6, 6}});
    CHECK(graph.lead(numbers{6}, numbers{6}) == stretches{});
    CHECK(graph.lead(numbers{3}, numbers{5}) == std::nullopt);
    CHECK(graph.lead(numbers{6}, numbers{3}) == std::nullopt);
}

TEST_CASE("version_graph: leads agree with walking along all parents", "[core][version_graph]") {
    auto const seed = GENERATE(range(0, 200));
    CAPTURE(seed);
    testing::splitmix64 random{static_cast<std::uint64_t>(seed)};
    version_graph graph;
    std::vector<numbers> all;
    auto const draw = [&] {
        std::set<version_graph::number> out;
        for (auto left = random.below(3); left != 0 && !all.empty(); --left) {
            out.insert(static_cast<version_graph::number>(random.below(all.size())));
        }
        return numbers(out.begin(), out.end());
    };
    for (std::size_t i = 0; i < 40; ++i) {
        auto const follows = !all.empty() && random.chance(50);
        all.push_back(follows ? numbers{graph.size() - 1} : draw());
        graph.add(all.back());
    }

    for (std::size_t i = 0; i < 40; ++i) {
        auto const from = draw();
        auto const to = draw();
        auto const known = past_of(all, from);
        auto expected = past_of(all, to);
        auto const is_within = std::ranges::includes(expected, known);
        std::erase_if(expected, [&](auto event) { return known.contains(event); });
        auto const lead = graph.lead(from, to);
        REQUIRE(lead.has_value() == is_within);
        if (lead) {
            REQUIRE(events_of(*lead) == expected);
        }
    }
}

TEST_CASE("version_graph: recorded questions have the recorded answers",
          "[core][version_graph][conformance]") {
    for (auto const& one : cases_of("diff.json")) {
        check_lead(one, "a", "b", "expect_b", "expect_a");
        check_lead(one, "b", "a", "expect_a", "expect_b");
    }
    for (auto const& one : cases_of("version_contains.json")) {
        CAPTURE(one.dump());
        if (one["target"] >= 0) { // -1 is before all events
            REQUIRE(graph_of(one["hist"]).contains(one["frontier"].get<numbers>(), one["target"]) ==
                    one["expected"].get<bool>());
        }
    }
}
