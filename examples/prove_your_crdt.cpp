// Proves a CRDT of one's own, and shows what a broken one looks like.

#include <joinery/testing/check_laws.hpp>
#include <joinery/testing/explore.hpp>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <string>
#include <tuple>

using namespace joinery;

// [type]
/// The best bid of an auction.
///
/// Concurrent writes   the greater amount stays; of equal ones, the bidder who comes first in the
///                     alphabet.
class auction {
public:
    using delta_type = auction;

    [[nodiscard]] std::string value() const { return bidder_ + ' ' + std::to_string(amount_); }

    auction bid(std::string const& bidder, std::uint64_t amount) {
        auction delta;
        delta.bidder_ = bidder;
        delta.amount_ = amount;
        join(delta);
        return delta;
    }

    void join(auction const& other) {
        if (std::tie(amount_, other.bidder_) < std::tie(other.amount_, bidder_)) {
            *this = other;
        }
    }

    friend bool operator==(auction const&, auction const&) = default;

private:
    std::string bidder_ = "nobody";
    std::uint64_t amount_ = 0;
};
// [type] end

/// The same, but in a tie each replica keeps the bid that it saw first.
class careless_auction {
public:
    using delta_type = careless_auction;

    [[nodiscard]] std::string value() const { return bidder_ + ' ' + std::to_string(amount_); }

    careless_auction bid(std::string const& bidder, std::uint64_t amount) {
        careless_auction delta;
        delta.bidder_ = bidder;
        delta.amount_ = amount;
        join(delta);
        return delta;
    }

    void join(careless_auction const& other) {
        // [careless]
        if (amount_ < other.amount_) {
            *this = other;
        }
        // [careless] end
    }

    friend bool operator==(careless_auction const&, careless_auction const&) = default;

private:
    std::string bidder_ = "nobody";
    std::uint64_t amount_ = 0;
};

// [specification]
/// Four bids that anybody may make at any time, and what must then be shown.
template <class Auction>
testing::specification<Auction> bidding() {
    testing::specification<Auction> spec;
    for (std::string const bidder : {"ada", "alan"}) {
        for (std::uint64_t const amount : {1U, 2U}) {
            spec.edits.push_back(
                {bidder, std::to_string(amount),
                 [=](Auction& state, author const&) { return state.bid(bidder, amount); }});
        }
    }
    spec.expected = [](testing::past const& known) {
        auto best = std::tuple{0, std::string{"nobody"}};
        testing::past::for_each(known.seen(), [&](std::size_t at) {
            auto const amount = std::stoi(std::string{known[at].argument});
            // Negative, so that the least tuple has the greatest amount.
            best = std::min(best, std::tuple{-amount, std::string{known[at].verb}});
        });
        return std::get<1>(best) + ' ' + std::to_string(-std::get<0>(best));
    };
    return spec;
}
// [specification] end

int main() {
    // [laws]
    auto const mutate = [](auto& state, author const&, std::uint64_t bits) {
        return state.bid(bits % 2 == 0 ? "ada" : "alan", 1 + bits / 2 % 5);
    };
    auto const broken = testing::check_laws<auction>(42, 1'000, mutate);
    // [laws] end

    // [explore]
    auto const found = testing::explore(bidding<auction>(), {.replicas = 3, .steps_max = 5});
    std::cout << found.report() << '\n';
    // [explore] end

    auto const careless_laws = testing::check_laws<careless_auction>(42, 1'000, mutate);
    auto spec = bidding<careless_auction>();
    spec.expected = {}; // whatever it is: do they agree?
    auto const careless = testing::explore(spec);
    std::cout << '\n' << careless_laws << '\n' << careless.report() << '\n';
    return broken.empty() && found.ok() && !careless_laws.empty() && !careless.ok() ? 0 : 1;
}
