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
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace program {

namespace asio = boost::asio;
using asio::ip::tcp;
using steady = std::chrono::steady_clock;

/// The bytes that come and go on one socket. It belongs to its pending handlers as much as to
/// whoever made it, so that it may be dropped at any time.
class tcp_stream : public std::enable_shared_from_this<tcp_stream> {
public:
    tcp_stream(asio::io_context& io, tcp::socket socket, std::uint64_t bytes_per_second_max)
        : socket_{std::move(socket)}, pause_{io}, bytes_per_second_max_{bytes_per_second_max} {
        boost::system::error_code ignored;
        socket_.set_option(tcp::no_delay{true}, ignored);
    }

    void read_more() {
        socket_.async_read_some(asio::buffer(room_), [self = shared_from_this()](
                                                         auto error, std::size_t count) {
            auto const begin = self->room_.begin();
            self->in_.insert(self->in_.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
            self->bytes_read_ += count;
            self->is_closed_ = bool{error};
            if (!error) {
                self->read_more();
            }
        });
    }
    /// Precondition: `!is_writing()`.
    void write(joinery::bytes message) {
        out_ = std::move(message);
        sent_ = 0;
        is_writing_ = true;
        write_more();
    }
    void finish_sending() {
        boost::system::error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }
    void close() {
        boost::system::error_code ignored;
        socket_.close(ignored);
        pause_.cancel();
    }

    /// What has come and was not taken yet.
    [[nodiscard]] joinery::bytes const& in() const { return in_; }
    [[nodiscard]] joinery::bytes take(std::size_t count) {
        auto const end = in_.begin() + static_cast<std::ptrdiff_t>(count);
        joinery::bytes taken(in_.begin(), end);
        in_.erase(in_.begin(), end);
        return taken;
    }
    [[nodiscard]] bool is_closed() const { return is_closed_; }
    [[nodiscard]] bool is_writing() const { return is_writing_; }
    [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
    [[nodiscard]] std::uint64_t bytes_written() const { return bytes_written_; }
    /// How much of the message at hand has gone, and how long it is.
    [[nodiscard]] std::pair<std::size_t, std::size_t> outgoing() const {
        return {sent_, out_.size()};
    }

private:
    static constexpr int steps_per_second = 20;

    void write_more() {
        auto const chunk =
            bytes_per_second_max_ == 0
                ? out_.size()
                : std::max<std::uint64_t>(bytes_per_second_max_ / steps_per_second, 1);
        auto const rest = asio::buffer(out_) + sent_;
        socket_.async_write_some(asio::buffer(rest, chunk),
                                 [self = shared_from_this()](auto error, std::size_t count) {
                                     self->sent_ += count;
                                     self->bytes_written_ += count;
                                     self->is_broken_ = bool{error};
                                     self->pause();
                                 });
    }
    /// Keeps to the rate before it goes on.
    void pause() {
        if (is_broken_ || bytes_per_second_max_ == 0) {
            write_rest();
            return;
        }
        pause_.expires_after(std::chrono::milliseconds{1000 / steps_per_second});
        pause_.async_wait([self = shared_from_this()](auto) { self->write_rest(); });
    }
    void write_rest() {
        is_writing_ = sent_ != out_.size() && !is_broken_;
        if (is_writing_) {
            write_more();
        }
    }

    tcp::socket socket_;
    asio::steady_timer pause_;
    std::uint64_t bytes_per_second_max_;
    std::array<std::byte, 64 * 1024> room_{};
    joinery::bytes in_;
    joinery::bytes out_;
    std::size_t sent_ = 0;
    std::uint64_t bytes_read_ = 0;
    std::uint64_t bytes_written_ = 0;
    bool is_closed_ = false;
    bool is_writing_ = false;
    bool is_broken_ = false;
};

/// Carries the messages of a session over one TCP connection: cuts the stream at frames, reads and
/// writes at the same time, and never waits longer than it is told.
class tcp_transport {
public:
    tcp_transport(asio::io_context& io, tcp::socket socket, joinery::wire::limits const& bounds,
                  std::uint64_t bytes_per_second_max)
        : io_{io},
          bounds_{bounds},
          stream_{std::make_shared<tcp_stream>(io, std::move(socket), bytes_per_second_max)} {
        stream_->read_more();
    }
    tcp_transport(tcp_transport const&) = delete;
    tcp_transport& operator=(tcp_transport const&) = delete;
    ~tcp_transport() { stream_->close(); }

    /// Precondition: `is_flushed()`.
    void send(joinery::bytes message) { stream_->write(std::move(message)); }
    void finish_sending() { stream_->finish_sending(); }

    /// Works until a whole message has come, something else has happened, or it is `until`.
    [[nodiscard]] joinery::result<std::optional<joinery::bytes>> receive(steady::time_point until) {
        if (auto message = cut(); !message || *message) {
            return message;
        }
        if (!stream_->is_closed() || !is_flushed()) {
            io_.restart();
            io_.run_one_until(until);
        }
        return cut();
    }

    [[nodiscard]] bool is_flushed() const { return !stream_->is_writing(); }
    /// Whether the peer has ended the stream, between two messages.
    [[nodiscard]] bool is_closed() const { return stream_->is_closed() && stream_->in().empty(); }
    [[nodiscard]] std::uint64_t bytes_moved() const {
        return stream_->bytes_read() + stream_->bytes_written();
    }
    [[nodiscard]] std::uint64_t bytes_written() const { return stream_->bytes_written(); }
    /// How much of the message at hand has come, and how long it is; the same for the one that
    /// goes.
    [[nodiscard]] std::pair<std::size_t, std::size_t> incoming() const {
        return {stream_->in().size(), expected_};
    }
    [[nodiscard]] std::pair<std::size_t, std::size_t> outgoing() const {
        return stream_->outgoing();
    }

private:
    joinery::result<std::optional<joinery::bytes>> cut() {
        joinery::byte_reader reader{stream_->in()};
        auto const length = reader.varint();
        expected_ = reader.ok() ? reader.offset() + length : 0;
        if (reader.ok() && length > bounds_.frame_bytes_max) {
            return joinery::failure(joinery::errc::too_large, "the peer announces a message of " +
                                                                  std::to_string(length) +
                                                                  " bytes");
        }
        if (reader.ok() && reader.remaining() >= length) {
            return std::optional{stream_->take(expected_)};
        }
        if (stream_->is_closed() && !stream_->in().empty()) {
            return joinery::failure(joinery::errc::closed,
                                    "the connection ended in the middle of a message");
        }
        return std::optional<joinery::bytes>{};
    }

    asio::io_context& io_;
    joinery::wire::limits bounds_;
    std::shared_ptr<tcp_stream> stream_;
    std::size_t expected_ = 0;
};

} // namespace program
