// expect: a[.]join[(]b[)]
#include <joinery/core/lattice.hpp>

namespace {

struct highest {
    int value = 0;

    friend bool operator==(highest const&, highest const&) = default;
};

template <joinery::join_semilattice State>
void synchronize(State const&) {}

} // namespace

void use() {
    synchronize(highest{});
}
