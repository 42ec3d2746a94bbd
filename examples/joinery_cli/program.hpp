#pragma once

#include <joinery/crdt/document.hpp>
#include <joinery/store/sqlite.hpp>
#include <joinery/sync/replica.hpp>
#include <joinery/wire/compression.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace program {

/// A document in a SQLite file.
using file_replica =
    joinery::sync::replica<joinery::document, joinery::stored_in<joinery::store::sqlite>,
                           joinery::compressed_with<joinery::wire::zstd>>;

/// What the command line says.
struct arguments {
    std::string file;
    std::string path;
    std::string value;
    std::string source;  ///< A JSON file, or `-` for the standard input.
    std::string address; ///< HOST:PORT
    std::int64_t amount = 1;
    std::string index;        ///< In a list; `-` is its end.
    std::size_t position = 0; ///< In a text, in code points.
    std::size_t count = 0;
    std::string peer; ///< HOST:PORT of somebody who listens.
    std::uint32_t pace_ms = 0;
    std::uint32_t quiet_s = 0; ///< 0: until it is told to end.
    std::size_t value_bytes_max = 1024 * 1024;
    std::uint64_t bytes_per_second_max = 0; ///< 0: no bound.
    std::uint32_t timeout_s = 20;
    bool has_records = false;
    bool joins = false;
    bool is_raw = false;
    bool is_pretty = false;
    bool ends_after_one = false;
};

joinery::result<void> init(arguments const& given);
joinery::result<void> import_file(arguments const& given);
joinery::result<void> get(arguments const& given);
joinery::result<void> set(arguments const& given);
joinery::result<void> insert(arguments const& given);
joinery::result<void> splice(arguments const& given);
joinery::result<void> increment(arguments const& given);
joinery::result<void> add(arguments const& given);
joinery::result<void> remove(arguments const& given);
joinery::result<void> erase(arguments const& given);
joinery::result<void> list(arguments const& given);
joinery::result<void> export_file(arguments const& given);
joinery::result<void> list_conflicts(arguments const& given);
joinery::result<void> list_changes(arguments const& given);
joinery::result<void> show_stats(arguments const& given);
joinery::result<void> listen(arguments const& given);
joinery::result<void> sync(arguments const& given);
joinery::result<void> watch(arguments const& given);

joinery::result<file_replica> open(arguments const& given);
/// Gives a replica whose file was copied or restored an identity of its own.
joinery::result<void> renew_identity(file_replica& replica);
/// Writes a snapshot, without which the next start would only take longer.
void checkpoint(file_replica& replica);
/// Tells on the standard error.
void note(std::string_view sentence);
std::string in_quotes(std::string_view text);
std::string short_name(joinery::replica_id id);
joinery::failure nothing_at(std::string const& path);

/// A bar on the standard error, if that is a terminal.
class progress_bar {
public:
    explicit progress_bar(std::string_view label);
    progress_bar(progress_bar const&) = delete;
    progress_bar& operator=(progress_bar const&) = delete;
    ~progress_bar();

    void show(std::uint64_t done, std::uint64_t total);

private:
    std::string label_;
    std::chrono::steady_clock::time_point next_;
    bool is_terminal_;
    bool is_shown_ = false;
};

} // namespace program
