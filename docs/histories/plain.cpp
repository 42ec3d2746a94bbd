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
#include <string>

#include "history.hpp"

namespace joinery::docs {

namespace {

std::string g_counter_history() {
    return history<g_counter>{}
        .edit(0, "increment(3)", [](auto counter) { counter.increment(3); })
        .edit(1, "increment(4)", [](auto counter) { counter.increment(4); })
        .meet()
        .draw();
}

std::string pn_counter_history() {
    return history<pn_counter>{}
        .edit(0, "increment(3)", [](auto counter) { counter.increment(3); })
        .edit(1, "decrement(5)", [](auto counter) { counter.decrement(5); })
        .meet()
        .draw();
}

std::string bounded_counter_history() {
    return history<bounded_counter>{}
        .edit(0, "increment(3)", [](auto counter) { counter.increment(3); })
        .edit(0, "transfer(bob, 1)", [](auto counter) { counter.transfer(replica_id{2}, 1); })
        .send(0)
        .edit(0, "decrement(2)", [](auto counter) { counter.decrement(2); })
        .edit(1, "decrement(1)", [](auto counter) { counter.decrement(1); })
        .meet()
        .draw();
}

std::string g_set_history() {
    return history<g_set<std::string>>{}
        .edit(0, "insert(x)", [](auto set) { set.insert("x"); })
        .edit(1, "insert(y)", [](auto set) { set.insert("y"); })
        .meet()
        .draw();
}

std::string two_phase_set_history() {
    return history<two_phase_set<std::string>>{}
        .edit(0, "insert(x)", [](auto set) { set.insert("x"); })
        .send(0)
        .edit(1, "erase(x)", [](auto set) { set.erase("x"); })
        .send(1)
        .edit(0, "insert(x)", [](auto set) { set.insert("x"); })
        .send(0)
        .draw();
}

template <class Register>
std::string assigned(int alices, int bobs) {
    return history<Register>{}
        .edit(0, "assign(" + std::to_string(alices) + ')', [=](auto reg) { reg.assign(alices); })
        .edit(1, "assign(" + std::to_string(bobs) + ')', [=](auto reg) { reg.assign(bobs); })
        .meet()
        .draw();
}

std::string lww_register_history() {
    return history<lww_register<std::string>>{}
        .edit(0, "assign(a)", [](auto reg) { reg.assign("a"); })
        .edit(1, "assign(b)", [](auto reg) { reg.assign("b"); })
        .meet()
        .edit(0, "assign(c)", [](auto reg) { reg.assign("c"); })
        .send(0)
        .draw();
}

std::string register_policy_history() {
    return "newest_wins\n" + assigned<lww_register<int, newest_wins>>(9, 4) + "\nfirst_wins\n" +
           assigned<lww_register<int, first_wins>>(9, 4) + "\nhighest_wins\n" +
           assigned<lww_register<int, highest_wins>>(9, 4);
}

std::string lww_map_history() {
    using type = lww_map<std::string, int>;
    return history<type>{[](type const& map) {
               auto const all = map.value();
               return testing::text_of(std::map<std::string, int>(all.begin(), all.end()));
           }}
        .edit(0, "assign(k, 1)", [](auto map) { map.assign("k", 1); })
        .send(0)
        .edit(0, "assign(k, 2)", [](auto map) { map.assign("k", 2); })
        .edit(1, "erase(k)", [](auto map) { map.erase("k"); })
        .meet()
        .edit(0, "assign(k, 3)", [](auto map) { map.assign("k", 3); })
        .send(0)
        .draw();
}

std::string lexicographic_history() {
    using plan = lexicographic<max_register<int>, g_set<std::string>>;
    return history<plan>{[](plan const& one) {
               return testing::text_of(one.first()) + ' ' + testing::text_of(one.second());
           }}
        .edit(0, "first: assign(1)", [](auto pair) { pair.first().assign(1); })
        .send(0)
        .edit(0, "second: insert(cut)", [](auto pair) { pair.second().insert("cut"); })
        .edit(1, "first: assign(2)", [](auto pair) { pair.first().assign(2); })
        .meet()
        .draw();
}

struct item {
    BOOST_HANA_DEFINE_STRUCT(item, (std::string, id), (pn_counter, stock));
};

std::string union_by_key_history() {
    using items = union_by_key<item, &item::id>;
    auto const show = [](items const& all) {
        std::string out;
        for (auto const& one : all) {
            out += (out.empty() ? "" : ", ") + one.id + ": " + testing::text_of(one.stock);
        }
        return '{' + out + '}';
    };
    return history<items>{show}
        .edit(0, "k: increment(3)", [](auto all) { all.at("k")[&item::stock].increment(3); })
        .edit(1, "k: increment(4)", [](auto all) { all.at("k")[&item::stock].increment(4); })
        .edit(1, "j: increment(1)", [](auto all) { all.at("j")[&item::stock].increment(1); })
        .meet()
        .draw();
}

} // namespace

std::vector<drawing> plain_drawings() {
    return {{"g_counter", g_counter_history},
            {"pn_counter", pn_counter_history},
            {"bounded_counter", bounded_counter_history},
            {"g_set", g_set_history},
            {"two_phase_set", two_phase_set_history},
            {"max_register", [] { return assigned<max_register<int>>(3, 7); }},
            {"min_register", [] { return assigned<min_register<int>>(3, 7); }},
            {"lww_register", lww_register_history},
            {"register_policy", register_policy_history},
            {"lww_map", lww_map_history},
            {"lexicographic", lexicographic_history},
            {"union_by_key", union_by_key_history}};
}

} // namespace joinery::docs
