#pragma once

#include <joinery/core/byte_writer.hpp>
#include <joinery/core/bytes.hpp>
#include <joinery/crdt/scalar.hpp>

#include <cstddef>
#include <string_view>

namespace joinery {

/// Encodes the items of an array, or the keys and values of an object, one behind the other.
class composite_writer {
public:
    void item(scalar const& value) { out_.commit(held<scalar>::put(room_for(value), value)); }
    void member(std::string_view key, scalar const& value) {
        out_.commit(held<std::string>::put(out_.reserve(held<std::string>::room(key)), key));
        item(value);
    }
    [[nodiscard]] std::string_view content() const { return as_text(out_.view()); }
    [[nodiscard]] std::size_t size() const { return out_.size(); }

private:
    std::byte* room_for(scalar const& value) { return out_.reserve(held<scalar>::room(value)); }
    byte_writer out_;
};

} // namespace joinery
