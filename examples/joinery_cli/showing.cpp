#include <joinery/crdt/json.hpp>

#include <filesystem>
#include <iostream>

#include "program.hpp"

namespace program {

using namespace joinery;

namespace {

std::string time_text(hlc time) {
    return json::timestamp_text({static_cast<std::int64_t>(time.milliseconds())});
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

} // namespace program
