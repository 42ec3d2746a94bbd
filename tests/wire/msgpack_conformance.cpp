#include <joinery/wire/msgpack_reader.hpp>
#include <joinery/wire/msgpack_writer.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <concepts>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

#include "bytes_of.hpp"
#include "json_tree.hpp"

using namespace joinery;
using joinery::testing::hex;

namespace {

namespace fs = std::filesystem;
using joinery::testing::json_tree;

fs::path data_folder() {
    auto const* const chosen = std::getenv("JOINERY_CONFORMANCE_DATA");
    return fs::path{chosen != nullptr ? chosen : JOINERY_CONFORMANCE_DATA_DEFAULT} / "msgpack";
}

std::vector<fs::path> suites() {
    std::vector<fs::path> found;
    std::error_code missing;
    for (auto const& entry : fs::directory_iterator{data_folder(), missing}) {
        if (entry.path().extension() == ".json") {
            found.push_back(entry.path());
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// Bytes as the suites write them: "c4-02-00-ff".
bytes parse_hex(std::string const& text) {
    bytes out;
    for (std::size_t at = 0; at + 1 < text.size(); at += 3) {
        out.push_back(static_cast<std::byte>(std::stoi(text.substr(at, 2), nullptr, 16)));
    }
    return out;
}

/// A value inside an array or map of the suite: plain JSON.
void write_value(wire::msgpack_writer& out, json_tree const& tree) {
    std::visit(
        [&out]<class T>(T const& value) {
            if constexpr (std::same_as<T, std::nullptr_t>) {
                out.nil();
            } else if constexpr (std::same_as<T, bool>) {
                out.boolean(value);
            } else if constexpr (std::integral<T>) {
                out.integer(value);
            } else if constexpr (std::floating_point<T>) {
                out.floating(value);
            } else if constexpr (std::same_as<T, std::string>) {
                out.string(value);
            } else if constexpr (std::same_as<T, json_tree::array>) {
                out.array(value.size());
                for (auto const& element : value) {
                    write_value(out, element);
                }
            } else {
                out.map(value.size());
                for (auto const& [key, member] : value) {
                    out.string(key);
                    write_value(out, member);
                }
            }
        },
        tree.value);
}

std::int64_t integer_of(json_tree const& tree) {
    auto const* const positive = std::get_if<std::uint64_t>(&tree.value);
    return positive != nullptr ? static_cast<std::int64_t>(*positive)
                               : std::get<std::int64_t>(tree.value);
}

void write_bignum(wire::msgpack_writer& out, std::string const& digits) {
    if (digits.starts_with('-')) {
        out.integer(std::int64_t{std::stoll(digits)});
    } else {
        out.integer(std::uint64_t{std::stoull(digits)});
    }
}

/// A case of the suite: one member beside "msgpack" says what the value is.
bytes write_case(json_tree const& test) {
    byte_writer buffer;
    wire::msgpack_writer out{buffer};
    if (auto const* const bignum = test.find("bignum")) {
        write_bignum(out, bignum->text());
    } else if (auto const* const binary = test.find("binary")) {
        out.binary(parse_hex(binary->text()));
    } else if (auto const* const timestamp = test.find("timestamp")) {
        auto const& parts = timestamp->elements();
        out.timestamp({integer_of(parts[0]), static_cast<std::uint32_t>(integer_of(parts[1]))});
    } else if (auto const* const extension = test.find("ext")) {
        auto const& parts = extension->elements();
        out.extension(static_cast<std::int8_t>(integer_of(parts[0])), parse_hex(parts[1].text()));
    } else {
        for (auto const* name : {"nil", "bool", "number", "string", "array", "map"}) {
            if (auto const* const value = test.find(name)) {
                write_value(out, *value);
            }
        }
    }
    return buffer.take();
}

bool is_float(byte_view encoding) {
    return encoding.front() == std::byte{0xca} || encoding.front() == std::byte{0xcb};
}

/// Writes again what a reader found, so that any encoding can be compared with any other.
void copy(wire::msgpack_reader& in, wire::msgpack_writer& out) {
    auto const token = in.next();
    switch (token.kind) {
    case wire::msgpack_kind::nil:
        out.nil();
        break;
    case wire::msgpack_kind::boolean:
        out.boolean(token.number == 1);
        break;
    case wire::msgpack_kind::unsigned_integer:
        out.integer(token.number);
        break;
    case wire::msgpack_kind::negative_integer:
        out.integer(token.negative());
        break;
    case wire::msgpack_kind::floating: {
        auto const integer = wire::msgpack_integer_of(token);
        if (!integer) {
            out.floating(token.floating);
        } else if (integer->kind == wire::msgpack_kind::unsigned_integer) {
            out.integer(integer->number);
        } else {
            out.integer(integer->negative());
        }
        break;
    }
    case wire::msgpack_kind::string:
        out.string(as_text(token.content));
        break;
    case wire::msgpack_kind::binary:
        out.binary(token.content);
        break;
    case wire::msgpack_kind::extension:
        if (auto const time = wire::msgpack_timestamp_of(token)) {
            out.timestamp(*time);
        } else {
            out.extension(token.extension_type, token.content);
        }
        break;
    case wire::msgpack_kind::array:
        out.array(token.number);
        for (auto left = token.number; left > 0; --left) {
            copy(in, out);
        }
        break;
    case wire::msgpack_kind::map:
        out.map(token.number);
        for (auto left = 2 * token.number; left > 0; --left) {
            copy(in, out);
        }
        break;
    }
}

void check_case(json_tree const& test) {
    auto const ours = write_case(test);
    auto shortest = ours.size() + 1;
    bool is_listed = false;
    for (auto const& listed : test.find("msgpack")->elements()) {
        auto const encoding = parse_hex(listed.text());
        CAPTURE(hex(ours), hex(encoding));
        wire::msgpack_reader in{encoding};
        byte_writer again;
        wire::msgpack_writer out{again};
        copy(in, out);

        CHECK(in.ok());
        CHECK(in.at_end());
        CHECK(hex(again.view()) == hex(ours));
        is_listed = is_listed || encoding == ours;
        // An integer stays an integer, also where a float would be shorter.
        if (is_float(encoding) == is_float(ours)) {
            shortest = std::min(shortest, encoding.size());
        }
    }
    CAPTURE(hex(ours));
    CHECK(is_listed);
    CHECK(ours.size() == shortest);
}

} // namespace

TEST_CASE("conformance.msgpack: every encoding is read and the shortest is written",
          "[conformance][wire][msgpack]") {
    auto const files = suites();
    if (files.empty()) {
        WARN("skipped: no MessagePack suite in " << data_folder());
        return;
    }
    for (auto const& file : files) {
        std::ifstream in{file};
        std::string const text{std::istreambuf_iterator<char>{in}, {}};
        CAPTURE(file);
        auto const suite = joinery::testing::parse_json(text);
        for (auto const& [group, tests] : suite.members()) {
            CAPTURE(group);
            for (auto const& test : tests.elements()) {
                check_case(test);
            }
        }
    }
}
