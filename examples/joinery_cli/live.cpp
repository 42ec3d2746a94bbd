#include "live.hpp"

#include <joinery/core/utf8.hpp>
#include <joinery/crdt/document_patches.hpp>
#include <joinery/crdt/json.hpp>

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <thread>
#include <utility>

namespace program {

using namespace joinery;
using namespace std::chrono_literals;

bool live_peers::has(handle const& one) const {
    return std::find(peers_.begin(), peers_.end(), one) != peers_.end();
}

bool live_peers::are_settled() const {
    return std::all_of(peers_.begin(), peers_.end(),
                       [](auto const& one) { return one->is_settled(); });
}

void live_peers::work() {
    for (std::size_t i = 0; i < peers_.size();) {
        auto const one = peers_[i]; // `peers_` may grow while it works
        auto const done = work(*one);
        if (!done) {
            note(done.error().message);
        }
        if (done && !one->transport.is_closed()) {
            ++i;
        } else {
            peers_.erase(peers_.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
}

result<void> live_peers::work(peer& one) {
    for (;;) {
        send_to(one);
        auto const message = one.transport.receive(steady::now());
        if (!message || !*message) {
            return message ? result<void>{} : failure(message.error());
        }
        auto const before = one.session.counted().changesets_applied;
        auto const handled = one.session.handle_message(replica_, **message, steady::now());
        if (!handled) {
            return handled;
        }
        if (one.session.counted().changesets_applied != before) {
            tell_all_but(&one);
        }
    }
}

void live_peers::send_to(peer& one) {
    if (one.transport.is_flushed()) {
        if (auto message = one.session.poll_message(replica_, steady::now(), random_())) {
            one.transport.send(std::move(*message));
        }
    }
}

void live_peers::tell_all_but(peer const* author) {
    for (auto const& one : peers_) {
        if (one.get() != author) {
            one->session.handle_local_change(steady::now());
        }
    }
}

void live_peers::hang_up() {
    auto const end = steady::now() + 2s;
    while (!are_settled() && steady::now() < end) {
        io_.restart();
        io_.run_for(10ms);
        work();
    }
    for (auto const& one : peers_) {
        one->transport.finish_sending();
    }
}

namespace {

/// A line of JSON.
std::string line_of(document_patch const& patch) {
    auto const quoted = [](std::string_view text) { return json::export_text(scalar{text}); };
    auto out =
        R"({"kind":)" + quoted(name(patch.kind)) + R"(,"path":)" + quoted(patch.path.to_string());
    if (patch.kind == document_patch::kind_type::splice) {
        return out + R"(,"index":)" + std::to_string(patch.index) + R"(,"count":)" +
               std::to_string(patch.count) + R"(,"old":)" + quoted(patch.old_value) + R"(,"new":)" +
               quoted(patch.new_value) + '}';
    }
    out += patch.old_value.empty() ? "" : R"(,"old":)" + patch.old_value;
    out += patch.new_value.empty() ? "" : R"(,"new":)" + patch.new_value;
    return out + '}';
}

/// Somebody who types a text into a text, one character after the other, while others type too.
class typist {
public:
    typist(document_path at, std::string text, std::chrono::milliseconds pace)
        : at_{std::move(at)}, rest_{std::move(text)}, pace_{pace} {}

    [[nodiscard]] bool is_done() const { return rest_.empty(); }

    /// Types the next character if it is time. Returns whether it did.
    result<bool> type_into(file_replica& replica) {
        if (is_done() || steady::now() < next_) {
            return false;
        }
        next_ = steady::now() + pace_;
        auto const size = std::max<std::size_t>(1, joinery::utf8_sequence_bytes(rest_));
        auto const character = rest_.substr(0, size);
        rest_.erase(0, size);
        cursor_ = std::min(cursor_, replica.state().find(at_).size());
        is_typing_ = true;
        auto const done = replica.edit([&](auto doc) { doc.splice(at_, cursor_, 0, character); });
        is_typing_ = false;
        ++cursor_;
        return done ? result<bool>{true} : failure(done.error());
    }
    /// Keeps the cursor where it is when others type in front of it.
    void follow(document_patch const& patch) {
        if (is_typing_ || patch.kind != document_patch::kind_type::splice || !(patch.path == at_) ||
            patch.index >= cursor_) {
            return;
        }
        auto const gone = std::min(patch.count, cursor_ - patch.index);
        cursor_ += joinery::count_code_points(patch.new_value) - gone;
    }

private:
    document_path at_;
    std::string rest_;
    std::chrono::milliseconds pace_;
    std::size_t cursor_ = 0;
    bool is_typing_ = false;
    steady::time_point next_ = steady::now();
};

/// A replica that stays in touch, and prints each change.
class watcher {
public:
    watcher(file_replica& replica, typist who, arguments const& given)
        : replica_{replica},
          typist_{std::move(who)},
          given_{given},
          peers_{replica, io_},
          follower_{replica.state()} {
        replica_.observe([this](sync::change const& change) {
            last_change_ = steady::now();
            follower_.follow(change.in, replica_.state(), [this](document_patch const& patch) {
                typist_.follow(patch);
                std::cout << line_of(patch) << std::endl;
            });
        });
    }

    result<void> run() {
        if (!given_.address.empty()) {
            if (auto const begun = listen(); !begun) {
                return begun;
            }
        }
        if (!given_.peer.empty()) {
            if (auto const connected = connect(); !connected) {
                return connected;
            }
        }
        while (!is_told_to_stop() && !is_quiet() && !is_alone()) {
            auto const typed = typist_.type_into(replica_);
            if (!typed) {
                return failure(typed.error());
            }
            if (*typed) {
                peers_.handle_local_change();
            }
            wait_a_little();
            peers_.work();
            look_after_connection();
        }
        peers_.hang_up();
        look_after_connection();
        return is_unequal_ ? failure(errc::closed, "the connection to " + given_.peer +
                                                       " ended before both sides were equal")
                           : result<void>{};
    }

private:
    [[nodiscard]] bool is_quiet() const {
        return given_.quiet_s != 0 && typist_.is_done() && peers_.are_settled() &&
               steady::now() - last_change_ > std::chrono::seconds{given_.quiet_s};
    }
    /// Whether nobody will ever send or receive anything again, and all is typed.
    [[nodiscard]] bool is_alone() const { return is_lost_ && !acceptor_ && typist_.is_done(); }

    void wait_a_little() {
        auto const end = steady::now() + 5ms;
        io_.restart();
        io_.run_until(end);
        std::this_thread::sleep_until(end); // without a connection there is nothing to run
    }
    /// A lost connection is no reason to lose what is typed: the typing goes on in the file.
    void look_after_connection() {
        if (!connection_ || peers_.has(connection_)) {
            return;
        }
        auto const goes_on = !typist_.is_done() && !is_told_to_stop();
        is_unequal_ = goes_on || !connection_->is_settled();
        is_lost_ = true;
        connection_.reset();
        note("the connection to " + given_.peer + " has ended" +
             (goes_on ? "; the typing goes on in " : "; what was typed here is in ") +
             in_quotes(given_.file));
    }

    result<void> listen() {
        auto const endpoint = resolve(io_, given_.address);
        if (!endpoint) {
            return failure(endpoint.error());
        }
        acceptor_.emplace(io_);
        if (auto const error = begin_listening(*acceptor_, *endpoint)) {
            return network_failure(given_.address + " is no place to listen at", error);
        }
        std::cout << "listening at " << acceptor_->local_endpoint() << std::endl;
        accept_next();
        return {};
    }
    void accept_next() {
        acceptor_->async_accept([this](auto error, tcp::socket socket) {
            if (!error) {
                (void)peers_.add(std::move(socket));
                last_change_ = steady::now();
            }
            accept_next();
        });
    }
    result<void> connect() {
        auto const endpoint = resolve(io_, given_.peer);
        if (!endpoint) {
            return failure(endpoint.error());
        }
        tcp::socket socket{io_};
        boost::system::error_code error;
        if (socket.connect(*endpoint, error)) {
            return network_failure(given_.peer + " cannot be reached", error);
        }
        connection_ = peers_.add(std::move(socket));
        return {};
    }

    file_replica& replica_;
    typist typist_;
    arguments const& given_;
    asio::io_context io_;
    std::optional<tcp::acceptor> acceptor_;
    live_peers peers_;
    live_peers::handle connection_; ///< To `given_.peer`.
    bool is_lost_ = false;
    bool is_unequal_ = false;
    document_follower<document> follower_;
    steady::time_point last_change_ = steady::now();
};

} // namespace

result<void> watch(arguments const& given) {
    auto path = document_path::parse(given.path);
    if (!path) {
        return failure(path.error());
    }
    if (!is_utf8(given.value) || (!given.value.empty() && path->size() == 0)) {
        return failure(errc::invalid_argument, "--type takes text, and a place --at which to type");
    }
    auto replica = open(given);
    if (!replica) {
        return failure(replica.error());
    }
    if (auto const renewed = renew_identity(*replica); !renewed) {
        return renewed;
    }
    stop_at_signals();
    typist who{std::move(*path), given.value, std::chrono::milliseconds{given.pace_ms}};
    auto const outcome = watcher{*replica, std::move(who), given}.run();
    checkpoint(*replica);
    return outcome;
}

} // namespace program
