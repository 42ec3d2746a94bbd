#include <joinery/sync/changeset.hpp>

#include <catch2/catch.hpp>

#include "../wire/hostile.hpp"

using namespace joinery;

namespace {

constexpr replica_id alice{1};

bytes const& body() {
    static bytes const all(20, std::byte{7});
    return all;
}
bytes const& others() {
    static bytes const all(32, std::byte{9});
    return all;
}
sync::changeset sample() {
    return {alice, 300, 2, hlc{1234567}, body(), others()};
}

bytes written(sync::changeset const& in) {
    byte_writer out;
    sync::write_changeset(out, in);
    return out.take();
}

} // namespace

TEST_CASE("changeset: what was written is read", "[sync][changeset]") {
    auto const encoded = written(sample());
    byte_reader reader{encoded};

    auto const read = sync::read_changeset(reader, alice);

    REQUIRE(reader.ok());
    CHECK(reader.at_end());
    CHECK(read.origin == alice);
    CHECK(read.last() == 301);
    CHECK(sync::is_same(read, sample()));
    CHECK(encoded.size() == 2 + 1 + 8 + 1 + 1 + 20 + 32);
}

TEST_CASE("changeset: damaged bytes are refused or read within their bounds",
          "[sync][changeset][hostile]") {
    testing::for_each_damage(written(sample()), [](bytes const& damaged) {
        byte_reader reader{damaged};
        auto const read = sync::read_changeset(reader, alice);
        if (reader.ok()) {
            CHECK(sync::is_possible(read));
            CHECK(read.body.size() + read.others.size() <= damaged.size());
        }
    });
}

TEST_CASE("changeset: impossible ranges are refused", "[sync][changeset]") {
    auto const refused = [](std::uint64_t first, std::uint64_t count) {
        byte_writer out;
        out.varint(first);
        out.varint(count);
        out.fixed64(1);
        out.varint(0);
        out.varint(0);
        byte_reader reader{out.view()};
        (void)sync::read_changeset(reader, alice);
        return !reader.ok() && reader.error().code == errc::malformed;
    };

    CHECK(refused(0, 1));
    CHECK(refused(1, 0));
    CHECK(refused(1, std::uint64_t{1} << 32));
    CHECK(refused(~std::uint64_t{0}, 1));
    CHECK(refused(~std::uint64_t{0}, 2));
    CHECK(refused(local_dot::sequence_max, 2));
    CHECK_FALSE(refused(local_dot::sequence_max, 1));
}

TEST_CASE("changeset: the chained hash depends on everything that is in it", "[sync][changeset]") {
    auto const hash = [](std::uint64_t predecessor, auto change) {
        auto in = sample();
        change(in);
        return sync::chained_hash(predecessor, in);
    };
    auto const plain = hash(5, [](auto&) {});
    bytes other_body = body();
    other_body.back() = std::byte{0};
    bytes other_others = others();
    other_others.back() = std::byte{0};

    CHECK(plain == hash(5, [](auto&) {}));
    CHECK(plain != hash(6, [](auto&) {}));
    CHECK(plain != hash(5, [](auto& in) { in.first = 301; }));
    CHECK(plain != hash(5, [](auto& in) { in.count = 3; }));
    CHECK(plain != hash(5, [](auto& in) { in.time.bits += 1; }));
    CHECK(plain != hash(5, [&](auto& in) { in.body = other_body; }));
    CHECK(plain != hash(5, [&](auto& in) { in.others = other_others; }));
    CHECK(plain != hash(5, [&](auto& in) { in.others = {}; }));
}
