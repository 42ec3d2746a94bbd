// A CRDT of one's own: the best result of each player. Its laws are checked, then it is replicated.

#include <joinery/sync/replica.hpp>
#include <joinery/testing/check_laws.hpp>

#include <cereal/types/map.hpp>
#include <cereal/types/string.hpp>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <utility>

using namespace joinery;

/// Concurrent writes   the greater result of a player stays.
class high_scores {
public:
    using delta_type = high_scores;

    [[nodiscard]] std::map<std::string, std::uint64_t> const& value() const { return best_; }

    high_scores record(std::string const& player, std::uint64_t points) {
        high_scores delta;
        delta.best_[player] = points;
        join(delta);
        return delta;
    }

    void join(high_scores const& other) {
        for (auto const& [player, points] : other.best_) {
            auto& mine = best_[player];
            mine = std::max(mine, points);
        }
    }

    friend bool operator==(high_scores const&, high_scores const&) = default;

    /// With this, it can be stored and sent.
    template <class Archive>
    void serialize(Archive& archive) {
        archive(best_);
    }

    /// With this, `replica::edit` can change it.
    template <class Target>
    class editor {
    public:
        explicit editor(Target target) : target_{std::move(target)} {}
        void record(std::string const& player, std::uint64_t points) {
            target_.change(
                [&](high_scores& scores, author const&) { return scores.record(player, points); });
        }

    private:
        Target target_;
    };

private:
    std::map<std::string, std::uint64_t> best_;
};

static_assert(delta_crdt<high_scores>);

int main() {
    auto const mutate = [](high_scores& scores, author const&, std::uint64_t bits) {
        return scores.record(bits % 2 == 0 ? "ada" : "alan", bits / 2 % 100);
    };
    if (auto const broken = testing::check_laws<high_scores>(42, 500, mutate); !broken.empty()) {
        std::cerr << broken << '\n';
        return 1;
    }

    sync::replica<high_scores> hall{replica_id{1}};
    sync::replica<high_scores> home{replica_id{2}};
    auto const first = hall.edit([](auto scores) { scores.record("ada", 70); });
    auto const second = home.edit([](auto scores) { scores.record("ada", 90); });
    auto const shown = home.for_each_change(hall.version(), [&](sync::changeset const& change) {
        return hall.receive(change).is(sync::verdict_kind::applied);
    });
    std::cout << "ada: " << hall.state().value().at("ada") << '\n';
    return first && second && shown && hall.state().value().at("ada") == 90 ? 0 : 1;
}
