#include <joinery/crdt/document.hpp>
#include <joinery/crdt/document_changes.hpp>
#include <joinery/sync/replica.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace joinery;

TEST_CASE("document_changes: an observer hears the path of every change, of every kind",
          "[crdt][document][document_changes]") {
    sync::replica<document> writer{replica_id{1}};
    sync::replica<document> reader{replica_id{2}};
    std::vector<std::string> heard;
    reader.observe([&](sync::change const& change) {
        for_each_changed_path(change.in,
                              [&](path_view path) { heard.push_back(path.to_string()); });
    });

    REQUIRE(writer.edit([](auto doc) {
        doc.set("name", "Ada");
        doc.set({"address", "city"}, "London");
        doc.increment("visits", 3);
        doc.insert("tags", "x");
        doc.erase("tags", "x");
        doc.erase("visits");
    }));
    REQUIRE(writer.for_each_change(
        {}, [&](auto const& in) { return reader.receive(in).is(sync::verdict_kind::applied); }));

    CHECK(heard == std::vector<std::string>{"/name", "/address", "/address/city", "/visits",
                                            "/tags", "/tags", "/tags", "/visits", "/visits"});
}
