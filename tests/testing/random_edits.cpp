#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/document.hpp>
#include <joinery/crdt/g_counter.hpp>
#include <joinery/crdt/g_set.hpp>
#include <joinery/crdt/lww_register.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/random_edits.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <set>
#include <string>

using namespace joinery;
using namespace joinery::testing;

namespace {

struct person {
    BOOST_HANA_DEFINE_STRUCT(person, (lww_register<std::string>, name), (pn_counter, age),
                             (aw_set<std::string>, friends));
};
struct task {
    BOOST_HANA_DEFINE_STRUCT(task, (mv_register<std::string>, title), (aw_set<int>, tags));
};

/// The verbs among 300 random edits.
template <class T>
std::set<std::string> verbs() {
    splitmix64 random{1};
    std::set<std::string> out;
    for (int i = 0; i < 300; ++i) {
        auto const name = random_edits<T>{}.name(random());
        out.insert(name.substr(0, name.find('(')));
    }
    return out;
}

} // namespace

TEMPLATE_TEST_CASE("random_edits: our types keep the laws without a mutator of the caller's",
                   "[testing][random_edits]", g_counter, pn_counter, g_set<std::string>,
                   lww_register<std::string>, mv_register<int>, aw_set<std::string>,
                   (or_map<std::string, aw_set<int>>), document, product<person>, product<task>,
                   (or_map<int, product<task>>)) {
    CHECK(check_laws<TestType>(5, 40) == "");
}

TEST_CASE("random_edits: every mutator of an editor is called", "[testing][random_edits]") {
    using names = std::set<std::string>;

    CHECK(verbs<g_counter>() == names{"increment"});
    CHECK(verbs<pn_counter>() == names{"increment", "decrement"});
    CHECK(verbs<aw_set<int>>() == names{"insert", "erase"});
    CHECK(verbs<mv_register<int>>() == names{"assign", "clear"});
    CHECK(verbs<document>() == names{"set", "increment", "insert", "erase", "make_map"});
    CHECK(verbs<product<person>>() == names{"name.assign", "age.increment", "age.decrement",
                                            "friends.insert", "friends.erase"});
}

TEST_CASE("random_edits: the same bits do the same", "[testing][random_edits]") {
    random_edits<aw_set<std::string>> const edit;
    aw_set<std::string> a;
    aw_set<std::string> b;
    author const by{replica_id{1}, hlc::at(1), 1};
    for (std::uint64_t bits = 0; bits < 50; ++bits) {
        CHECK(edit(a, by, bits) == edit(b, by, bits));
    }

    CHECK(a == b);
    CHECK(a.size() > 5);
}
