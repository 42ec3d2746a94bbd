// expect: joinery: every field of a product's record has to be a lattice
#include <joinery/crdt/pn_counter.hpp>
#include <joinery/crdt/product.hpp>

struct account {
    BOOST_HANA_DEFINE_STRUCT(account, (joinery::pn_counter, balance), (int, limit));
};

void use(joinery::product<account>& one, joinery::product<account> const& other) {
    one.join(other);
}
