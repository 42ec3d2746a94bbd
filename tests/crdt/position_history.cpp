#include <joinery/crdt/position_history.hpp>
#include <joinery/crdt/sequence.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/position_replay.hpp"
#include "support/sequence_twin.hpp"

using namespace joinery;
using namespace joinery::tests;

namespace {

using numbers = std::vector<text_history::number>;
using edits = std::vector<text_history::edit>;

constexpr replica_id alice{1};
constexpr replica_id bob{2};
constexpr replica_id carol{3};

result<text_history::number> add(text_history& to, replica_id author, numbers const& parents,
                                 edits const& made) {
    return to.apply({author, parents, made});
}

/// "Hello world", and alice and bob about to write behind it.
text_history greeting() {
    text_history out;
    (void)add(out, alice, {}, {{0, 0, "Hello world"}});
    return out;
}

void check_refused(text_history& history, replica_id author, numbers const& parents,
                   edits const& made, errc expected) {
    auto const before = history.value();
    auto const size = history.size();
    auto const answer = add(history, author, parents, made);

    REQUIRE(!answer.has_value());
    CHECK(answer.error().code == expected);
    CHECK(history.value() == before);
    CHECK(history.size() == size);
}

/// A history drawn at random. Each transaction is made by a replica of its own that knows its past
/// and nothing else, with the model of a list beside it.
class drawn_history {
public:
    explicit drawn_history(std::uint64_t seed) : random_{seed} {}

    void grow() {
        auto const who = random_.below(authors);
        trace_transaction next{{}, 0, parents_for(who), {}};
        auto past = past_of(next.parents);
        auto state = state_after(past);
        next.edits = draw_edits(state.real.size());
        changes_.push_back(state.edit(replica_id{who + 1}, next.edits));
        past.push_back(transactions_.size());
        pasts_.push_back(std::move(past));
        last_[who] = {transactions_.size()};
        by_.emplace_back(who + 1);
        transactions_.push_back(std::move(next));
    }

    [[nodiscard]] recorded_transaction last() const { return {transactions_.back(), by_.back()}; }
    /// All of it in another order in which none comes before its parents.
    [[nodiscard]] text in_other_order() {
        text_history out;
        std::vector<std::size_t> number_of(transactions_.size(), transactions_.size());
        while (out.size() < transactions_.size()) {
            auto const next = random_.below(transactions_.size());
            auto renamed = transactions_[next];
            for (auto& parent : renamed.parents) {
                parent = number_of[parent];
            }
            auto const is_ready = std::ranges::all_of(
                renamed.parents, [&](std::size_t parent) { return parent < out.size(); });
            if (number_of[next] == transactions_.size() && is_ready) {
                recorded_transaction const again{renamed, by_[next]};
                number_of[next] = out.apply(again.look()).value();
            }
        }
        return std::move(out).value();
    }
    /// What a replica has that knows all of it.
    [[nodiscard]] list_items items() const {
        scanned_list model;
        for (auto const& transaction : changes_) {
            for (auto const& change : transaction) {
                take(model, change.model);
            }
        }
        return model.items();
    }

private:
    static constexpr std::size_t authors = 4;

    /// What an author did last, and often what others did last.
    std::vector<std::size_t> parents_for(std::size_t who) {
        auto out = last_[who];
        for (std::size_t other = 0; other < authors; ++other) {
            if (other != who && random_.chance(25)) {
                out.insert(out.end(), last_[other].begin(), last_[other].end());
            }
        }
        return out;
    }
    [[nodiscard]] std::vector<std::size_t> past_of(std::vector<std::size_t> const& parents) const {
        std::vector<std::size_t> out;
        for (auto const parent : parents) {
            std::vector<std::size_t> both;
            std::ranges::set_union(out, pasts_[parent], std::back_inserter(both));
            out = std::move(both);
        }
        return out;
    }
    [[nodiscard]] sequence_twin<text> state_after(std::vector<std::size_t> const& past) const {
        sequence_twin<text> out;
        for (auto const before : past) {
            for (auto const& change : changes_[before]) {
                out.take(change);
            }
        }
        return out;
    }
    std::vector<trace_edit> draw_edits(std::size_t size) {
        std::vector<trace_edit> out;
        for (auto left = random_.below(4); left != 0; --left) {
            trace_edit one{random_.below(size + 1), 0, {}};
            one.erased = random_.below(std::min<std::size_t>(size - one.at, 5) + 1);
            for (auto letters = random_.below(5); letters != 0; --letters) {
                one.inserted += sequence_values<text>::letter(random_);
            }
            size += count_code_points(one.inserted) - one.erased;
            out.push_back(std::move(one));
        }
        return out;
    }

    testing::splitmix64 random_;
    std::array<std::vector<std::size_t>, authors> last_;
    std::vector<trace_transaction> transactions_;
    std::vector<replica_id> by_;
    std::vector<std::vector<std::size_t>> pasts_; // ascending, with the transaction itself
    std::vector<std::vector<twin_change<text>>> changes_;
};

void replay_into(text_history& history, std::vector<recorded_transaction> const& all) {
    for (auto const& one : all) {
        auto const answer = history.apply(one.look());
        REQUIRE(answer.has_value());
    }
}

} // namespace

TEST_CASE("position_history: positions are those of the version that the author saw",
          "[crdt][position_history]") {
    auto history = greeting();

    auto const by_alice = add(history, alice, {0}, {{0, 5, "Goodbye"}});
    auto const by_bob = add(history, bob, {0}, {{5, 0, ","}, {12, 0, "!"}});
    auto const merged = add(history, carol, {1, 2}, {{8, 1, "_"}});

    CHECK(by_alice.value() == 1);
    CHECK(by_bob.value() == 2);
    CHECK(merged.value() == 3);
    CHECK(history.value().value() == "Goodbye,_world!");
    CHECK(history.size() == 4);
    CHECK(numbers(history.tips().begin(), history.tips().end()) == numbers{3});
}

TEST_CASE("position_history: what is typed at one place on two branches does not interleave",
          "[crdt][position_history]") {
    text_history history;
    (void)add(history, alice, {}, {{0, 0, "a"}});
    (void)add(history, bob, {}, {{0, 0, "x"}});
    for (text_history::number i = 0; i < 6; i += 2) {
        (void)add(history, alice, {i}, {{1 + i / 2, 0, "a"}});
        (void)add(history, bob, {i + 1}, {{1 + i / 2, 0, "x"}});
    }

    CHECK(history.value().value() == "aaaaxxxx");
}

TEST_CASE("position_history: what a branch still sees may be erased meanwhile",
          "[crdt][position_history]") {
    auto history = greeting();
    (void)add(history, alice, {0}, {{0, 11, ""}});

    (void)add(history, bob, {0}, {{6, 0, "big "}});
    (void)add(history, carol, {0}, {{6, 5, ""}, {6, 0, "all"}});

    CHECK(history.value().value() == "big all");
}

TEST_CASE("position_history: a transaction without edits joins its parents",
          "[crdt][position_history]") {
    auto history = greeting();
    (void)add(history, alice, {0}, {{11, 0, "!"}});
    (void)add(history, bob, {0}, {{0, 0, "> "}});
    (void)add(history, carol, {1}, {});

    (void)add(history, carol, {3, 2}, {});
    (void)add(history, carol, {4}, {{14, 0, "?"}});

    CHECK(history.value().value() == "> Hello world!?");
}

TEST_CASE("position_history: a value that it made is joined by replicas as any other",
          "[crdt][position_history]") {
    auto history = greeting();
    (void)add(history, alice, {0}, {{0, 5, "Goodbye"}});
    (void)add(history, bob, {0}, {{11, 0, "!"}});
    text replica = history.value();

    replica.join(replica.insert(carol, 0, "> "));
    text const taken = std::move(history).value();

    CHECK(replica.value() == "> Goodbye world!");
    CHECK(taken.value() == "Goodbye world!");
}

TEST_CASE("position_history: lists have histories too", "[crdt][position_history]") {
    using list = sequence<std::string>;
    position_history<list> history;
    std::array<std::string_view, 2> const first{"one", "two"};
    std::array<std::string_view, 1> const second{"a value that is too long for a word"};
    std::array<position_history<list>::number, 1> const root{0};
    using list_edit = position_history<list>::edit;

    (void)history.apply({alice, {}, std::array<list_edit, 1>{{{0, 0, first}}}});
    (void)history.apply({alice, root, std::array<list_edit, 1>{{{1, 1, second}}}});
    (void)history.apply({bob, root, std::array<list_edit, 1>{{{2, 0, first}}}});
    (void)history.apply({carol, root, std::array<list_edit, 1>{{{0, 1, {}}}}});

    auto const value = history.value().value();
    CHECK(std::vector<std::string>(value.begin(), value.end()) ==
          std::vector<std::string>{"a value that is too long for a word", "one", "two"});
}

TEST_CASE("position_history: a parent that is not here is refused", "[crdt][position_history]") {
    auto history = greeting();

    check_refused(history, bob, {1}, {{0, 0, "x"}}, errc::not_found);
    check_refused(history, bob, {0, 7}, {{0, 0, "x"}}, errc::not_found);
}

TEST_CASE("position_history: an index outside of the author's version is refused",
          "[crdt][position_history]") {
    auto history = greeting();
    (void)add(history, alice, {0}, {{11, 0, ", and all that is in it"}});

    check_refused(history, alice, {1}, {{40, 0, "x"}}, errc::invalid_argument);
    check_refused(history, bob, {0}, {{12, 0, "x"}}, errc::invalid_argument);
    check_refused(history, bob, {0}, {{11, 1, ""}}, errc::invalid_argument);
    check_refused(history, bob, {0}, {{0, 0, "x"}, {0, 13, ""}}, errc::invalid_argument);
    check_refused(history, bob, {}, {{0, 1, ""}}, errc::invalid_argument);
    CHECK(add(history, bob, {0}, {{11, 0, "x"}, {12, 0, "y"}}).has_value());
}

TEST_CASE("position_history: a text that is not UTF-8 is refused", "[crdt][position_history]") {
    auto history = greeting();

    check_refused(history, alice, {0}, {{0, 0, "fine"}, {0, 0, "\xC3"}}, errc::malformed);
    check_refused(history, bob, {}, {{0, 0, "\xFF"}}, errc::malformed);
}

TEST_CASE("position_history: a transaction that comes again is refused",
          "[crdt][position_history]") {
    auto history = greeting();
    REQUIRE(add(history, bob, {0}, {{0, 5, "Goodbye"}}).has_value());

    check_refused(history, bob, {0}, {{0, 5, "Goodbye"}}, errc::equivocation);
    check_refused(history, alice, {}, {{0, 0, "Hello world"}}, errc::equivocation);
}

TEST_CASE("position_history: an author that does not know its own past is refused",
          "[crdt][position_history]") {
    auto history = greeting();
    REQUIRE(add(history, bob, {0}, {{0, 0, "> "}}).has_value());
    REQUIRE(add(history, alice, {0}, {{11, 0, "!"}}).has_value());

    check_refused(history, alice, {1}, {{0, 0, "x"}}, errc::equivocation);
    CHECK(add(history, alice, {1, 2}, {{0, 0, "x"}}).has_value());
}

TEST_CASE("position_history: what follows a refused transaction stands where it was written",
          "[crdt][position_history]") {
    auto history = greeting();
    (void)add(history, alice, {0}, {{0, 6, ""}});
    check_refused(history, bob, {0}, {{99, 0, "x"}}, errc::invalid_argument);
    check_refused(history, bob, {0, 1}, {{99, 0, "x"}}, errc::invalid_argument);

    (void)add(history, bob, {0}, {{6, 0, "big "}});
    (void)add(history, carol, {1}, {{5, 0, "!"}});

    CHECK(history.value().value() == "big world!");
}

TEST_CASE("position_history: drawn histories agree with a copy for each branch",
          "[crdt][position_history]") {
    auto const seed = GENERATE(range(0, 400));
    CAPTURE(seed);
    drawn_history drawn{static_cast<std::uint64_t>(seed)};
    text_history history{static_cast<std::size_t>(seed % 5 + 1)};

    for (int i = 0; i < 24; ++i) {
        drawn.grow();
        auto const next = drawn.last();
        auto const answer = history.apply(next.look());
        REQUIRE(answer.has_value());
        REQUIRE(difference_from_model(history.value(), drawn.items()) == "");
    }
    REQUIRE(drawn.in_other_order() == history.value());
}

TEST_CASE("position_history: recorded histories end as recorded",
          "[crdt][position_history][conformance]") {
    for (auto const* const folder : {"editing-traces/sequential", "editing-traces/concurrent"}) {
        for (auto const& file : data_files(folder, ".json.gz")) {
            auto const recorded = read_trace(file);
            CAPTURE(recorded.name);
            auto const agents = agents_of(recorded);
            text_history history;

            replay_into(history,
                        recorded_transactions(recorded, [&](std::size_t i) { return agents[i]; }));

            REQUIRE((history.value().value() == recorded.end));
        }
    }
    for (auto const& file : data_files("list-conformance", ".ndjson.gz")) {
        for (auto const& one : read_list_cases(file)) {
            CAPTURE(one.name);
            auto const ranks = ranks_of(one);
            text_history history;

            replay_into(history, recorded_transactions(
                                     one, [&](std::size_t i) { return replica_id{ranks[i]}; }));

            REQUIRE((history.value().value() == one.end));
        }
    }
}
