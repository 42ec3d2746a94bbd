#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/crdt/resettable_counter.hpp>

#include <map>
#include <set>
#include <string>

#include "exhaustive/scope.hpp"

using namespace joinery;
using namespace joinery::tests;
using testing::text_of;

namespace {

using element_set = aw_set<std::string>;

std::string_view key_of(past_edit const& one) {
    return one.argument.substr(0, one.argument.find('.'));
}
bool is_erase(past_edit const& one) {
    return one.verb == "erase";
}

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

using sets = std::map<std::string, std::set<std::string>>;

/// Adds the elements of some inserts, by key.
void show(past const& known, std::uint64_t edits, sets& out) {
    past::for_each(edits, [&](std::size_t at) {
        auto const& one = known[at];
        if (one.verb == "insert") {
            out[std::string{key_of(one)}].emplace(one.argument.substr(2));
        }
    });
}

/// A map under a policy that marks keys. Which edits a write takes away depends on whether its
/// author had seen the key removed: then it starts anew.
class marked_map {
public:
    marked_map(past const& known, bool remove_wins) : known_{known}, remove_wins_{remove_wins} {}

    /// Whether the key of `edit` is there, for somebody who has seen `edits`.
    [[nodiscard]] bool is_alive(std::uint64_t edits, std::string_view key) const {
        // Each write and each erase replaces the marks of its key that it has in front of it.
        auto const marks = known_.in_force(about(edits, key),
                                           [](past_edit const& later, past_edit const& earlier) {
                                               return key_of(later) == key_of(earlier);
                                           });
        auto has_write = false;
        auto has_erase = false;
        past::for_each(
            marks, [&](std::size_t at) { (is_erase(known_[at]) ? has_erase : has_write) = true; });
        return remove_wins_ ? !has_erase : has_write;
    }

    /// The edits of values that nobody among `edits` has taken away.
    [[nodiscard]] std::uint64_t values(std::uint64_t edits) const {
        return known_.in_force(edits, [&](past_edit const& later, past_edit const& earlier) {
            if (key_of(later) != key_of(earlier) || is_erase(earlier)) {
                return false;
            }
            if (is_erase(later)) {
                return remove_wins_;
            }
            auto const starts_anew =
                about(later.before, key_of(later)) != 0 && !is_alive(later.before, key_of(later));
            return starts_anew || later.argument == earlier.argument;
        });
    }

private:
    [[nodiscard]] std::uint64_t about(std::uint64_t edits, std::string_view key) const {
        past::for_each(edits, [&](std::size_t at) {
            if (key_of(known_[at]) != key) {
                edits &= ~(std::uint64_t{1} << at);
            }
        });
        return edits;
    }

    past const& known_;
    bool remove_wins_;
};

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
    verify("or_map<set, observed_reset>", spec, {.small = 4, .thorough = 6});
}

TEST_CASE("exhaustive: or_map with remove_wins, an erase wins", "[exhaustive]") {
    auto spec = sets_by_key<remove_wins>();
    spec.expected = [](past const& known) {
        marked_map const map{known, true};
        sets shown;
        show(known, map.values(known.seen()), shown);
        for (auto key = shown.begin(); key != shown.end();) {
            key = map.is_alive(known.seen(), key->first) ? std::next(key) : shown.erase(key);
        }
        return text_of(shown);
    };
    verify("or_map<set, remove_wins>", spec, {.small = 4, .thorough = 6});
}

TEST_CASE("exhaustive: or_map with update_wins_whole, a write brings all of the value back",
          "[exhaustive]") {
    auto spec = sets_by_key<update_wins_whole>();
    spec.expected = [](past const& known) {
        marked_map const map{known, false};
        sets all;
        show(known, map.values(known.seen()), all);
        sets shown;
        for (std::string const key : {"a", "b"}) {
            if (map.is_alive(known.seen(), key)) {
                shown[key] = all[key];
            }
        }
        return text_of(shown);
    };
    verify("or_map<set, update_wins_whole>", spec, {.small = 4, .thorough = 6});
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
         .expected = [](past const& known) {
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
         }});
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
    verify("product", spec, {.small = 4, .thorough = 6});
}
