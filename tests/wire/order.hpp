#pragma once

#include <joinery/core/bytes.hpp>

#include <cereal/cereal.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/memory.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace joinery::testing {

enum class urgency : std::uint8_t { low, high };

/// A user's type with one of everything.
struct order {
    std::string customer;
    std::int32_t balance = 0;
    double weight = 0;
    bool is_paid = false;
    urgency how = urgency::low;
    bytes signature;
    std::array<std::uint8_t, 3> version{};
    std::vector<std::string> notes;
    std::map<std::string, std::uint64_t> items;
    std::set<std::int16_t> shelves;
    std::optional<float> discount;
    std::variant<std::monostate, std::string, std::pair<int, int>> address;
    std::unique_ptr<order> replaces;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(customer), CEREAL_NVP(balance), CEREAL_NVP(weight), CEREAL_NVP(is_paid));
        archive(CEREAL_NVP(how), CEREAL_NVP(signature), CEREAL_NVP(version), CEREAL_NVP(notes));
        archive(CEREAL_NVP(items), CEREAL_NVP(shelves), CEREAL_NVP(discount), CEREAL_NVP(address));
        archive(CEREAL_NVP(replaces));
    }

    friend bool operator==(order const& a, order const& b) {
        auto const rest = [](order const& x) {
            return std::tie(x.customer, x.balance, x.weight, x.is_paid, x.how, x.signature,
                            x.version, x.notes, x.items, x.shelves, x.discount, x.address);
        };
        auto const both = a.replaces != nullptr && b.replaces != nullptr;
        return rest(a) == rest(b) && (both ? *a.replaces == *b.replaces : a.replaces == b.replaces);
    }
};

[[nodiscard]] inline order sample_order() {
    order value;
    value.customer = "Ada";
    value.balance = -300;
    value.weight = 0.1;
    value.is_paid = true;
    value.how = urgency::high;
    value.signature = bytes(2, std::byte{0xab});
    value.version = {1, 200, 3};
    value.notes = {"fragile", ""};
    value.items = {{"cup", 2}, {"pot", 1ULL << 40}};
    value.shelves = {-2, 7};
    value.discount = 0.5F;
    value.address = std::pair{4, -4};
    value.replaces = std::make_unique<order>();
    return value;
}

} // namespace joinery::testing
