// expect: joinery: a value of or_map has to be a complete causal type.*or a boxed of what is not
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>
#include <joinery/crdt/product.hpp>

#include <string>

struct folder {
    BOOST_HANA_DEFINE_STRUCT(folder, (joinery::mv_register<std::string>, title),
                             (joinery::or_map<std::string, folder>, children));
};

joinery::product<folder> root;
