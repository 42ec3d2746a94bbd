#pragma once

#include <joinery/core/decomposition.hpp>
#include <joinery/core/interval_set.hpp>
#include <joinery/sync/retry_policy.hpp>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace joinery::sync {

using time_point = std::chrono::steady_clock::time_point;

/// What a buffer of deltas sends to one neighbour.
template <class Delta>
struct delta_message {
    std::uint64_t incarnation = 0; ///< of the sender
    std::uint64_t base = 0;        ///< `delta` holds what is news behind this revision,
    std::uint64_t revision = 0;    ///< up to this one; 0: there is no delta
    std::uint64_t heard = 0;       ///< the incarnation of the receiver that `acknowledged` is about
    std::uint64_t acknowledged = 0; ///< the receiver's newest revision without a hole before it
    Delta delta{};
};

/// One replica's changes on their way to its neighbours, in a network of any shape.
///
/// Each change has a revision, and is kept until every neighbour has acknowledged it. Of what a
/// neighbour sends only the difference to the own state is kept and passed on; nothing goes back to
/// where it came from, by whatever way it arrived. Without loss every part of a change crosses each
/// link at most once.
///
/// Like a session it is a value: it does no I/O, reads no clock, draws no randomness, and holds no
/// reference to the state. Members come in four kinds, called in this order:
///   1. handle_*   tell the buffer what happened;
///   2. poll_*     take what it wants sent to a neighbour, until it returns nothing;
///   3. deadline   ask when to come back;
///   4. observers  const, at any time.
///
/// Guarantee   If some messages keep arriving, neighbours reach the join of their states. Loss,
///             duplication and reordering cost only time.
/// Bound       at most `changes_max` changes are kept. A neighbour that lacks an older one, is new
///             or has started again is sent the whole state, once.
/// Complexity  n kept changes: poll O(n) joins, handle_message O(n) differences of changes and one
///             of the message to the state.
/// Reference   Enes, Almeida, Baquero, Leitão, "Efficient Synchronization of State-based CRDTs",
///             ICDE 2019, Algorithm 2 (BP and RR).
///
/// See also `basic_session`, which sends a replica's changesets and can sign and store them.
template <decomposable State, retry_policy Retry = exponential_backoff>
class delta_buffer {
public:
    using delta_type = delta_of<State>;
    using message = delta_message<delta_type>;
    /// A place for one neighbour; it is used again after `handle_disconnect`.
    using neighbour = std::size_t;

    struct options {
        std::uint64_t incarnation = 1; ///< greater whenever the buffer starts anew: a clock will do
        std::size_t changes_max = 1024;
        Retry retry{};
    };
    struct statistics {
        std::uint64_t changes_kept = 0;     ///< local ones, and what was news of received ones
        std::uint64_t messages_useless = 0; ///< received without any news
        std::uint64_t messages_sent = 0;
        std::uint64_t states_sent = 0;
    };

    explicit delta_buffer(options wanted = {}) : wanted_{std::move(wanted)} {}

    [[nodiscard]] neighbour handle_connect(time_point now) {
        auto const free = std::find_if(links_.begin(), links_.end(),
                                       [](link const& l) { return !l.is_connected; });
        auto const index = static_cast<neighbour>(free - links_.begin());
        if (free == links_.end()) {
            links_.emplace_back();
        }
        links_[index] = link{};
        links_[index].is_connected = true;
        links_[index].send_at = now;
        return index;
    }
    void handle_disconnect(neighbour who) {
        forget_what_is_known(who);
        links_[who] = link{};
        drop_acknowledged();
    }

    /// Takes a change that was just made to the state.
    void handle_local_change(delta_type delta, time_point now) {
        if (!joinery::is_bottom(delta)) {
            keep(std::move(delta), nobody, now);
        }
    }

    /// Joins what a neighbour sent into `state` and returns what was news in it.
    delta_type handle_message(neighbour from, message const& in, State& state, time_point now);

    /// The next message to a neighbour.
    [[nodiscard]] std::optional<message> poll_message(neighbour to, State const& state,
                                                      time_point now, std::uint64_t entropy);

    /// When to poll for this neighbour again, unless something happens first.
    [[nodiscard]] std::optional<time_point> deadline(neighbour who) const {
        auto const& l = links_[who];
        return l.send_at && l.retry_at ? std::min(l.send_at, l.retry_at)
               : l.send_at             ? l.send_at
                                       : l.retry_at;
    }

    /// Whether a neighbour has acknowledged every change.
    [[nodiscard]] bool is_settled(neighbour who) const {
        return links_[who].acknowledged == last_ && !links_[who].send_at;
    }
    /// How many changes are kept.
    [[nodiscard]] std::size_t size() const { return changes_.size(); }
    [[nodiscard]] statistics const& counted() const { return counted_; }

private:
    static constexpr neighbour nobody = ~neighbour{0};

    struct change {
        delta_type delta;
        std::vector<bool> known; ///< by neighbour: has it, as it sent it itself

        [[nodiscard]] bool is_known(neighbour who) const {
            return who < known.size() && known[who];
        }
        void set_known(neighbour who, bool to) {
            if (who >= known.size()) {
                known.resize(who + 1);
            }
            known[who] = to;
        }
    };
    struct link {
        bool is_connected = false;
        std::uint64_t incarnation = 0;  ///< of the neighbour; 0: not heard of
        interval_set received;          ///< its revisions
        std::uint64_t answered = 0;     ///< our revision that it says to have
        std::uint64_t acknowledged = 0; ///< the same, with what it has from elsewhere
        std::uint64_t sent = 0;         ///< the same, with what is on its way
        std::uint64_t base = 0;         ///< what it will answer when all that has arrived
        bool owes_answer = false;
        unsigned attempt = 0;
        std::optional<time_point> send_at;
        std::optional<time_point> retry_at;
        std::optional<delta_type> heard; ///< what it sent while changes were on their way to it
    };

    [[nodiscard]] std::uint64_t first() const { return last_ - changes_.size() + 1; }
    [[nodiscard]] change& at(std::uint64_t revision) { return changes_[revision - first()]; }

    void keep(delta_type delta, neighbour from, time_point now);
    void acknowledge(link& l, neighbour who, std::uint64_t revision);
    void skip_known(link& l, neighbour who);
    void drop_acknowledged();
    void forget_what_is_known(neighbour who);
    void note_what_is_known(neighbour who, delta_type const& delta);
    [[nodiscard]] delta_type news_of(delta_type const& delta, State const& state) const;
    [[nodiscard]] delta_type whole(State const& state);
    [[nodiscard]] std::optional<delta_type> unsent(link const& l, neighbour to);

    options wanted_;
    std::deque<change> changes_; ///< the last one has the revision `last_`
    std::uint64_t last_ = 1;     ///< 1 is the state at the start
    std::vector<link> links_;
    statistics counted_;
};

template <decomposable State, retry_policy Retry>
auto delta_buffer<State, Retry>::handle_message(neighbour from, message const& in, State& state,
                                                time_point now) -> delta_type {
    auto& l = links_[from];
    assert(l.is_connected && "delta_buffer: a message from somebody who is not connected");
    if (in.incarnation < l.incarnation || in.incarnation == 0) {
        return {};
    }
    if (in.incarnation > l.incarnation) {
        if (l.incarnation != 0) {
            // It has lost what it had, or may have.
            forget_what_is_known(from);
            l.answered = l.acknowledged = l.sent = l.base = 0;
            l.heard.reset();
            l.send_at = now;
        }
        l.incarnation = in.incarnation;
        l.received = {};
    }
    if (in.heard == wanted_.incarnation) {
        acknowledge(l, from, in.acknowledged);
    }
    if (in.revision <= in.base) {
        return {};
    }
    l.owes_answer = true;
    l.send_at = now;
    if (in.revision <= l.received.prefix()) {
        ++counted_.messages_useless;
        return {};
    }
    l.received.insert(in.base + 1, in.revision);
    auto news = news_of(in.delta, state);
    note_what_is_known(from, in.delta);
    if (joinery::is_bottom(news)) {
        ++counted_.messages_useless;
        return news;
    }
    if constexpr (std::same_as<State, delta_type>) {
        joinery::join(state, news);
    } else {
        state.join(news);
    }
    keep(news, from, now);
    return news;
}

template <decomposable State, retry_policy Retry>
auto delta_buffer<State, Retry>::poll_message(neighbour to, State const& state, time_point now,
                                              std::uint64_t entropy) -> std::optional<message> {
    auto& l = links_[to];
    auto const is_late = l.retry_at && *l.retry_at <= now;
    if (!is_late && (!l.send_at || now < *l.send_at)) {
        return std::nullopt;
    }
    if (is_late) {
        l.sent = l.acknowledged;
        l.base = l.answered;
    }
    l.send_at.reset();
    message out{wanted_.incarnation, 0, 0, l.incarnation, l.received.prefix(), {}};
    auto const is_whole = l.sent + 1 < first();
    auto delta = is_whole ? std::optional{whole(state)} : unsent(l, to);
    if (delta) {
        out.base = is_whole ? 0 : l.base;
        out.revision = l.base = last_;
        out.delta = l.heard ? joinery::difference(*delta, *l.heard) : std::move(*delta);
    }
    l.sent = last_;
    skip_known(l, to);
    drop_acknowledged();
    l.retry_at.reset();
    if (l.acknowledged != last_) {
        l.retry_at = now + wanted_.retry.delay(++l.attempt, entropy);
    }
    if (!delta && !l.owes_answer) {
        return std::nullopt;
    }
    l.owes_answer = false;
    ++counted_.messages_sent;
    return out;
}

/// For a neighbour that lacks what is not kept any more.
template <decomposable State, retry_policy Retry>
auto delta_buffer<State, Retry>::whole(State const& state) -> delta_type {
    ++counted_.states_sent;
    if constexpr (std::same_as<State, delta_type>) {
        return state;
    } else {
        return joinery::difference(state, State{});
    }
}

template <decomposable State, retry_policy Retry>
auto delta_buffer<State, Retry>::unsent(link const& l, neighbour to) -> std::optional<delta_type> {
    std::optional<delta_type> out;
    for (auto revision = l.sent + 1; revision <= last_; ++revision) {
        auto const& one = at(revision);
        if (one.is_known(to)) {
            continue;
        }
        if (out) {
            joinery::join(*out, one.delta);
        } else {
            out = one.delta;
        }
    }
    return out;
}

template <decomposable State, retry_policy Retry>
auto delta_buffer<State, Retry>::news_of(delta_type const& delta, State const& state) const
    -> delta_type {
    if constexpr (std::same_as<State, delta_type>) {
        return joinery::difference(delta, state);
    } else {
        State whole{};
        whole.join(delta);
        return joinery::difference(whole, state);
    }
}

template <decomposable State, retry_policy Retry>
void delta_buffer<State, Retry>::keep(delta_type delta, neighbour from, time_point now) {
    changes_.push_back({std::move(delta), {}});
    ++last_;
    ++counted_.changes_kept;
    if (changes_.size() > wanted_.changes_max) {
        changes_.pop_front();
    }
    if (from != nobody && !changes_.empty()) {
        changes_.back().set_known(from, true);
    }
    for (neighbour who = 0; who < links_.size(); ++who) {
        if (links_[who].is_connected && who != from) {
            links_[who].send_at = now;
        }
    }
    if (from != nobody) {
        skip_known(links_[from], from);
    }
    drop_acknowledged();
}

template <decomposable State, retry_policy Retry>
void delta_buffer<State, Retry>::acknowledge(link& l, neighbour who, std::uint64_t revision) {
    if (revision <= l.answered || revision > last_) {
        return;
    }
    l.answered = revision;
    l.base = std::max(l.base, revision);
    l.acknowledged = std::max(l.acknowledged, revision);
    l.attempt = 0;
    skip_known(l, who);
    if (l.acknowledged == l.sent) {
        l.retry_at.reset();
    }
    drop_acknowledged();
}

/// What a neighbour has sent itself need not be acknowledged by it.
template <decomposable State, retry_policy Retry>
void delta_buffer<State, Retry>::skip_known(link& l, neighbour who) {
    while (l.acknowledged < last_ && l.acknowledged + 1 >= first() &&
           at(l.acknowledged + 1).is_known(who)) {
        ++l.acknowledged;
    }
    l.sent = std::max(l.sent, l.acknowledged);
    if (l.acknowledged == last_) {
        l.heard.reset();
    }
}

template <decomposable State, retry_policy Retry>
void delta_buffer<State, Retry>::drop_acknowledged() {
    auto least = last_;
    for (auto const& l : links_) {
        least = l.is_connected ? std::min(least, l.acknowledged) : least;
    }
    while (!changes_.empty() && first() <= least) {
        changes_.pop_front();
    }
}

template <decomposable State, retry_policy Retry>
void delta_buffer<State, Retry>::forget_what_is_known(neighbour who) {
    for (auto& one : changes_) {
        one.set_known(who, false);
    }
}

template <decomposable State, retry_policy Retry>
void delta_buffer<State, Retry>::note_what_is_known(neighbour who, delta_type const& delta) {
    auto& l = links_[who];
    if (l.acknowledged == last_) {
        return;
    }
    if (l.heard) {
        joinery::join(*l.heard, delta);
    } else {
        l.heard = delta;
    }
    for (auto revision = std::max(first(), l.acknowledged + 1); revision <= last_; ++revision) {
        auto& one = at(revision);
        if (!one.is_known(who) && joinery::is_bottom(joinery::difference(one.delta, *l.heard))) {
            one.set_known(who, true);
        }
    }
    skip_known(l, who);
    drop_acknowledged();
}

} // namespace joinery::sync
