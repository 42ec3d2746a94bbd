// A transport of one's own: two processes that sync over a pair of sockets. A session makes and
// takes messages; how they travel is up to the program.

#include <joinery/core/varint.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/sync/session.hpp>
#include <joinery/wire/limits.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <span>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace joinery;
using counter_replica = sync::replica<pn_counter>;

namespace {

bool read_exactly(int stream, std::span<std::byte> room) {
    while (!room.empty()) {
        auto const count = read(stream, room.data(), room.size());
        if (count <= 0) {
            return false;
        }
        room = room.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

/// A message is a frame, which begins with the length of the rest: that is how a stream is cut.
bytes read_message(int stream) {
    bytes message;
    do {
        message.emplace_back();
        if (message.size() > varint_bytes_max || !read_exactly(stream, {&message.back(), 1})) {
            return {};
        }
    } while ((message.back() & std::byte{0x80}) != std::byte{0});
    auto const length = byte_reader{message}.varint();
    if (length > wire::limits{}.frame_bytes_max) {
        return {};
    }
    auto const head = message.size();
    message.resize(head + static_cast<std::size_t>(length));
    return read_exactly(stream, std::span{message}.subspan(head)) ? message : bytes{};
}

/// Speaks until there is nothing to say, then listens.
bool converse(counter_replica& replica, int stream) {
    sync::session session;
    while (!session.is_idle()) {
        auto const now = std::chrono::steady_clock::now();
        if (auto const message = session.poll_message(replica, now, 0)) {
            if (write(stream, message->data(), message->size()) < 0) {
                return false;
            }
        } else if (auto const received = read_message(stream);
                   received.empty() || !session.handle_message(replica, received, now)) {
            return session.is_settled();
        }
    }
    return true;
}

} // namespace

int main() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) {
        return 1;
    }
    auto const child = fork();
    auto const is_child = child == 0;
    auto const stream = ends[is_child ? 1 : 0];
    close(ends[is_child ? 0 : 1]);

    counter_replica replica{replica_id{is_child ? 2U : 1U}};
    auto const counted = replica.edit([&](auto counter) { counter.increment(is_child ? 30 : 12); });
    auto const is_equal = counted && converse(replica, stream);
    close(stream);
    std::cout << (is_child ? "child: " : "parent: ") << replica.state().value() << std::endl;
    auto status = 0;
    if (!is_child) {
        waitpid(child, &status, 0);
    }
    return is_equal && status == 0 && replica.state().value() == 42 ? 0 : 1;
}
