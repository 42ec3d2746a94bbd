#include <joinery/sync/session.hpp>

#include <csignal>
#include <iostream>
#include <random>

#include "live.hpp"
#include "numbers.hpp"
#include "program.hpp"
#include "tcp_transport.hpp"

namespace program {

using namespace joinery;
using namespace std::chrono_literals;

/// TCP loses nothing, so that nothing is ever sent twice: silence ends the conversation first.
struct no_retry {
    [[nodiscard]] std::chrono::milliseconds delay(unsigned, std::uint64_t) const { return 24h; }
    friend bool operator==(no_retry const&, no_retry const&) = default;
};

namespace {

volatile std::sig_atomic_t is_stopped = 0;

} // namespace

bool is_told_to_stop() {
    return is_stopped != 0;
}

void stop_at_signals() {
    for (auto const signal : {SIGINT, SIGTERM}) {
        std::signal(signal, [](int) { is_stopped = 1; });
    }
}

failure network_failure(std::string const& what, boost::system::error_code error) {
    return failure(errc::io, what + ": " + error.message());
}

result<tcp::endpoint> resolve(asio::io_context& io, std::string const& address) {
    auto const colon = address.rfind(':');
    if (colon == std::string::npos || colon + 1 == address.size()) {
        return failure(errc::invalid_argument, "an address is HOST:PORT, not \"" + address + "\"");
    }
    auto const port = parse_number<std::uint16_t>(std::string_view{address}.substr(colon + 1));
    if (!port) {
        return failure(port.error().code, "the port of an address: " + port.error().message);
    }
    auto host = address.substr(0, colon);
    if (host.size() > 1 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    boost::system::error_code error;
    auto const found = tcp::resolver{io}.resolve(host, std::to_string(*port), error);
    if (error || found.empty()) {
        return network_failure("\"" + address + "\" cannot be found", error);
    }
    return found.begin()->endpoint();
}

boost::system::error_code begin_listening(tcp::acceptor& acceptor, tcp::endpoint const& at) {
    boost::system::error_code error;
    if (acceptor.open(at.protocol(), error) ||
        acceptor.set_option(tcp::acceptor::reuse_address{true}, error) ||
        acceptor.bind(at, error)) {
        return error;
    }
    (void)acceptor.non_blocking(true, error); // a peer may be gone before it is accepted
    return acceptor.listen(asio::socket_base::max_listen_connections, error);
}

namespace {

using session = sync::basic_session<no_retry>;

/// More than by default, since an import is one change and travels as one message.
constexpr wire::limits bounds{.frame_bytes_max = 256 * 1024 * 1024,
                              .decoded_bytes_max = 1024 * 1024 * 1024,
                              .expansion_max = 1024};
constexpr std::size_t message_bytes_max = 64 * 1024;

/// One conversation with one peer.
class conversation {
public:
    conversation(file_replica& replica, asio::io_context& io, tcp::socket socket,
                 arguments const& given)
        : replica_{replica},
          transport_{io, std::move(socket), bounds, given.bytes_per_second_max},
          timeout_{std::max(1U, given.timeout_s)},
          session_{{.limits = bounds, .message_bytes_max = message_bytes_max}} {}

    result<void> run() {
        auto const outcome = talk();
        hang_up(outcome ? timeout_ : 1s);
        return outcome;
    }

    [[nodiscard]] std::string summary() const {
        auto const& counted = session_.counted();
        auto const ms =
            std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - start_);
        return "sent " + std::to_string(transport_.bytes_written()) + " bytes with " +
               std::to_string(counted.changesets_sent) + " changes, received " +
               std::to_string(counted.bytes_received) + " bytes with " +
               std::to_string(counted.changesets_applied) + " new changes, in " +
               std::to_string(ms.count()) + " ms";
    }

private:
    result<void> talk() {
        while (true) {
            if (is_stopped != 0) {
                return failure(errc::closed, "stopped before both sides were equal");
            }
            send_next();
            if (session_.is_idle() && transport_.is_flushed()) {
                return {};
            }
            if (auto const taken = take_next(); !taken) {
                return taken;
            }
            if (transport_.is_closed()) {
                return session_.is_settled()
                           ? result<void>{}
                           : failure(errc::closed, "the peer ended the connection "
                                                   "before both sides were equal");
            }
            if (steady::now() - last_sign_ > timeout_) {
                return failure(errc::io, "the peer was silent for " +
                                             std::to_string(timeout_.count()) + " s");
            }
        }
    }

    void send_next() {
        if (!transport_.is_flushed()) {
            return;
        }
        if (auto message = session_.poll_message(replica_, steady::now(), random_())) {
            transport_.send(std::move(*message));
        }
    }

    result<void> take_next() {
        auto const before = transport_.bytes_moved();
        auto const message = transport_.receive(steady::now() + 200ms);
        if (!message) {
            return failure(message.error());
        }
        if (transport_.bytes_moved() != before || *message) {
            last_sign_ = steady::now();
        }
        auto const [done, total] =
            transport_.is_flushed() ? transport_.incoming() : transport_.outgoing();
        bar_.show(done, total);
        return *message ? session_.handle_message(replica_, **message, steady::now())
                        : result<void>{};
    }

    /// Lets the peer read everything: closing a socket with unread bytes would take them back.
    void hang_up(std::chrono::seconds patience) {
        auto const end = steady::now() + patience;
        while (!transport_.is_flushed() && steady::now() < end && is_stopped == 0) {
            (void)transport_.receive(end);
        }
        transport_.finish_sending();
        while (!transport_.is_closed() && steady::now() < end && is_stopped == 0) {
            auto const message = transport_.receive(end);
            if (!message ||
                (*message && !session_.handle_message(replica_, **message, steady::now()))) {
                return;
            }
        }
    }

    file_replica& replica_;
    tcp_transport transport_;
    std::chrono::seconds timeout_;
    session session_;
    std::random_device random_;
    progress_bar bar_{"syncing"};
    steady::time_point start_ = steady::now();
    steady::time_point last_sign_ = steady::now();
};

result<void> converse(file_replica& replica, asio::io_context& io, tcp::socket socket,
                      arguments const& given) {
    conversation talk{replica, io, std::move(socket), given};
    auto const outcome = talk.run();
    std::cout << talk.summary() << std::endl;
    if (auto const renewed = renew_identity(replica); !renewed) {
        return renewed;
    }
    return outcome;
}

/// The next peer; nothing once the process is told to stop.
std::optional<tcp::socket> accept(tcp::acceptor& acceptor, asio::io_context& io,
                                  asio::io_context& peer_io) {
    while (is_stopped == 0) {
        auto is_ready = false;
        acceptor.async_wait(tcp::acceptor::wait_read, [&](auto error) { is_ready = !error; });
        while (!is_ready && is_stopped == 0) {
            io.restart();
            io.run_for(200ms);
        }
        boost::system::error_code error;
        tcp::socket socket{peer_io};
        if (is_ready && !acceptor.accept(socket, error)) {
            return socket;
        }
    }
    return std::nullopt;
}

} // namespace

result<void> sync(arguments const& given) {
    auto replica = open(given);
    if (!replica) {
        return failure(replica.error());
    }
    stop_at_signals();
    asio::io_context io; // outlives the handlers, which are dropped with it
    auto const endpoint = resolve(io, given.address);
    if (!endpoint) {
        return failure(endpoint.error());
    }
    tcp::socket socket{io};
    boost::system::error_code error = asio::error::timed_out;
    socket.async_connect(*endpoint, [&](auto code) { error = code; });
    io.run_for(std::chrono::seconds{given.timeout_s});
    if (error) {
        return network_failure(given.address + " cannot be reached", error);
    }
    auto const outcome = converse(*replica, io, std::move(socket), given);
    checkpoint(*replica);
    return outcome;
}

result<void> listen(arguments const& given) {
    auto replica = open(given);
    if (!replica) {
        return failure(replica.error());
    }
    stop_at_signals();
    asio::io_context io;
    auto const endpoint = resolve(io, given.address);
    if (!endpoint) {
        return failure(endpoint.error());
    }
    tcp::acceptor acceptor{io};
    if (auto const error = begin_listening(acceptor, *endpoint)) {
        return network_failure(given.address + " is no place to listen at", error);
    }
    std::cout << "listening at " << acceptor.local_endpoint() << std::endl;

    while (true) {
        asio::io_context peer_io;
        auto socket = accept(acceptor, io, peer_io);
        if (!socket) {
            return {};
        }
        auto const outcome = converse(*replica, peer_io, std::move(*socket), given);
        checkpoint(*replica);
        if (given.ends_after_one) {
            return outcome;
        }
        if (!outcome) {
            note(outcome.error().message);
        }
    }
}

} // namespace program
