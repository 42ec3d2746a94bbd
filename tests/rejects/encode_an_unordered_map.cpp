// expect: joinery: an unordered container has no canonical encoding
#include <joinery/wire/codec.hpp>

#include <cereal/types/unordered_map.hpp>

#include <string>
#include <unordered_map>

joinery::bytes encoded(std::unordered_map<std::string, int> const& stock) {
    return joinery::wire::encode(stock);
}
