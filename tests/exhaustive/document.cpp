#include <joinery/crdt/document.hpp>
#include <joinery/crdt/json_export.hpp>

#include <set>
#include <string>
#include <vector>

#include "crdt/document_model.hpp"
#include "exhaustive/marked_map.hpp"

using namespace joinery;
using namespace joinery::tests;

namespace {

template <class Document>
typename specification<Document>::edit set(std::string const& key, std::string const& child) {
    return letter<Document>("insert", key + '.' + child, [=](auto doc) {
        doc.set({key, child}, 1);
    });
}
template <class Document>
typename specification<Document>::edit erase(std::string const& key) {
    return letter<Document>("erase", key, [=](auto doc) { doc.erase(key); });
}

/// The keys of the maps in a document, by its own keys; a map may be written as one value.
template <class Document>
std::string keys_of(Document const& doc) {
    sets out;
    doc.read().for_each([&](std::string_view key, document_view const& child) {
        auto& inner = out[std::string{key}];
        auto const add = [&](std::string_view name, auto const&) { inner.emplace(name); };
        child.for_each(add);
        if (child.is_scalar()) {
            child.value().for_each_member(add);
        }
    });
    return testing::text_of(out);
}

/// A document of two places whose only erase is that of a whole map.
template <class Policy>
specification<basic_document<deep_merge, Policy>> places() {
    using type = basic_document<deep_merge, Policy>;
    return {
        .edits = {set<type>("a", "x"), set<type>("a", "y"), set<type>("b", "x"), erase<type>("a")},
        .read = [](type const& doc) { return keys_of(doc); }};
}

/// One mutator of a document, and the same of its model.
struct model_letter {
    char const* verb;
    char const* argument;
    void (*change)(document_model_edit&);
};
std::vector<model_letter> const& letters() {
    static std::vector<model_letter> const all{
        {"set", "a", [](document_model_edit& model) { model.set({"a"}, 1); }},
        {"set", "a/x",
         [](document_model_edit& model) {
             model.set({"a", "x"}, 2);
         }},
        {"increment", "a", [](document_model_edit& model) { model.increment({"a"}, 1); }},
        {"insert", "a", [](document_model_edit& model) { model.insert({"a"}, 7); }},
        {"erase", "a", [](document_model_edit& model) { model.erase({"a"}); }}};
    return all;
}

/// The join of the models of some edits, each made on what its author had seen.
std::string shown_by_the_model(past const& known) {
    std::vector<causal_model> deltas;
    auto const joined = [&](std::uint64_t edits) {
        causal_model state;
        past::for_each(edits, [&](std::size_t at) { state.join(deltas[at]); });
        return state;
    };
    for (std::size_t at = 0; at < known.size(); ++at) {
        auto const& one = known[at];
        auto state = joined(one.before);
        model_edit edit{state, author{replica_id{one.replica + 1}, one.time, one.sequence}};
        document_model_edit change{edit};
        letters()[one.what].change(change);
        deltas.push_back(edit.delta());
    }
    auto const state = joined(known.seen());
    return document_reading{state}.show();
}

/// Under each key the names that its last write left: those that its author saw there, and one
/// more.
std::string shown_by_the_last(past const& known) {
    std::vector<std::set<std::string>> written;
    auto const names_under = [&](std::uint64_t edits, std::string_view key) {
        auto const writes = known.in_force(edits, [](past_edit const& later, past_edit const& one) {
            return key_of(later) == key_of(one);
        });
        std::uint64_t left = 0;
        past::for_each(writes, [&](std::size_t at) {
            auto const is_shown = key_of(known[at]) == key && !is_erase(known[at]);
            left |= std::uint64_t{is_shown ? 1U : 0U} << at;
        });
        return left == 0 ? std::set<std::string>{}
                         : written[static_cast<std::size_t>(&known.last(left) - &known[0])];
    };
    for (std::size_t at = 0; at < known.size(); ++at) {
        auto const& one = known[at];
        written.push_back(names_under(one.before, key_of(one)));
        if (!is_erase(one)) {
            written.back().emplace(one.argument.substr(2));
        }
    }
    sets shown;
    for (std::string const key : {"a", "b"}) {
        if (auto const names = names_under(known.seen(), key); !names.empty()) {
            shown[key] = names;
        }
    }
    return testing::text_of(shown);
}

} // namespace

TEST_CASE("exhaustive: document, each kind of value in one place", "[exhaustive]") {
    specification<document> spec{
        .edits = {letter<document>("set", "a", [](auto doc) { doc.set("a", 1); }),
                  letter<document>("set", "a/x",
                                   [](auto doc) {
                                       doc.set({"a", "x"}, 2);
                                   }),
                  letter<document>("increment", "a", [](auto doc) { doc.increment("a", 1); }),
                  letter<document>("insert", "a", [](auto doc) { doc.insert("a", 7); }),
                  letter<document>("erase", "a", [](auto doc) { doc.erase("a"); })},
        .read = [](document const& doc) { return shown(doc.read()); },
        .expected = shown_by_the_model};
    verify("document", spec, {.small = 5});
}

TEST_CASE("exhaustive: document with remove_wins, an erase wins", "[exhaustive]") {
    auto spec = places<remove_wins>();
    spec.expected = [](past const& known) { return shown_keys(known, true); };
    verify("document<remove_wins>", spec, {.small = 5, .are_replicas_alike = true});
}

TEST_CASE("exhaustive: document with update_wins_whole, a write brings all back", "[exhaustive]") {
    auto spec = places<update_wins_whole>();
    spec.expected = [](past const& known) { return shown_keys(known, false); };
    verify("document<update_wins_whole>", spec, {.small = 5, .are_replicas_alike = true});
}

TEST_CASE("exhaustive: document by top-level keys, the last value wins whole", "[exhaustive]") {
    using type = basic_document<top_level>;
    specification<type> const spec{
        .edits = {set<type>("a", "x"), set<type>("a", "y"), set<type>("b", "x"), erase<type>("a")},
        .read = [](type const& doc) { return keys_of(doc); },
        .expected = shown_by_the_last};
    verify("document<top_level>", spec, {.small = 5});
}

// What is shown has no oracle here: the order of items has its own, and an item that came before
// what it stands beside waits. Every order of delivery gives one value, one encoding, one digest.

namespace {

template <class Document>
specification<Document> lists() {
    return {.edits = {letter<Document>("insert", "l", [](auto doc) { doc.insert("l", 0, 1); }),
                      letter<Document>("set", "l/0",
                                       [](auto doc) {
                                           if (doc.read().at("l").size() != 0) {
                                               doc.set({"l", "0"}, 2);
                                           }
                                       }),
                      letter<Document>("erase", "l/0",
                                       [](auto doc) {
                                           if (doc.read().at("l").size() != 0) {
                                               doc.erase({"l", "0"});
                                           }
                                       }),
                      letter<Document>("erase", "l", [](auto doc) { doc.erase("l"); })},
            .read = [](Document const& doc) { return json::export_text(doc.read()); }};
}
template <class Document>
specification<Document> texts() {
    return {.edits = {letter<Document>("splice", "t",
                                       [](auto doc) {
                                           auto const size = doc.read().at("t").size();
                                           doc.splice("t", size / 2, size / 3, "ab");
                                       }),
                      letter<Document>("set", "t", [](auto doc) { doc.set("t", "scalar"); }),
                      letter<Document>("erase", "t", [](auto doc) { doc.erase("t"); })},
            .read = [](Document const& doc) { return json::export_text(doc.read()); }};
}

} // namespace

TEST_CASE("exhaustive: document, a list, its elements and its erase", "[exhaustive]") {
    verify("document of a list", lists<document>(), {.small = 5, .thorough = 6});
}
TEST_CASE("exhaustive: document with update_wins_whole, a list", "[exhaustive]") {
    using type = basic_document<deep_merge, update_wins_whole>;
    verify("document<update_wins_whole> of a list", lists<type>(), {.small = 5, .thorough = 6});
}
TEST_CASE("exhaustive: document with remove_wins, a list", "[exhaustive]") {
    using type = basic_document<deep_merge, remove_wins>;
    verify("document<remove_wins> of a list", lists<type>(), {.small = 5, .thorough = 6});
}
TEST_CASE("exhaustive: document, a text and what replaces it", "[exhaustive]") {
    // A splice of a text that is a scalar is refused and changes nothing.
    verify("document of a text", texts<document>(), {.small = 5, .thorough = 6});
}
