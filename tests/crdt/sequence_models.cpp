#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "support/naive_list.hpp"
#include "support/traces.hpp"

// The two forms of FugueMax that judge `sequence` and `text` agree with each other and with
// recorded histories.

using namespace joinery;
using namespace joinery::tests;

namespace {

/// What a transaction changed, by an author who sees `list`.
template <class List>
std::vector<list_change> edit(List& list, trace_transaction const& of, std::uint64_t rank) {
    std::vector<list_change> changes;
    dot next{replica_id{rank}, 1};
    for (auto const& edit : of.edits) {
        for (std::size_t i = 0; i < edit.erased; ++i) {
            changes.emplace_back(erase_at(list, edit.at));
        }
        auto at = edit.at;
        for (auto const& value : code_points(edit.inserted)) {
            changes.emplace_back(insert_at(list, next, at++, value));
            ++next.sequence;
        }
    }
    return changes;
}

/// What each transaction changed, by authors who see what a `List` makes of their past.
template <class List>
std::vector<std::vector<list_change>> changes_of(trace const& of) {
    auto const pasts = pasts_of(of);
    auto const ranks = ranks_of(of);
    std::vector<std::vector<list_change>> changes;
    for (std::size_t i = 0; i < of.transactions.size(); ++i) {
        List list;
        pasts[i].for_each_not_in(transaction_set{of},
                                 [&](std::size_t before) { take(list, changes[before]); });
        changes.push_back(edit(list, of.transactions[i], ranks[i]));
    }
    return changes;
}

template <class List>
list_items joined(std::vector<std::vector<list_change>> const& changes) {
    List list;
    for (auto const& transaction : changes) {
        take(list, transaction);
    }
    return list.items();
}

/// Two authors who type at the same time at the same place, forwards or backwards.
template <class List>
std::string typed_together(bool is_backward, bool is_other_backward, std::uint64_t seed) {
    testing::splitmix64 random{seed};
    List lists[2];
    std::vector<list_change> logs[2];
    for (std::uint64_t i = 0; i < 8; ++i) {
        for (std::uint64_t who = 0; who < 2; ++who) {
            auto const at = (who == 0 ? is_backward : is_other_backward) ? 0 : i;
            logs[who].emplace_back(insert_at(lists[who], {replica_id{who + 1}, i + 1}, at,
                                             std::string(1, who == 0 ? 'a' : 'b')));
        }
    }
    List merged;
    for (std::size_t i = 0, k = 0; i < logs[0].size() || k < logs[1].size();) {
        auto const first = k == logs[1].size() || (i < logs[0].size() && random.chance(50));
        take(merged, first ? logs[0][i++] : logs[1][k++]);
    }
    return text_of_items(merged.items());
}

} // namespace

TEST_CASE("naive lists: both forms agree on every recorded history",
          "[crdt][sequence][conformance]") {
    auto const files = data_files("list-conformance", ".ndjson.gz");
    if (files.empty()) {
        WARN("there is no folder " << conformance_data() / "list-conformance"
                                   << ": nothing was compared");
    }
    for (auto const& file : files) {
        for (auto const& one : read_list_cases(file)) {
            CAPTURE(one.name);
            auto const changes = changes_of<scanned_list>(one);
            auto const scanned = joined<scanned_list>(changes);

            REQUIRE(text_of_items(scanned) == one.end);
            REQUIRE((joined<fugue_tree>(changes) == scanned));
            REQUIRE((joined<fugue_tree>(changes_of<fugue_tree>(one)) == scanned));
        }
    }
}

TEST_CASE("naive lists: what two authors type does not interleave", "[crdt][sequence]") {
    auto const is_backward = GENERATE(false, true);
    auto const is_other_backward = GENERATE(false, true);
    auto const seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{20}));
    CAPTURE(is_backward, is_other_backward, seed);

    CHECK(typed_together<scanned_list>(is_backward, is_other_backward, seed) == "aaaaaaaabbbbbbbb");
    CHECK(typed_together<fugue_tree>(is_backward, is_other_backward, seed) == "aaaaaaaabbbbbbbb");
}
