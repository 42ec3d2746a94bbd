#include <joinery/crdt/bounded_counter.hpp>
#include <joinery/crdt/g_counter.hpp>
#include <joinery/crdt/g_set.hpp>
#include <joinery/crdt/lexicographic.hpp>
#include <joinery/crdt/lww_map.hpp>
#include <joinery/crdt/lww_register.hpp>
#include <joinery/crdt/max_register.hpp>
#include <joinery/crdt/min_register.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/crdt/two_phase_set.hpp>
#include <joinery/crdt/union_by_key.hpp>

#include <cereal/types/string.hpp>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "exhaustive/scope.hpp"

using namespace joinery;
using namespace joinery::tests;
using testing::own_of_the_same_verb;
using testing::text_of;

namespace {

template <class T>
auto increment(int amount) {
    return letter<T>("increment", std::to_string(amount), [amount](auto counter) {
        counter.increment(static_cast<std::uint64_t>(amount));
    });
}
template <class T>
auto decrement(int amount) {
    return letter<T>("decrement", std::to_string(amount), [amount](auto counter) {
        counter.decrement(static_cast<std::uint64_t>(amount));
    });
}
template <class T>
auto assign(std::string const& value) {
    return letter<T>("assign", value, [value](auto reg) { reg.assign(value); });
}
template <class T>
auto insert(std::string const& element) {
    return letter<T>("insert", element, [element](auto set) { set.insert(element); });
}
template <class T>
auto erase(std::string const& element) {
    return letter<T>("erase", element, [element](auto set) { set.erase(element); });
}

/// The arguments of the edits with this verb that were seen.
std::set<std::string> arguments(past const& known, std::string_view verb) {
    std::set<std::string> out;
    past::for_each(known.where([&](past_edit const& one) { return one.verb == verb; }),
                   [&](std::size_t at) { out.emplace(known[at].argument); });
    return out;
}

} // namespace

TEST_CASE("exhaustive: g_counter", "[exhaustive]") {
    verify<g_counter>(
        "g_counter",
        {.edits = {increment<g_counter>(1), increment<g_counter>(2)},
         .expected = [](past const& known) { return text_of(sum_of(known, known.seen())); },
         .carries = own_of_the_same_verb},
        {.thorough = 8});
}

TEST_CASE("exhaustive: pn_counter", "[exhaustive]") {
    verify<pn_counter>(
        "pn_counter",
        {.edits = {increment<pn_counter>(1), decrement<pn_counter>(1), increment<pn_counter>(3)},
         .expected = [](past const& known) { return text_of(sum_of(known, known.seen())); },
         .carries = own_of_the_same_verb});
}

TEST_CASE("exhaustive: g_set", "[exhaustive]") {
    using type = g_set<std::string>;
    verify<type>(
        "g_set",
        {.edits = {insert<type>("x"), insert<type>("y"), insert<type>("z")},
         .expected = [](past const& known) { return text_of(arguments(known, "insert")); }},
        {.thorough = 8});
}

TEST_CASE("exhaustive: two_phase_set, an erased element never returns", "[exhaustive]") {
    using type = two_phase_set<std::string>;
    verify<type>(
        "two_phase_set",
        {.edits = {insert<type>("x"), erase<type>("x"), insert<type>("y"), erase<type>("y")},
         .expected =
             [](past const& known) {
                 auto left = arguments(known, "insert");
                 for (auto const& gone : arguments(known, "erase")) {
                     left.erase(gone);
                 }
                 return text_of(left);
             }},
        {.thorough = 8});
}

TEST_CASE("exhaustive: max_register and min_register", "[exhaustive]") {
    using most = max_register<std::string>;
    using least = min_register<std::string>;
    verify<most>("max_register",
                 {.edits = {assign<most>("a"), assign<most>("b"), assign<most>("c")},
                  .expected =
                      [](past const& known) {
                          auto const all = arguments(known, "assign");
                          return all.empty() ? std::string{} : *all.rbegin();
                      }},
                 {.thorough = 8});
    verify<least>("min_register",
                  {.edits = {assign<least>("a"), assign<least>("b"), assign<least>("c")},
                   .expected =
                       [](past const& known) {
                           auto const all = arguments(known, "assign");
                           return all.empty() ? std::string{} : *all.begin();
                       }},
                  {.thorough = 8});
}

TEST_CASE("exhaustive: lww_register, the last write wins", "[exhaustive]") {
    using type = lww_register<std::string>;
    specification<type> spec{.edits = {assign<type>("a"), assign<type>("b"), assign<type>("fast")},
                             .expected = [](past const& known) {
                                 return std::string{
                                     known.seen() == 0 ? "" : known.last(known.seen()).argument};
                             }};
    spec.edits.back().ticks = 3;
    verify<type>("lww_register", spec);
}

TEST_CASE("exhaustive: lww_register, the first write wins", "[exhaustive]") {
    using type = lww_register<std::string, first_wins>;
    specification<type> spec{.edits = {assign<type>("a"), assign<type>("b"), assign<type>("fast")},
                             .expected = [](past const& known) {
                                 std::string value;
                                 auto best = author{};
                                 past::for_each(known.seen(), [&](std::size_t at) {
                                     author const by{replica_id{known[at].replica + 1},
                                                     known[at].time, known[at].sequence};
                                     if (best == author{} || by < best) {
                                         best = by;
                                         value = known[at].argument;
                                     }
                                 });
                                 return value;
                             }};
    spec.edits.back().ticks = 3;
    verify<type>("lww_register<first_wins>", spec, {.thorough = 8});
}

TEST_CASE("exhaustive: lww_register, the highest value wins", "[exhaustive]") {
    using type = lww_register<std::string, highest_wins>;
    verify<type>("lww_register<highest_wins>",
                 {.edits = {assign<type>("a"), assign<type>("b"), assign<type>("c")},
                  .expected =
                      [](past const& known) {
                          auto const all = arguments(known, "assign");
                          return all.empty() ? std::string{} : *all.rbegin();
                      }},
                 {.thorough = 8});
}

TEST_CASE("exhaustive: lww_map, the last write of each key wins", "[exhaustive]") {
    using type = lww_map<std::string, std::string>;
    auto const put = [](std::string const& key, std::string const& value) {
        return letter<type>("assign", key + '.' + value, [=](auto map) { map.assign(key, value); });
    };
    verify<type>("lww_map",
                 {.edits = {put("a", "1"), put("a", "2"), erase<type>("a"), put("b", "1")},
                  .expected = [](past const& known) {
                      std::vector<std::pair<std::string, std::string>> shown;
                      for (std::string const key : {"a", "b"}) {
                          auto const writes =
                              known.where([&](past_edit const& one) { return is_under(one, key); });
                          if (writes != 0 && known.last(writes).verb == "assign") {
                              shown.emplace_back(key, known.last(writes).argument.substr(2));
                          }
                      }
                      return text_of(shown);
                  }});
}

TEST_CASE("exhaustive: bounded_counter never falls below zero", "[exhaustive]") {
    using type = bounded_counter;
    auto const hand = [](std::uint64_t to) {
        return letter<type>("transfer to " + std::to_string(to), "1",
                            [to](auto counter) { counter.transfer(replica_id{to}, 1); });
    };
    verify<type>("bounded_counter",
                 {.edits = {increment<type>(2), decrement<type>(1), hand(1), hand(2)},
                  .expected =
                      [](past const& known) {
                          auto const counted = known.where([](past_edit const& one) {
                              return one.verb == "increment" || one.verb == "decrement";
                          });
                          auto closure = known.seen();
                          past::for_each(known.seen(),
                                         [&](std::size_t at) { closure |= known[at].before; });
                          auto const value = sum_of(known, counted);
                          return closure == known.seen() && value < 0
                                     ? std::string{"nothing: more was spent than there was"}
                                     : text_of(std::max<std::int64_t>(0, value));
                      },
                  .carries = own_of_the_same_verb},
                 {.thorough = 8});
}

TEST_CASE("exhaustive: lexicographic, the greater first part brings its second along",
          "[exhaustive]") {
    using type = lexicographic<max_register<std::string>, g_set<std::string>>;
    auto const edition = [](std::string const& name) {
        return letter<type>("edition", name, [name](auto pair) { pair.first().assign(name); });
    };
    auto const put = [](std::string const& element) {
        return letter<type>("insert", element,
                            [element](auto pair) { pair.second().insert(element); });
    };
    verify<type>(
        "lexicographic",
        {.edits = {edition("1"), edition("2"), put("x"), put("y")},
         .read =
             [](type const& pair) { return pair.first().value() + text_of(pair.second().value()); },
         .expected =
             [](past const& known) {
                 std::vector<std::string> editions; // of each edit
                 auto const latest = [&](std::uint64_t edits) {
                     std::string best;
                     past::for_each(edits,
                                    [&](std::size_t at) { best = std::max(best, editions[at]); });
                     return best;
                 };
                 for (std::size_t at = 0; at < known.size(); ++at) {
                     editions.push_back(known[at].verb == "edition"
                                            ? std::string{known[at].argument}
                                            : latest(known[at].before));
                 }
                 auto const now = latest(known.seen());
                 std::set<std::string> in;
                 past::for_each(known.seen(), [&](std::size_t at) {
                     if (known[at].verb == "insert" && editions[at] == now) {
                         in.emplace(known[at].argument);
                     }
                 });
                 return now + text_of(in);
             }});
}

namespace {

struct item {
    BOOST_HANA_DEFINE_STRUCT(item, (std::string, id), (g_set<std::string>, tags));
};

} // namespace

TEST_CASE("exhaustive: union_by_key joins the records of each key", "[exhaustive]") {
    using type = union_by_key<item, &item::id>;
    auto const tag = [](std::string const& id, std::string const& with) {
        return letter<type>("tag", id + '.' + with,
                            [=](auto items) { items.at(id)[&item::tags].insert(with); });
    };
    using tags = std::map<std::string, std::set<std::string>>;
    verify<type>("union_by_key",
                 {.edits = {tag("a", "x"), tag("a", "y"), tag("b", "x")},
                  .read =
                      [](type const& items) {
                          tags all;
                          for (auto const& one : items) {
                              for (auto const& with : one.tags) {
                                  all[one.id].insert(with);
                              }
                          }
                          return text_of(all);
                      },
                  .expected =
                      [](past const& known) {
                          tags all;
                          for (auto const& one : arguments(known, "tag")) {
                              all[one.substr(0, 1)].insert(one.substr(2));
                          }
                          return text_of(all);
                      }},
                 {.thorough = 8});
}
