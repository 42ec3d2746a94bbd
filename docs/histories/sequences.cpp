#include <joinery/crdt/sequence.hpp>
#include <joinery/crdt/text.hpp>

#include <array>
#include <string>

#include "history.hpp"

namespace joinery::docs {

namespace {

/// Bob inserts behind what alice erases.
std::string sequence_history() {
    auto const show = [](sequence<int> const& list) {
        std::string out;
        for (auto const n : list.value()) {
            out += (out.empty() ? "[" : ", ") + std::to_string(n);
        }
        return out + ']';
    };
    return history<sequence<int>>{show}
        .edit(0, "insert(0, [1, 2, 3])",
              [](auto list) {
                  list.insert(0, std::array{1, 2, 3});
              })
        .send(0)
        .edit(0, "erase(1)", [](auto list) { list.erase(1); })
        .edit(1, "insert(2, 9)", [](auto list) { list.insert(2, 9); })
        .meet()
        .draw();
}

/// Both type at one place, and alice goes on.
std::string text_history() {
    auto const type = [](std::size_t index, char const* what) {
        return [=](auto text) { text.insert(index, what); };
    };
    return history<text>{[](text const& t) { return t.value(); }}
        .edit(0, "insert(0, Hi!)", type(0, "Hi!"))
        .send(0)
        .edit(0, "insert(2, -al)", type(2, "-al"))
        .edit(1, "insert(2, -you)", type(2, "-you"))
        .edit(0, "insert(5, l)", type(5, "l"))
        .meet()
        .draw();
}

} // namespace

std::vector<drawing> sequence_drawings() {
    return {{"sequence", sequence_history}, {"text", text_history}};
}

} // namespace joinery::docs
