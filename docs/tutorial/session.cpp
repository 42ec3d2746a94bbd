#include <joinery/crdt/document.hpp>
#include <joinery/crdt/json.hpp>
#include <joinery/store/sqlite.hpp>
#include <joinery/sync/session.hpp>

#include <filesystem>
#include <iostream>
#include <random>

// [type]
using namespace joinery;
using document_replica =
    sync::replica<document, stored_in<store::sqlite>, compressed_with<wire::zstd>>;
// [type] end

namespace {

result<document_replica> open_new(std::string const& name, document_replica::options wanted) {
    std::filesystem::remove(name);
    auto store = store::sqlite::open(name);
    if (!store) {
        return failure(store.error());
    }
    return document_replica::open(std::move(*store), replica_id::random(std::random_device{}),
                                  wanted);
}

// [side]
struct side {
    document_replica& replica;
    sync::session session{};
};

/// Carries what `from` has to say, except for every third message, which gets lost.
result<void> carry(side& from, side& to, sync::time_point now, unsigned& count) {
    while (auto const message = from.session.poll_message(from.replica, now, count)) {
        if (++count % 3 == 0) {
            continue;
        }
        if (auto const taken = to.session.handle_message(to.replica, *message, now); !taken) {
            return taken;
        }
    }
    return {};
}

result<void> converse(side& a, side& b, unsigned& count) {
    sync::time_point now{};
    while (!(a.session.is_settled() && b.session.is_settled())) {
        for (auto const& step : {carry(a, b, now, count), carry(b, a, now, count)}) {
            if (!step) {
                return step;
            }
        }
        now += std::chrono::milliseconds{50};
    }
    return {};
}
// [side] end

} // namespace

int main() {
    // [documents]
    auto laptop = open_new("laptop.joinery", {.document = sync::document_id{0x5eed5eed5eed5eed}});
    auto phone = open_new("phone.joinery", {});
    // [documents] end
    if (!laptop || !phone) {
        std::cerr << "cannot open the stores\n";
        return 1;
    }
    auto const written = laptop->edit([](auto doc) { doc.set({"trip", "to"}, "Rome"); });
    auto const counted = phone->edit([](auto doc) { doc.increment({"trip", "days"}, 3); });

    // [converse]
    side here{*laptop};
    side there{*phone};
    unsigned messages = 0;
    if (auto const done = converse(here, there, messages); !done) {
        std::cerr << done.error().message << '\n';
        return 1;
    }
    std::cout << json::export_text(phone->state().read()) << '\n';
    std::cout << "of one document: " << std::boolalpha << (laptop->document() == phone->document())
              << '\n';
    std::cout << "equal histories: " << (laptop->changes().digest() == phone->changes().digest())
              << '\n';
    // [converse] end

    // [again]
    auto const later = phone->edit([](auto doc) { doc.set({"trip", "to"}, "Lisbon"); });
    there.session.handle_local_change(sync::time_point{});
    auto const told = converse(here, there, messages);
    std::cout << json::export_text(laptop->state().read()) << '\n';
    // [again] end
    return written && counted && later && told && laptop->digest() == phone->digest() ? 0 : 1;
}
