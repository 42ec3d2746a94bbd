#include <joinery/crdt/json.hpp>
#include <joinery/crdt/json_patch.hpp>
#include <joinery/crdt/json_update.hpp>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "program.hpp"

namespace program {

using namespace joinery;

namespace {

std::string in_quotes(std::string_view text) {
    return '"' + std::string{text} + '"';
}

std::string short_name(replica_id id) {
    return id.to_string().substr(0, 8);
}

std::string time_text(hlc time) {
    return json::timestamp_text({static_cast<std::int64_t>(time.milliseconds())});
}

result<std::string> read_file(std::string const& name) {
    std::ifstream file;
    if (std::filesystem::is_directory(name)) {
        return failure(errc::io, in_quotes(name) + " is a directory");
    }
    if (name != "-") {
        file.open(name, std::ios::binary);
    }
    auto& in = name == "-" ? std::cin : static_cast<std::istream&>(file);
    if (!in) {
        auto const reason = std::generic_category().message(errno);
        return failure(errc::io, in_quotes(name) + " cannot be read: " + reason);
    }
    return std::string{std::istreambuf_iterator<char>{in}, {}};
}

/// A value of the command line as JSON text: what does not look like JSON is a string.
std::string json_of(std::string const& value) {
    auto const first = value.find_first_not_of(" \t\r\n");
    auto const is_meant_as_json = first != std::string::npos &&
                                  std::string_view{"{[\""}.find(value[first]) != std::string::npos;
    if (is_meant_as_json || json::atomic_value::parse(value)) {
        return value;
    }
    return json::export_text(scalar{value});
}

/// Carries out `change(replica, path)` in one edit, and prints nothing.
template <class F>
result<void> edit_at(arguments const& given, F&& change) {
    auto const path = document_path::parse(given.path);
    if (!path) {
        return failure(path.error());
    }
    auto replica = open(given);
    if (!replica) {
        return failure(replica.error());
    }
    if (auto const renewed = renew_identity(*replica); !renewed) {
        return renewed;
    }
    return change(*replica, path_view{*path});
}

template <class F>
result<void> edited(file_replica& replica, F&& change) {
    auto const done = replica.edit(std::forward<F>(change));
    return done ? result<void>{} : failure(done.error());
}

/// Visits every place of the document, maps and lists before what they hold.
template <class F>
void for_each_place(document_view const& place, std::string const& path, F& visit) {
    visit(path, place);
    place.for_each([&](std::string_view key, document_view const& child) {
        for_each_place(child, path + path_view{key}.to_string(), visit);
    });
    std::size_t index = 0;
    place.for_each_element([&](document_view const& child) {
        for_each_place(child, path + '/' + std::to_string(index++), visit);
    });
}

bool has_places(document_view const& place) {
    return place.kind() == value_kind::map || place.kind() == value_kind::list;
}

failure nothing_at(std::string const& path) {
    return failure(errc::not_found, "there is nothing at " + path);
}

template <class F>
result<void> show_at(arguments const& given, F&& show) {
    auto const path = document_path::parse(given.path);
    if (!path) {
        return failure(path.error());
    }
    auto const replica = open(given);
    if (!replica) {
        return failure(replica.error());
    }
    auto const place = replica->state().read().find(*path);
    if (!place.exists()) {
        return nothing_at(given.path);
    }
    show(place);
    return {};
}

} // namespace

void note(std::string_view sentence) {
    std::cerr << "joinery: " << sentence << std::endl;
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

result<void> import_file(arguments const& given) {
    auto const text = read_file(given.source);
    if (!text) {
        return failure(text.error());
    }
    return edit_at(given, [&](file_replica& replica, path_view at) {
        progress_bar bar{"importing"};
        json::import_options options;
        options.progress = [&](std::size_t bytes) { bar.show(bytes, text->size()); };
        if (given.has_records) {
            options.records_by = json::common_record_fields();
        }
        result<void> imported;
        auto const done = edited(
            replica, [&](auto doc) { imported = json::import_text(doc, at, *text, options); });
        if (!imported) {
            auto const name = given.source == "-" ? "the standard input" : in_quotes(given.source);
            return result<void>{
                failure(imported.error().code, name + ", " + imported.error().message)};
        }
        if (done) {
            checkpoint(replica);
        }
        return done;
    });
}

result<void> get(arguments const& given) {
    return show_at(given, [&](document_view const& place) {
        auto text = json::export_text(place, json::layout::pretty);
        if (given.is_raw && place.kind() == value_kind::string) {
            text = place.value().as_string();
        } else if (given.is_raw && place.kind() == value_kind::text) {
            text = place.text();
        }
        std::cout << text << '\n';
    });
}

result<void> list(arguments const& given) {
    return show_at(given, [&](document_view const& below) {
        auto const show = [](std::string const& path, document_view const& place) {
            if (!has_places(place) || place.size() == 0) {
                std::cout << path << '\t' << json::export_text(place) << '\n';
            }
        };
        for_each_place(below, given.path, show);
    });
}

result<void> export_file(arguments const& given) {
    auto const wanted = given.is_pretty ? json::layout::pretty : json::layout::compact;
    return show_at(given, [&](document_view const& place) {
        std::cout << json::export_text(place, wanted) << '\n';
    });
}

result<void> set(arguments const& given) {
    return edit_at(given, [&](file_replica& replica, path_view at) {
        result<void> written;
        auto const done = edited(
            replica, [&](auto doc) { written = json::update_text(doc, at, json_of(given.value)); });
        return written ? done : written;
    });
}

result<void> insert(arguments const& given) {
    return edit_at(given, [&](file_replica& replica, path_view at) {
        auto const value = json_of(given.value);
        auto const patch =
            R"([{"op":"add","path":"/)" + given.index + R"(","value":)" + value + "}]";
        result<void> written;
        auto const done = edited(replica, [&](auto doc) {
            if (!doc.read().find(at).exists()) {
                doc.make_list(at);
            }
            auto const kind = doc.read().find(at).kind();
            if (kind != value_kind::list && doc.ok()) {
                doc.fail(errc::wrong_type,
                         given.path + " is " + std::string{name(kind)} + ", not a list");
            } else if (doc.ok()) {
                written = json::apply_patch(doc, at, patch);
            }
            if (!written) {
                doc.fail(written.error().code, written.error().message);
            }
        });
        return done;
    });
}

result<void> splice(arguments const& given) {
    return edit_at(given, [&](file_replica& replica, path_view at) {
        return edited(replica,
                      [&](auto doc) { doc.splice(at, given.position, given.count, given.value); });
    });
}

result<void> increment(arguments const& given) {
    return edit_at(given, [&](file_replica& replica, path_view at) {
        return edited(replica, [&](auto doc) { doc.increment(at, given.amount); });
    });
}

result<void> add(arguments const& given) {
    auto const element = json::atomic_value::parse(json_of(given.value));
    if (!element) {
        return failure(element.error());
    }
    return edit_at(given, [&](file_replica& replica, path_view at) {
        return edited(replica, [&](auto doc) { doc.insert(at, element->view()); });
    });
}

result<void> remove(arguments const& given) {
    auto const element = json::atomic_value::parse(json_of(given.value));
    if (!element) {
        return failure(element.error());
    }
    return edit_at(given, [&](file_replica& replica, path_view at) {
        auto const place = replica.state().find(at);
        if (!place.exists()) {
            return result<void>{nothing_at(given.path)};
        }
        if (place.kind() == value_kind::set && !place.contains(element->view())) {
            return result<void>{failure(errc::not_found, "the set at " + given.path + " has no " +
                                                             json_of(given.value))};
        }
        return edited(replica, [&](auto doc) { doc.erase(at, element->view()); });
    });
}

result<void> erase(arguments const& given) {
    return edit_at(given, [&](file_replica& replica, path_view at) {
        if (!replica.state().find(at).exists()) {
            return result<void>{nothing_at(given.path)};
        }
        return edited(replica, [&](auto doc) { doc.erase(at); });
    });
}

result<void> list_conflicts(arguments const& given) {
    return show_at(given, [](document_view const& whole) {
        auto const show = [](std::string const& path, document_view const& place) {
            auto label = "  shown  ";
            for (auto const& written : place.conflicts()) {
                std::cout << (label[2] == 's' ? path + '\n' : "") << label;
                if (written.kind < value_kind::counter) {
                    std::cout << json::export_text(written.value) << "  by "
                              << short_name(written.written_by.replica) << " at "
                              << time_text(written.written_by.time) << '\n';
                } else {
                    std::cout << name(written.kind) << '\n';
                }
                label = "  other  ";
            }
        };
        for_each_place(whole, "", show);
    });
}

result<void> list_changes(arguments const& given) {
    auto const replica = open(given);
    if (!replica) {
        return failure(replica.error());
    }
    return replica->for_each_change(version_vector{}, [](sync::changeset const& in) {
        std::cout << time_text(in.time) << "  replica " << short_name(in.origin) << "  operations "
                  << in.first << " to " << in.last() << "  " << in.body.size() << " bytes\n";
        return true;
    });
}

result<void> show_stats(arguments const& given) {
    auto const replica = open(given);
    if (!replica) {
        return failure(replica.error());
    }
    std::size_t values = 0;
    std::size_t maps = 0;
    std::size_t lists = 0;
    std::size_t conflicts = 0;
    std::size_t changes = 0;
    auto const count = [&](std::string const&, document_view const& place) {
        ++(place.kind() == value_kind::map    ? maps
           : place.kind() == value_kind::list ? lists
                                              : values);
        conflicts += place.conflicts().empty() ? 0U : 1U;
    };
    for_each_place(replica->state().read(), "", count);
    auto const counted = replica->for_each_change(version_vector{}, [&](sync::changeset const&) {
        ++changes;
        return true;
    });
    if (!counted) {
        return counted;
    }
    auto const document = static_cast<std::uint64_t>(replica->document());
    std::cout << "document    "
              << (document == 0 ? "none yet" : replica_id{document}.to_string().substr(16))
              << "\nreplica     " << replica->id().to_string() << "\nmaps        " << maps
              << "\nlists       " << lists << "\nvalues      " << values << "\nconflicts   "
              << conflicts << "\nchanges     " << changes << "\noperations  "
              << replica->changes().operation_count() << "\nreplicas    "
              << replica->version().size() << "\ndigest      " << replica->digest().to_string()
              << "\nfile bytes  " << std::filesystem::file_size(given.file) << '\n';
    return {};
}

progress_bar::progress_bar(std::string_view label)
    : label_{label},
      next_{std::chrono::steady_clock::now() + std::chrono::milliseconds{300}},
      is_terminal_{isatty(STDERR_FILENO) == 1} {}

progress_bar::~progress_bar() {
    if (is_shown_) {
        std::cerr << "\r\x1b[K" << std::flush;
    }
}

void progress_bar::show(std::uint64_t done, std::uint64_t total) {
    auto const now = std::chrono::steady_clock::now();
    if (!is_terminal_ || total == 0 || now < next_) {
        return;
    }
    constexpr std::uint64_t width = 40;
    auto const filled = static_cast<std::size_t>(width * std::min(done, total) / total);
    std::cerr << '\r' << label_ << " [" << std::string(filled, '#')
              << std::string(width - filled, '.') << "] " << 100 * std::min(done, total) / total
              << " %" << std::flush;
    next_ = now + std::chrono::milliseconds{100};
    is_shown_ = true;
}

} // namespace program
