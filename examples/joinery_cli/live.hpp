#pragma once

#include <joinery/sync/session.hpp>

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "program.hpp"
#include "tcp_transport.hpp"

namespace program {

joinery::result<tcp::endpoint> resolve(asio::io_context& io, std::string const& address);
boost::system::error_code begin_listening(tcp::acceptor& acceptor, tcp::endpoint const& at);
void stop_at_signals();
[[nodiscard]] bool is_told_to_stop();
joinery::failure network_failure(std::string const& what, boost::system::error_code error);

/// Any number of peers that stay connected: what one of them sends goes to all others.
class live_peers {
    struct peer;

public:
    /// Outlives the conversation, and tells how it ended.
    using handle = std::shared_ptr<peer const>;

    live_peers(file_replica& replica, asio::io_context& io) : replica_{replica}, io_{io} {}

    handle add(tcp::socket socket) {
        return peers_.emplace_back(std::make_shared<peer>(io_, std::move(socket)));
    }
    [[nodiscard]] bool has(handle const& one) const;
    [[nodiscard]] bool are_settled() const;
    /// Says that the replica was edited here.
    void handle_local_change() { tell_all_but(nullptr); }
    /// Sends and receives what there is, and drops peers that have left. A peer that does something
    /// wrong is dropped with a note.
    void work();
    /// Ends every conversation once all is sent.
    void hang_up();

private:
    struct peer {
        peer(asio::io_context& io, tcp::socket socket)
            : transport{io, std::move(socket), joinery::wire::limits{}, 0} {}
        [[nodiscard]] bool is_settled() const {
            return session.is_idle() && transport.is_flushed();
        }

        tcp_transport transport;
        joinery::sync::session session{};
    };

    joinery::result<void> work(peer& one);
    void send_to(peer& one);
    void tell_all_but(peer const* author);

    file_replica& replica_;
    asio::io_context& io_;
    std::vector<std::shared_ptr<peer>> peers_;
    std::random_device random_;
};

} // namespace program
