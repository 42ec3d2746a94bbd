#include <joinery/store/sqlite.hpp>

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <array>
#include <fstream>
#include <iterator>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch_directory.hpp"

using namespace joinery;
namespace fs = std::filesystem;

namespace {

constexpr replica_id alice{1};

using options = store::sqlite::open_options;
constexpr options at_once{.busy_timeout_ms = 0};
constexpr options only_existing{.missing = options::missing_file::refuse};

result<void> append(store::sqlite& target, std::uint64_t sequence, std::string_view body) {
    std::array const changesets{store::changeset_view{alice, sequence, sequence, as_bytes(body)}};
    return target.commit({.changesets = changesets});
}

std::uint64_t count(store::sqlite const& source) {
    std::uint64_t found = 0;
    auto const done = source.read(alice, 0, [&](store::changeset_view const&) {
        ++found;
        return true;
    });
    REQUIRE(done);
    return found;
}

std::string content(fs::path const& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

void write_file(fs::path const& path, std::string_view text) {
    std::ofstream{path, std::ios::binary} << text;
}

/// Runs `sql` on the file as any other program would.
void run_sql(fs::path const& path, char const* sql) {
    sqlite3* handle = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
    CHECK(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_close(handle) == SQLITE_OK);
}

/// Leaves a database and, beside it, a log that holds a table.
void make_foreign_log(fs::path const& path) {
    sqlite3* handle = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
    CHECK(sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr) == SQLITE_OK);
    CHECK(sqlite3_exec(handle, "PRAGMA journal_mode = WAL; CREATE TABLE t (x)", nullptr, nullptr,
                       nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_close(handle) == SQLITE_OK);
}

void make_store(fs::path const& path, std::uint64_t changesets) {
    auto made = store::sqlite::open(path).value();
    for (std::uint64_t sequence = 1; sequence <= changesets; ++sequence) {
        REQUIRE(append(made, sequence, std::string(3'000, 'x')));
    }
}

void check_refused(result<store::sqlite> const& opened, errc code, fs::path const& path) {
    REQUIRE_FALSE(opened);
    INFO(opened.error().message);
    CHECK(name(opened.error().code) == name(code));
    CHECK_THAT(opened.error().message, Catch::Contains(path.filename().string()));
}

} // namespace

TEST_CASE("sqlite: a closed store opens again with all that was committed", "[store][sqlite]") {
    test::scratch_directory directory;
    auto const path = directory / "store.joinery";
    auto const sync = GENERATE(options::synchronous::full, options::synchronous::normal);
    {
        auto first = store::sqlite::open(path, {.sync = sync}).value();
        std::array const changesets{store::changeset_view{alice, 1, 4, as_bytes("body")}};
        std::array const entries{store::entry_view{"clock", as_bytes("7")}};
        REQUIRE(first.commit(
            {.changesets = changesets, .entries = entries, .snapshot = as_bytes("state")}));
    }

    auto const again = store::sqlite::open(path, only_existing).value();

    CHECK(again.origins().value() == std::vector{alice});
    CHECK(count(again) == 1);
    CHECK(as_text(again.entry("clock").value().value()) == "7");
    CHECK(as_text(again.snapshot().value().value()) == "state");
}

TEST_CASE("sqlite: a closed store is one file", "[store][sqlite]") {
    test::scratch_directory directory;

    make_store(directory / "store.joinery", 3);

    CHECK(std::distance(fs::directory_iterator{directory / ""}, {}) == 1);
}

TEST_CASE("sqlite: special names of SQLite are names of files", "[store][sqlite]") {
    test::scratch_directory directory;
    auto const before = fs::current_path();
    fs::current_path(directory / "");

    auto const opened = store::sqlite::open(":memory:");
    fs::current_path(before);

    CHECK(opened);
    CHECK(fs::exists(directory / ":memory:"));
}

TEST_CASE("sqlite: a second opener is refused while the first lives", "[store][sqlite]") {
    test::scratch_directory directory;
    auto const path = directory / "store.joinery";
    {
        auto first = store::sqlite::open(path).value();
        check_refused(store::sqlite::open(path, at_once), errc::busy, path);
        check_refused(store::sqlite::open(path, {.busy_timeout_ms = 20}), errc::busy, path);
        CHECK(append(first, 1, "still works"));
    }
    CHECK(count(store::sqlite::open(path, at_once).value()) == 1);
}

TEST_CASE("sqlite: a moved store works and frees the file that it replaces", "[store][sqlite]") {
    test::scratch_directory directory;
    auto first = store::sqlite::open(directory / "first").value();
    auto second = store::sqlite::open(directory / "second").value();

    first = std::move(second);

    CHECK(append(first, 1, "goes to the second"));
    CHECK(count(store::sqlite::open(directory / "first", at_once).value()) == 0);
    check_refused(store::sqlite::open(directory / "second", at_once), errc::busy,
                  directory / "second");
}

TEST_CASE("sqlite: a file that is missing is made only when asked for", "[store][sqlite]") {
    test::scratch_directory directory;
    auto const path = directory / "store.joinery";

    check_refused(store::sqlite::open(path, only_existing), errc::not_found, path);
    CHECK_FALSE(fs::exists(path));
    check_refused(store::sqlite::open(""), errc::not_found, "");
    check_refused(store::sqlite::open(path / "below"), errc::not_found, path / "below");

    CHECK(store::sqlite::open(path));
    CHECK(store::sqlite::open(path, only_existing));
}

TEST_CASE("sqlite: an empty file becomes a store", "[store][sqlite]") {
    test::scratch_directory directory;
    write_file(directory / "empty", "");

    auto opened = store::sqlite::open(directory / "empty").value();

    CHECK(append(opened, 1, "body"));
}

TEST_CASE("sqlite: what is no store is refused and stays as it is", "[store][sqlite]") {
    test::scratch_directory directory;

    SECTION("a text") {
        auto const path = directory / "text";
        write_file(path, "Dear diary, " + std::string(5'000, 'x'));
        auto const before = content(path);
        check_refused(store::sqlite::open(path), errc::foreign_file, path);
        CHECK(content(path) == before);
    }
    SECTION("one byte") {
        auto const path = directory / "byte";
        write_file(path, "x");
        check_refused(store::sqlite::open(path), errc::foreign_file, path);
        CHECK(content(path) == "x");
    }
    SECTION("a directory") {
        auto const path = directory / "directory";
        fs::create_directory(path);
        check_refused(store::sqlite::open(path), errc::foreign_file, path);
    }
    SECTION("a pipe") {
        auto const path = directory / "pipe";
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        check_refused(store::sqlite::open(path), errc::foreign_file, path);
    }
    SECTION("the database of another program") {
        auto const path = directory / "database";
        auto const* const sql = GENERATE("CREATE TABLE t (x)", "PRAGMA application_id = 42",
                                         "PRAGMA journal_mode = WAL; CREATE TABLE t (x)");
        run_sql(path, sql);
        auto const before = content(path);
        check_refused(store::sqlite::open(path), errc::foreign_file, path);
        CHECK(content(path) == before);
    }
}

TEST_CASE("sqlite: the log of another program's database stays as it is", "[store][sqlite]") {
    test::scratch_directory directory;
    auto const path = directory / "database";
    auto const log = directory / "database-wal";
    make_foreign_log(path);
    auto const before = content(path);
    auto const log_before = content(log);
    REQUIRE_FALSE(log_before.empty());

    check_refused(store::sqlite::open(path), errc::foreign_file, path);

    CHECK(content(path) == before);
    CHECK(content(log) == log_before);
}

TEST_CASE("sqlite: a newer store is refused and stays as it is", "[store][sqlite]") {
    test::scratch_directory directory;
    auto const path = directory / "store.joinery";
    make_store(path, 1);
    run_sql(path, "PRAGMA user_version = 2");
    auto const before = content(path);

    check_refused(store::sqlite::open(path), errc::newer_file, path);

    CHECK(content(path) == before);
}

TEST_CASE("sqlite: a store without its tables is damaged", "[store][sqlite]") {
    test::scratch_directory directory;
    auto const path = directory / "store.joinery";
    make_store(path, 1);
    run_sql(path, "DROP TABLE changesets");

    check_refused(store::sqlite::open(path), errc::malformed, path);
}

TEST_CASE("sqlite: a trigger in the file does not run", "[store][sqlite]") {
    test::scratch_directory directory;
    auto const path = directory / "store.joinery";
    make_store(path, 1);
    run_sql(path, "CREATE TRIGGER t AFTER INSERT ON changesets BEGIN DELETE FROM changesets; END");

    auto opened = store::sqlite::open(path).value();
    REQUIRE(append(opened, 2, "second"));

    CHECK(count(opened) == 2);
}

TEST_CASE("sqlite: a store cut short is refused", "[store][sqlite]") {
    test::scratch_directory directory;
    auto const path = directory / "store.joinery";
    make_store(path, 8);
    auto const whole = fs::file_size(path);
    auto const length =
        GENERATE(1U, 15U, 16U, 50U, 99U, 100U, 511U, 512U, 4'095U, 4'096U, 8'192U, 20'000U);
    CAPTURE(length, whole);
    REQUIRE(length < whole);
    fs::resize_file(path, length);

    auto const opened = store::sqlite::open(path);

    REQUIRE_FALSE(opened);
    CHECK((opened.error().code == errc::malformed || opened.error().code == errc::foreign_file));
    CHECK_THAT(opened.error().message, Catch::Contains("store.joinery"));
    CHECK(fs::file_size(path) == length);
}

TEST_CASE("sqlite: a damaged page is an error, not a crash", "[store][sqlite]") {
    test::scratch_directory directory;
    auto const path = directory / "store.joinery";
    make_store(path, 8);
    auto const intact = content(path);
    auto const page = GENERATE(range(0U, 12U));
    auto const fill = GENERATE('\0', '\x7f', '\xff');
    CAPTURE(page, static_cast<int>(fill));
    REQUIRE((page + 1) * 4'096 <= intact.size());
    write_file(path, std::string{intact}.replace(page * 4'096 + (page == 0 ? 100 : 0),
                                                 page == 0 ? 3'996 : 4'096, 4'096, fill));

    auto opened = store::sqlite::open(path);
    if (opened) {
        auto const read = opened->read(alice, 0, [](store::changeset_view const&) { return true; });
        auto const origins = opened->origins();
        auto const wrote = append(*opened, 9, "more");
        CHECK((read || read.error().code == errc::malformed));
        CHECK((origins || origins.error().code == errc::malformed));
        CHECK((wrote || wrote.error().code == errc::malformed));
    } else {
        CHECK(opened.error().code == errc::malformed);
    }
}

TEST_CASE("sqlite: a value above the limit of SQLite is refused", "[store][sqlite]") {
    test::scratch_directory directory;
    auto opened = store::sqlite::open(directory / "store.joinery").value();
    // Pages that nobody touches take no memory.
    auto const size = std::size_t{1'000'000'000};
    auto* const mapped =
        ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    REQUIRE(mapped != MAP_FAILED);
    byte_view const huge{static_cast<std::byte const*>(mapped), size};

    std::array const changesets{store::changeset_view{alice, 1, 1, huge}};
    std::array const entries{store::entry_view{"key", huge}};
    std::array const keys{store::entry_view{as_text(huge), {}}};
    for (auto const& batch :
         {store::batch{.changesets = changesets}, store::batch{.entries = entries},
          store::batch{.entries = keys}, store::batch{.snapshot = huge}}) {
        auto const done = opened.commit(batch);
        REQUIRE_FALSE(done);
        CHECK(done.error().code == errc::too_large);
    }
    ::munmap(mapped, size);

    CHECK(opened.origins().value().empty());
    CHECK(append(opened, 1, "small"));
}

TEST_CASE("sqlite: a commit over the size limit changes nothing, and forgetting makes room",
          "[store][sqlite]") {
    test::scratch_directory directory;
    auto const path = directory / "store.joinery";
    std::string const body(20'000, 'x');
    std::uint64_t acknowledged = 0;
    {
        auto opened = store::sqlite::open(path, {.file_bytes_max = 400'000}).value();
        auto done = append(opened, 1, body);
        while (done) {
            ++acknowledged;
            REQUIRE(acknowledged < 100);
            done = append(opened, acknowledged + 1, body);
        }
        CHECK(done.error().code == errc::full);
        CHECK_THAT(done.error().message, Catch::Contains("store.joinery"));
        CHECK(acknowledged > 10);
        CHECK(count(opened) == acknowledged);

        std::array const forgets{store::forgotten{alice, acknowledged / 2}};
        REQUIRE(opened.commit({.forgets = forgets}));
        CHECK(append(opened, acknowledged + 1, body));
    }
    CHECK(fs::file_size(path) <= 400'000);
    auto const again = store::sqlite::open(path, {.file_bytes_max = 4'096}).value();
    CHECK(count(again) == acknowledged + 1 - acknowledged / 2);
}

TEST_CASE("sqlite: what may not be written is refused", "[store][sqlite]") {
    if (::geteuid() == 0) {
        WARN("skipped: permissions do not bind root");
        return;
    }
    test::scratch_directory directory;
    auto const path = directory / "store.joinery";
    make_store(path, 1);

    SECTION("a read-only file") {
        fs::permissions(path, fs::perms::owner_read);
        check_refused(store::sqlite::open(path), errc::io, path);
    }
    SECTION("a read-only directory") {
        fs::permissions(directory / "", fs::perms::owner_read | fs::perms::owner_exec);
        auto const refused = store::sqlite::open(directory / "new");
        fs::permissions(directory / "", fs::perms::owner_all);
        check_refused(refused, errc::io, directory / "new");
    }
}
