#pragma once

#include <joinery/store/sqlite_connection.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace joinery::store {

/// How `sqlite::open` treats its file.
struct sqlite_open_options {
    enum class missing_file { create, refuse };
    enum class synchronous { full, normal };

    missing_file missing = missing_file::create;
    synchronous sync = synchronous::full;
    /// How long to wait for another program that has the file open.
    std::uint32_t busy_timeout_ms = 1'000;
    /// A commit that would make the file larger is `errc::full`. The write-ahead log beside the
    /// file comes on top.
    std::optional<std::uint64_t> file_bytes_max{};
};

} // namespace joinery::store

namespace joinery::detail {

/// Marks a file as ours: "JOIN".
inline constexpr std::int64_t store_application_id = 0x4a4f494e;
/// The version of the tables that we write, and the newest that we read.
inline constexpr std::int64_t store_schema_version = 1;

/// Makes the tables; the transaction that is open makes them all or none.
[[nodiscard]] inline result<void> create_store_tables(sqlite_connection const& connection) {
    // A row of 10 kB in a WITHOUT ROWID table makes every level of the tree carry bodies, so only
    // the short rows are in one. An origin's 16 bytes are kept once.
    auto const marks = "PRAGMA application_id = " + std::to_string(store_application_id) +
                       "; PRAGMA user_version = " + std::to_string(store_schema_version);
    auto made = connection.execute(
        "CREATE TABLE origins (id INTEGER PRIMARY KEY, origin BLOB NOT NULL UNIQUE);"
        "CREATE TABLE changesets (origin INTEGER NOT NULL, first INTEGER NOT NULL,"
        " last INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (origin, first));"
        "CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), body BLOB NOT NULL)");
    return made ? connection.execute(marks.c_str()) : made;
}

/// Makes sure that the locked file is ours; makes the tables in an empty one.
[[nodiscard]] inline result<void> recognise_store(sqlite_connection const& connection) {
    auto const owner = connection.integer("PRAGMA application_id");
    auto const version = connection.integer("PRAGMA user_version");
    auto const objects = connection.integer("SELECT count(*) FROM sqlite_master");
    for (auto const* read : {&owner, &version, &objects}) {
        if (!*read) {
            return failure(read->error());
        }
    }
    if (*owner == 0 && *version == 0 && *objects == 0) {
        return create_store_tables(connection);
    }
    auto const file = '"' + connection.name() + '"';
    if (*owner != store_application_id) {
        return failure(errc::foreign_file, file + " is a database of another program");
    }
    if (*version > store_schema_version) {
        return failure(errc::newer_file, file + " was written by a newer joinery (format " +
                                             std::to_string(*version) + "; this one reads up to " +
                                             std::to_string(store_schema_version) + ")");
    }
    return {};
}

/// Locks the file for the life of the connection, and leaves it alone unless it is ours.
[[nodiscard]] inline result<void> claim_store(sqlite_connection const& connection) {
    auto* const handle = connection.handle();
    // The file comes from outside: nothing in it may run, and while we do not know whose it is,
    // closing it may not write to it.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    if (auto locked = connection.execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
        !locked) {
        return locked;
    }
    if (auto recognised = recognise_store(connection); !recognised) {
        return recognised;
    }
    auto committed = connection.execute("COMMIT");
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
    return committed;
}

[[nodiscard]] inline result<void> configure_store(sqlite_connection const& connection,
                                                  store::sqlite_open_options const& options) {
    using synchronous = store::sqlite_open_options::synchronous;
    // The log keeps its space between checkpoints, but not that of one huge commit.
    if (auto done = connection.execute("PRAGMA journal_mode = WAL;"
                                       "PRAGMA journal_size_limit = 67108864");
        !done) {
        return done;
    }
    auto const* const sync = options.sync == synchronous::full ? "PRAGMA synchronous = FULL"
                                                               : "PRAGMA synchronous = NORMAL";
    if (auto done = connection.execute(sync); !done || !options.file_bytes_max) {
        return done;
    }
    auto const page_bytes = connection.integer("PRAGMA page_size");
    if (!page_bytes) {
        return failure(page_bytes.error());
    }
    // SQLite takes 0 for "no limit" and lifts a limit below the present size to that size.
    auto const pages = std::clamp<std::uint64_t>(
        *options.file_bytes_max / static_cast<std::uint64_t>(*page_bytes), 1, 0xffff'fffe);
    return connection.execute(("PRAGMA max_page_count = " + std::to_string(pages)).c_str());
}

[[nodiscard]] inline result<sqlite_connection>
try_open_sqlite_file(std::filesystem::path const& path, store::sqlite_open_options const& options) {
    sqlite3* handle = nullptr;
    // Absolute, because SQLite keeps some names, such as ":memory:", for itself.
    auto const absolute = std::filesystem::absolute(path).u8string();
    auto const code =
        sqlite3_open_v2(reinterpret_cast<char const*>(absolute.c_str()), &handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    sqlite_connection connection{handle, path.string()};
    if (code != SQLITE_OK) {
        return connection.fail();
    }
    if (sqlite3_db_readonly(handle, "main") == 1) {
        return failure(errc::io, '"' + connection.name() + "\" may not be written");
    }
    if (auto claimed = claim_store(connection); !claimed) {
        return failure(std::move(claimed).error());
    }
    if (auto configured = configure_store(connection, options); !configured) {
        return failure(std::move(configured).error());
    }
    return connection;
}

/// Refuses what is no file, before SQLite makes one of it or calls it damaged.
[[nodiscard]] inline result<void> check_store_path(std::filesystem::path const& path,
                                                   store::sqlite_open_options const& options) {
    namespace fs = std::filesystem;
    using missing_file = store::sqlite_open_options::missing_file;
    auto const name = '"' + path.string() + '"';
    std::error_code unreadable;
    auto const found = fs::status(path, unreadable);
    if (fs::is_directory(found)) {
        return failure(errc::foreign_file, name + " is a directory, not a joinery store");
    }
    if (fs::exists(found) && !fs::is_regular_file(found)) {
        return failure(errc::foreign_file, name + " is not a file");
    }
    // SQLite takes a file of one byte for an empty one, and would overwrite it.
    if (fs::exists(found) && fs::file_size(path, unreadable) == 1) {
        return failure(errc::foreign_file, name + " is not a joinery store");
    }
    if (found.type() != fs::file_type::not_found) {
        return {};
    }
    if (path.empty() || options.missing == missing_file::refuse) {
        return failure(errc::not_found, "there is no file " + name);
    }
    if (!fs::is_directory(fs::absolute(path, unreadable).parent_path(), unreadable)) {
        return failure(errc::not_found, "the directory of " + name + " does not exist");
    }
    return {};
}

/// Opens and locks the file of a store.
[[nodiscard]] inline result<sqlite_connection>
open_sqlite_file(std::filesystem::path const& path, store::sqlite_open_options const& options) {
    if (auto checked = check_store_path(path, options); !checked) {
        return failure(std::move(checked).error());
    }
    // Two programs that open at one moment can each hold a lock that the other needs, so every
    // attempt starts afresh.
    auto opened = try_open_sqlite_file(path, options);
    for (std::uint32_t waited_ms = 0, pause_ms = 1;
         !opened && opened.error().code == errc::busy && waited_ms < options.busy_timeout_ms;
         waited_ms += pause_ms, pause_ms = std::min(2 * pause_ms, std::uint32_t{50})) {
        sqlite3_sleep(static_cast<int>(pause_ms));
        opened = try_open_sqlite_file(path, options);
    }
    return opened;
}

} // namespace joinery::detail
