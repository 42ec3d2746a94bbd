#pragma once

#include <joinery/core/bytes.hpp>
#include <joinery/core/result.hpp>

#include <sqlite3.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace joinery::detail {

/// A prepared statement.
class sqlite_statement {
public:
    sqlite_statement() = default;
    explicit sqlite_statement(sqlite3_stmt* handle) : handle_{handle} {}

    [[nodiscard]] sqlite3_stmt* handle() const { return handle_.get(); }

private:
    struct finalizer {
        void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
    };

    std::unique_ptr<sqlite3_stmt, finalizer> handle_;
};

/// One run of a statement: bind, step while there are rows, and reset at the end of the scope.
///
/// Bound bytes and text are not copied; they outlive the run.
class sqlite_run {
public:
    explicit sqlite_run(sqlite_statement const& statement) : handle_{statement.handle()} {}
    sqlite_run(sqlite_run const&) = delete;
    sqlite_run& operator=(sqlite_run const&) = delete;
    ~sqlite_run() {
        sqlite3_reset(handle_);
        sqlite3_clear_bindings(handle_);
    }

    sqlite_run& bind(std::int64_t value) {
        note(sqlite3_bind_int64(handle_, ++bound_, value));
        return *this;
    }
    sqlite_run& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
    sqlite_run& bind(byte_view value) {
        ++bound_;
        // SQLite takes a null pointer for NULL, which is not the empty blob.
        note(value.empty()
                 ? sqlite3_bind_zeroblob(handle_, bound_, 0)
                 : sqlite3_bind_blob64(handle_, bound_, value.data(), value.size(), SQLITE_STATIC));
        return *this;
    }
    sqlite_run& bind(std::string_view text) {
        note(sqlite3_bind_text64(handle_, ++bound_, text.empty() ? "" : text.data(), text.size(),
                                 SQLITE_STATIC, SQLITE_UTF8));
        return *this;
    }

    /// Returns `SQLITE_ROW`, `SQLITE_DONE` or the code of an error, also of a bind before.
    [[nodiscard]] int step() { return failed_ == SQLITE_OK ? sqlite3_step(handle_) : failed_; }

    [[nodiscard]] std::int64_t integer(int column) const {
        return sqlite3_column_int64(handle_, column);
    }
    /// Lives until the next step.
    [[nodiscard]] byte_view blob(int column) const {
        auto const* data = static_cast<std::byte const*>(sqlite3_column_blob(handle_, column));
        return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
    }

private:
    void note(int code) { failed_ = failed_ == SQLITE_OK ? code : failed_; }

    sqlite3_stmt* handle_;
    int bound_ = 0;
    int failed_ = SQLITE_OK;
};

/// An open database and the name that its errors give it.
class sqlite_connection {
public:
    sqlite_connection(sqlite3* handle, std::string name)
        : handle_{handle}, name_{std::move(name)} {}

    [[nodiscard]] sqlite3* handle() const { return handle_.get(); }
    [[nodiscard]] std::string const& name() const { return name_; }

    [[nodiscard]] result<void> execute(char const* sql) const {
        if (sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
            return fail();
        }
        return {};
    }

    [[nodiscard]] result<sqlite_statement> prepare(std::string_view sql) const {
        sqlite3_stmt* prepared = nullptr;
        if (sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                               SQLITE_PREPARE_PERSISTENT, &prepared, nullptr) != SQLITE_OK) {
            return fail();
        }
        return sqlite_statement{prepared};
    }

    /// Returns the first integer of the first row of `sql`.
    [[nodiscard]] result<std::int64_t> integer(std::string_view sql) const {
        auto statement = prepare(sql);
        if (!statement) {
            return failure(std::move(statement).error());
        }
        sqlite_run run{*statement};
        if (run.step() != SQLITE_ROW) {
            return fail();
        }
        return run.integer(0);
    }

    /// The error that the last call left.
    [[nodiscard]] failure fail() const {
        auto const code = sqlite3_extended_errcode(handle());
        return failure(kind(code), sentence(code));
    }

private:
    struct closer {
        // Waits for the last statement: assigning to an object replaces the connection first.
        void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
    };

    /// The errno behind an error, or 0. SQLite keeps it with the file that had it.
    [[nodiscard]] int system_cause(int code) const {
        if ((code & 0xff) == SQLITE_CANTOPEN) {
            return sqlite3_system_errno(handle());
        }
        if ((code & 0xff) != SQLITE_IOERR) {
            return 0;
        }
        auto cause = 0;
        for (auto const which : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
            sqlite3_file* file = nullptr;
            sqlite3_file_control(handle(), "main", which, &file);
            if (cause == 0 && file != nullptr && file->pMethods != nullptr) {
                file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &cause);
            }
        }
        return cause;
    }

    /// SQLite knows a full disk, but not a quota or a limit on the size of files.
    [[nodiscard]] bool out_of_space(int code) const {
        auto const cause = system_cause(code);
        return (code & 0xff) == SQLITE_FULL || cause == EDQUOT || cause == EFBIG;
    }

    [[nodiscard]] errc kind(int code) const {
        if (out_of_space(code)) {
            return errc::full;
        }
        switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return errc::busy;
        case SQLITE_NOTADB:
            return errc::foreign_file;
        case SQLITE_CORRUPT:
        case SQLITE_ERROR: // our statements are right, so the tables are not ours
            return errc::malformed;
        case SQLITE_TOOBIG:
            return errc::too_large;
        default:
            return errc::io;
        }
    }

    [[nodiscard]] std::string sentence(int code) const {
        auto const file = '"' + name_ + '"';
        switch (kind(code)) {
        case errc::full:
            return "there is no room left to write " + file;
        case errc::busy:
            return file + " is in use by another program";
        case errc::foreign_file:
            return file + " is not a joinery store";
        case errc::malformed:
            return file + " is damaged: " + sqlite3_errmsg(handle());
        case errc::too_large:
            return "a value is too large for " + file;
        default:
            return file + " cannot be read or written: " + reason(code);
        }
    }

    [[nodiscard]] std::string reason(int code) const {
        auto const cause = system_cause(code);
        return cause != 0 ? std::generic_category().message(cause) : sqlite3_errstr(code);
    }

    std::unique_ptr<sqlite3, closer> handle_;
    std::string name_;
};

} // namespace joinery::detail
