#include <joinery/crdt/json.hpp>

#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <rapidjson/reader.h>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "documents.hpp"
#include "support/traces.hpp"

// The document of RapidJSON does not compile with every clang.
#ifndef __clang__
#include <rapidjson/document.h>
#endif

using namespace joinery;
using bench::alice;
using bench::bob;

namespace {

// W6: `w6.json.gz` of the conformance data, 1 MB, imported in one edit; 1,000 fields set on each of
// two replicas, one edit each, and merged.

constexpr std::size_t edits = 1'000;

using tree = nlohmann::json;
using path = std::vector<std::string>;
using field_edit = std::pair<path const*, std::string>;

/// The text, or nothing where there is no such file.
std::string const& source() {
    static auto const text = [] {
        auto const files = tests::data_files("json", "w6.json.gz");
        return files.empty() ? std::string{} : tests::unpacked(files.front());
    }();
    return text;
}

/// The paths of all fields that hold neither a map nor a list, in order.
void find_fields(tree const& at, path& here, std::vector<path>& found) {
    for (auto const& [key, child] : at.items()) {
        here.push_back(key);
        if (child.is_object()) {
            find_fields(child, here, found);
        } else if (!child.is_array()) {
            found.push_back(here);
        }
        here.pop_back();
    }
}

std::vector<path> const& fields() {
    static auto const all = [] {
        std::vector<path> found;
        path here;
        find_fields(tree::parse(source()), here, found);
        return found;
    }();
    return all;
}

std::vector<field_edit> draw(testing::splitmix64& random) {
    std::vector<field_edit> out;
    for (std::size_t i = 0; i < edits; ++i) {
        auto const place = static_cast<std::uint32_t>(random()) % fields().size();
        out.emplace_back(&fields()[place], random.hex());
    }
    return out;
}

bool import_all(bench::replica& into) {
    auto imported = false;
    (void)into.edit([&](auto doc) {
        imported = json::import_text(doc, path_view{std::span<std::string_view const>{}}, source())
                       .has_value();
    });
    return imported;
}

bench::replica const& imported() {
    static auto const replica = [] {
        bench::replica out{alice};
        import_all(out);
        return out;
    }();
    return replica;
}

bool set_all(bench::replica& into, std::vector<field_edit> const& list) {
    auto is_set = true;
    std::vector<std::string_view> keys;
    for (auto const& [place, value] : list) {
        keys.assign(place->begin(), place->end());
        auto const done = into.edit(
            [&](auto doc) { doc.set(path_view{std::span<std::string_view const>{keys}}, value); });
        is_set = is_set && done.has_value();
    }
    return is_set;
}

/// Two replicas of the whole, each with its own edits.
struct sides {
    bench::replica a{alice};
    bench::replica b{bob};
    bench::exchange to_a;
    bench::exchange to_b;
    std::vector<field_edit> of_a;
    std::vector<field_edit> of_b;

    sides() {
        import_all(a);
        to_b.ask(b);
        to_b.answer(a);
        to_b.take(b);
        testing::splitmix64 random{45};
        of_a = draw(random);
        of_b = draw(random);
    }
    void make() {
        to_a.ask(a);
        to_b.ask(b);
        to_a.answer(b);
        to_b.answer(a);
    }
};

#ifndef __clang__
void limit_parse(benchmark::State& state) {
    for (auto _ : state) {
        bench::measure(state, [&] {
            rapidjson::Document parsed;
            parsed.Parse(source().data(), source().size());
            bench::require(state, !parsed.HasParseError(), "the text is not JSON");
        });
    }
}
#endif

void limit_parse_nlohmann(benchmark::State& state) {
    for (auto _ : state) {
        bench::measure(state, [&] { benchmark::DoNotOptimize(tree::parse(source())); });
    }
}

void import(benchmark::State& state) {
    for (auto _ : state) {
        bench::replica replica{alice};
        auto done = false;
        bench::measure(state, [&] { done = import_all(replica); });
        bench::require(state, done, "refused");
        bench::require(
            state, tree::parse(json::export_text(replica.state().read())) == tree::parse(source()),
            "the document is another one");
    }
}

void encode(benchmark::State& state) {
    for (auto _ : state) {
        bytes encoded;
        bench::measure(state, [&] { encoded = imported().state().encode(); });
        state.counters["bytes"] = static_cast<double>(encoded.size());
    }
}

void load(benchmark::State& state) {
    auto const encoded = imported().state().encode();
    for (auto _ : state) {
        document loaded;
        owned_bytes buffer{encoded.size()};
        std::memcpy(buffer.data(), encoded.data(), encoded.size());
        bench::measure(state, [&] {
            bench::require(state,
                           loaded.join_encoded(std::move(buffer), encoded.size()).has_value(),
                           "refused");
        });
    }
}

void edit_1000(benchmark::State& state) {
    for (auto _ : state) {
        sides both;
        auto done = false;
        bench::measure(state, [&] { done = set_all(both.a, both.of_a); });
        bench::require(state, done, "an edit was refused");
    }
}

void make_deltas(benchmark::State& state) {
    for (auto _ : state) {
        sides both;
        set_all(both.a, both.of_a);
        set_all(both.b, both.of_b);
        bench::measure(state, [&] { both.make(); });
        state.counters["bytes_delta"] = static_cast<double>(both.to_a.answer_bytes());
    }
}

void merge(benchmark::State& state) {
    for (auto _ : state) {
        sides both;
        set_all(both.a, both.of_a);
        set_all(both.b, both.of_b);
        both.make();
        auto taken = false;
        bench::measure(state, [&] { taken = both.to_a.take(both.a) && both.to_b.take(both.b); });
        bench::require(state, taken && both.a.state() == both.b.state(), "the sides differ");
    }
}

[[maybe_unused]] auto const registered = [] {
    if (tests::data_files("json", "w6.json.gz").empty()) {
        return 0;
    }
#ifndef __clang__
    bench::add("W6/limit_parse", limit_parse);
#endif
    bench::add("W6/limit_parse_nlohmann", limit_parse_nlohmann);
    bench::add("W6/import", import);
    bench::add("W6/encode", encode);
    bench::add("W6/load", load);
    bench::add("W6/edit_1000", edit_1000);
    bench::add("W6/make_deltas", make_deltas);
    bench::add("W6/merge_1000_and_1000", merge);
    return 0;
}();

} // namespace
