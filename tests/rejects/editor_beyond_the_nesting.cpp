// expect: joinery: an editor reaches deeper than values may be nested
#include <joinery/crdt/boxed.hpp>
#include <joinery/crdt/mv_register.hpp>
#include <joinery/crdt/or_map.hpp>

struct link {
    BOOST_HANA_DEFINE_STRUCT(link, (joinery::mv_register<int>, value),
                             (joinery::or_map<int, joinery::boxed<link>>, next));
};

template <unsigned Depth, class Editor>
void descend(Editor editor) {
    if constexpr (Depth == 0) {
        editor[&link::value].assign(1);
    } else {
        descend<Depth - 1>(editor[&link::next].at(0));
    }
}

void use(joinery::product<link>& chain) {
    chain.edit({}, [](auto editor) { descend<32>(editor); });
}
