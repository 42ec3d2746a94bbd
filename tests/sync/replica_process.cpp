#include <joinery/store/sqlite.hpp>
#include <joinery/sync/session.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <csignal>
#include <map>
#include <optional>
#include <poll.h>
#include <random>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../store/scratch_directory.hpp"
#include "changes.hpp"

using namespace joinery;
using namespace joinery::tests;

// A replica on a disk that edits and syncs in a process of its own, until that is killed.

namespace {

using filed_documents = sync::replica<document, stored_in<store::sqlite>>;
using living_documents = sync::replica<document>;

result<filed_documents> open(std::filesystem::path const& path) {
    auto file =
        store::sqlite::open(path, {.sync = store::sqlite::open_options::synchronous::normal});
    if (!file) {
        return failure(file.error());
    }
    return filed_documents::open(std::move(*file), alice);
}

/// One end of a socket: whole messages go through it, and it never blocks for long.
class channel {
public:
    explicit channel(int end) : end_{end} {}

    /// False when the other end is gone.
    [[nodiscard]] bool send(byte_view message) const {
        return ::send(end_, message.data(), message.size(), MSG_NOSIGNAL) ==
               static_cast<::ssize_t>(message.size());
    }
    enum class state { message, nothing, gone };
    [[nodiscard]] state receive(bytes& message, int wait_ms) const {
        ::pollfd ready{end_, POLLIN, 0};
        if (::poll(&ready, 1, wait_ms) <= 0) {
            return state::nothing;
        }
        message.resize(1 << 18);
        auto const size = ::recv(end_, message.data(), message.size(), 0);
        if (size <= 0) {
            return state::gone;
        }
        message.resize(static_cast<std::size_t>(size));
        return state::message;
    }

private:
    int end_;
};

/// Sends what `s` wants sent, and handles what has come. False when the peer is gone.
template <class Replica>
bool converse(sync::session& s, Replica& replica, channel const& peer, int wait_ms) {
    while (auto const m = s.poll_message(replica, std::chrono::steady_clock::now(), 0)) {
        if (!peer.send(*m)) {
            return false;
        }
    }
    bytes message;
    switch (peer.receive(message, wait_ms)) {
    case channel::state::gone:
        return false;
    case channel::state::nothing:
        return true;
    case channel::state::message:
        break;
    }
    auto const handled = s.handle_message(replica, message, std::chrono::steady_clock::now());
    return handled.has_value();
}

sync::session short_messages() {
    return sync::session{{.message_bytes_max = 2'000}};
}

/// Edits and syncs for ever; every edit that is acknowledged is told through `acks`.
void live(std::filesystem::path const& path, std::uint64_t seed, channel const& peer, int acks) {
    auto r = open(path);
    if (!r) {
        return;
    }
    testing::splitmix64 random{seed};
    auto s = short_messages();
    for (;;) {
        if (random.chance(40)) {
            auto const made = random_edit(*r, random);
            if (made && made->count != 0) {
                auto const last = made->first + made->count - 1;
                if (::write(acks, &last, sizeof last) != sizeof last) {
                    return;
                }
                s.handle_local_change(std::chrono::steady_clock::now());
            }
        }
        if (random.chance(2) && !r->checkpoint()) {
            return;
        }
        if (!converse(s, *r, peer, 0)) {
            return;
        }
    }
}

/// What the parent knows: every changeset that ever left the child.
class witness {
public:
    void note(sync::changeset const& in) {
        auto const [at, is_new] = seen_.try_emplace({in.origin, in.first}, in);
        is_contradicted_ |= !is_new && !sync::is_same(at->second.view(), in);
        auto& end = ends_[in.origin];
        is_contradicted_ |= is_new && in.first <= end;
        end = std::max(end, in.last());
    }
    [[nodiscard]] bool is_contradicted() const { return is_contradicted_; }
    [[nodiscard]] std::size_t size() const { return seen_.size(); }

private:
    std::map<std::pair<replica_id, std::uint64_t>, owned_changeset> seen_;
    std::map<replica_id, std::uint64_t> ends_;
    bool is_contradicted_ = false;
};

struct killed_round {
    std::optional<std::uint64_t> acknowledged; ///< the last sequence that the child was sure of
    bool is_peer_well = true;
};

/// Runs the child, syncs with it and kills it after some microseconds.
killed_round run_and_kill(std::filesystem::path const& path, living_documents& ours,
                          testing::splitmix64& random) {
    std::array<int, 2> link{};
    std::array<int, 2> acks{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, link.data()) == 0);
    REQUIRE(::pipe(acks.data()) == 0);
    auto const seed = random();
    auto const child = ::fork();
    if (child == 0) {
        ::close(link[0]);
        ::close(acks[0]);
        live(path, seed, channel{link[1]}, acks[1]);
        ::_exit(0);
    }
    ::close(link[1]);
    ::close(acks[1]);
    auto const kill_at =
        std::chrono::steady_clock::now() + std::chrono::microseconds{random.below(60'000)};
    channel const peer{link[0]};
    auto s = short_messages();
    killed_round out;
    while (std::chrono::steady_clock::now() < kill_at && out.is_peer_well) {
        if (random.chance(10) && random_edit(ours, random)) {
            s.handle_local_change(std::chrono::steady_clock::now());
        }
        out.is_peer_well = converse(s, ours, peer, 1);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    std::uint64_t last = 0;
    while (::read(acks[0], &last, sizeof last) == sizeof last) {
        out.acknowledged = last;
    }
    ::close(acks[0]);
    ::close(link[0]);
    return out;
}

} // namespace

TEST_CASE("replica_process: a killed replica keeps what it acknowledged and uses no dot twice",
          "[sync][replica_process][crash]") {
    auto const seed = std::random_device{}();
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    test::scratch_directory directory;
    auto const path = directory / "a.joinery";
    living_documents ours{bob, {.document = sync::document_id{7}}};
    witness seen;
    ours.observe([&](sync::change const& c) { seen.note(c.in); });
    std::uint64_t acknowledged = 0;

    for (auto round = 0; round < 200; ++round) {
        CAPTURE(round);
        auto const ended = run_and_kill(path, ours, random);
        REQUIRE(ended.is_peer_well);
        acknowledged = std::max(acknowledged, ended.acknowledged.value_or(0));

        auto reopened = open(path);
        REQUIRE(reopened);
        REQUIRE(reopened->version().of(alice) >= acknowledged);
        REQUIRE(reopened->version().of(alice) >= ours.version().of(alice));
        REQUIRE_FALSE(reopened->needs_identity());
        for (auto const& in : changes_of(*reopened)) {
            seen.note(in.view());
        }
        REQUIRE_FALSE(seen.is_contradicted());
        if (round % 10 == 9) {
            deliver(*reopened, ours);
            deliver(ours, *reopened);
            REQUIRE(is_equal(*reopened, ours));
        }
    }

    CHECK(acknowledged > 200);
    CHECK(ours.equivocations() == 0);
}
