#include <joinery/crdt/mv_register.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/deliveries.hpp>

#include <catch2/catch.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "causal_history.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

using text_register = mv_register<std::string>;

author by(replica_id who, std::uint64_t time = 1) {
    return {who, hlc::at(time), 0};
}

std::vector<std::string> texts(text_register const& reg) {
    std::vector<std::string> out;
    for (auto const& one : reg.value()) {
        out.emplace_back(one.value);
    }
    return out;
}

text_register random_edit(text_register& reg, tests::model_edit& model,
                          testing::splitmix64& random) {
    auto const old = model.state().under({});
    if (random.chance(20)) {
        if (!old.empty()) {
            model.remove(old);
        }
        return reg.edit(model.by(), [](auto editor) { editor.clear(); });
    }
    auto const text = random.chance(10) ? std::string(200, 'v') : "v" + random.hex().substr(15);
    model.write({}, text + '@' + std::to_string(model.by().time.bits), old);
    return reg.assign(model.by(), text);
}

std::string view_difference(text_register const& reg, tests::causal_model const& model) {
    std::vector<std::pair<std::pair<std::uint64_t, dot>, std::string>> expected;
    for (auto const& [d, entry] : model.live) {
        auto const at = entry.payload.rfind('@');
        expected.push_back(
            {{std::stoull(entry.payload.substr(at + 1)), d}, entry.payload.substr(0, at)});
    }
    std::sort(expected.begin(), expected.end());
    std::vector<std::string> values;
    for (auto& [key, value] : expected) {
        values.push_back(std::move(value));
    }
    return texts(reg) == values ? "" : "the values or their order differ";
}

} // namespace

TEST_CASE("mv_register: a fresh register is empty", "[crdt][mv_register]") {
    text_register const fresh;

    CHECK(fresh.empty());
    CHECK(fresh.is_bottom());
    CHECK_FALSE(fresh.has_conflict());
}

TEST_CASE("mv_register: concurrent values stay until one supersedes them", "[crdt][mv_register]") {
    text_register left;
    text_register right;
    left.assign(by(alice, 2), "left");
    right.assign(by(bob, 1), "right");
    left.join(right);
    right.join(left);

    CHECK(texts(left) == std::vector<std::string>{"right", "left"});
    CHECK(left == right);
    CHECK(left.has_conflict());
    CHECK(left.latest() == "left");

    right.join(left.assign(by(alice, 3), "both"));
    CHECK(texts(right) == std::vector<std::string>{"both"});
}

TEST_CASE("mv_register: at equal times the greater replica id comes last", "[crdt][mv_register]") {
    text_register left;
    text_register right;
    left.assign(by(bob), "bob");
    right.assign(by(alice), "alice");

    left.join(right);

    CHECK(left.latest() == "bob");
    CHECK(left.value().back().id == dot{bob, 1});
}

TEST_CASE("mv_register: a clear keeps what was assigned concurrently", "[crdt][mv_register]") {
    text_register left;
    left.assign(by(alice), "old");
    auto right = left;
    auto const cleared = left.clear(alice);
    right.assign(by(bob), "new");

    right.join(cleared);

    CHECK(texts(right) == std::vector<std::string>{"new"});
    CHECK(left.empty());
    CHECK(left.clear(alice).is_bottom());
}

TEST_CASE("mv_register: a reader chooses what becomes of a conflict", "[crdt][mv_register]") {
    text_register left;
    text_register right;
    left.assign(by(alice, 2), "b");
    right.assign(by(bob, 1), "c");
    text_register third;
    third.assign(by(replica_id{3}, 3), "a");
    left.join(right);
    left.join(third);
    right.join(third);
    right.join(left);
    auto const joined = [](std::string so_far, std::string_view next) {
        return std::move(so_far) + '+' + std::string{next};
    };

    for (auto const& reg : {left, right}) {
        CHECK(reg.latest() == "a");
        CHECK(reg.earliest() == "c");
        CHECK(reg.highest() == "c");
        CHECK(reg.highest(std::greater<>{}) == "a");
        CHECK(reg.merged(joined) == "c+b+a");
    }
}

TEST_CASE("mv_register: without a conflict every policy shows the one value",
          "[crdt][mv_register]") {
    mv_register<int> reg;
    reg.assign(by(alice), 7);
    auto calls = 0;
    auto const sum = [&](int so_far, int next) {
        ++calls;
        return so_far + next;
    };

    CHECK(reg.latest() == 7);
    CHECK(reg.earliest() == 7);
    CHECK(reg.highest() == 7);
    CHECK(reg.merged(sum) == 7);
    CHECK(calls == 0);
}

TEST_CASE("mv_register: of equal values the newest is the highest", "[crdt][mv_register]") {
    text_register left;
    text_register right;
    left.assign(by(alice, 2), "bb");
    right.assign(by(bob, 1), "aa");
    left.join(right);
    auto const by_size = [](std::string_view a, std::string_view b) { return a.size() < b.size(); };

    CHECK(left.highest(by_size) == "bb");
}

// Two processes used one replica id: the same dot has two payloads.
TEST_CASE("mv_register: an equivocation is counted, and every side keeps the same value",
          "[crdt][mv_register][museum]") {
    text_register left;
    text_register right;
    auto const left_delta = left.assign(by(alice), "left");
    auto const right_delta = right.assign(by(alice), "right");

    SECTION("states") {
        auto const old = left;
        left.join(right);
        right.join(old);
    }
    SECTION("deltas") {
        left.join(right_delta);
        right.join(left_delta);
    }
    SECTION("bytes") {
        REQUIRE(left.join_encoded(right_delta.encode()));
        REQUIRE(right.join_encoded(left_delta.encode()));
    }

    CHECK(left.equivocations() == 1);
    CHECK(right.equivocations() == 1);
    CHECK(left == right);
    CHECK(left.digest() == right.digest());
    CHECK(texts(left) == std::vector<std::string>{"right"});
}

TEST_CASE("mv_register: random histories agree with the model", "[crdt][mv_register][model]") {
    CHECK(tests::broken_history<text_register>(1, tests::rounds(150), 50, random_edit,
                                               view_difference) == "");
}

TEST_CASE("mv_register: lattice and delta laws", "[crdt][mv_register][laws]") {
    CHECK(testing::check_laws<text_register>(
              7, tests::rounds(200), [](text_register& reg, author const& who, std::uint64_t bits) {
                  return bits % 4 == 0 ? reg.clear(who.replica)
                                       : reg.assign(who, std::to_string(bits % 8));
              }) == "");
}

TEST_CASE("mv_register: every delivery of five operations gives one value",
          "[crdt][mv_register][exhaustive]") {
    text_register left;
    text_register right;
    std::vector<text_register> deltas{left.assign(by(alice), "a"), right.assign(by(bob), "b")};
    left.join(right);
    deltas.push_back(left.assign(by(alice, 2), "c"));
    deltas.push_back(right.clear(bob));
    right.join(left);
    deltas.push_back(right.assign(by(bob, 3), "d"));

    CHECK(testing::check_deliveries<text_register>(deltas) == "");
}
