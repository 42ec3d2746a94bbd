#include <joinery/sync/session.hpp>

#include <cstdint>
#include <vector>

#include "../sync/changes.hpp"
#include "../sync/conversation.hpp"
#include "damage.hpp"

using namespace joinery;
using namespace joinery::tests;

namespace {

documents edited() {
    documents a{alice};
    documents b{bob};
    auto const require = [](result<sync::receipt> const& done) {
        fuzz::require(done.has_value(), "honest edits");
    };
    require(b.edit([](auto doc) {
        doc.set("t", "b");
        doc.increment("n", 2);
        doc.insert("list", 0, "x");
    }));
    deliver(b, a);
    require(a.edit([](auto doc) {
        doc.set("t", "a");
        doc.insert({"m", "s"}, 1);
        doc.splice("text", 0, 0, "abc");
    }));
    require(a.edit([](auto doc) {
        doc.erase({"m", "s"}, scalar{1});
        doc.erase("n");
        doc.erase({"list", "0"});
    }));
    return a;
}

/// What is in the frames that a replica sends to one that is empty.
std::vector<bytes> honest_payloads() {
    auto source = edited();
    documents empty{carol};
    sync::session asks;
    sync::session answers;
    auto const question = asks.poll_message(empty, {}, 0);
    fuzz::require(answers.handle_message(source, *question, {}).has_value(), "an honest question");
    std::vector<bytes> out{payload_of(*question)};
    for (auto const& answer : polled(answers, source, at_ms(-1))) {
        out.push_back(payload_of(answer));
    }
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static auto const seeds = honest_payloads();
    if (size == 0) {
        return 0;
    }
    auto const payload = fuzz::damaged(seeds, fuzz::view_of(data + 1, size - 1));
    auto const message = wire::encode_frame(data[0] % 8, payload);
    documents target{carol};
    sync::session session;
    (void)session.poll_message(target, {}, 0);
    (void)session.handle_message(target, message, {});
    fuzz::require(is_whole(target), "a replica holds whole changesets and shows what they say");
    (void)polled(session, target);
    return 0;
}
