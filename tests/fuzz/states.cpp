#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/document.hpp>
#include <joinery/crdt/resettable_counter.hpp>
#include <joinery/crdt/sequence.hpp>
#include <joinery/crdt/text.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "damage.hpp"

using namespace joinery;

namespace {

/// Two replicas that a fuzzer can imitate, and two that it cannot guess.
struct pair_of_authors {
    author first;
    author second;
};
pair_of_authors const known{{replica_id{1}, hlc::at(1), 0}, {replica_id{2}, hlc::at(2), 0}};
pair_of_authors const hidden{{replica_id{0x9ae16a3b2f90404f, 0xc3a5c85c97cb3127}, hlc::at(1), 0},
                             {replica_id{0xb492b66fbe98f273, 0x9fb21c651e98df25}, hlc::at(2), 0}};

/// A state that two replicas made by turns, who hear of each other now and then. `seen` is shown
/// each change and each state.
template <class T, class Seen, class... Edits>
T made_by(pair_of_authors const& who, Seen&& seen, Edits const&... edits) {
    T a;
    T b;
    auto turn = 0U;
    auto const carry_out = [&](auto const& edit) {
        auto& here = turn % 2 == 0 ? a : b;
        seen(here.edit(turn % 2 == 0 ? who.first : who.second, edit).encode());
        seen(here.encode());
        if (++turn % 3 == 0) {
            a.join(b);
        }
    };
    (carry_out(edits), ...);
    a.join(b);
    seen(a.encode());
    return a;
}

/// Honest states, and bytes that a fuzzer damages.
template <class T>
class subject {
public:
    template <class... Edits>
    explicit subject(Edits const&... edits)
        : own_{made_by<T>(
              known, [&](bytes encoded) { seeds_.push_back(std::move(encoded)); }, edits...)},
          strange_{made_by<T>(
              hidden, [](bytes const&) {}, edits...)} {}

    void operator()(byte_view input) const { check(fuzz::damaged(seeds_, input)); }

private:
    /// Bytes that are taken are a state that is written in the same bytes again, and that joins.
    void check(bytes const& input) const {
        auto const decoded = T::decode(input);
        if (!decoded) {
            return;
        }
        fuzz::require(decoded->encode() == input, "one state has one encoding");
        auto joined = *decoded;
        joined.join(*decoded);
        fuzz::require(joined == *decoded, "a join with itself changes nothing");
        joined.join(strange_);
        auto again = joined;
        again.join(strange_);
        fuzz::require(again == joined, "a second join changes nothing");
        auto other_way = strange_;
        other_way.join(*decoded);
        fuzz::require(other_way == joined, "a join is commutative");
        auto from_bytes = *decoded;
        fuzz::require(from_bytes.join_encoded(strange_.encode()).has_value(), "honest bytes join");
        fuzz::require(from_bytes == joined, "bytes join as the state that they say");
        // Dots that were given twice have no right outcome, but one that can be sent.
        joined.join(own_);
        fuzz::require(T::decode(joined.encode()).has_value(), "what was joined can be sent");
    }

    std::vector<bytes> seeds_;
    T own_;
    T strange_;
};

auto const& documents() {
    static subject<document> const all{
        [](auto doc) {
            doc.set({"a", "b"}, 1);
        },
        [](auto doc) { doc.insert("list", 0, "x"); },
        [](auto doc) { doc.splice("text", 0, 0, "caf\xc3\xa9"); },
        [](auto doc) {
            doc.increment("n", 3);
            doc.insert("set", 7);
        },
        [](auto doc) { doc.erase("a"); },
        [](auto doc) {
            doc.erase({"list", "0"});
        },
    };
    return all;
}

auto const& texts() {
    static subject<text> const all{
        [](auto t) { t.insert(0, "hello"); },
        [](auto t) { t.insert(0, "\xf0\x9f\x98\x80!"); },
        [](auto t) { t.insert(2, "a\nb"); },
        [](auto t) { t.erase(1, 1); },
    };
    return all;
}

auto const& lists() {
    static subject<sequence<std::int64_t>> const all{
        [](auto list) { list.insert(0, 7); },
        [](auto list) { list.insert(0, -1); },
        [](auto list) { list.erase(0); },
        [](auto list) { list.insert(1, 300); },
    };
    return all;
}

auto const& sets() {
    static subject<aw_set<std::string>> const all{
        [](auto set) { set.insert("x"); },
        [](auto set) { set.insert("y"); },
        [](auto set) { set.erase("x"); },
    };
    return all;
}

auto const& counters() {
    static subject<resettable_counter> const all{
        [](auto counter) { counter.increment(3); },
        [](auto counter) { counter.decrement(9); },
        [](auto counter) { counter.reset(); },
    };
    return all;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    auto const input = fuzz::view_of(data + 1, size - 1);
    switch (data[0] % 5) {
    case 0:
        documents()(input);
        break;
    case 1:
        texts()(input);
        break;
    case 2:
        lists()(input);
        break;
    case 3:
        sets()(input);
        break;
    default:
        counters()(input);
    }
    return 0;
}
