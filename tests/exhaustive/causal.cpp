#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/dw_flag.hpp>
#include <joinery/crdt/ew_flag.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/resettable_counter.hpp>
#include <joinery/crdt/rw_set.hpp>

#include <set>
#include <string>
#include <tuple>

#include "exhaustive/scope.hpp"

using namespace joinery;
using namespace joinery::tests;
using testing::text_of;

namespace {

bool is_same_place(past_edit const& later, past_edit const& earlier) {
    return later.argument == earlier.argument;
}

/// Two elements that are inserted and erased.
template <class Set>
specification<Set> inserting() {
    specification<Set> spec;
    for (std::string const element : {"x", "y"}) {
        spec.edits.push_back(
            letter<Set>("insert", element, [element](auto set) { set.insert(element); }));
        spec.edits.push_back(
            letter<Set>("erase", element, [element](auto set) { set.erase(element); }));
    }
    return spec;
}

/// The elements of which an insert is in force; if `erase_wins`, and no erase.
std::string elements(past const& known, bool erase_wins) {
    std::set<std::string> in;
    std::set<std::string> out;
    past::for_each(known.in_force(known.seen(), is_same_place), [&](std::size_t at) {
        (known[at].verb == "insert" ? in : out).emplace(known[at].argument);
    });
    for (auto const& element : out) {
        if (erase_wins) {
            in.erase(element);
        }
    }
    return text_of(in);
}

template <class Flag>
specification<Flag> switching() {
    return {.edits = {letter<Flag>("enable", "", [](auto flag) { flag.enable(); }),
                      letter<Flag>("disable", "", [](auto flag) { flag.disable(); })}};
}

} // namespace

TEST_CASE("exhaustive: aw_set, an insert wins over a concurrent erase", "[exhaustive]") {
    auto spec = inserting<aw_set<std::string>>();
    spec.expected = [](past const& known) { return elements(known, false); };
    verify("aw_set", spec);
}

TEST_CASE("exhaustive: rw_set, an erase wins over a concurrent insert", "[exhaustive]") {
    auto spec = inserting<rw_set<std::string>>();
    spec.expected = [](past const& known) { return elements(known, true); };
    verify("rw_set", spec, {.small = 5, .are_replicas_alike = true});
}

TEST_CASE("exhaustive: ew_flag, an enable wins over a concurrent disable", "[exhaustive]") {
    auto spec = switching<ew_flag>();
    spec.expected = [](past const& known) {
        auto const enables = known.where([](past_edit const& one) { return one.verb == "enable"; });
        return text_of((known.in_force(known.seen(), is_same_place) & enables) != 0);
    };
    verify("ew_flag", spec, {.thorough = 8});
}

TEST_CASE("exhaustive: dw_flag, a disable wins over a concurrent enable", "[exhaustive]") {
    auto spec = switching<dw_flag>();
    spec.expected = [](past const& known) {
        auto const enables = known.where([](past_edit const& one) { return one.verb == "enable"; });
        auto const left = known.in_force(known.seen(), is_same_place);
        return text_of(left != 0 && (left & ~enables) == 0);
    };
    verify("dw_flag", spec, {.thorough = 8});
}

TEST_CASE("exhaustive: mv_register keeps what was written concurrently", "[exhaustive]") {
    using type = mv_register<std::string>;
    auto const assign = [](std::string const& value) {
        return letter<type>("assign", value, [value](auto reg) { reg.assign(value); });
    };
    specification<type> spec{
        .edits = {assign("a"), assign("b"),
                  letter<type>("clear", "", [](auto reg) { reg.clear(); })},
        .expected = [](past const& known) {
            std::set<std::tuple<std::uint64_t, std::size_t, std::uint64_t, std::string>> sorted;
            auto const left = known.in_force(
                known.seen(), [](past_edit const&, past_edit const&) { return true; });
            past::for_each(left, [&](std::size_t at) {
                auto const& one = known[at];
                if (one.verb == "assign") {
                    sorted.emplace(one.time.bits, one.replica, one.sequence, one.argument);
                }
            });
            std::vector<std::string> values;
            for (auto const& one : sorted) {
                values.push_back(std::get<3>(one));
            }
            return text_of(values);
        }};
    verify("mv_register", spec, {.thorough = 8});
}

TEST_CASE("exhaustive: resettable_counter, a reset takes what it has seen and nothing else",
          "[exhaustive]") {
    using type = resettable_counter;
    specification<type> spec{
        .edits = {letter<type>("increment", "1", [](auto counter) { counter.increment(1); }),
                  letter<type>("increment", "3", [](auto counter) { counter.increment(3); }),
                  letter<type>("decrement", "1", [](auto counter) { counter.decrement(1); }),
                  letter<type>("reset", "", [](auto counter) { counter.reset(); })},
        .expected = [](past const& known) {
            counting const counter{known, [](past_edit const& one) { return one.verb != "reset"; },
                                   [](past_edit const& one) { return one.verb == "reset"; }};
            return text_of(sum_of(known, counter.counted(known.seen())));
        }};
    verify("resettable_counter", spec, {.small = 5, .are_replicas_alike = true});
}
