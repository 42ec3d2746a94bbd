#include <joinery/testing/schedule.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace joinery::testing;

namespace {

using kind = schedule::event::kind;

schedule::event edit(std::size_t replica, std::string name) {
    return {kind::edit, replica, std::move(name)};
}
schedule::event join(std::size_t replica, std::size_t from) {
    return {kind::join, replica, {}, from};
}
schedule::event deliver(std::size_t replica, std::size_t from, std::size_t made_by) {
    return {kind::deliver, replica, {}, from, made_by};
}

} // namespace

TEST_CASE("schedule: what happens at once stands side by side", "[testing][schedule]") {
    schedule const picture{{edit(0, "insert(x)"), edit(1, "erase(x)"), join(0, 1), join(1, 0)},
                           {"{x}", "{x}"}};

    CHECK(picture.draw() == R"(alice  --insert(x)-o----- {x}
                  /  \
bob    --erase(x)-----o-- {x}
)");
}

TEST_CASE("schedule: an arrow passes the lanes in its way", "[testing][schedule]") {
    schedule const picture{
        {edit(0, "set(1)"), edit(1, "set(2)"), edit(1, "set(3)"), join(2, 0), join(0, 2)},
        {"1", "3", "1"}};

    CHECK(picture.draw() == R"(alice  --set(1)---------------o-- 1
                      \      /
bob    --set(2)-set(3)-\----/---- 3
                        \  /
carol  ------------------o------- 1
)");
}

TEST_CASE("schedule: a delta that is not all its sender has seen has a number",
          "[testing][schedule]") {
    schedule const picture{{edit(0, "add(1)"), edit(0, "add(2)"), deliver(1, 0, 0),
                            deliver(1, 0, 1), deliver(1, 0, 0)},
                           {"3", "3"}};

    CHECK(picture.draw() == R"(alice  --1:add(1)-2:add(2)--------- 3
                           \ \ \
bob    ---------------------1-2-1-- 3
)");
}

TEST_CASE("schedule: a delta that is all its sender has seen needs none", "[testing][schedule]") {
    schedule const picture{{edit(0, "add(1)"), deliver(1, 0, 0), edit(1, "add(1)"), join(0, 1)},
                           {"2", "2"}};

    CHECK(picture.draw() == R"(alice  --add(1)------------o-- 2
                \         /
bob    ----------o-add(1)----- 2
)");
}

TEST_CASE("schedule: replicas beyond the fifth have numbers", "[testing][schedule]") {
    CHECK(replica_name(0) == "alice");
    CHECK(replica_name(4) == "eve");
    CHECK(replica_name(5) == "replica 5");
    CHECK(schedule{{}, {"0"}}.draw() == "alice  --- 0\n");
}
