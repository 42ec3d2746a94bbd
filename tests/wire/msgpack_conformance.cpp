#include <joinery/wire/msgpack_reader.hpp>
#include <joinery/wire/msgpack_writer.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <rapidjson/document.h>
#include <string>
#include <vector>

#include "bytes_of.hpp"

using namespace joinery;
using joinery::testing::hex;

namespace {

namespace fs = std::filesystem;
using json = rapidjson::Value;

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

void write_value(wire::msgpack_writer& out, json const& value);

void write_number(wire::msgpack_writer& out, json const& value) {
    if (value.IsUint64()) {
        out.integer(value.GetUint64());
    } else if (value.IsInt64()) {
        out.integer(value.GetInt64());
    } else {
        out.floating(value.GetDouble());
    }
}

/// A value inside an array or map of the suite: plain JSON.
void write_value(wire::msgpack_writer& out, json const& value) {
    if (value.IsNull()) {
        out.nil();
    } else if (value.IsBool()) {
        out.boolean(value.GetBool());
    } else if (value.IsNumber()) {
        write_number(out, value);
    } else if (value.IsString()) {
        out.string({value.GetString(), value.GetStringLength()});
    } else if (value.IsArray()) {
        out.array(value.Size());
        for (auto const& element : value.GetArray()) {
            write_value(out, element);
        }
    } else {
        out.map(value.MemberCount());
        for (auto const& member : value.GetObject()) {
            write_value(out, member.name);
            write_value(out, member.value);
        }
    }
}

/// A case of the suite: one member beside "msgpack" says what the value is.
bytes write_case(json const& test) {
    byte_writer buffer;
    wire::msgpack_writer out{buffer};
    if (test.HasMember("bignum")) {
        std::string const digits = test["bignum"].GetString();
        digits.starts_with('-') ? out.integer(std::int64_t{std::stoll(digits)})
                                : out.integer(std::uint64_t{std::stoull(digits)});
    } else if (test.HasMember("binary")) {
        out.binary(parse_hex(test["binary"].GetString()));
    } else if (test.HasMember("timestamp")) {
        auto const& parts = test["timestamp"];
        out.timestamp({parts[0].GetInt64(), parts[1].GetUint()});
    } else if (test.HasMember("ext")) {
        auto const& parts = test["ext"];
        out.extension(static_cast<std::int8_t>(parts[0].GetInt()), parse_hex(parts[1].GetString()));
    } else {
        for (auto const* name : {"nil", "bool", "number", "string", "array", "map"}) {
            if (test.HasMember(name)) {
                write_value(out, test[name]);
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

void check_case(json const& test) {
    auto const ours = write_case(test);
    auto shortest = ours.size() + 1;
    bool is_listed = false;
    for (auto const& listed : test["msgpack"].GetArray()) {
        auto const encoding = parse_hex(listed.GetString());
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
        rapidjson::Document suite;
        suite.Parse(text.data(), text.size());
        CAPTURE(file);
        REQUIRE(suite.IsObject());
        for (auto const& group : suite.GetObject()) {
            for (auto const& test : group.value.GetArray()) {
                check_case(test);
            }
        }
    }
}
