#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/codec_laws.hpp>
#include <joinery/testing/explore.hpp>

#include <catch2/catch.hpp>

#include "broken_lattices.hpp"

using namespace joinery;
using namespace joinery::testing;
using namespace joinery::tests;
using Catch::Matchers::StartsWith;

namespace {

auto const insert = [](auto& state, author const&, std::uint64_t bits) {
    return state.insert(static_cast<unsigned>(bits % 5));
};

} // namespace

TEST_CASE("codec_laws: the law that a codec breaks is named", "[testing][codec_laws]") {
    CHECK(broken_codec_law(bit_set<flaw::none>{7, 1}) == std::nullopt);
    CHECK(broken_codec_law(bit_set<flaw::decodes_differently>{7, 1}) ==
          "codec: decode(encode(a)) == a");
    CHECK(broken_codec_law(bit_set<flaw::encodes_differently>{7, 1}) ==
          "canonical: equal states have equal bytes");
    CHECK(broken_codec_law(bit_set<flaw::accepts_too_little>{7, 0}) ==
          "truncated: bytes that were cut off are refused");
    CHECK(broken_codec_law(bit_set<flaw::accepts_too_much>{7, 1}) ==
          "longer: bytes behind a state are refused");
}

TEST_CASE("codec_laws: they can be among the laws that are checked", "[testing][codec_laws]") {
    CHECK(check_laws<bit_set<flaw::none>>(1, 50, insert, codec_laws) == "");
    CHECK_THAT(check_laws<bit_set<flaw::accepts_too_much>>(1, 50, insert, codec_laws),
               StartsWith("longer: bytes behind a state are refused"));
}

TEST_CASE("codec_laws: an exploration checks the codec of each state", "[testing][codec_laws]") {
    using type = bit_set<flaw::accepts_too_much>;
    specification<type> spec;
    spec.edits = {{"insert", "1", [](type& state, author const&) { return state.insert(1); }}};

    CHECK(explore(spec, {.replicas = 2, .steps_max = 3}).ok());
    CHECK_THAT(explore(with_codec(spec), {.replicas = 2, .steps_max = 3}).broken,
               StartsWith("longer: bytes behind a state are refused"));
}
