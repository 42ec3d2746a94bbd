#include <joinery/crdt/json.hpp>
#include <joinery/crdt/json_pointer.hpp>
#include <joinery/crdt/json_update.hpp>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>
#include <utility>

#include "program.hpp"

namespace program {

using namespace joinery;

namespace {

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

/// Puts `value` in front of the element that `given.index` names, in a list that is made if nothing
/// is there.
template <class Editor>
result<void> insert_into_list(Editor& doc, path_view at, arguments const& given,
                              json::atomic_value const& value) {
    auto const list = doc.read().find(at);
    if (list.exists() && list.kind() != value_kind::list) {
        return failure(errc::wrong_type,
                       given.path + " is " + std::string{name(list.kind())} + ", not a list");
    }
    auto const index = json::gap_index(given.index, list.exists() ? list.size() : 0);
    if (!index) {
        return failure(index.error().code, given.path + ": " + index.error().message);
    }
    auto const text = json::export_text(value.view());
    if (!list.exists()) {
        return json::update_text(doc, at, '[' + text + ']');
    }
    auto const has_places =
        value.view().kind() == value_kind::object || value.view().kind() == value_kind::array;
    doc.insert(at, *index, has_places ? scalar{} : value.view());
    if (!has_places) {
        return {};
    }
    auto const element = document_path::parse(given.path + '/' + std::to_string(*index));
    return element ? json::update_text(doc, *element, text) : failure(element.error());
}

} // namespace

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

result<void> set(arguments const& given) {
    return edit_at(given, [&](file_replica& replica, path_view at) {
        result<void> written;
        auto const done = edited(
            replica, [&](auto doc) { written = json::update_text(doc, at, json_of(given.value)); });
        return written ? done : written;
    });
}

result<void> insert(arguments const& given) {
    auto const value = json::atomic_value::parse(json_of(given.value));
    if (!value) {
        return failure(value.error());
    }
    return edit_at(given, [&](file_replica& replica, path_view at) {
        return edited(replica, [&](auto doc) {
            if (auto const done = insert_into_list(doc, at, given, *value); !done) {
                doc.fail(done.error().code, done.error().message);
            }
        });
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

} // namespace program
