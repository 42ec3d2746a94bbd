#pragma once

#include <joinery/testing/random.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/sequence_twin.hpp"

namespace joinery::tests {

/// One step of a schedule. Numbers are taken modulo what there is, so that a schedule stays one
/// when steps are left out.
struct schedule_step {
    enum class verb { insert, erase, send, join, whisper, compare, exchange };

    verb what;
    std::size_t replica;
    std::size_t other;
    std::uint64_t number;
};

using schedule_steps = std::vector<schedule_step>;

/// A schedule of two to five replicas, the same for the same seed everywhere.
inline schedule_steps steps_of(std::uint64_t seed) {
    testing::splitmix64 random{seed};
    schedule_steps out;
    auto const replicas = 2 + seed % 4;
    auto const count = 6 + random.below(50);
    using enum schedule_step::verb;
    constexpr std::array verbs{insert, insert, insert,  insert,  erase,  erase,
                               send,   send,   whisper, compare, insert, join};
    for (std::uint64_t i = 0; i < count; ++i) {
        auto const what = random.chance(4) ? exchange : random.pick(verbs);
        out.push_back({what, random.below(replicas), random.below(replicas), random()});
    }
    return out;
}

/// Runs a schedule on real replicas and on models of them. One more replica writes nothing and
/// learns the deltas in any order, some of them twice.
template <class Sequence>
class schedule_run {
public:
    explicit schedule_run(schedule_steps const& steps, std::uint32_t scan_limit = 64)
        : scan_limit_{scan_limit} {
        for (auto const& step : steps) {
            twins_.resize(std::max({twins_.size(), step.replica + 1, step.other + 1}));
        }
        known_.resize(twins_.size());
        for (auto& twin : twins_) {
            twin.scan_limit = scan_limit;
        }
        for (auto const& step : steps) {
            if (broken_.empty()) {
                take_step(step);
            }
        }
        if (broken_.empty()) {
            exchange(steps.size());
        }
    }

    /// What went wrong, or nothing.
    [[nodiscard]] std::string const& broken() const { return broken_; }

    /// The steps in words.
    [[nodiscard]] std::string const& story() const { return story_; }

    [[nodiscard]] std::size_t items() const { return twins_.front().model.items().size(); }

private:
    /// Changes by their numbers: a schedule has no more steps than this has bits.
    using change_set = std::uint64_t;

    struct change {
        twin_change<Sequence> what;
        change_set past;
    };

    static change_set bit(std::size_t number) { return change_set{1} << number; }

    void tell(std::size_t replica, std::string const& what) {
        story_ += "replica " + std::to_string(replica + 1) + ' ' + what + '\n';
    }

    void take_step(schedule_step const& step) {
        switch (step.what) {
        case schedule_step::verb::insert:
            return insert(step);
        case schedule_step::verb::erase:
            return erase(step);
        case schedule_step::verb::send:
            return send(step);
        case schedule_step::verb::join:
            return join(step.replica, step.other);
        case schedule_step::verb::whisper:
            return whisper(step.number);
        case schedule_step::verb::compare:
            return compare(step.replica);
        case schedule_step::verb::exchange:
            return exchange(step.number);
        }
    }

    void insert(schedule_step const& step) {
        testing::splitmix64 random{step.number};
        auto& twin = twins_[step.replica];
        // Half of them at few places, where the others are too.
        auto const places =
            random.chance(50) ? std::min<std::size_t>(twin.real.size(), 2) : twin.real.size();
        auto const at = random.below(places + 1);
        std::string values;
        auto const is_long = random.chance(4);
        for (auto count = 1 + random.below(is_long ? 60 : 3); count > 0; --count) {
            values += sequence_values<Sequence>::letter(random);
        }
        tell(step.replica, "inserts \"" + values + "\" at " + std::to_string(at));
        record(step.replica, twin.insert(replica_id{step.replica + 1}, at, values));
    }

    void erase(schedule_step const& step) {
        testing::splitmix64 random{step.number};
        auto& twin = twins_[step.replica];
        if (twin.real.empty()) {
            return;
        }
        auto const at = random.below(twin.real.size());
        auto const count = 1 + random.below(std::min<std::size_t>(3, twin.real.size() - at));
        tell(step.replica, "erases " + std::to_string(count) + " at " + std::to_string(at));
        record(step.replica, twin.erase(replica_id{step.replica + 1}, at, count));
    }

    void record(std::size_t replica, twin_change<Sequence> what) {
        auto const number = changes_.size();
        changes_.push_back({std::move(what), known_[replica]});
        known_[replica] |= bit(number);
    }

    /// Some of what the other knows, in a random causal order.
    void send(schedule_step const& step) {
        testing::splitmix64 random{step.number};
        auto const missing = known_[step.other] & ~known_[step.replica];
        auto const all = static_cast<std::size_t>(std::popcount(missing));
        learn(step.replica, missing, random.chance(50) ? all : all / 2, random);
    }

    void learn(std::size_t replica, change_set missing, std::size_t count,
               testing::splitmix64& random) {
        std::vector<std::size_t> ready;
        for (; count > 0 && missing != 0; --count) {
            ready.clear();
            for (auto left = missing; left != 0; left &= left - 1) {
                auto const number = static_cast<std::size_t>(std::countr_zero(left));
                if ((changes_[number].past & missing) == 0) {
                    ready.push_back(number);
                }
            }
            auto const next = random.pick(ready);
            tell(replica, "learns change " + std::to_string(next + 1));
            twins_[replica].take(changes_[next].what);
            missing &= ~bit(next);
            known_[replica] |= bit(next);
        }
    }

    /// The models learn in the order of numbers, which is a causal one.
    void learn_in_model(std::size_t replica, change_set missing) {
        for (auto left = missing & ~known_[replica]; left != 0; left &= left - 1) {
            auto const number = static_cast<std::size_t>(std::countr_zero(left));
            take(twins_[replica].model, changes_[number].what.model);
        }
        known_[replica] |= missing;
    }

    void join(std::size_t replica, std::size_t other) {
        tell(replica, "joins replica " + std::to_string(other + 1));
        set_scan_limit(twins_[replica].real, scan_limit_);
        twins_[replica].real.join(twins_[other].real);
        learn_in_model(replica, known_[other]);
    }

    void whisper(std::uint64_t number) {
        if (!changes_.empty()) {
            auto const one = number % changes_.size();
            story_ += "the listener learns change " + std::to_string(one + 1) + '\n';
            listener_.join(changes_[one].what.delta);
        }
    }

    void compare(std::size_t replica) {
        auto const found =
            difference_from_model(twins_[replica].real, twins_[replica].model.items());
        if (!found.empty()) {
            broken_ = "replica " + std::to_string(replica + 1) + ' ' + found;
        }
    }

    /// Everybody learns everything, by one way or another.
    void exchange(std::uint64_t seed) {
        testing::splitmix64 random{seed};
        auto const all = changes_.size() == 64 ? ~change_set{} : bit(changes_.size()) - 1;
        for (std::size_t i = 0; i < twins_.size(); ++i) {
            auto const missing = all & ~known_[i];
            if (random.chance(40)) {
                learn(i, missing, changes_.size(), random);
            } else if (random.chance(50)) {
                learn_in_any_order(twins_[i].real, missing, random, i);
                learn_in_model(i, missing);
            } else {
                learn_states(i, random);
            }
        }
        learn_in_any_order(listener_, all, random, twins_.size());
        compare_all();
    }

    void learn_in_any_order(Sequence& to, change_set which, testing::splitmix64& random,
                            std::size_t replica) {
        std::vector<std::size_t> order;
        for (auto left = which; left != 0; left &= left - 1) {
            order.push_back(static_cast<std::size_t>(std::countr_zero(left)));
            std::swap(order.back(), order[random.below(order.size())]);
        }
        for (auto const number : order) {
            tell(replica, "learns out of order change " + std::to_string(number + 1));
            set_scan_limit(to, scan_limit_);
            to.join(changes_[number].what.delta);
        }
    }

    /// From each of the others: what is lacking, the parts of it in any order, bytes, or all of it.
    void learn_states(std::size_t replica, testing::splitmix64& random) {
        for (std::size_t other = 0; other < twins_.size(); ++other) {
            switch (random.below(4)) {
            case 0:
                learn_difference(replica, other);
                break;
            case 1:
                learn_parts(replica, other, random);
                break;
            case 2:
                learn_bytes(replica, other);
                break;
            default:
                join(replica, other);
            }
        }
    }

    void learn_difference(std::size_t replica, std::size_t other) {
        tell(replica, "learns the difference of replica " + std::to_string(other + 1));
        auto& real = twins_[replica].real;
        real.join(twins_[other].real.difference(real));
        learn_in_model(replica, known_[other]);
    }

    void learn_parts(std::size_t replica, std::size_t other, testing::splitmix64& random) {
        tell(replica, "learns the parts of replica " + std::to_string(other + 1));
        std::vector<Sequence> parts;
        twins_[other].real.decompose([&](Sequence part) {
            parts.push_back(std::move(part));
            std::swap(parts.back(), parts[random.below(parts.size())]);
        });
        for (auto const& part : parts) {
            twins_[replica].real.join(part);
        }
        learn_in_model(replica, known_[other]);
    }

    void learn_bytes(std::size_t replica, std::size_t other) {
        tell(replica, "reads the bytes of replica " + std::to_string(other + 1));
        auto const decoded = Sequence::decode(twins_[other].real.encode());
        if (!decoded) {
            broken_ = "replica " + std::to_string(other + 1) +
                      " wrote bytes that are refused: " + decoded.error().message;
            return;
        }
        twins_[replica].real.join(*decoded);
        learn_in_model(replica, known_[other]);
    }

    void compare_all() {
        fugue_tree tree;
        for (auto const& one : changes_) {
            take(tree, one.what.model);
        }
        auto const expected = tree.items();
        for (std::size_t i = 0; i < twins_.size() && broken_.empty(); ++i) {
            if (twins_[i].model.items() != expected) {
                broken_ = "the models disagree";
                return;
            }
            compare(i);
        }
        if (broken_.empty()) {
            broken_ = difference_from_model(listener_, expected);
        }
        if (broken_.empty()) {
            broken_ = difference_between(listener_, twins_.front().real);
        }
    }

    std::uint32_t scan_limit_;
    std::vector<sequence_twin<Sequence>> twins_;
    std::vector<change_set> known_;
    std::vector<change> changes_;
    Sequence listener_;
    std::string broken_;
    std::string story_;
};

/// A schedule that breaks and from which no step can be left out.
template <class Sequence>
schedule_steps shortest(schedule_steps steps, std::uint32_t scan_limit) {
    for (std::size_t at = 0; at < steps.size();) {
        auto fewer = steps;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(at));
        if (!fewer.empty() && !schedule_run<Sequence>{fewer, scan_limit}.broken().empty()) {
            steps = std::move(fewer);
            at = 0;
        } else {
            ++at;
        }
    }
    return steps;
}

/// What broke in the schedule of `seed`, and the shortest story of it; nothing if nothing did. The
/// seed also says how soon siblings are looked up instead of scanned: at once, soon, or never.
template <class Sequence>
std::string broken_schedule(std::uint64_t seed) {
    constexpr std::array<std::uint32_t, 3> scan_limits{0, 2, 64};
    auto const scan_limit = scan_limits[seed / 4 % scan_limits.size()];
    auto const steps = steps_of(seed);
    if (schedule_run<Sequence>{steps, scan_limit}.broken().empty()) {
        return {};
    }
    schedule_run<Sequence> const found{shortest<Sequence>(steps, scan_limit), scan_limit};
    return "seed " + std::to_string(seed) + ": " + found.broken() + "\n" + found.story();
}

} // namespace joinery::tests
