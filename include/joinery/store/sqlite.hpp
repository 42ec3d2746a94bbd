#pragma once

#include <joinery/store/sqlite_connection.hpp>
#include <joinery/store/sqlite_file.hpp>
#include <joinery/store/store.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <filesystem>
#include <span>
#include <utility>

namespace joinery::store {

/// A store in one SQLite file.
///
/// An open store owns its file: a second one, in this process or another, gets `errc::busy` until
/// the first is destroyed. One thread at a time uses a store.
///
/// Durability   with `synchronous::full`, what `commit` acknowledged survives a power cut; with
///              `normal` it survives the death of the process, and a power cut may take the last
///              commits, each as a whole.
/// Complexity   n changesets in the file: commit O(log n) for each changeset, and one wait for the
///              disk; read O(log n) and its visits; origins O(log n) for each origin.
/// Reference    docs/design/store.md (file format and measurements);
///              "Write-Ahead Logging", sqlite.org/wal.html.
///
/// See also `memory`, which keeps the same laws without a disk.
class sqlite {
public:
    using open_options = sqlite_open_options;

    /// Opens the store in `path`, or makes an empty one.
    ///
    /// Errors   busy: another program has it open. foreign_file: something else is there; it stays
    ///          as it is. newer_file: a newer joinery wrote it. not_found: nothing is there, or its
    ///          directory is missing. malformed: it is damaged. full, io: the disk.
    [[nodiscard]] static result<sqlite> open(std::filesystem::path const& path,
                                             open_options options = {});

    [[nodiscard]] result<void> commit(batch const& changes);

    template <changeset_visitor Visit>
    [[nodiscard]] result<void> read(replica_id origin, std::uint64_t after, Visit visit) const;

    /// Returns every origin that has a changeset here, ascending.
    [[nodiscard]] result<std::vector<replica_id>> origins() const;

    [[nodiscard]] result<std::optional<bytes>> entry(std::string_view key) const {
        detail::sqlite_run run{statement(get_entry)};
        return optional_blob(run.bind(key));
    }

    [[nodiscard]] result<std::optional<bytes>> snapshot() const {
        detail::sqlite_run run{statement(get_snapshot)};
        return optional_blob(run);
    }

private:
    enum statement_name : std::size_t {
        begin,
        end,
        find_origin,
        add_origin,
        find_last_begun,
        add_changeset,
        read_changesets,
        forget_changesets,
        list_origins,
        put_entry,
        get_entry,
        put_snapshot,
        get_snapshot,
        statement_count
    };

    static std::span<std::string_view const, statement_count> statement_texts();

    explicit sqlite(detail::sqlite_connection connection) : connection_{std::move(connection)} {}

    [[nodiscard]] detail::sqlite_statement const& statement(statement_name name) const {
        return statements_[name];
    }
    [[nodiscard]] result<void> finish(detail::sqlite_run& run) const {
        return run.step() == SQLITE_DONE ? result<void>{} : connection_.fail();
    }
    [[nodiscard]] result<std::optional<bytes>> optional_blob(detail::sqlite_run& run) const;
    [[nodiscard]] result<void> check_sizes(batch const& changes) const;
    [[nodiscard]] result<void> write(batch const& changes) const;
    [[nodiscard]] result<std::int64_t> origin_number(replica_id origin) const;
    [[nodiscard]] result<void> insert(changeset_view const& changeset, std::int64_t origin) const;
    [[nodiscard]] result<void> forget(forgotten const& dropped) const;

    detail::sqlite_connection connection_; // outlives the statements
    std::array<detail::sqlite_statement, statement_count> statements_;
};

inline std::span<std::string_view const, sqlite::statement_count> sqlite::statement_texts() {
    static constexpr std::array<std::string_view, statement_count> texts{
        "BEGIN IMMEDIATE",
        "COMMIT",
        "SELECT id FROM origins WHERE origin = ?",
        "INSERT INTO origins (origin) VALUES (?) RETURNING id",
        // Stored ranges are disjoint: if any overlaps, the one that begins last does. A body that
        // nobody compares is not loaded.
        "SELECT first, last, CASE WHEN first = ?2 AND last = ?3 THEN body END FROM changesets "
        "WHERE origin = ?1 AND first <= ?3 ORDER BY first DESC LIMIT 1",
        "INSERT INTO changesets (origin, first, last, body) VALUES (?, ?, ?, ?)",
        "SELECT first, last, body FROM changesets WHERE origin = ?1 AND last > ?2 AND first >= "
        "(SELECT coalesce(max(first), 0) FROM changesets WHERE origin = ?1 AND first <= ?2) "
        "ORDER BY first",
        "DELETE FROM changesets WHERE origin = ?1 AND first <= ?2 AND last <= ?2",
        "SELECT origin FROM origins WHERE EXISTS "
        "(SELECT 1 FROM changesets WHERE changesets.origin = origins.id) ORDER BY origin",
        "INSERT OR REPLACE INTO entries (key, value) VALUES (?, ?)",
        "SELECT value FROM entries WHERE key = ?",
        "INSERT OR REPLACE INTO snapshot (id, body) VALUES (1, ?)",
        "SELECT body FROM snapshot",
    };
    return texts;
}

inline result<sqlite> sqlite::open(std::filesystem::path const& path, open_options options) {
    auto file = detail::open_sqlite_file(path, options);
    if (!file) {
        return failure(std::move(file).error());
    }
    sqlite opened{std::move(*file)};
    for (std::size_t i = 0; i < statement_count; ++i) {
        auto prepared = opened.connection_.prepare(statement_texts()[i]);
        if (!prepared) {
            return failure(std::move(prepared).error());
        }
        opened.statements_[i] = std::move(*prepared);
    }
    return opened;
}

inline result<void> sqlite::commit(batch const& changes) {
    assert(sqlite3_stmt_busy(statement(read_changesets).handle()) == 0 &&
           "visit must not call the store that it reads");
    if (changes.empty()) {
        return {};
    }
    if (auto checked = detail::check_ranges(changes); !checked) {
        return checked;
    }
    if (auto checked = check_sizes(changes); !checked) {
        return checked;
    }
    struct rollback {
        sqlite3* handle;
        ~rollback() {
            if (sqlite3_get_autocommit(handle) == 0) {
                sqlite3_exec(handle, "ROLLBACK", nullptr, nullptr, nullptr);
            }
        }
    } const unless_committed{connection_.handle()};
    detail::sqlite_run beginning{statement(begin)};
    if (auto begun = finish(beginning); !begun) {
        return begun;
    }
    if (auto written = write(changes); !written) {
        return written;
    }
    detail::sqlite_run ending{statement(end)};
    return finish(ending);
}

template <changeset_visitor Visit>
result<void> sqlite::read(replica_id origin, std::uint64_t after, Visit visit) const {
    assert(sqlite3_stmt_busy(statement(read_changesets).handle()) == 0 &&
           "visit must not call the store that it reads");
    if (after >= sequence_max) {
        return {};
    }
    auto const key = origin.to_bytes();
    detail::sqlite_run finding{statement(find_origin)};
    if (auto const code = finding.bind(byte_view{key}).step(); code != SQLITE_ROW) {
        return code == SQLITE_DONE ? result<void>{} : connection_.fail();
    }
    detail::sqlite_run reading{statement(read_changesets)};
    reading.bind(finding.integer(0)).bind(after);
    auto code = SQLITE_ROW;
    while ((code = reading.step()) == SQLITE_ROW) {
        if (!visit(changeset_view{origin, static_cast<std::uint64_t>(reading.integer(0)),
                                  static_cast<std::uint64_t>(reading.integer(1)),
                                  reading.blob(2)})) {
            return {};
        }
    }
    return code == SQLITE_DONE ? result<void>{} : connection_.fail();
}

inline result<std::vector<replica_id>> sqlite::origins() const {
    std::vector<replica_id> found;
    detail::sqlite_run run{statement(list_origins)};
    auto code = SQLITE_ROW;
    while ((code = run.step()) == SQLITE_ROW) {
        auto const key = run.blob(0);
        if (key.size() != 16) {
            return failure(errc::malformed, '"' + connection_.name() +
                                                "\" is damaged: a replica id is not of 16 bytes");
        }
        found.push_back(replica_id::from_bytes(key.first<16>()));
    }
    if (code != SQLITE_DONE) {
        return connection_.fail();
    }
    return found;
}

inline result<std::optional<bytes>> sqlite::optional_blob(detail::sqlite_run& run) const {
    switch (run.step()) {
    case SQLITE_ROW: {
        auto const value = run.blob(0);
        return std::optional{bytes(value.begin(), value.end())};
    }
    case SQLITE_DONE:
        return std::optional<bytes>{};
    default:
        return connection_.fail();
    }
}

/// SQLite limits a whole row; 1 kB is more than the other columns and their header need.
inline result<void> sqlite::check_sizes(batch const& changes) const {
    auto const limit = sqlite3_limit(connection_.handle(), SQLITE_LIMIT_LENGTH, -1);
    auto const row_bytes_max = static_cast<std::size_t>(limit) - 1'024;
    auto largest = changes.snapshot ? changes.snapshot->size() : 0;
    for (auto const& changeset : changes.changesets) {
        largest = std::max(largest, changeset.body.size());
    }
    for (auto const& [key, value] : changes.entries) {
        largest = std::max({largest, key.size(), value.size(), key.size() + value.size()});
    }
    if (largest > row_bytes_max) {
        return failure(errc::too_large, "a value of " + std::to_string(largest) +
                                            " bytes is too large for \"" + connection_.name() +
                                            "\", which takes " + std::to_string(row_bytes_max));
    }
    return {};
}

inline result<void> sqlite::write(batch const& changes) const {
    std::optional<replica_id> origin;
    std::int64_t number = 0;
    for (auto const& changeset : changes.changesets) {
        if (origin != changeset.origin) {
            auto found = origin_number(changeset.origin);
            if (!found) {
                return failure(std::move(found).error());
            }
            origin = changeset.origin;
            number = *found;
        }
        if (auto done = insert(changeset, number); !done) {
            return done;
        }
    }
    for (auto const& [key, value] : changes.entries) {
        detail::sqlite_run run{statement(put_entry)};
        if (auto done = finish(run.bind(key).bind(value)); !done) {
            return done;
        }
    }
    if (changes.snapshot) {
        detail::sqlite_run run{statement(put_snapshot)};
        if (auto done = finish(run.bind(*changes.snapshot)); !done) {
            return done;
        }
    }
    for (auto const& dropped : changes.forgets) {
        if (auto done = forget(dropped); !done) {
            return done;
        }
    }
    return {};
}

inline result<void> sqlite::forget(forgotten const& dropped) const {
    auto const key = dropped.origin.to_bytes();
    detail::sqlite_run finding{statement(find_origin)};
    if (auto const code = finding.bind(byte_view{key}).step(); code != SQLITE_ROW) {
        return code == SQLITE_DONE ? result<void>{} : connection_.fail();
    }
    detail::sqlite_run run{statement(forget_changesets)};
    return finish(run.bind(finding.integer(0)).bind(std::min(dropped.upto, sequence_max)));
}

/// The number that stands for `origin` in the table of changesets; makes one for a new origin.
inline result<std::int64_t> sqlite::origin_number(replica_id origin) const {
    auto const key = origin.to_bytes();
    for (auto const name : {find_origin, add_origin}) {
        detail::sqlite_run run{statement(name)};
        auto const code = run.bind(byte_view{key}).step();
        if (code == SQLITE_ROW) {
            return run.integer(0);
        }
        if (code != SQLITE_DONE) {
            return connection_.fail();
        }
    }
    return failure(errc::io, '"' + connection_.name() + "\" gave no number to a replica");
}

inline result<void> sqlite::insert(changeset_view const& changeset, std::int64_t origin) const {
    auto const [id, first, last, body] = changeset;
    {
        detail::sqlite_run run{statement(find_last_begun)};
        auto const code = run.bind(origin).bind(first).bind(last).step();
        if (code != SQLITE_ROW && code != SQLITE_DONE) {
            return connection_.fail();
        }
        if (code == SQLITE_ROW && static_cast<std::uint64_t>(run.integer(1)) >= first) {
            auto const stored_first = static_cast<std::uint64_t>(run.integer(0));
            auto const stored_last = static_cast<std::uint64_t>(run.integer(1));
            auto const same = stored_first == first && stored_last == last &&
                              std::ranges::equal(run.blob(2), body);
            return same ? result<void>{}
                        : detail::equivocation(changeset, stored_first, stored_last);
        }
    }
    detail::sqlite_run run{statement(add_changeset)};
    return finish(run.bind(origin).bind(first).bind(last).bind(body));
}

static_assert(store<sqlite>);

} // namespace joinery::store
