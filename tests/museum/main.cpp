#define CATCH_CONFIG_RUNNER
#include <joinery/core/bugs.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <iostream>
#include <string_view>

// `--list-bugs` names what can be switched on, and the test that must notice it; `JOINERY_BUG=name`
// switches one of them on.

namespace {

/// Names the tests that fail, one in a line.
struct failing_tests : Catch::TestEventListenerBase {
    using TestEventListenerBase::TestEventListenerBase;

    void testCaseEnded(Catch::TestCaseStats const& stats) override {
        if (!stats.totals.assertions.allOk()) {
            std::cout << "killed by: " << stats.testInfo.name << std::endl;
        }
    }
};
CATCH_REGISTER_LISTENER(failing_tests)

bool switch_on(std::string_view wanted) {
    for (auto const& bug : joinery::bugs::all) {
        if (bug.name == wanted) {
            bug.is_present = true;
            return true;
        }
    }
    std::cerr << "there is no bug " << wanted << '\n';
    return false;
}

} // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view{argv[1]} == "--list-bugs") {
        for (auto const& bug : joinery::bugs::all) {
            std::cout << bug.name << ' ' << bug.exhibit << '\n';
        }
        return 0;
    }
    auto const* const wanted = std::getenv("JOINERY_BUG");
    if (wanted != nullptr && !switch_on(wanted)) {
        return 2;
    }
    return Catch::Session{}.run(argc, argv);
}
