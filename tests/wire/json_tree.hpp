#pragma once

#include <cstddef>
#include <cstdint>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace joinery::testing {

/// A JSON document, small enough to walk by hand.
struct json_tree {
    using array = std::vector<json_tree>;
    using object = std::vector<std::pair<std::string, json_tree>>;

    std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, array,
                 object>
        value = nullptr;

    [[nodiscard]] std::string const& text() const { return std::get<std::string>(value); }
    [[nodiscard]] array const& elements() const { return std::get<array>(value); }
    [[nodiscard]] object const& members() const { return std::get<object>(value); }

    /// The member called `name`, if there is one.
    [[nodiscard]] json_tree const* find(std::string_view name) const {
        for (auto const& [key, member] : members()) {
            if (key == name) {
                return &member;
            }
        }
        return nullptr;
    }
};

/// Builds the tree while RapidJSON reads. Its `document.h` does not compile with newer compilers.
class json_tree_builder {
public:
    // The names that RapidJSON calls.
    bool Null() { return put(nullptr); }
    bool Bool(bool value) { return put(value); }
    bool Int(int value) { return put(std::int64_t{value}); }
    bool Uint(unsigned value) { return put(std::uint64_t{value}); }
    bool Int64(std::int64_t value) { return put(value); }
    bool Uint64(std::uint64_t value) { return put(value); }
    bool Double(double value) { return put(value); }
    bool RawNumber(char const*, unsigned, bool) { return false; }
    bool String(char const* text, unsigned size, bool) { return put(std::string(text, size)); }
    bool StartObject() { return open(json_tree::object{}); }
    bool Key(char const* text, unsigned size, bool) {
        keys_.emplace_back(text, size);
        return true;
    }
    bool EndObject(unsigned) { return close(); }
    bool StartArray() { return open(json_tree::array{}); }
    bool EndArray(unsigned) { return close(); }

    [[nodiscard]] json_tree take() { return std::move(root_); }

private:
    template <class Value>
    bool put(Value value) {
        add({std::move(value)});
        return true;
    }

    template <class Container>
    bool open(Container container) {
        open_.push_back({std::move(container)});
        return true;
    }

    bool close() {
        auto finished = std::move(open_.back());
        open_.pop_back();
        add(std::move(finished));
        return true;
    }

    void add(json_tree tree) {
        if (open_.empty()) {
            root_ = std::move(tree);
        } else if (auto* const array = std::get_if<json_tree::array>(&open_.back().value)) {
            array->push_back(std::move(tree));
        } else {
            auto& object = std::get<json_tree::object>(open_.back().value);
            object.emplace_back(std::move(keys_.back()), std::move(tree));
            keys_.pop_back();
        }
    }

    json_tree root_;
    std::vector<json_tree> open_;
    std::vector<std::string> keys_;
};

[[nodiscard]] inline json_tree parse_json(std::string const& text) {
    rapidjson::StringStream stream{text.c_str()};
    json_tree_builder builder;
    auto const outcome = rapidjson::Reader{}.Parse(stream, builder);
    if (outcome.IsError()) {
        throw std::runtime_error(rapidjson::GetParseError_En(outcome.Code()));
    }
    return builder.take();
}

} // namespace joinery::testing
