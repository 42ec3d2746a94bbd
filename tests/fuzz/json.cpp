#include <joinery/crdt/document.hpp>
#include <joinery/crdt/json.hpp>
#include <joinery/crdt/json_patch.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "damage.hpp"

using namespace joinery;

namespace {

author const alice{replica_id{1}, hlc::at(1), 0};

std::vector<bytes> texts(std::vector<std::string> const& all) {
    std::vector<bytes> out;
    for (auto const& text : all) {
        auto const view = as_bytes(text);
        out.emplace_back(view.begin(), view.end());
    }
    return out;
}

std::string start() {
    return R"({"a":{"b":[1,2.5,"x"]},"t":"text","z":null})";
}

document started() {
    document out;
    out.edit(alice, [](auto doc) {
        fuzz::require(json::import_text(doc, {}, start()).has_value(), "honest JSON");
    });
    return out;
}

/// What is taken is shown, and taken again; what is refused changes nothing.
void import(std::string const& text) {
    auto doc = started();
    result<void> done;
    doc.edit(alice, [&](auto editor) { done = json::import_text(editor, "in", text); });
    if (!done) {
        fuzz::require(doc == started(), "refused JSON changes nothing");
        return;
    }
    auto const shown = json::export_text(doc.find("in"));
    doc.edit(alice, [&](auto editor) { done = json::import_text(editor, "in", shown); });
    fuzz::require(done.has_value(), "what is shown is JSON");
    fuzz::require(json::export_text(doc.find("in")) == shown, "and shows itself");
}

void patch(std::string const& text) {
    auto doc = started();
    result<void> done;
    doc.edit(alice, [&](auto editor) { done = json::apply_patch(editor, {}, text); });
    if (!done) {
        fuzz::require(doc == started(), "a refused patch changes nothing");
    }
    fuzz::require(document::decode(doc.encode()).has_value(), "a patched document can be sent");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static auto const values = texts({start(), R"([[],{},"\u00e9\ud83d\ude00",-1e-7,true])"});
    static auto const patches = texts({
        R"([{"op":"add","path":"/a/b/1","value":{"n":1}},{"op":"remove","path":"/t"}])",
        R"([{"op":"move","from":"/a/b/0","path":"/a/b/-"},{"op":"copy","from":"/a","path":"/c"}])",
        R"([{"op":"test","path":"/t","value":"text"},{"op":"replace","path":"","value":[3]}])",
    });
    if (size == 0) {
        return 0;
    }
    auto const input = fuzz::view_of(data + 1, size - 1);
    if (data[0] % 2 == 0) {
        import(std::string{as_text(fuzz::damaged(values, input))});
    } else {
        patch(std::string{as_text(fuzz::damaged(patches, input))});
    }
    return 0;
}
