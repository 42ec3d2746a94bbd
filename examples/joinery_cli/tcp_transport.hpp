#pragma once

#include <joinery/core/byte_reader.hpp>
#include <joinery/core/result.hpp>
#include <joinery/wire/limits.hpp>

#include <boost/asio.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace program {

namespace asio = boost::asio;
using asio::ip::tcp;
using steady = std::chrono::steady_clock;

/// Carries the messages of a session over one TCP connection: cuts the stream at frames, reads and
/// writes at the same time, and never waits longer than it is told.
class tcp_transport {
public:
    tcp_transport(asio::io_context& io, tcp::socket socket, joinery::wire::limits const& bounds,
                  std::uint64_t bytes_per_second_max)
        : io_{io},
          socket_{std::move(socket)},
          pause_{io},
          bounds_{bounds},
          bytes_per_second_max_{bytes_per_second_max} {
        boost::system::error_code ignored;
        socket_.set_option(tcp::no_delay{true}, ignored);
        read_more();
    }

    /// Precondition: `is_flushed()`.
    void send(joinery::bytes message) {
        out_ = std::move(message);
        sent_ = 0;
        is_writing_ = true;
        write_more();
    }
    void finish_sending() {
        boost::system::error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }

    /// Works until a whole message has come, something else has happened, or it is `until`.
    [[nodiscard]] joinery::result<std::optional<joinery::bytes>> receive(steady::time_point until) {
        if (auto message = cut(); !message || *message) {
            return message;
        }
        if (!is_closed_ || !is_flushed()) {
            io_.restart();
            io_.run_one_until(until);
        }
        return cut();
    }

    [[nodiscard]] bool is_flushed() const { return !is_writing_; }
    /// Whether the peer has ended the stream, between two messages.
    [[nodiscard]] bool is_closed() const { return is_closed_ && in_.empty(); }
    [[nodiscard]] std::uint64_t bytes_moved() const { return bytes_moved_; }
    [[nodiscard]] std::uint64_t bytes_written() const { return bytes_written_; }
    /// How much of the message at hand has come, and how long it is; the same for the one that
    /// goes.
    [[nodiscard]] std::pair<std::size_t, std::size_t> incoming() const {
        return {in_.size(), expected_};
    }
    [[nodiscard]] std::pair<std::size_t, std::size_t> outgoing() const {
        return {sent_, out_.size()};
    }

private:
    joinery::result<std::optional<joinery::bytes>> cut() {
        joinery::byte_reader reader{in_};
        auto const length = reader.varint();
        expected_ = reader.ok() ? reader.offset() + length : 0;
        if (reader.ok() && length > bounds_.frame_bytes_max) {
            return joinery::failure(joinery::errc::too_large, "the peer announces a message of " +
                                                                  std::to_string(length) +
                                                                  " bytes");
        }
        if (!reader.ok() || reader.remaining() < length) {
            if (is_closed_ && !in_.empty()) {
                return joinery::failure(joinery::errc::closed,
                                        "the connection ended in the middle of a message");
            }
            return std::optional<joinery::bytes>{};
        }
        auto const end = in_.begin() + static_cast<std::ptrdiff_t>(expected_);
        std::optional message{joinery::bytes(in_.begin(), end)};
        in_.erase(in_.begin(), end);
        return message;
    }

    void read_more() {
        socket_.async_read_some(asio::buffer(room_), [this](auto error, std::size_t count) {
            in_.insert(in_.end(), room_.begin(),
                       room_.begin() + static_cast<std::ptrdiff_t>(count));
            bytes_moved_ += count;
            is_closed_ = bool{error};
            if (!error) {
                read_more();
            }
        });
    }

    void write_more() {
        auto const steps_per_second = 20;
        auto const chunk =
            bytes_per_second_max_ == 0
                ? out_.size()
                : std::max<std::uint64_t>(bytes_per_second_max_ / steps_per_second, 1);
        auto const rest = asio::buffer(out_) + sent_;
        socket_.async_write_some(asio::buffer(rest, chunk), [this](auto error, std::size_t count) {
            sent_ += count;
            bytes_moved_ += count;
            bytes_written_ += count;
            is_broken_ = bool{error};
            if (!error && bytes_per_second_max_ != 0) {
                pause_.expires_after(std::chrono::milliseconds{1000 / steps_per_second});
                pause_.async_wait([this](auto) { write_rest(); });
            } else {
                write_rest();
            }
        });
    }
    void write_rest() {
        is_writing_ = sent_ != out_.size() && !is_broken_;
        if (is_writing_) {
            write_more();
        }
    }

    asio::io_context& io_;
    tcp::socket socket_;
    asio::steady_timer pause_;
    joinery::wire::limits bounds_;
    std::uint64_t bytes_per_second_max_;
    std::array<std::byte, 64 * 1024> room_{};
    joinery::bytes in_;
    joinery::bytes out_;
    std::size_t sent_ = 0;
    std::size_t expected_ = 0;
    std::uint64_t bytes_moved_ = 0;
    std::uint64_t bytes_written_ = 0;
    bool is_closed_ = false;
    bool is_writing_ = false;
    bool is_broken_ = false;
};

} // namespace program
