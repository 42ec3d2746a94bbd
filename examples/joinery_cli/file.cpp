#include <filesystem>
#include <random>
#include <utility>

#include "program.hpp"

namespace program {

using namespace joinery;

std::string in_quotes(std::string_view text) {
    return '"' + std::string{text} + '"';
}

std::string short_name(replica_id id) {
    return id.to_string().substr(0, 8);
}

failure nothing_at(std::string const& path) {
    return failure(errc::not_found, "there is nothing at " + path);
}

result<file_replica> open(arguments const& given) {
    using missing_file = store::sqlite_open_options::missing_file;
    auto file = store::sqlite::open(given.file, {.missing = missing_file::refuse});
    if (!file) {
        return failure(file.error());
    }
    auto const identity = file->entry("identity");
    if (identity && !identity->has_value()) {
        return failure(errc::not_found, in_quotes(given.file) + " holds no document; joinery init "
                                                                "makes one in a new file");
    }
    return file_replica::open(std::move(*file), replica_id{},
                              {.value_bytes_max = given.value_bytes_max});
}

result<void> renew_identity(file_replica& replica) {
    if (!replica.needs_identity()) {
        return {};
    }
    auto const fresh = replica_id::random(std::random_device{});
    note("the file was copied or restored from a backup; it goes on as replica " +
         short_name(fresh));
    return replica.take_identity(fresh);
}

void checkpoint(file_replica& replica) {
    if (auto const done = replica.checkpoint(); !done) {
        note("everything is kept, but no snapshot could be written: " + done.error().message);
    }
}

result<void> init(arguments const& given) {
    if (std::filesystem::exists(given.file)) {
        return failure(errc::invalid_argument, in_quotes(given.file) + " exists already");
    }
    auto file = store::sqlite::open(given.file);
    if (!file) {
        return failure(file.error());
    }
    std::random_device random;
    auto const document = given.joins ? sync::document_id::unset
                                      : sync::document_id{replica_id::random(random).low() | 1};
    auto const made =
        file_replica::open(std::move(*file), replica_id::random(random), {.document = document});
    return made ? result<void>{} : failure(made.error());
}

} // namespace program
