#pragma once

#include <joinery/core/utf8.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace joinery::tests {

/// The folder of the conformance data, which may not be there.
inline std::filesystem::path conformance_data() {
    auto const* const given = std::getenv("JOINERY_CONFORMANCE_DATA");
    return given != nullptr ? given : JOINERY_CONFORMANCE_DATA_DEFAULT;
}

/// The files of a folder of the data whose names end so, by name; none if there is no such folder.
inline std::vector<std::filesystem::path> data_files(std::string const& folder,
                                                     std::string_view ending) {
    std::vector<std::filesystem::path> found;
    auto const place = conformance_data() / folder;
    if (std::filesystem::is_directory(place)) {
        for (auto const& file : std::filesystem::directory_iterator{place}) {
            if (file.path().filename().string().ends_with(ending)) {
                found.push_back(file.path());
            }
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

inline std::string unpacked(std::filesystem::path const& file) {
    auto* const pipe = popen(("gzip -dc '" + file.string() + "'").c_str(), "r");
    if (pipe == nullptr) {
        throw std::runtime_error{"gzip does not run"};
    }
    std::string out;
    std::array<char, 65'536> room{};
    for (std::size_t count = 1; count != 0;) {
        count = std::fread(room.data(), 1, room.size(), pipe);
        out.append(room.data(), count);
    }
    if (pclose(pipe) != 0) {
        throw std::runtime_error{"gzip does not read " + file.string()};
    }
    return out;
}

/// At `at`, `erased` code points go and `inserted` comes.
struct trace_edit {
    std::size_t at = 0;
    std::size_t erased = 0;
    std::string inserted;
};

/// What one author did at one go, in the text that its parents left.
struct trace_transaction {
    std::string agent;
    /// How many code points this agent had inserted and erased before, on whatever branch.
    std::size_t sequence = 0;
    /// The numbers of the transactions that the author knew last.
    std::vector<std::size_t> parents;
    std::vector<trace_edit> edits;
};

struct trace {
    std::string name;
    std::string start;
    std::string end;
    std::vector<trace_transaction> transactions;
};

/// The code points of valid UTF-8, each as a text of its own.
inline std::vector<std::string> code_points(std::string_view text) {
    std::vector<std::string> out;
    for (auto const byte : text) {
        if ((static_cast<int>(byte) & 0xC0) != 0x80) {
            out.emplace_back();
        }
        out.back() += byte;
    }
    return out;
}

namespace detail {

using json = nlohmann::json;

/// A name may be a number.
inline std::string text_at(json const& object, char const* key) {
    auto const found = object.find(key);
    if (found == object.end()) {
        return {};
    }
    return found->is_string() ? found->get<std::string>() : found->dump();
}

inline std::vector<trace_edit> edits_of(json const& patches) {
    std::vector<trace_edit> out;
    for (auto const& patch : patches) {
        out.push_back({patch[0], patch[1], patch[2]});
    }
    return out;
}

inline std::size_t events_of(std::vector<trace_edit> const& edits) {
    std::size_t count = 0;
    for (auto const& edit : edits) {
        count += edit.erased + count_code_points(edit.inserted);
    }
    return count;
}

/// Every single event of a transaction, in order.
inline std::vector<trace_edit> single_events(std::vector<trace_edit> const& edits) {
    std::vector<trace_edit> out;
    for (auto const& edit : edits) {
        for (std::size_t i = 0; i < edit.erased; ++i) {
            out.push_back({edit.at, 1, {}});
        }
        auto at = edit.at;
        for (auto& one : code_points(edit.inserted)) {
            out.push_back({at++, 0, std::move(one)});
        }
    }
    return out;
}

/// A case of list-conformance. Its parents are numbers of events, so that a transaction is cut
/// behind each event that is a parent.
inline trace list_case_of(json const& value, std::string name) {
    std::set<std::size_t> ends;
    for (auto const& row : value["txns"]) {
        ends.insert(row["parents"].begin(), row["parents"].end());
    }
    trace out{std::move(name), {}, text_at(value, "endContent"), {}};
    std::map<std::size_t, std::size_t> transaction_that_ends_with;
    for (auto const& row : value["txns"]) {
        auto const first = row["span"][0].get<std::size_t>();
        auto const events = single_events(edits_of(row["ops"]));
        trace_transaction next{text_at(row, "agent"), row["seqStart"], {}, {}};
        for (std::size_t const parent : row["parents"]) {
            next.parents.push_back(transaction_that_ends_with.at(parent));
        }
        for (std::size_t i = 0; i < events.size(); ++i) {
            next.edits.push_back(events[i]);
            if (i + 1 < events.size() && !ends.contains(first + i)) {
                continue;
            }
            auto const sequence = next.sequence + next.edits.size();
            auto const number = out.transactions.size();
            transaction_that_ends_with[first + i] = number;
            trace_transaction rest{next.agent, sequence, {number}, {}};
            out.transactions.push_back(std::exchange(next, std::move(rest)));
        }
    }
    return out;
}

} // namespace detail

/// Reads a file of `editing-traces`.
inline trace read_trace(std::filesystem::path const& file) {
    auto const value = detail::json::parse(unpacked(file));
    auto name = file.filename().string();
    name.resize(name.find('.'));
    trace out{std::move(name),
              detail::text_at(value, "startContent"),
              detail::text_at(value, "endContent"),
              {}};
    std::map<std::string, std::size_t> sequences;
    for (auto const& row : value["txns"]) {
        auto const number = out.transactions.size();
        trace_transaction next{detail::text_at(row, "agent"), 0, {}, {}};
        if (row.contains("parents")) {
            next.parents = row["parents"].get<std::vector<std::size_t>>();
        } else if (number > 0) {
            next.parents = {number - 1};
        }
        next.edits = detail::edits_of(row["patches"]);
        auto& sequence = sequences[next.agent];
        next.sequence = std::exchange(sequence, sequence + detail::events_of(next.edits));
        out.transactions.push_back(std::move(next));
    }
    return out;
}

/// Reads a file of `list-conformance`, one case a line.
inline std::vector<trace> read_list_cases(std::filesystem::path const& file) {
    auto const text = unpacked(file);
    std::vector<trace> out;
    for (std::size_t begin = 0; begin < text.size();) {
        auto const end = std::min(text.find('\n', begin), text.size());
        auto const line = std::string_view{text}.substr(begin, end - begin);
        begin = end + 1;
        if (!line.empty()) {
            out.push_back(detail::list_case_of(detail::json::parse(line),
                                               file.filename().string() + " line " +
                                                   std::to_string(out.size() + 1)));
        }
    }
    return out;
}

/// Some transactions of a trace.
class transaction_set {
public:
    transaction_set() = default;
    explicit transaction_set(trace const& of) : words_((of.transactions.size() + 63) / 64) {}

    void insert(std::size_t number) { words_[number / 64] |= std::uint64_t{1} << (number % 64); }

    void unite(transaction_set const& other) {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            words_[i] |= other.words_[i];
        }
    }

    [[nodiscard]] bool is_within(transaction_set const& other) const {
        auto is_within = true;
        for (std::size_t i = 0; i < words_.size() && is_within; ++i) {
            is_within = (words_[i] & ~other.words_[i]) == 0;
        }
        return is_within;
    }

    /// Visits in order what is here and not in `other`.
    template <class F>
    void for_each_not_in(transaction_set const& other, F&& visit) const {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            for (auto left = words_[i] & ~other.words_[i]; left != 0; left &= left - 1) {
                visit(i * 64 + static_cast<std::size_t>(std::countr_zero(left)));
            }
        }
    }

private:
    std::vector<std::uint64_t> words_;
};

/// For each transaction all that came before it, itself not among them.
inline std::vector<transaction_set> pasts_of(trace const& of) {
    std::vector<transaction_set> pasts;
    pasts.reserve(of.transactions.size());
    for (auto const& transaction : of.transactions) {
        transaction_set past{of};
        for (auto const parent : transaction.parents) {
            past.unite(pasts[parent]);
            past.insert(parent);
        }
        pasts.push_back(std::move(past));
    }
    return pasts;
}

/// The rank of each transaction among all, by agent and then by sequence: an agent may stand on
/// two branches at the same time, and so cannot be the identity of a replica.
inline std::vector<std::uint64_t> ranks_of(trace const& of) {
    std::vector<std::size_t> order(of.transactions.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        auto const& [one, other] = std::tie(of.transactions[a], of.transactions[b]);
        return std::tie(one.agent, one.sequence, a) < std::tie(other.agent, other.sequence, b);
    });
    std::vector<std::uint64_t> ranks(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        ranks[order[i]] = i + 1;
    }
    return ranks;
}

/// Who replays a transaction: a state that only ever learns, and the identity under which it edits.
struct trace_author {
    std::size_t state = 0;
    std::uint64_t rank = 0;
};

namespace detail {

/// Gives each transaction the first state of its agent that knows nothing beyond its past. An agent
/// that goes back to what it knew before does so on another state.
inline std::vector<trace_author> states_of(trace const& of,
                                           std::vector<transaction_set> const& pasts) {
    struct state {
        std::string const& agent;
        transaction_set known;
    };
    std::vector<state> states;
    std::vector<trace_author> out;
    for (std::size_t i = 0; i < pasts.size(); ++i) {
        auto const& agent = of.transactions[i].agent;
        auto const found = std::find_if(states.begin(), states.end(), [&](state const& one) {
            return one.agent == agent && one.known.is_within(pasts[i]);
        });
        out.push_back({static_cast<std::size_t>(found - states.begin()), 0});
        if (found == states.end()) {
            states.push_back({agent, {}});
        }
        auto& known = states[out.back().state].known;
        known = pasts[i];
        known.insert(i);
    }
    return out;
}

} // namespace detail

/// Who replays each transaction. Identities stand in the order of agents and then of sequences:
/// an agent has one for as long as it stays on one state, so that there are few, and ties are
/// broken as if each transaction had its own.
inline std::vector<trace_author> authors_of(trace const& of,
                                            std::vector<transaction_set> const& pasts) {
    auto out = detail::states_of(of, pasts);
    auto const ranks = ranks_of(of);
    std::vector<std::size_t> by_rank(out.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        by_rank[ranks[i] - 1] = i;
    }
    std::uint64_t rank = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        auto const goes_on = i > 0 && out[by_rank[i]].state == out[by_rank[i - 1]].state;
        out[by_rank[i]].rank = goes_on ? rank : ++rank;
    }
    return out;
}

} // namespace joinery::tests
