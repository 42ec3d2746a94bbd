#include <joinery/crdt/document.hpp>
#include <joinery/store/sqlite.hpp>
#include <joinery/sync/replica.hpp>

#include <filesystem>
#include <iostream>
#include <random>

// [type]
using namespace joinery;
using document_replica = sync::replica<document, stored_in<store::sqlite>>;

result<document_replica> open(std::filesystem::path const& path) {
    auto store = store::sqlite::open(path);
    if (!store) {
        return failure(store.error());
    }
    return document_replica::open(std::move(*store), replica_id::random(std::random_device{}));
}
// [type] end

int main() {
    std::filesystem::remove("notes.joinery");

    // [first]
    replica_id written_by;
    {
        auto notes = open("notes.joinery");
        if (!notes) {
            std::cerr << notes.error().message << '\n';
            return 1;
        }
        auto const edited = notes->edit([](auto doc) { doc.set("title", "Shopping"); });
        if (!edited) {
            std::cerr << edited.error().message << '\n';
            return 1;
        }
        written_by = notes->id();
    } // closed
    // [first] end

    // [again]
    auto const again = open("notes.joinery");
    if (!again) {
        std::cerr << again.error().message << '\n';
        return 1;
    }
    std::cout << again->state().at("title").value().as_string() << '\n';
    std::cout << (again->id() == written_by ? "the same replica" : "another replica") << '\n';

    auto const second = open("notes.joinery");
    std::cout << "a second one: " << name(second.error().code) << '\n';
    // [again] end
    return second ? 1 : 0;
}
