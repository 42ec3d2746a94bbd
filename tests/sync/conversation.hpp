#pragma once

#include <joinery/sync/session.hpp>
#include <joinery/testing/random.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace joinery::tests {

inline sync::time_point at_ms(std::int64_t ms) {
    return sync::time_point{std::chrono::milliseconds{ms}};
}

/// Everything that a session wants to send now.
template <class Replica>
std::vector<bytes> polled(sync::session& from, Replica const& replica, sync::time_point now = {},
                          std::uint64_t entropy = 0) {
    std::vector<bytes> out;
    while (auto message = from.poll_message(replica, now, entropy)) {
        out.push_back(std::move(*message));
    }
    return out;
}

/// What is in the frame of a message.
inline bytes payload_of(byte_view message) {
    wire::frame_decoder<> decoder;
    decoder.feed(message);
    return (*decoder.next())->payload;
}

/// What became of a conversation over a link that loses nothing.
struct conversation {
    result<void> outcome;
    std::size_t messages = 0;
    bool is_settled = false;
};

/// Lets two sessions talk, in order, until neither has anything to say.
template <class A, class B>
conversation talk(sync::session& left, A& a, sync::session& right, B& b) {
    conversation out;
    for (auto is_quiet = false; !is_quiet;) {
        is_quiet = true;
        for (auto const& message : polled(left, a)) {
            is_quiet = false;
            ++out.messages;
            if (out.outcome = right.handle_message(b, message, {}); !out.outcome) {
                return out;
            }
        }
        for (auto const& message : polled(right, b)) {
            is_quiet = false;
            ++out.messages;
            if (out.outcome = left.handle_message(a, message, {}); !out.outcome) {
                return out;
            }
        }
    }
    out.is_settled = left.is_settled() && right.is_settled();
    return out;
}

template <class A, class B>
conversation talk(A& a, B& b) {
    sync::session left;
    sync::session right;
    return talk(left, a, right, b);
}

/// A link that loses, repeats, delays and reorders, in simulated time.
class lossy_link {
public:
    lossy_link(testing::splitmix64& random, unsigned loss_percent)
        : random_{random}, loss_percent_{loss_percent} {}

    void send(bytes message, std::int64_t now_ms) {
        if (random_.chance(loss_percent_)) {
            return;
        }
        for (auto copies = random_.chance(loss_percent_) ? 2 : 1; copies > 0; --copies) {
            on_the_way_.emplace_back(now_ms + delay_ms(), message);
        }
    }
    /// One message that has arrived, in any order.
    std::optional<bytes> arrived(std::int64_t now_ms) {
        auto const at = std::find_if(on_the_way_.begin(), on_the_way_.end(),
                                     [&](auto const& each) { return each.first <= now_ms; });
        if (at == on_the_way_.end()) {
            return std::nullopt;
        }
        auto message = std::move(at->second);
        on_the_way_.erase(at);
        return message;
    }
    void heal() { loss_percent_ = 0; }

private:
    std::int64_t delay_ms() {
        return static_cast<std::int64_t>(loss_percent_ == 0 ? 1 : random_.below(300));
    }

    testing::splitmix64& random_;
    unsigned loss_percent_;
    std::vector<std::pair<std::int64_t, bytes>> on_the_way_;
};

} // namespace joinery::tests
