#pragma once

#include <joinery/crdt/position_history.hpp>
#include <joinery/crdt/text.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/traces.hpp"

namespace joinery::tests {

using text_history = position_history<text>;

/// A transaction of a recording, by `author`, as a history takes it. Lives as long as both.
class recorded_transaction {
public:
    recorded_transaction(trace_transaction const& of, replica_id author)
        : author_{author}, parents_{of.parents.begin(), of.parents.end()} {
        for (auto const& edit : of.edits) {
            edits_.push_back({edit.at, edit.erased, edit.inserted});
        }
    }

    [[nodiscard]] text_history::transaction look() const { return {author_, parents_, edits_}; }

private:
    replica_id author_;
    std::vector<text_history::number> parents_;
    std::vector<text_history::edit> edits_;
};

/// All transactions of a recording; `author_of(i)` is the author of one.
template <class AuthorOf>
std::vector<recorded_transaction> recorded_transactions(trace const& of, AuthorOf&& author_of) {
    std::vector<recorded_transaction> out;
    for (std::size_t i = 0; i < of.transactions.size(); ++i) {
        out.emplace_back(of.transactions[i], author_of(i));
    }
    return out;
}

/// An identity for each agent of a recording, in the order of their names.
inline std::vector<replica_id> agents_of(trace const& of) {
    std::map<std::string, std::uint64_t> ranks;
    for (auto const& transaction : of.transactions) {
        ranks[transaction.agent];
    }
    std::uint64_t next = 0;
    for (auto& [agent, rank] : ranks) {
        rank = ++next;
    }
    std::vector<replica_id> out;
    for (auto const& transaction : of.transactions) {
        out.emplace_back(ranks[transaction.agent]);
    }
    return out;
}

} // namespace joinery::tests
