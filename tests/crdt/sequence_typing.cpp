#include <joinery/core/utf8.hpp>
#include <joinery/crdt/sequence.hpp>
#include <joinery/crdt/text.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// People type where they have just typed, and a sequence has short ways for that. Whatever happens
// between two keys, a short way has to lead to the same place as the long one.

using namespace joinery;

namespace {

constexpr std::array authors{replica_id{1}, replica_id{2}, replica_id{3}};

/// A text that two people edit in one process, and a third one from outside; beside it a string.
class shared_text {
public:
    explicit shared_text(std::uint64_t seed) : random_{seed} { insert(0, 0, "the beginning"); }

    /// One of the two edits at its caret, so that a short way is taken if there is one.
    void edit_at_caret() {
        auto const who = random_.below(2);
        auto& caret = carets_[who];
        caret = std::min(caret, text_.size());
        switch (random_.below(8)) {
        case 0:
            caret = random_.below(text_.size() + 1);
            break;
        case 1:
            if (caret != 0) {
                erase(who, --caret);
            }
            break;
        case 2:
            if (caret != text_.size()) {
                erase(who, caret);
            }
            break;
        default:
            insert(who, caret++, random_.below(9) == 0 ? "\xc3\xa9" : "x");
            break;
        }
    }
    /// The third one edits a copy, whose delta joins.
    void edit_from_outside() {
        auto const before = points();
        outside_.join(text_);
        auto const at = random_.below(before);
        text const delta = random_.below(2) == 0 ? text{outside_.erase(authors[2], at)}
                                                 : text{outside_.insert(authors[2], at, "o")};
        text_.join(delta);
        plain_ = outside_.value();
    }

    [[nodiscard]] bool is_as_it_should_be() const { return text_.value() == plain_; }
    [[nodiscard]] std::size_t points() const { return text_.size(); }

private:
    void insert(std::size_t who, std::size_t at, std::string const& what) {
        (void)text_.insert(authors[who], at, what);
        plain_.insert(byte_of(at), what);
    }
    void erase(std::size_t who, std::size_t at) {
        (void)text_.erase(authors[who], at);
        plain_.erase(byte_of(at), byte_of(at + 1) - byte_of(at));
    }
    [[nodiscard]] std::size_t byte_of(std::size_t index) const {
        std::size_t at = 0;
        for (; index != 0; --index) {
            at += utf8_sequence_bytes(std::string_view{plain_}.substr(at));
        }
        return at;
    }

    testing::splitmix64 random_;
    text text_;
    text outside_;
    std::string plain_;
    std::array<std::size_t, 2> carets_{};
};

} // namespace

TEST_CASE("sequence_typing: keys of two people and of a third one go where they were pressed",
          "[crdt][text][sequence_typing]") {
    auto const seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{40}));
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    shared_text shared{seed};
    for (int step = 0; step < 600; ++step) {
        if (random.below(20) == 0 && shared.points() != 0) {
            shared.edit_from_outside();
        } else {
            shared.edit_at_caret();
        }
        CAPTURE(step);
        REQUIRE(shared.is_as_it_should_be());
    }
}

TEST_CASE("sequence_typing: somebody who types on is not led astray by an edit behind the caret",
          "[crdt][text][sequence_typing]") {
    text typed;
    (void)typed.insert(authors[0], 0, "behind");
    (void)typed.insert(authors[0], 0, "a");
    (void)typed.insert(authors[0], 1, "b");

    SECTION("by an author in the same process") {
        (void)typed.erase(authors[1], 4); // the h
    }
    SECTION("from outside") {
        auto other = typed;
        typed.join(other.erase(authors[1], 4));
    }
    (void)typed.insert(authors[0], 2, "c");

    CHECK(typed.value() == "abcbeind");
}

TEST_CASE("sequence_typing: a list that moves into another pool between two values keeps both",
          "[crdt][sequence][sequence_typing]") {
    sequence<std::string> list;
    (void)list.insert(authors[0], 0, "a value that is kept in the pool of its list");
    (void)list.insert(authors[0], 1, "another value that is kept in the pool of its list");
    list.compact();
    (void)list.insert(authors[0], 2, "a third one");

    CHECK(list.size() == 3);
    CHECK(list[1] == "another value that is kept in the pool of its list");
    CHECK(list[2] == "a third one");
}
