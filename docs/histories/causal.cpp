#include <joinery/crdt/aw_set.hpp>
#include <joinery/crdt/document.hpp>
#include <joinery/crdt/dw_flag.hpp>
#include <joinery/crdt/ew_flag.hpp>
#include <joinery/crdt/json.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/product.hpp>
#include <joinery/crdt/resettable_counter.hpp>
#include <joinery/crdt/rw_set.hpp>

#include <string>

#include "history.hpp"

namespace joinery::docs {

namespace {

/// Bob erases what alice inserts again.
template <class Set>
history<Set> insert_and_erase() {
    auto const insert = [](auto set) { set.insert("x"); };
    return history<Set>{}
        .edit(0, "insert(x)", insert)
        .send(0)
        .edit(0, "insert(x)", insert)
        .edit(1, "erase(x)", [](auto set) { set.erase("x"); })
        .meet();
}

std::string rw_set_history() {
    return insert_and_erase<rw_set<std::string>>()
        .edit(0, "insert(x)", [](auto set) { set.insert("x"); })
        .draw();
}

/// Alice disables what bob enables again.
template <class Flag>
history<Flag> enable_and_disable() {
    auto const enable = [](auto flag) { flag.enable(); };
    return history<Flag>{}
        .edit(0, "enable", enable)
        .send(0)
        .edit(0, "disable", [](auto flag) { flag.disable(); })
        .edit(1, "enable", enable)
        .meet();
}

std::string dw_flag_history() {
    return enable_and_disable<dw_flag>().edit(0, "enable", [](auto flag) { flag.enable(); }).draw();
}

std::string mv_register_history() {
    return history<mv_register<std::string>>{}
        .edit(0, "assign(a)", [](auto reg) { reg.assign("a"); })
        .edit(1, "assign(b)", [](auto reg) { reg.assign("b"); })
        .send(0)
        .edit(0, "assign(c)", [](auto reg) { reg.assign("c"); })
        .send(1)
        .draw();
}

std::string resettable_counter_history() {
    return history<resettable_counter>{}
        .edit(0, "increment(5)", [](auto counter) { counter.increment(5); })
        .send(0)
        .edit(0, "increment(7)", [](auto counter) { counter.increment(7); })
        .edit(1, "reset", [](auto counter) { counter.reset(); })
        .meet()
        .draw();
}

/// One history under each policy.
template <class Play>
std::string under_each_policy(Play play) {
    return "observed_reset\n" + play(observed_reset{}) + "\nremove_wins\n" + play(remove_wins{}) +
           "\nupdate_wins_whole\n" + play(update_wins_whole{});
}

std::string or_map_history() {
    return under_each_policy([]<class Policy>(Policy) {
        auto const insert = [](int element) {
            return [=](auto map) { map.at("k").insert(element); };
        };
        return history<or_map<std::string, aw_set<int>, Policy>>{}
            .edit(0, "insert(k, 10)", insert(10))
            .send(0)
            .edit(0, "erase(k)", [](auto map) { map.erase("k"); })
            .edit(1, "insert(k, 20)", insert(20))
            .meet()
            .draw();
    });
}

std::string document_history() {
    return under_each_policy([]<class Policy>(Policy) {
        using type = basic_document<deep_merge, Policy>;
        return history<type>{[](type const& doc) { return json::export_text(doc.read()); }}
            .edit(0, "set(m.x, 1)",
                  [](auto doc) {
                      doc.set({"m", "x"}, 1);
                  })
            .edit(0, "increment(m.n, 5)",
                  [](auto doc) {
                      doc.increment({"m", "n"}, 5);
                  })
            .send(0)
            .edit(0, "erase(m)", [](auto doc) { doc.erase("m"); })
            .edit(1, "increment(m.n, 2)",
                  [](auto doc) {
                      doc.increment({"m", "n"}, 2);
                  })
            .meet()
            .draw();
    });
}

struct user {
    BOOST_HANA_DEFINE_STRUCT(user, (mv_register<std::string>, name), (resettable_counter, logins));
};

std::string product_history() {
    using type = product<user>;
    auto const show = [](type const& one) {
        return testing::text_of(one[&user::name]) + ' ' + testing::text_of(one[&user::logins]);
    };
    return history<type>{show}
        .edit(0, "name: assign(Ada)", [](auto one) { one[&user::name].assign("Ada"); })
        .edit(1, "logins: increment(1)", [](auto one) { one[&user::logins].increment(1); })
        .meet()
        .draw();
}

} // namespace

std::vector<drawing> causal_drawings() {
    return {{"aw_set", [] { return insert_and_erase<aw_set<std::string>>().draw(); }},
            {"rw_set", rw_set_history},
            {"ew_flag", [] { return enable_and_disable<ew_flag>().draw(); }},
            {"dw_flag", dw_flag_history},
            {"mv_register", mv_register_history},
            {"resettable_counter", resettable_counter_history},
            {"or_map", or_map_history},
            {"document", document_history},
            {"product", product_history}};
}

} // namespace joinery::docs
