#include <joinery/store/sqlite.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <random>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch_directory.hpp"

using namespace joinery;

// What only another process can show: its death, its lock, its full disk.

namespace {

constexpr replica_id alice{1};
constexpr store::sqlite::open_options at_once{.busy_timeout_ms = 0};

/// A child that runs `body(write_end)` and ends; killed and awaited with the object.
class child_process {
public:
    template <class Body>
    explicit child_process(Body body) {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) {
            throw std::runtime_error("no pipe");
        }
        read_end_ = ends[0];
        id_ = ::fork();
        if (id_ == 0) {
            ::close(ends[0]);
            body(ends[1]);
            ::_exit(0);
        }
        ::close(ends[1]);
    }
    child_process(child_process const&) = delete;
    child_process& operator=(child_process const&) = delete;
    ~child_process() {
        kill();
        ::close(read_end_);
    }

    void kill() {
        if (id_ > 0) {
            ::kill(id_, SIGKILL);
            ::waitpid(id_, nullptr, 0);
            id_ = -1;
        }
    }

    /// The next byte from the child; nothing at its end or after `wait_ms`.
    [[nodiscard]] std::optional<char> next(int wait_ms = -1) const {
        ::pollfd ready{read_end_, POLLIN, 0};
        char byte = 0;
        if (::poll(&ready, 1, wait_ms) <= 0 || ::read(read_end_, &byte, 1) != 1) {
            return std::nullopt;
        }
        return byte;
    }

private:
    int read_end_ = -1;
    ::pid_t id_ = -1;
};

void send(int write_end, char byte) {
    if (::write(write_end, &byte, 1) != 1) {
        ::_exit(1);
    }
}

/// Each commit holds one changeset, the clock beside it and now and then a snapshot, so that half
/// of a commit would show.
result<void> append(store::sqlite& target, std::uint64_t sequence) {
    std::string const body(sequence * 37 % 3'000, 'x');
    auto const clock = std::to_string(sequence);
    std::array const changesets{store::changeset_view{alice, sequence, sequence, as_bytes(body)}};
    std::array const entries{store::entry_view{"clock", as_bytes(clock)}};
    store::batch changes{.changesets = changesets, .entries = entries};
    if (sequence % 8 == 0) {
        changes.snapshot = as_bytes(clock);
    }
    return target.commit(changes);
}

/// The last sequence, after a check that everything up to it is whole.
std::uint64_t checked_last(store::sqlite const& source) {
    std::uint64_t last = 0;
    auto intact = true;
    auto const done = source.read(alice, 0, [&](store::changeset_view const& each) {
        ++last;
        intact = intact && each.first == last && each.body.size() == last * 37 % 3'000;
        return true;
    });
    REQUIRE(done);
    CHECK(intact);
    auto const clock = source.entry("clock").value();
    CHECK((clock ? as_text(*clock) : "0") == std::to_string(last));
    auto const snapshot = source.snapshot().value();
    CHECK((snapshot ? as_text(*snapshot) : "0") == std::to_string(last - last % 8));
    return last;
}

} // namespace

TEST_CASE("sqlite: a killed process loses nothing that was acknowledged",
          "[store][sqlite][crash]") {
    auto const seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random{seed};
    test::scratch_directory directory;
    auto const path = directory / "store.joinery";
    std::uint64_t last = 0;
    for (auto round = 0; round < 50; ++round) {
        CAPTURE(round);
        std::uint64_t acknowledged = last;
        child_process writer{[&](int acks) {
            auto opened = store::sqlite::open(path);
            for (auto next = last + 1; opened && append(*opened, next); ++next) {
                send(acks, 'a');
            }
        }};
        for (auto wanted = random() % 40; wanted > 0 && writer.next(); --wanted) {
            ++acknowledged;
        }
        ::usleep(static_cast<::useconds_t>(random() % 3'000));
        writer.kill();
        while (writer.next()) {
            ++acknowledged;
        }

        auto const reopened = store::sqlite::open(path, at_once);
        REQUIRE(reopened);
        last = checked_last(*reopened);
        CHECK(last >= acknowledged);
        CHECK(last <= acknowledged + 1);
    }
    CHECK(last > 50);
}

TEST_CASE("sqlite: another process is refused while the first lives", "[store][sqlite]") {
    test::scratch_directory directory;
    auto const path = directory / "store.joinery";
    child_process holder{[&](int ready) {
        auto const held = store::sqlite::open(path);
        send(ready, held ? 'y' : 'n');
        ::pause();
    }};
    REQUIRE(holder.next() == 'y');

    auto const refused = store::sqlite::open(path, at_once);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::busy);
    CHECK_THAT(refused.error().message,
               Catch::Contains("store.joinery") && Catch::Contains("in use by another program"));

    holder.kill();
    CHECK(store::sqlite::open(path, at_once));
}

TEST_CASE("sqlite: an opener waits for the process that has the file", "[store][sqlite]") {
    test::scratch_directory directory;
    auto const path = directory / "store.joinery";
    child_process holder{[&](int ready) {
        auto const held = store::sqlite::open(path);
        send(ready, held ? 'y' : 'n');
        ::usleep(100'000);
    }};
    REQUIRE(holder.next() == 'y');

    CHECK(store::sqlite::open(path, {.busy_timeout_ms = 20'000}));
}

TEST_CASE("sqlite: of processes that open a new file at once, each gets it in turn",
          "[store][sqlite]") {
    test::scratch_directory directory;
    auto const path = directory / "store.joinery";
    auto const open_and_append = [&](int done) {
        auto opened = store::sqlite::open(path, {.busy_timeout_ms = 20'000});
        std::uint64_t last = 0;
        auto const counted = opened && opened->read(alice, 0, [&](store::changeset_view const&) {
            ++last;
            return true;
        });
        send(done, counted && append(*opened, last + 1) ? 'y' : 'n');
    };
    {
        child_process first{open_and_append};
        child_process second{open_and_append};
        child_process third{open_and_append};
        CHECK(first.next() == 'y');
        CHECK(second.next() == 'y');
        CHECK(third.next() == 'y');
    }

    CHECK(checked_last(store::sqlite::open(path).value()) == 3);
}

TEST_CASE("sqlite: a disk that is full refuses the commit and keeps the rest", "[store][sqlite]") {
    test::scratch_directory directory;
    auto const path = directory / "store.joinery";
    // A limit on the size of files stands for the disk: the system refuses the write itself.
    child_process writer{[&](int acks) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::rlimit const limit{300'000, 300'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        auto opened = store::sqlite::open(path);
        auto done = result<void>{};
        for (std::uint64_t next = 1; opened && done; ++next) {
            done = append(*opened, next);
            send(acks, done ? 'a' : done.error().code == errc::full ? 'f' : 'e');
        }
        send(acks, opened && checked_last(*opened) > 0 ? 'y' : 'n');
    }};
    std::uint64_t acknowledged = 0;
    auto answer = writer.next();
    for (; answer == 'a'; answer = writer.next()) {
        ++acknowledged;
    }

    CHECK(answer == 'f');
    CHECK(writer.next() == 'y');
    CHECK(acknowledged > 10);
    writer.kill();
    auto again = store::sqlite::open(path).value();
    CHECK(checked_last(again) == acknowledged);
    CHECK(append(again, acknowledged + 1));
}
