#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/sequence_twin.hpp"

// Recorded histories: every file of the conformance data, none by name.

using namespace joinery;
using namespace joinery::tests;

namespace {

/// The change of each transaction and the state of its author after it.
struct replayed {
    std::vector<std::vector<twin_change<text>>> changes;
    std::vector<sequence_twin<text>> authors;
};

/// Each transaction by an author who knows its past and nothing else. The transaction is the
/// replica, so that ties are broken by agent and sequence.
replayed replay(trace const& of) {
    auto const pasts = pasts_of(of);
    auto const ranks = ranks_of(of);
    replayed out;
    for (std::size_t i = 0; i < of.transactions.size(); ++i) {
        auto const& parents = of.transactions[i].parents;
        sequence_twin<text> author;
        transaction_set known{of};
        if (!parents.empty()) {
            author = out.authors[parents.front()];
            known = pasts[parents.front()];
            known.insert(parents.front());
        }
        pasts[i].for_each_not_in(known, [&](std::size_t before) {
            for (auto const& change : out.changes[before]) {
                author.take(change);
            }
        });
        out.changes.push_back(author.edit(replica_id{ranks[i]}, of.transactions[i].edits));
        out.authors.push_back(std::move(author));
    }
    return out;
}

std::vector<std::size_t> shuffled(std::size_t count, testing::splitmix64& random) {
    std::vector<std::size_t> order(count);
    for (std::size_t i = 0; i < count; ++i) {
        order[i] = i;
        std::swap(order[i], order[random.below(i + 1)]);
    }
    return order;
}

/// Transactions in a random order in which none comes before its past.
text in_causal_order(trace const& of, replayed const& what, testing::splitmix64& random) {
    text replica;
    transaction_set done{of};
    auto const pasts = pasts_of(of);
    for (auto todo = shuffled(of.transactions.size(), random); !todo.empty();) {
        auto const next = std::find_if(todo.begin(), todo.end(),
                                       [&](std::size_t i) { return pasts[i].is_within(done); });
        for (auto const& change : what.changes[*next]) {
            replica.join(change.delta);
        }
        done.insert(*next);
        todo.erase(next);
    }
    return replica;
}

/// Every delta twice, in any order at all.
text out_of_order(replayed const& what, testing::splitmix64& random) {
    std::vector<text const*> deltas;
    for (auto const& transaction : what.changes) {
        for (auto const& change : transaction) {
            deltas.insert(deltas.end(), 2, &change.delta);
        }
    }
    text replica;
    for (auto const i : shuffled(deltas.size(), random)) {
        replica.join(*deltas[i]);
    }
    return replica;
}

/// The states of all authors, in any order, some of them as their bytes.
text as_full_states(replayed const& what, testing::splitmix64& random) {
    text replica;
    for (auto const i : shuffled(what.authors.size(), random)) {
        auto const& state = what.authors[i].real;
        if (random.chance(50)) {
            replica.join(state);
            continue;
        }
        auto const decoded = text::decode(state.encode());
        REQUIRE(decoded);
        replica.join(*decoded);
    }
    return replica;
}

void check_list_case(trace const& of, std::uint64_t seed) {
    testing::splitmix64 random{seed};
    CAPTURE(of.name, seed);
    auto const what = replay(of);
    scanned_list model;
    for (auto const& transaction : what.changes) {
        for (auto const& change : transaction) {
            take(model, change.model);
        }
    }
    REQUIRE(text_of_items(model.items()) == of.end);
    for (std::size_t i = 0; i < what.authors.size(); ++i) {
        CAPTURE(i);
        auto const& author = what.authors[i];
        REQUIRE(difference_from_model(author.real, author.model.items()).empty());
    }

    auto const causal = in_causal_order(of, what, random);
    auto const shuffled = out_of_order(what, random);
    auto const joined = as_full_states(what, random);

    REQUIRE(difference_from_model(causal, model.items()) == "");
    REQUIRE(difference_from_model(shuffled, model.items()) == "");
    REQUIRE(difference_from_model(joined, model.items()) == "");
    REQUIRE(difference_between(causal, shuffled) == "");
    REQUIRE(difference_between(causal, joined) == "");
}

/// Edits one after another, each of them as a delta too, for another replica.
void check_one_author(trace const& of) {
    constexpr replica_id self{1};
    text author;
    text follower;
    auto const send = [&](text const& delta) { follower.join(delta); };
    if (!of.start.empty()) {
        send(author.insert(self, 0, of.start));
    }
    for (auto const& transaction : of.transactions) {
        for (auto const& edit : transaction.edits) {
            if (edit.erased > 0) {
                send(author.erase(self, edit.at, edit.erased));
            }
            if (!edit.inserted.empty()) {
                send(author.insert(self, edit.at, edit.inserted));
            }
        }
    }

    REQUIRE((author.value() == of.end));
    REQUIRE(sequence_values<text>::broken_units(author) == "");
    REQUIRE((follower.value() == of.end));
    REQUIRE(difference_between(author, follower) == "");
    auto const loaded = text::decode(author.encode());
    REQUIRE(loaded);
    REQUIRE((loaded->value() == of.end));
    REQUIRE(difference_between(author, *loaded) == "");
}

std::vector<text> edit(text& state, replica_id self, std::vector<trace_edit> const& edits) {
    std::vector<text> deltas;
    for (auto const& edit : edits) {
        if (edit.erased > 0) {
            deltas.push_back(state.erase(self, edit.at, edit.erased));
        }
        if (!edit.inserted.empty()) {
            deltas.push_back(state.insert(self, edit.at, edit.inserted));
        }
    }
    return deltas;
}

void check_several_authors(trace const& of) {
    auto const pasts = pasts_of(of);
    auto const authors = authors_of(of, pasts);
    std::vector<text> states;
    std::vector<transaction_set> known;
    std::vector<std::vector<text>> changes;
    text follower;
    for (std::size_t i = 0; i < of.transactions.size(); ++i) {
        auto const [at, rank] = authors[i];
        if (at == states.size()) {
            states.emplace_back();
            known.emplace_back(of);
        }
        pasts[i].for_each_not_in(known[at], [&, to = at](std::size_t before) {
            for (auto const& delta : changes[before]) {
                states[to].join(delta);
            }
        });
        changes.push_back(edit(states[at], replica_id{rank}, of.transactions[i].edits));
        known[at] = pasts[i];
        known[at].insert(i);
        for (auto const& delta : changes.back()) {
            follower.join(delta);
        }
    }
    text joined;
    for (auto const& state : states) {
        joined.join(state);
    }

    REQUIRE(follower.waiting() == 0);
    REQUIRE((follower.value() == of.end));
    REQUIRE((joined.value() == of.end));
    REQUIRE(difference_between(follower, joined) == "");
}

template <class Check>
void for_each_trace(std::string const& folder, Check&& check) {
    auto const files = data_files(folder, ".json.gz");
    if (files.empty()) {
        WARN("there is no folder " << conformance_data() / folder << ": nothing was compared");
    }
    for (auto const& file : files) {
        auto const recorded = read_trace(file);
        CAPTURE(recorded.name);
        check(recorded);
    }
}

} // namespace

TEST_CASE("text: concurrent histories end as recorded, however they arrive",
          "[crdt][text][conformance]") {
    auto const files = data_files("list-conformance", ".ndjson.gz");
    if (files.empty()) {
        WARN("there is no folder " << conformance_data() / "list-conformance"
                                   << ": nothing was compared");
    }
    for (auto const& file : files) {
        std::uint64_t seed = 0;
        for (auto const& one : read_list_cases(file)) {
            check_list_case(one, ++seed);
        }
    }
}

TEST_CASE("text: recorded typing of one author ends as recorded", "[crdt][text][conformance]") {
    for_each_trace("editing-traces/sequential", check_one_author);
}

TEST_CASE("text: recorded typing of several authors ends as recorded",
          "[crdt][text][conformance]") {
    for_each_trace("editing-traces/concurrent", check_several_authors);
}
