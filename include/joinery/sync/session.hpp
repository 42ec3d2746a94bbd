#pragma once

#include <joinery/sync/replica.hpp>
#include <joinery/sync/retry_policy.hpp>
#include <joinery/sync/version_exchange.hpp>
#include <joinery/wire/frame.hpp>
#include <joinery/wire/limits.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace joinery::sync {

using time_point = std::chrono::steady_clock::time_point;

/// One side of a conversation with one peer, in which both get what they lack.
///
/// A session is a value: it does no I/O, reads no clock, draws no randomness and holds no reference
/// to the replica. A socket, a file or a simulator can drive it, and a test can copy it. A message
/// is one whole frame, whatever carries it. Both sides run the same code; either may begin, or
/// both.
///
/// Members come in four kinds, called in this order:
///   1. handle_*   tell the session what happened;
///   2. poll_*     take what it wants sent, until it returns nothing;
///   3. deadline   ask when to come back;
///   4. observers  const, at any time.
///
/// Guarantee   If some messages keep arriving, both replicas reach the same histories. Loss,
///             duplication and reordering of messages cost only time, and so does starting again.
///             It ends when the digests of both histories were compared and are equal; equal
///             versions are no proof.
/// Errors      what a peer does wrong ends the session with an error; the replica keeps what it has
///             taken, and is none the worse.
template <retry_policy Retry = exponential_backoff>
class basic_session {
public:
    struct options {
        wire::limits limits{};
        std::size_t message_bytes_max = 1024 * 1024; ///< of changes, before the one that passes it
        Retry retry{};
    };
    struct statistics {
        std::uint64_t bytes_sent = 0;
        std::uint64_t bytes_received = 0;
        std::uint64_t changesets_sent = 0;
        std::uint64_t changesets_applied = 0;
        std::uint64_t messages_sent = 0;
    };

    explicit basic_session(options wanted = {}) : wanted_{std::move(wanted)} {}

    /// Takes one frame from the peer. An error is final.
    template <class Replica>
    [[nodiscard]] result<void> handle_message(Replica& replica, byte_view message, time_point now);

    /// Says that the replica was edited, or has received something elsewhere.
    void handle_local_change(time_point now) {
        if (peer_) {
            is_answering_ = true;
            cursor_ = {};
            hello_at_ = now + wanted_.retry.delay(1, 0);
        } else {
            hello_at_ = now;
        }
        is_settled_ = false;
    }

    /// The next frame to send.
    template <class Replica>
    [[nodiscard]] std::optional<bytes> poll_message(Replica const& replica, time_point now,
                                                    std::uint64_t entropy);

    /// When to poll again, unless a message comes first.
    [[nodiscard]] std::optional<time_point> deadline() const {
        return is_settled_ || failed_ ? std::nullopt : std::optional{hello_at_};
    }

    /// Whether both sides had equal histories when they last compared them.
    [[nodiscard]] bool is_settled() const { return is_settled_; }
    /// Whether there is nothing left to send.
    [[nodiscard]] bool is_idle() const { return is_settled_ && !is_answering_; }
    [[nodiscard]] statistics const& counted() const { return counted_; }

private:
    /// Which changes were sent in answer to the peer's last hello.
    struct cursor {
        replica_slot slot = 0;
        std::uint64_t sequence = 0;
    };

    template <class Replica>
    result<void> handle_hello(Replica& replica, byte_view payload, time_point now);
    template <class Replica>
    result<void> check_peer(Replica& replica, hello const& peer);
    template <class Replica>
    result<void> handle_changes(Replica& replica, byte_view payload, time_point now);
    template <class Replica>
    result<void> handle_done(Replica& replica, byte_view payload, time_point now);
    template <class Replica>
    bytes make_hello(Replica const& replica, time_point now, std::uint64_t entropy);
    template <class Replica>
    std::optional<bytes> make_changes(Replica const& replica);
    template <class Replica>
    bytes make_done(Replica const& replica);
    template <class Replica>
    bytes sent(message_kind kind, byte_view payload, Replica const&) {
        typename Replica::compression_type const compression{};
        auto out = wire::encode_frame(static_cast<std::uint8_t>(kind), payload, compression);
        counted_.bytes_sent += out.size();
        ++counted_.messages_sent;
        return out;
    }
    result<void> fail(error reason) {
        failed_ = std::move(reason);
        return failure(*failed_);
    }

    options wanted_;
    std::optional<hello> peer_;         ///< the last hello of the peer
    std::vector<replica_id> origins_;   ///< of our own last hello
    std::optional<digest128> compared_; ///< what our last `done` said
    version_vector acknowledged_;       ///< what the peer has, beside its last hello
    cursor cursor_{};
    time_point hello_at_{};
    unsigned attempt_ = 0;
    std::optional<std::uint8_t> number_; ///< of our own last hello
    bool is_answering_ = false;
    bool is_asking_ = false; ///< our last hello has no answer yet
    bool has_news_ = false;  ///< something was applied since our last hello
    bool is_settled_ = false;
    std::optional<error> failed_;
    statistics counted_;
};

using session = basic_session<>;

} // namespace joinery::sync

#include <joinery/sync/session_messages.hpp>
