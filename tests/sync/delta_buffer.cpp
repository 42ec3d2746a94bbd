#include <joinery/core/join.hpp>
#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/document.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/sync/delta_buffer.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace joinery;
using namespace std::chrono_literals;
using sync::time_point;

namespace {

using edges = std::vector<std::pair<std::size_t, std::size_t>>;

edges const line{{0, 1}, {1, 2}, {2, 3}, {3, 4}};
edges const ring{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 0}};
edges const mesh{{0, 1}, {0, 2}, {0, 3}, {0, 4}, {1, 2}, {1, 3}, {1, 4}, {2, 3}, {2, 4}, {3, 4}};

struct conditions {
    unsigned lost_percent = 0;
    unsigned duplicated_percent = 0;
    std::size_t changes_max = 1024;
    bool is_counted = true; ///< whether parts that are sent twice or back are complained about
};

/// Replicas that talk through their buffers, in simulated time. Messages overtake each other.
template <class State>
class network {
public:
    using buffer = sync::delta_buffer<State>;
    using message = typename buffer::message;
    using delta = typename buffer::delta_type;

    network(std::size_t count, edges const& links, std::uint64_t seed, conditions how)
        : random_{seed}, how_{how}, nodes_(count), is_counting_{how.is_counted} {
        for (auto& n : nodes_) {
            n.changes = buffer{{1, how.changes_max, retry}};
        }
        for (auto const& [a, b] : links) {
            connect(a, b);
            connect(b, a);
        }
    }

    State& state(std::size_t who) { return nodes_[who].state; }
    buffer& changes(std::size_t who) { return nodes_[who].changes; }
    [[nodiscard]] std::string const& complaint() const { return complaint_; }
    [[nodiscard]] std::size_t crossings() const { return crossings_; }
    [[nodiscard]] bool is_idle() const {
        auto idle = flights_.empty();
        for (auto const& n : nodes_) {
            for (auto const& [peer, handle] : n.handles) {
                idle = idle && n.changes.is_settled(handle);
            }
        }
        return idle;
    }

    void change(std::size_t who, delta const& made) {
        note_news(nodes_[who], made);
        nodes_[who].changes.handle_local_change(made, now_);
    }

    /// The replica loses its buffer, and what it has in memory if it is not `kept`.
    void restart(std::size_t who, bool kept) {
        auto& n = nodes_[who];
        n.changes = buffer{{++incarnation_, how_.changes_max, retry}};
        if (!kept) {
            n.state = State{};
            n.news.clear();
        }
        for (auto& [peer, handle] : n.handles) {
            handle = n.changes.handle_connect(now_);
        }
        is_counting_ = false;
    }

    void step() {
        now_ += 5ms;
        for (std::size_t from = 0; from < nodes_.size(); ++from) {
            for (auto const& [to, handle] : nodes_[from].handles) {
                auto const due = nodes_[from].changes.deadline(handle);
                auto const out =
                    nodes_[from].changes.poll_message(handle, nodes_[from].state, now_, random_());
                if (out && (!due || now_ < *due)) {
                    complain("a message before its deadline");
                }
                if (out) {
                    send(from, to, *out);
                }
            }
        }
        for (auto left = flights_.size(); left > 0; --left) {
            auto const any = flights_.begin() + static_cast<std::ptrdiff_t>(random_.below(left));
            if (any->arrives <= now_) {
                auto const one = *any;
                flights_.erase(any);
                receive(one);
            }
        }
    }

private:
    struct node {
        State state{};
        buffer changes{};
        std::map<std::size_t, std::size_t> handles;          ///< peer -> its handle
        std::set<std::string> news;                          ///< parts that were new here
        std::map<std::size_t, std::set<std::string>> got;    ///< parts by the peer that sent them
        std::map<std::size_t, std::set<std::string>> posted; ///< parts by whom they were sent to
    };
    struct flight {
        std::size_t from;
        std::size_t to;
        message content;
        time_point arrives;
    };

    void complain(std::string text) {
        complaint_ = complaint_.empty() ? std::move(text) : complaint_;
    }
    void connect(std::size_t a, std::size_t b) {
        nodes_[a].handles[b] = nodes_[a].changes.handle_connect(now_);
    }

    static std::string key_of(delta const& part) {
        if constexpr (requires { part.encode(); }) {
            return std::string{as_text(part.encode())};
        } else {
            std::string out;
            for (std::size_t i = 0; i < part.size(); ++i) {
                out +=
                    std::to_string(*std::next(part.begin(), static_cast<std::ptrdiff_t>(i))) + ' ';
            }
            return out;
        }
    }

    void note_news(node& at, delta const& news) {
        for (auto const& part : joinery::decompose(news)) {
            if (!at.news.insert(key_of(part)).second && is_counting_) {
                complain("a part is new twice, so that it is forwarded twice");
            }
        }
    }

    void send(std::size_t from, std::size_t to, message const& out) {
        auto& n = nodes_[from];
        for (auto const& part : joinery::decompose(out.delta)) {
            auto const key = key_of(part);
            ++crossings_;
            if (is_counting_ && n.got[to].count(key) != 0) {
                complain("a part is sent back to where it came from");
            }
            if (is_counting_ && how_.lost_percent == 0 && !n.posted[to].insert(key).second) {
                complain("a part crosses a link twice");
            }
        }
        for (auto copies = random_.chance(how_.duplicated_percent) ? 2 : 1; copies > 0; --copies) {
            if (!random_.chance(how_.lost_percent)) {
                flights_.push_back({from, to, out, now_ + 5ms * (1 + random_.below(10))});
            }
        }
    }

    void receive(flight const& one) {
        auto& n = nodes_[one.to];
        for (auto const& part : joinery::decompose(one.content.delta)) {
            n.got[one.from].insert(key_of(part));
        }
        note_news(n, n.changes.handle_message(n.handles[one.from], one.content, n.state, now_));
    }

    /// More than the longest way there and back.
    static constexpr sync::exponential_backoff retry{400ms, 2'000ms};

    testing::splitmix64 random_;
    conditions how_;
    std::vector<node> nodes_;
    std::vector<flight> flights_;
    time_point now_{};
    std::uint64_t incarnation_ = 1;
    bool is_counting_;
    std::size_t crossings_ = 0;
    std::string complaint_;
};

author by(std::size_t who, std::uint64_t time) {
    return {replica_id{who + 1}, hlc::at(time), 0};
}

/// Runs until everybody has everything. Returns what went wrong.
template <class State>
std::string settle(network<State>& net, std::size_t count) {
    for (unsigned steps = 0; steps < 20'000 && !net.is_idle(); ++steps) {
        net.step();
    }
    if (!net.is_idle()) {
        return "it does not settle";
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (net.state(i) != net.state(0)) {
            return "replicas differ";
        }
        if (net.changes(i).size() != 0) {
            return "changes are kept that everybody has acknowledged";
        }
    }
    return net.complaint();
}

void change_set(network<aw_set<int>>& net, std::size_t who, testing::splitmix64& random) {
    auto const element = static_cast<int>(random.below(6));
    net.change(who, random.chance(60) ? net.state(who).insert(replica_id{who + 1}, element)
                                      : net.state(who).erase(replica_id{who + 1}, element));
}

std::string broken_sets(edges const& links, std::uint64_t seed, conditions how) {
    network<aw_set<int>> net{5, links, seed, how};
    testing::splitmix64 random{seed + 1'000};
    for (unsigned step = 0; step < 200; ++step) {
        if (random.chance(30)) {
            change_set(net, static_cast<std::size_t>(random.below(5)), random);
        }
        net.step();
    }
    return settle(net, 5);
}

} // namespace

TEST_CASE("delta_buffer: without loss nothing crosses a link twice or goes back",
          "[sync][delta_buffer][simulation]") {
    auto const& links = GENERATE_REF(line, ring, mesh);
    auto const seed = GENERATE(range(0U, 15U));
    CAPTURE(seed, links.size());

    CHECK(broken_sets(links, seed, {}) == "");
    CHECK(broken_sets(links, seed, {.duplicated_percent = 40}) == "");
}

TEST_CASE("delta_buffer: a change crosses each link of a line once, and few more than it has to in "
          "a mesh",
          "[sync][delta_buffer][simulation]") {
    auto const crossings = [](edges const& links) {
        network<aw_set<int>> net{5, links, 1, {}};
        for (int i = 0; i < 100; ++i) {
            auto const who = static_cast<std::size_t>(i % 5);
            net.change(who, net.state(who).insert(replica_id{who + 1}, i));
            for (unsigned steps = 0; steps < 60; ++steps) {
                net.step();
            }
        }
        CHECK(settle(net, 5) == "");
        return net.crossings();
    };

    CHECK(crossings(line) == 400);
    CHECK(crossings(ring) <= 600); // one link may be crossed from both ends
    // The author tells four; each of them tells whom it has not heard from yet.
    CHECK(crossings(mesh) < 1'600);
}

TEST_CASE("delta_buffer: loss costs only time, and nothing is forwarded twice",
          "[sync][delta_buffer][simulation]") {
    auto const& links = GENERATE_REF(line, ring, mesh);
    auto const seed = GENERATE(range(0U, 15U));
    CAPTURE(seed, links.size());

    CHECK(broken_sets(links, seed, {.lost_percent = 30, .duplicated_percent = 20}) == "");
}

TEST_CASE("delta_buffer: a neighbour that falls behind the bound gets the state",
          "[sync][delta_buffer]") {
    network<aw_set<int>> net{2, {{0, 1}}, 1, {.changes_max = 4}};
    for (unsigned i = 0; i < 20; ++i) {
        net.step();
    }
    auto const before = net.changes(0).counted().states_sent;

    for (int i = 0; i < 4; ++i) {
        net.change(0, net.state(0).insert(replica_id{1}, i));
    }
    CHECK(net.changes(0).size() == 4);
    CHECK(settle(net, 2) == "");
    CHECK(net.changes(0).counted().states_sent == before);

    for (int i = 4; i < 40; ++i) {
        net.change(0, net.state(0).insert(replica_id{1}, i));
        CHECK(net.changes(0).size() <= 4);
    }
    for (unsigned i = 0; i < 500 && !net.is_idle(); ++i) {
        net.step();
    }
    CHECK(net.changes(0).counted().states_sent == before + 1);
    CHECK(net.state(1).size() == 40);
}

TEST_CASE("delta_buffer: neighbours that start again get what they lack",
          "[sync][delta_buffer][simulation]") {
    auto const seed = GENERATE(range(0U, 20U));
    auto const kept = GENERATE(true, false);
    CAPTURE(seed, kept);
    network<aw_set<int>> net{5, ring, seed, {.lost_percent = 20, .duplicated_percent = 30}};
    testing::splitmix64 random{seed + 1'000};
    for (unsigned step = 0; step < 200; ++step) {
        // Replica 4 restarts; if it loses its state it must not write, as it would reuse its dots.
        if (random.chance(30)) {
            change_set(net, static_cast<std::size_t>(random.below(4)), random);
        }
        if (random.chance(3)) {
            net.restart(4, kept);
        }
        net.step();
    }
    CHECK(settle(net, 5) == "");
}

TEST_CASE("delta_buffer: documents with counters reach every corner of a mesh",
          "[sync][delta_buffer][simulation]") {
    auto const seed = GENERATE(range(0U, 10U));
    CAPTURE(seed);
    network<document> net{5, mesh, seed, {.lost_percent = 10, .duplicated_percent = 20}};
    testing::splitmix64 random{seed + 1'000};
    for (unsigned step = 0; step < 100; ++step) {
        auto const who = static_cast<std::size_t>(random.below(5));
        std::string const key(1, static_cast<char>('a' + random.below(2)));
        net.change(who, net.state(who).edit(by(who, 1 + step), [&](auto doc) {
            switch (random.below(4)) {
            case 0:
                return doc.erase(key);
            case 1:
                return doc.set({key, "s"}, static_cast<std::int64_t>(step));
            default:
                return doc.increment({key, "n"}, 1);
            }
        }));
        net.step();
    }
    CHECK(settle(net, 5) == "");
}

TEST_CASE("delta_buffer: a standard set is a lattice to send as well",
          "[sync][delta_buffer][simulation]") {
    network<std::set<int>> net{5, ring, 7, {.lost_percent = 20, .duplicated_percent = 20}};
    for (int i = 0; i < 60; ++i) {
        auto const who = static_cast<std::size_t>(i % 5);
        net.state(who).insert(i);
        net.change(who, {i});
        net.step();
    }
    CHECK(settle(net, 5) == "");
    CHECK(net.state(3).size() == 60);
}

TEST_CASE("delta_buffer: a message of a former incarnation changes nothing",
          "[sync][delta_buffer]") {
    sync::delta_buffer<aw_set<int>> changes{{.incarnation = 2}};
    aw_set<int> state;
    time_point const now{};
    auto const peer = changes.handle_connect(now);
    aw_set<int> theirs;
    theirs.insert(replica_id{9}, 1);
    using message = sync::delta_message<aw_set<int>>;

    CHECK_FALSE(
        changes.handle_message(peer, message{5, 0, 3, 2, 1, theirs}, state, now).is_bottom());
    auto const answer = changes.poll_message(peer, state, now, 0);
    theirs.insert(replica_id{9}, 2);
    CHECK(changes.handle_message(peer, message{4, 0, 9, 2, 1, theirs}, state, now).is_bottom());
    CHECK(changes.handle_message(peer, message{5, 0, 3, 2, 1, theirs}, state, now).is_bottom());

    REQUIRE(answer);
    CHECK(answer->acknowledged == 3);
    CHECK(answer->heard == 5);
    CHECK(state.size() == 1);
}

TEST_CASE("delta_buffer: a message with a hole before it is taken, but not acknowledged",
          "[sync][delta_buffer]") {
    sync::delta_buffer<aw_set<int>> changes;
    aw_set<int> state;
    time_point const now{};
    auto const peer = changes.handle_connect(now);
    aw_set<int> theirs;
    auto const delta = theirs.insert(replica_id{9}, 1);
    using message = sync::delta_message<aw_set<int>>;

    (void)changes.handle_message(peer, message{1, 3, 4, 1, 1, delta}, state, now);
    auto const answer = changes.poll_message(peer, state, now, 0);

    CHECK(state.contains(1));
    REQUIRE(answer);
    CHECK(answer->acknowledged == 0);
}

TEST_CASE("delta_buffer: somebody who left holds nothing back", "[sync][delta_buffer]") {
    sync::delta_buffer<aw_set<int>> changes;
    aw_set<int> state;
    time_point const now{};
    auto const first = changes.handle_connect(now);
    auto const second = changes.handle_connect(now);
    changes.handle_local_change(state.insert(replica_id{1}, 1), now);
    CHECK(changes.size() == 1);

    changes.handle_disconnect(first);
    CHECK(changes.size() == 1);
    changes.handle_disconnect(second);
    CHECK(changes.size() == 0);
    CHECK(changes.handle_connect(now) == 0);
    auto const hello = changes.poll_message(0, state, now, 0);
    REQUIRE(hello);
    CHECK(hello->delta == state);
}
