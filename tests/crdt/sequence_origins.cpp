#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/sequence_twin.hpp"

// Items that claim to have stood between others which nobody ever saw beside each other.

using namespace joinery;
using namespace joinery::tests;

namespace {

using origin = std::optional<dot>;

/// What an author inserted who claims to have seen these two side by side, and whatever else
/// beyond them.
text between(origin left, origin right, replica_id author, std::string const& letters) {
    text seen;
    auto const has_right = [&] { return right && seen.index_of(*right).has_value(); };
    auto const place_of = [&](dot const& item) {
        if (item == left) {
            return has_right() ? seen.size() - 1 : seen.size();
        }
        auto const is_last = left ? item == right : item != right;
        return is_last ? seen.size() : 0;
    };
    for (auto const& one : {left, right}) {
        if (!one || seen.index_of(*one)) {
            continue;
        }
        auto const is_both = left && right && left->replica == right->replica;
        auto const last = is_both ? std::max(left->sequence, right->sequence) : one->sequence;
        for (std::uint64_t sequence = 1; sequence <= last; ++sequence) {
            (void)seen.insert(one->replica, place_of({one->replica, sequence}), "x");
        }
    }
    auto const at = left ? seen.size() - (right ? 1 : 0) : 0;
    return seen.insert(author, at, letters);
}

/// The right origin that everybody takes instead of one that cannot be.
origin plausible(scanned_list const& in, origin left, origin right) {
    auto const& items = in.items();
    auto const place_of = [&](origin const& id) {
        auto const at = std::ranges::find_if(
            items, [&](list_item const& item) { return id && item.made.id == *id; });
        return id ? at - items.begin() : -1;
    };
    if (!right) {
        return right;
    }
    auto const place = place_of(right);
    auto const theirs = items[static_cast<std::size_t>(place)].made.left;
    auto const may_be = place_of(left) < place && place_of(theirs) <= place_of(left);
    return may_be ? right : std::nullopt;
}

struct hostile_list {
    std::vector<text> deltas;
    scanned_list model;
};

/// Runs of up to three items between any two of those before them.
hostile_list draw(testing::splitmix64& random) {
    hostile_list out;
    std::vector<dot> known;
    auto const pick = [&] {
        return known.empty() || random.chance(20) ? origin{} : origin{random.pick(known)};
    };
    auto const count = 3 + random.below(6);
    for (std::uint64_t author = 1; author <= count; ++author) {
        auto const left = pick();
        auto right = pick();
        if (left == right) {
            right.reset();
        }
        auto const length = 1 + random.below(3);
        out.deltas.push_back(between(left, right, replica_id{author}, std::string(length, 'a')));
        auto const theirs = plausible(out.model, left, right);
        auto before = left;
        for (std::uint64_t i = 1; i <= length; ++i) {
            dot const id{replica_id{author}, i};
            out.model.insert({id, before, theirs, "a"});
            before = id;
            known.push_back(id);
        }
    }
    return out;
}

text joined(std::vector<text> const& deltas, testing::splitmix64& random) {
    std::vector<std::size_t> order(deltas.size());
    text out;
    set_scan_limit(out, static_cast<std::uint32_t>(random.below(3)));
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
        std::swap(order[i], order[random.below(i + 1)]);
    }
    for (auto const i : order) {
        out.join(deltas[i]);
    }
    return out;
}

} // namespace

TEST_CASE("text: items that claim impossible neighbours have one place on all replicas",
          "[crdt][text]") {
    constexpr std::uint64_t lists = 3'000;
    for (std::uint64_t seed = 0; seed < lists; ++seed) {
        CAPTURE(seed);
        testing::splitmix64 random{seed};
        auto const all = draw(random);

        auto const first = joined(all.deltas, random);
        auto const second = joined(all.deltas, random);
        auto const third = joined(all.deltas, random);

        REQUIRE(difference_from_model(first, all.model.items()) == "");
        REQUIRE(difference_between(first, second) == "");
        REQUIRE(difference_between(first, third) == "");
    }
}
