#include <joinery/core/decomposition.hpp>
#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/boxed.hpp>
#include <joinery/crdt/document.hpp>
#include <joinery/crdt/dot_store_difference.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/testing/laws.hpp>
#include <joinery/testing/random.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "document_model.hpp"
#include "hostile.hpp"

using namespace joinery;
using testing::joined;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

author by(replica_id who, std::uint64_t time = 1) {
    return {who, hlc::at(time), 0};
}

using text_set = aw_set<std::string>;
using text_register = mv_register<std::string>;

struct folder {
    BOOST_HANA_DEFINE_STRUCT(folder, (mv_register<int>, title), (aw_set<int>, tags),
                             (or_map<int, boxed<folder>>, children));
};
using folders = product<folder>;
using boxed_maps = or_map<int, boxed<or_map<std::string, aw_set<int>>>>;
using documents = basic_document<top_level>;

static_assert(decomposable<text_set>);
static_assert(decomposable<folders>);
static_assert(decomposable<document>);
static_assert(decomposable<interval_set>);
static_assert(decomposable<causal_context>);

template <class Editor>
void change_folder(Editor e, testing::splitmix64& random) {
    auto const number = static_cast<int>(random.below(3));
    switch (random.below(5)) {
    case 0:
        return e[&folder::title].assign(number);
    case 1:
        return e[&folder::title].clear();
    case 2:
        return e[&folder::tags].insert(number);
    case 3:
        return e[&folder::tags].erase(number);
    default:
        return e[&folder::children].erase(number);
    }
}

auto const edit_folders = [](auto e, testing::splitmix64& random) {
    auto const number = static_cast<int>(random.below(2));
    switch (random.below(3)) {
    case 0:
        return change_folder(e, random);
    case 1:
        return change_folder(e[&folder::children].at(number), random);
    default:
        return change_folder(e[&folder::children].at(number)[&folder::children].at(1), random);
    }
};

auto const edit_maps = [](auto e, testing::splitmix64& random) {
    auto const outer = static_cast<int>(random.below(3));
    std::string const inner(1, static_cast<char>('a' + random.below(2)));
    auto const element = static_cast<int>(random.below(2));
    switch (random.below(7)) {
    case 0:
        return e.erase(outer);
    case 1:
        return e.at(outer).erase(inner);
    case 2:
    case 3:
        return e.at(outer).at(inner).erase(element);
    default:
        return e.at(outer).at(inner).insert(element);
    }
};

auto const edit_documents = [](auto e, testing::splitmix64& random) {
    std::string const key(1, static_cast<char>('a' + random.below(3)));
    std::string const below(1, static_cast<char>('a' + random.below(2)));
    switch (random.below(6)) {
    case 0:
        return e.erase(key);
    case 1:
        return e.increment(key, static_cast<std::int64_t>(random.below(5)) - 2);
    case 2:
        return e.insert(key, static_cast<std::int64_t>(random.below(3)));
    case 3:
        return e.erase({key, below});
    default:
        return e.set({key, below}, static_cast<std::int64_t>(random.below(9)));
    }
};

/// Which law `a.difference(b)` breaks: `c` stands for everybody who may receive it.
template <class T>
std::string broken(T const& a, T const& b, T const& c) {
    auto const news = a.difference(b);
    if (joined(b, news) != joined(b, a)) {
        return "b ⊔ difference == b ⊔ a";
    }
    if (joined(joined(c, news), b) != joined(joined(c, b), a)) {
        return "somebody else may receive the difference first";
    }
    if (news.is_bottom() != (joined(b, a) == b)) {
        return "bottom exactly if nothing is new";
    }
    if (news.difference(b) != news || !a.difference(joined(b, news)).is_bottom()) {
        return "nothing but news";
    }
    for (auto const& part : decompose(news)) {
        if (joined(b, part) == b || joined(a, part) != a) {
            return "each part is new to b and below a";
        }
    }
    auto const decoded = T::decode(news.encode());
    if (!decoded || decoded->encode() != news.encode()) {
        return "a difference is encoded as it is: " +
               (decoded ? std::string{"other bytes"} : decoded.error().message);
    }
    T folded;
    a.decompose([&](T const& part) { folded.join(part); });
    return folded == a ? "" : "the join of the parts is the whole";
}

/// Three replicas that edit, exchange deltas and states, and compare.
template <class T, class Edit>
std::string broken_run(std::uint64_t seed, Edit edit) {
    testing::splitmix64 random{seed};
    std::array<T, 3> states;
    std::vector<T> deltas;
    for (unsigned step = 0; step < 50; ++step) {
        auto const who = static_cast<std::size_t>(random.below(3));
        auto const& other = random.pick(states);
        if (random.chance(50)) {
            deltas.push_back(states[who].edit(by(replica_id{9 - who}, 1 + step / 3),
                                              [&](auto e) { edit(e, random); }));
        } else if (random.chance(60) && !deltas.empty()) {
            auto batch = random.pick(deltas);
            batch.join(random.pick(deltas));
            if (auto text = broken(batch, states[who], other); !text.empty()) {
                return "delta: " + text + ", seed " + std::to_string(seed);
            }
            auto const news = batch.difference(states[who]);
            if (batch.is_partial() && !news.is_bottom() && !news.is_partial()) {
                return "the difference of a delta is a delta, seed " + std::to_string(seed);
            }
            states[who].join(random.chance(50) ? news : batch);
        } else {
            if (auto text = broken(other, states[who], random.pick(states)); !text.empty()) {
                return "state: " + text + ", seed " + std::to_string(seed);
            }
            states[who].join(other.difference(states[who]));
        }
    }
    return {};
}

template <class T, class Edit>
std::string broken_runs(unsigned count, Edit edit) {
    for (std::uint64_t seed = 0; seed < tests::rounds(count); ++seed) {
        if (auto text = broken_run<T>(seed, edit); !text.empty()) {
            return text;
        }
    }
    return {};
}

} // namespace

TEST_CASE("dot_store_difference: what is new is all that is sent", "[crdt][difference]") {
    text_set ours;
    for (auto const* element : {"a", "b", "c"}) {
        ours.insert(alice, element);
    }
    auto const theirs = ours;
    ours.insert(alice, "d");

    auto const news = ours.difference(theirs);

    CHECK(news.is_partial());
    CHECK(news.value() == std::vector<std::string_view>{"d"});
    CHECK(news.context().count() == 1);
    CHECK(theirs.difference(ours).is_bottom());
}

TEST_CASE("dot_store_difference: what was removed is named", "[crdt][difference]") {
    mv_register<int> reg;
    or_map<std::string, mv_register<int>> ours;
    ours.edit(by(alice), [](auto map) { map.at("k").assign(1); });
    auto theirs = ours;
    ours.edit(by(alice), [](auto map) { map.at("k").assign(2); });

    auto const news = ours.difference(theirs);
    theirs.join(news);

    CHECK(news.is_partial());
    CHECK(news.context().count() == 2);
    CHECK(theirs == ours);
    CHECK(theirs.at("k").latest() == 2);
}

// The place where the erased element stood is not known to who has erased it long ago.
TEST_CASE("dot_store_difference: a removal reaches somebody whom it was not made for",
          "[crdt][difference]") {
    text_set ours;
    ours.insert(alice, "gone");
    auto third = ours;
    text_set theirs;
    theirs.insert(bob, "other");
    ours.erase(alice, "gone");

    auto const news = ours.difference(theirs);
    third.join(news);

    CHECK_FALSE(third.contains("gone"));
    CHECK_FALSE(news.is_partial());
    CHECK(news.size() == 0);
}

TEST_CASE("dot_store_difference: the difference of a delta is a delta", "[crdt][difference]") {
    text_set ours;
    ours.insert(alice, "x");
    auto theirs = ours;
    auto third = ours;
    auto batch = ours.insert(alice, "y");
    batch.join(ours.erase(alice, "x"));
    theirs.insert(bob, "z");

    auto const news = batch.difference(theirs);
    third.join(news);

    CHECK(news.is_partial());
    CHECK(third == ours);
    CHECK(joined(theirs, news) == joined(theirs, ours));
}

TEST_CASE("dot_store_difference: two payloads of one dot are news where the lesser one is",
          "[crdt][difference]") {
    text_register ours;
    text_register theirs;
    ours.assign(by(alice), "greater");
    theirs.assign(by(alice), "a lesser");
    REQUIRE(ours.context() == theirs.context());

    CHECK(joined(theirs, ours.difference(theirs)) == joined(theirs, ours));
    CHECK(joined(theirs, ours.difference(theirs)).latest() == "greater");
    CHECK(theirs.difference(ours).is_bottom());
}

TEST_CASE("dot_store_difference: the parts of a map speak only about their key",
          "[crdt][difference]") {
    text_set set;
    set.insert(alice, "b");
    set.insert(alice, "a");
    set.erase(alice, "b");
    std::vector<std::string> parts;

    set.decompose([&](text_set const& part) {
        parts.push_back(part.empty() ? std::string{"dead"} : std::string{part.value()[0]});
        CHECK(part.is_partial() == !part.empty());
        CHECK(part.context().count() == 1);
    });

    CHECK(parts == std::vector<std::string>{"a", "dead", "dead"});
}

TEST_CASE("dot_store_difference: an increment and a reset are news by themselves",
          "[crdt][difference]") {
    document ours;
    tests::increment(ours, alice, "n", 5);
    auto theirs = ours;
    tests::erase(ours, bob, "n");
    tests::increment(theirs, alice, "n", 2);

    auto const reset = ours.difference(theirs);
    auto const increment = theirs.difference(ours);

    CHECK(decompose(increment).size() == 1);
    CHECK(joined(theirs, reset).at("n").counter() == 2);
    CHECK(joined(ours, increment).at("n").counter() == 2);
}

// Keys are looked up in the order in which both hold them, or else by their hashes.
TEST_CASE("dot_store_difference: large maps are compared in whatever order they hold their keys",
          "[crdt][difference]") {
    auto const seed = GENERATE(range(0U, 40U));
    CAPTURE(seed);
    testing::splitmix64 random{seed};
    auto const count = 1 + random.below(400);
    aw_set<int> ours;
    aw_set<int> theirs;
    auto const change = [&](aw_set<int>& set, replica_id who, std::uint64_t changes) {
        set.edit(by(who), [&](auto e) {
            for (; changes > 0; --changes) {
                auto const element = static_cast<int>(random.below(count));
                if (random.chance(70)) {
                    e.insert(element);
                } else {
                    e.erase(element);
                }
            }
        });
    };
    change(ours, alice, count);
    if (seed % 2 == 0) {
        theirs.join(ours);
    } else {
        theirs = aw_set<int>::decode(ours.encode()).value();
    }
    change(theirs, bob, random.below(count));
    change(ours, alice, random.below(count / 10 + 1));

    CHECK(joined(theirs, ours.difference(theirs)) == joined(theirs, ours));
    CHECK(joined(ours, theirs.difference(ours)) == joined(theirs, ours));
    CHECK(ours.difference(joined(theirs, ours)).is_bottom());
}

TEST_CASE("dot_store_difference: laws for maps in boxes", "[crdt][difference][laws]") {
    CHECK(broken_runs<boxed_maps>(60, edit_maps) == "");
}

TEST_CASE("dot_store_difference: laws for records that hold themselves",
          "[crdt][difference][laws]") {
    CHECK(broken_runs<folders>(60, edit_folders) == "");
}

TEST_CASE("dot_store_difference: laws for documents of whole values", "[crdt][difference][laws]") {
    CHECK(broken_runs<documents>(60, edit_documents) == "");
}

TEST_CASE("dot_store_difference: laws for documents", "[crdt][difference][laws]") {
    CHECK(broken_runs<document>(60, edit_documents) == "");
}

// Bytes that were accepted may say what no history says: a floor that nobody has seen, a dot in two
// places. They break nothing. What stands in two places cannot be taken apart; the rest is compared
// like others.
TEST_CASE("dot_store_difference: states that no history leads to are compared as well",
          "[crdt][difference][hostile]") {
    document ours;
    ours.edit(by(alice), [](auto doc) {
        doc.set({"a", "x"}, 1);
        doc.increment("n", 2);
        doc.erase("n");
        doc.increment("n", 3);
        doc.insert("s", true);
    });
    auto theirs = ours;
    theirs.edit(by(bob), [](auto doc) {
        doc.erase("a");
        doc.increment("n", 1);
    });
    std::string text;
    std::size_t compared = 0;

    tests::for_each_mutation(ours.encode(), tests::hostility::all_values, [&](bytes const& bytes) {
        auto const value = document::decode(bytes);
        if (!value || !text.empty()) {
            return;
        }
        document folded;
        std::size_t parts = 0;
        value->decompose([&](document const& part) {
            folded.join(part);
            ++parts;
        });
        auto const is_same = folded == *value &&
                             joined(theirs, value->difference(theirs)) == joined(theirs, *value) &&
                             joined(*value, theirs.difference(*value)) == joined(*value, theirs);
        auto const has_doubles = parts != value->context().count();
        text = is_same || has_doubles ? "" : tests::hex(bytes);
        compared += has_doubles ? 0 : 1;
    });

    CHECK(text == "");
    CHECK(compared > 100);
}
