#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/composite_writer.hpp>
#include <joinery/crdt/document.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "causal_hostile.hpp"
#include "causal_model.hpp"
#include "document_model.hpp"
#include "hostile.hpp"
#include "tape.hpp"

using namespace joinery;

namespace {

std::size_t requested_bytes = 0;

} // namespace

// Not inlined, so that the compiler does not compare them with each other.
[[gnu::noinline]] void* operator new(std::size_t size) {
    requested_bytes += size;
    if (auto* const at = std::malloc(size)) {
        return at;
    }
    throw std::bad_alloc{};
}
[[gnu::noinline]] void* operator new(std::size_t size, std::nothrow_t const&) noexcept {
    requested_bytes += size;
    return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* at) noexcept {
    std::free(at);
}
[[gnu::noinline]] void operator delete(void* at, std::size_t) noexcept {
    std::free(at);
}

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

using tests::broken;
using tests::broken_by_pieces;
using tests::broken_pieces;
using tests::example;
using tests::pieces_of;
using tests::written_pieces;

author by(replica_id who, std::uint64_t time = 1) {
    return {who, hlc::at(time), 0};
}

using text_set = aw_set<std::string>;
using number_set = aw_set<int>;
using text_register = mv_register<std::string>;
using register_map = or_map<std::string, mv_register<std::string>>;
using nested_map = or_map<int, or_map<std::string, aw_set<int>>>;

void first_document_edit_of(auto doc) {
    doc.set({"a", "x"}, 1);
    doc.set("b", "text");
    doc.insert("s", true);
    doc.increment({"a", "n"}, -3);
}
void second_document_edit_of(auto doc) {
    doc.erase({"a", "x"});
    doc.erase("a");
    doc.increment("n", 2);
    doc.erase("s", true);
    doc.make_set("b");
}

auto const first_document_edit = [](auto doc) { first_document_edit_of(doc); };
auto const second_document_edit = [](auto doc) { second_document_edit_of(doc); };

auto const first_map_edit = [](auto map) {
    map.at(1).at("x").insert(1);
    map.at(1).at("y").insert(2);
    map.at(-2).at("").insert(3);
};
auto const second_map_edit = [](auto map) {
    map.at(1).at("x").erase(1);
    map.at(1).erase("y");
    map.erase(-2);
    map.at(3).at("z").insert(300);
};

} // namespace

TEST_CASE("causal: mutated bytes of a set are refused or canonical", "[crdt][causal][hostile]") {
    auto const texts = example<text_set>(
        [](auto set) {
            set.insert("a");
            set.insert("");
        },
        [](auto set) {
            set.erase("a");
            set.insert("bc");
        });
    auto const numbers = example<number_set>([](auto set) { set.insert(-70); },
                                             [](auto set) {
                                                 set.erase(-70);
                                                 set.insert(1'000);
                                             });

    CHECK(broken(texts, tests::hostility::all_values) == "");
    CHECK(broken(numbers, tests::hostility::all_values) == "");
}

TEST_CASE("causal: mutated bytes of a register are refused or canonical",
          "[crdt][causal][hostile]") {
    auto const values = example<text_register>([](auto reg) { reg.assign("one"); },
                                               [](auto reg) { reg.assign("two"); });

    CHECK(broken(values, tests::hostility::all_values) == "");
}

TEST_CASE("causal: mutated bytes of a map are refused or canonical", "[crdt][causal][hostile]") {
    auto const registers = example<register_map>(
        [](auto map) {
            map.at("a").assign("1");
            map.at("b").assign("2");
        },
        [](auto map) {
            map.erase("a");
            map.at("b").clear();
            map.at("c").assign("3");
        });

    CHECK(broken(registers, tests::hostility::bit_flips) == "");
    CHECK(broken(example<nested_map>(first_map_edit, second_map_edit),
                 tests::hostility::bit_flips) == "");
}

TEST_CASE("causal: mutated bytes of a document are refused or canonical",
          "[crdt][causal][hostile]") {
    CHECK(broken(example<document>(first_document_edit, second_document_edit),
                 tests::hostility::bit_flips) == "");
    document composite;
    composite_writer items;
    items.item(1);
    items.item("two");
    tests::set(composite, by(alice), "k", scalar::of_kind(value_kind::array, items.content()));
    tests::set(composite, by(alice), "l", scalar::of_kind(value_kind::number, "1e400"));
    CHECK(broken(std::pair{composite, composite}, tests::hostility::all_values) == "");
}

TEST_CASE("causal: mutated pieces are refused or keep the invariants", "[crdt][causal][hostile]") {
    CHECK(broken_pieces<number_set>([](auto set) { set.insert(-70); },
                                    [](auto set) {
                                        set.erase(-70);
                                        set.insert(1'000);
                                    },
                                    tests::hostility::all_values) == "");
    CHECK(broken_pieces<text_register>([](auto reg) { reg.assign("one"); },
                                       [](auto reg) { reg.assign("two"); },
                                       tests::hostility::all_values) == "");
    CHECK(broken_pieces<nested_map>(first_map_edit, second_map_edit,
                                    tests::hostility::all_values) == "");
}

TEST_CASE("causal: mutated pieces of a document are refused or keep the invariants",
          "[crdt][causal][hostile]") {
    CHECK(broken_pieces<document>(first_document_edit, second_document_edit,
                                  tests::hostility::all_values) == "");
}

TEST_CASE("causal: a changeset at the end of the sequence numbers is refused",
          "[crdt][causal][hostile]") {
    text_set source;
    auto in = pieces_of(source, by(alice), [](auto set) {
        set.insert("a");
        set.insert("b");
    });
    detail::piece_applier<text_set::store_type> applier;
    REQUIRE(applier.check(in.view(), 0));

    for (auto const first : {std::uint64_t{0}, local_dot::sequence_max, ~std::uint64_t{0}}) {
        in.first = first;
        CHECK_FALSE(applier.check(in.view(), 0));
    }
}

// Whatever depth a changeset may have, the state that it makes can be loaded again.
TEST_CASE("causal: what is accepted as pieces is accepted as a state at every depth",
          "[crdt][causal][hostile]") {
    auto const depth = GENERATE(range(58U, 70U));
    auto const tag = GENERATE(detail::document_tag::map, detail::document_tag::member,
                              detail::document_tag::add);
    byte_writer body;
    body.byte(tag == detail::document_tag::add ? 0 : 1);
    for (unsigned i = 1; i < depth; ++i) {
        body.byte(0);
        body.byte(static_cast<std::uint8_t>(detail::document_tag::descend));
    }
    body.byte(0);
    body.byte(static_cast<std::uint8_t>(tag));
    if (tag == detail::document_tag::member) {
        body.byte(0);
    } else if (tag == detail::document_tag::add) {
        body.byte(0);
        body.byte(2);
    }
    written_pieces const in{alice, 1, 1, body.take(), {}};

    CHECK(broken_by_pieces(document{}, in) == "");
    CHECK(detail::piece_applier<document::store_type>{}.check(in.view(), 0).has_value() ==
          (depth + (tag == detail::document_tag::member ? 1 : 0) <= detail::nesting_max));
}

// A local edit stops at fewer keys than a decoder accepts; an erase above must still find room.
TEST_CASE("causal: an erase resets a counter that lies deeper than a local path may go",
          "[crdt][causal][hostile]") {
    std::string const key(200, 'k');
    byte_writer body;
    body.byte(0);
    for (unsigned i = 0; i < detail::nesting_max; ++i) {
        body.commit(held<std::string>::put(body.reserve(held<std::string>::room(key)), key));
        body.byte(static_cast<std::uint8_t>(i + 1 < detail::nesting_max
                                                ? detail::document_tag::descend
                                                : detail::document_tag::add));
    }
    body.byte(0);
    body.byte(2);
    written_pieces const in{alice, 1, 1, body.take(), {}};
    document doc;
    detail::piece_applier<document::store_type> applier;
    auto& root = detail::causal_access::root(doc);
    REQUIRE(applier.check(in.view(), root.hash_seed));
    applier.apply(root, detail::causal_access::store(doc), in.view(), bytes_owner::somebody_else);

    auto const made = doc.try_edit(by(bob), [&](auto& editor) { editor.erase(key); });

    CHECK(made.outcome);
    CHECK(doc.size() == 0);
}

// Five bytes that promise millions of entries must not reserve room for them.
TEST_CASE("causal: a length is believed only as far as there are bytes",
          "[crdt][causal][hostile][museum]") {
    for (std::size_t at = 0; at < 3; ++at) {
        bytes promise(3, std::byte{0});
        promise.resize(at);
        for (int i = 0; i < 4; ++i) {
            promise.push_back(std::byte{0xff});
        }
        promise.push_back(std::byte{0x7f});

        CHECK_FALSE(text_set::decode(promise));
        CHECK_FALSE(text_register::decode(promise));
        CHECK_FALSE(nested_map::decode(promise));
        CHECK_FALSE(document::decode(promise));
    }
}

// Counts what is requested while a decoder runs.
TEST_CASE("causal: decoders ask for memory in proportion to their input",
          "[crdt][causal][hostile][museum]") {
    auto const honest = example<document>(first_document_edit, second_document_edit).first.encode();
    std::size_t worst = 0;

    tests::for_each_mutation(honest, tests::hostility::all_values, [&](bytes const& mutated) {
        requested_bytes = 0;
        (void)document::decode(mutated);
        worst = std::max<std::size_t>(worst, requested_bytes);
    });

    CHECK(worst < 8'192 + 64 * honest.size());
}

TEST_CASE("causal: refused bytes say where and why", "[crdt][causal]") {
    auto const empty = text_set::decode({});
    REQUIRE_FALSE(empty);
    CHECK(empty.error().code == errc::truncated);

    text_set set;
    set.insert(alice, "a");
    auto encoded = set.encode();
    encoded.push_back(std::byte{0});
    auto const longer = text_set::decode(encoded);
    REQUIRE_FALSE(longer);
    CHECK(longer.error().code == errc::malformed);
    CHECK(longer.error().offset == encoded.size() - 1);
}

TEST_CASE("causal: an edit that does nothing leaves a fresh value bottom", "[crdt][causal]") {
    document doc;

    auto const delta = doc.edit(by(alice), [](auto) {});

    CHECK(delta.is_bottom());
    CHECK(doc.is_bottom());
    CHECK(doc == document{});
    CHECK(doc.digest() == document{}.digest());
}

TEST_CASE("causal: a value that an archive loads is equal, deltas included", "[crdt][causal]") {
    auto const [state, delta] = example<document>(first_document_edit, second_document_edit);

    auto const loaded = tests::read<document>(tests::written(state));
    auto const loaded_delta = tests::read<document>(tests::written(delta));
    auto const refused = tests::read<document>({"not a state"});

    CHECK(loaded == state);
    CHECK(loaded.is_canonical());
    CHECK(loaded_delta.encode() == delta.encode());
    CHECK(loaded_delta.is_partial());
    CHECK_FALSE(refused.is_canonical());
    CHECK(refused.is_bottom());
}

TEST_CASE("causal: an encoded delta joins a fresh state without making it a delta",
          "[crdt][causal]") {
    text_set source;
    source.insert(alice, "a");
    auto const erase = source.erase(alice, "a");

    text_set fresh;
    REQUIRE(fresh.join_encoded(erase.encode()));

    CHECK_FALSE(fresh.is_partial());
    CHECK(fresh.empty());
}

TEST_CASE("causal: digests tell dots of neighbouring replicas apart", "[crdt][causal]") {
    text_set left;
    text_set right;
    left.insert(alice, "x");
    left.insert(alice, "y");
    right.insert(bob, "y");
    right.insert(bob, "x");
    auto const only = [](text_set const& from, char const* element) {
        auto copy = from;
        copy.erase(replica_id{9}, element);
        return copy;
    };
    auto const a = testing::joined(only(left, "x"), only(right, "y"));
    auto const b = testing::joined(only(left, "y"), only(right, "x"));

    CHECK_FALSE(a.digest() == b.digest());
    CHECK_FALSE(text_set{}.digest() == a.digest());
}

namespace {

/// What comparing `ours` with `theirs` asks for, the second time.
template <class T>
std::size_t bytes_to_compare(T const& ours, T const& theirs) {
    CHECK(ours.difference(theirs).is_bottom());
    requested_bytes = 0;
    (void)ours.difference(theirs);
    return requested_bytes;
}

} // namespace

TEST_CASE("causal: a difference without news asks for no memory", "[crdt][causal][difference]") {
    auto const texts = example<text_set>([](auto set) { set.insert("a"); },
                                         [](auto set) { set.erase("a"); });
    auto const maps = example<nested_map>(first_map_edit, second_map_edit);
    auto const documents = example<document>(first_document_edit, second_document_edit);

    CHECK(bytes_to_compare(texts.first, text_set{texts.first}) == 0);
    CHECK(bytes_to_compare(texts.second, texts.first) == 0);
    CHECK(bytes_to_compare(maps.first, nested_map{maps.first}) == 0);
    CHECK(bytes_to_compare(maps.second, maps.first) == 0);
    CHECK(bytes_to_compare(documents.first, document{documents.first}) == 0);
    CHECK(bytes_to_compare(documents.second, documents.first) == 0);
    CHECK(bytes_to_compare(document{}, documents.first) == 0);
}
