#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/crdt/resettable_counter.hpp>

#include <map>
#include <set>
#include <string>

#include "exhaustive/marked_map.hpp"

using namespace joinery;
using namespace joinery::tests;
using testing::text_of;

namespace {

using element_set = aw_set<std::string>;

/// Elements in sets under keys: "insert(a.x)", "remove(a.x)", and "erase(a)" of a whole key.
template <class Policy>
specification<or_map<std::string, element_set, Policy>> sets_by_key() {
    using type = or_map<std::string, element_set, Policy>;
    auto const insert = [](std::string const& key, std::string const& element) {
        return letter<type>("insert", key + '.' + element,
                            [=](auto map) { map.at(key).insert(element); });
    };
    return {.edits = {insert("a", "x"), insert("a", "y"), insert("b", "x"),
                      letter<type>("remove", "a.x", [](auto map) { map.at("a").erase("x"); }),
                      letter<type>("erase", "a", [](auto map) { map.erase("a"); })}};
}

} // namespace

TEST_CASE("exhaustive: or_map with observed_reset, an erase takes what it has seen",
          "[exhaustive]") {
    auto spec = sets_by_key<observed_reset>();
    spec.expected = [](past const& known) {
        sets shown;
        show(known,
             known.in_force(known.seen(),
                            [](past_edit const& later, past_edit const& earlier) {
                                return is_erase(later) ? key_of(later) == key_of(earlier)
                                                       : later.argument == earlier.argument;
                            }),
             shown);
        return text_of(shown);
    };
    verify("or_map<set, observed_reset>", spec, {.small = 5, .are_replicas_alike = true});
}

TEST_CASE("exhaustive: or_map with remove_wins, an erase wins", "[exhaustive]") {
    auto spec = sets_by_key<remove_wins>();
    spec.expected = [](past const& known) { return shown_keys(known, true); };
    verify("or_map<set, remove_wins>", spec, {.small = 5, .are_replicas_alike = true});
}

TEST_CASE("exhaustive: or_map with update_wins_whole, a write brings all of the value back",
          "[exhaustive]") {
    auto spec = sets_by_key<update_wins_whole>();
    spec.expected = [](past const& known) { return shown_keys(known, false); };
    verify("or_map<set, update_wins_whole>", spec, {.small = 5, .are_replicas_alike = true});
}

TEST_CASE("exhaustive: or_map of counters, increments never come back", "[exhaustive]") {
    using type = or_map<std::string, resettable_counter>;
    auto const increment = [](std::string const& key, std::int64_t amount) {
        return letter<type>("increment", key + '.' + std::to_string(amount),
                            [=](auto map) { map.at(key).increment(amount); });
    };
    verify<type>(
        "or_map<counter>",
        {.edits = {increment("a", 1), increment("a", 2), increment("b", 1),
                   letter<type>("erase", "a", [](auto map) { map.erase("a"); })},
         .expected =
             [](past const& known) {
                 std::map<std::string, std::int64_t> shown;
                 for (std::string const key : {"a", "b"}) {
                     counting const counter{
                         known,
                         [&](past_edit const& one) { return !is_erase(one) && key_of(one) == key; },
                         [&](past_edit const& one) { return is_erase(one) && key_of(one) == key; }};
                     auto const counted = counter.counted(known.seen());
                     if (counted != 0) {
                         shown[key] = sum_of(known, counted);
                     }
                 }
                 return text_of(shown);
             }},
        {.small = 5, .are_replicas_alike = true});
}

namespace {

struct task {
    BOOST_HANA_DEFINE_STRUCT(task, (mv_register<std::string>, title), (element_set, tags));
};

} // namespace

TEST_CASE("exhaustive: a product joins field by field", "[exhaustive]") {
    using type = product<task>;
    auto const retitle = [](std::string const& title) {
        return letter<type>("title", title, [=](auto edit) { edit[&task::title].assign(title); });
    };
    specification<type> spec{
        .edits = {retitle("s"), retitle("t"),
                  letter<type>("tag", "x", [](auto edit) { edit[&task::tags].insert("x"); }),
                  letter<type>("untag", "x", [](auto edit) { edit[&task::tags].erase("x"); })},
        .read =
            [](type const& one) {
                std::multiset<std::string> titles;
                for (auto const& written : one[&task::title].value()) {
                    titles.emplace(written.value);
                }
                return text_of(titles) + text_of(one[&task::tags].value());
            },
        .expected =
            [](past const& known) {
                auto const is_title = [](past_edit const& one) { return one.verb == "title"; };
                auto const left = known.in_force(
                    known.seen(), [&](past_edit const& later, past_edit const& earlier) {
                        return is_title(later) == is_title(earlier);
                    });
                std::multiset<std::string> titles;
                std::set<std::string> tags;
                past::for_each(left, [&](std::size_t at) {
                    if (is_title(known[at])) {
                        titles.emplace(known[at].argument);
                    } else if (known[at].verb == "tag") {
                        tags.emplace(known[at].argument);
                    }
                });
                return text_of(titles) + text_of(tags);
            }};
    verify("product", spec, {.small = 5, .are_replicas_alike = true});
}
