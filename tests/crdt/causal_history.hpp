#pragma once

#include <joinery/testing/laws.hpp>
#include <joinery/testing/random.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "causal_model.hpp"
#include "difference_laws.hpp"

namespace joinery::tests {

/// A random history of three replicas and their models: edits, deltas that arrive in any order,
/// never or often, one by one or batched, in memory or as bytes, and joins of whole states.
///
/// `edit(state, model_edit&, random)` changes both and returns the delta. `view(state, model)` says
/// in what the values that a user reads differ. After every step the replica that it touched is
/// compared with its model: value, live dots and context.
template <class T, class Edit, class View>
class causal_history {
public:
    causal_history(std::uint64_t seed, Edit edit, View view)
        : random_{seed}, seed_{seed}, edit_{std::move(edit)}, view_{std::move(view)} {
        for (std::size_t i = 0; i < replicas_.size(); ++i) {
            // Which replica has the greater id must not matter; ids differ in both halves.
            replicas_[i].id = replica_id{random_.below(4), random_.below(1000) * 3 + i};
        }
    }

    /// Returns what broke and how to replay it; empty if nothing did.
    std::string run(unsigned steps) {
        for (step_ = 0; step_ < steps && broken_.empty(); ++step_) {
            auto& one = random_.pick(replicas_);
            switch (random_.below(10)) {
            case 0:
            case 1:
            case 2:
            case 3:
            case 4:
                change(one);
                break;
            case 5:
            case 6:
            case 7:
                deliver(one);
                break;
            case 8:
                join(one, random_.pick(replicas_));
                break;
            default:
                look(one);
                break;
            }
            expect_same("replica", one.state, one.model);
            expect(view_(one.state, one.model), "view");
        }
        if (broken_.empty()) {
            laws();
        }
        return broken_;
    }

private:
    struct replica {
        T state{};
        causal_model model{};
        replica_id id{};
    };
    struct change_type {
        T delta;
        causal_model model;
    };

    void expect(std::string const& difference, char const* what) {
        if (!difference.empty() && broken_.empty()) {
            broken_ = std::string{what} + ": " + difference + "; seed " + std::to_string(seed_) +
                      ", step " + std::to_string(step_) + ", last did: " + last_;
        }
    }
    void expect(bool holds, char const* what) {
        expect(std::string{holds ? "" : "does not hold"}, what);
    }
    void expect_same(char const* what, T const& value, causal_model const& model) {
        expect(difference(value, model), what);
    }

    void change(replica& one) {
        last_ = "edit";
        auto const before = one.state;
        author const by{one.id, hlc::at(1 + step_ / 3), 0};
        model_edit edit{one.model, by};
        change_type made{edit_(one.state, edit, random_), edit.delta()};
        expect_same("delta", made.delta, made.model);
        expect(testing::joined(before, made.delta) == one.state, "before ⊔ delta == after");
        if (!made.model.seen.empty()) {
            changes_.push_back(std::move(made));
        }
    }

    void deliver(replica& one) {
        if (changes_.empty()) {
            return;
        }
        auto batch = random_.pick(changes_);
        for (auto more = random_.below(4); more > 0; --more) {
            auto const& next = random_.pick(changes_);
            if (random_.chance(50)) {
                batch.delta.join(next.delta);
            } else {
                expect(joins_encoded(batch.delta, next.delta), "delta bytes are accepted");
            }
            batch.model.join(next.model);
        }
        expect_same("batch", batch.delta, batch.model);
        auto const decoded = T::decode(batch.delta.encode());
        expect(decoded && decoded->encode() == batch.delta.encode(),
               "decode, then encode, gives the same bytes");
        if (random_.chance(30)) {
            expect(broken_difference<T>({batch.delta, batch.model}, {one.state, one.model},
                                        random_replica()),
                   "news of a delta");
        }
        switch (random_.below(3)) {
        case 0:
            last_ = "deliver";
            one.state.join(batch.delta);
            break;
        case 1:
            last_ = "deliver the difference";
            one.state.join(batch.delta.difference(one.state));
            break;
        default:
            last_ = "deliver bytes";
            expect(joins_encoded(one.state, batch.delta), "batch bytes are accepted");
        }
        one.model.join(batch.model);
    }

    modelled<T> random_replica() {
        auto const& one = random_.pick(replicas_);
        return {one.state, one.model};
    }

    void join(replica& one, replica const& other) {
        if (random_.chance(50)) {
            expect(broken_difference<T>({other.state, other.model}, {one.state, one.model},
                                        random_replica()),
                   "news of a state");
        }
        switch (random_.below(4)) {
        case 0:
            last_ = "join";
            one.state.join(other.state);
            break;
        case 1:
            last_ = "join bytes";
            expect(joins_encoded(one.state, other.state), "state bytes are accepted");
            break;
        case 2:
            last_ = "join the difference";
            one.state.join(other.state.difference(one.state));
            break;
        default:
            last_ = "join a temporary";
            one.state.join(T{other.state});
            break;
        }
        one.model.join(other.model);
    }

    void look(replica& one) {
        last_ = "compact and copy";
        auto const before = one.state.encode();
        auto const digest = one.state.digest();
        one.state.compact();
        expect(one.state.encode() == before && one.state.digest() == digest,
               "compact changes nothing");
        auto const decoded = T::decode(before);
        expect(decoded && decoded->encode() == before && *decoded == one.state &&
                   decoded->digest() == digest,
               "decode, then encode, is the identity");
        T copy{one.state};
        expect(copy == one.state && copy.encode() == before, "a copy is equal");
        one.state = std::move(copy);
    }

    void laws() {
        last_ = "laws";
        auto const& [a, b, c] = replicas_;
        expect(std::string{testing::broken_lattice_law(a.state, b.state, c.state).value_or("")},
               "states");
        expect(broken_decomposition<T>({a.state, a.model}), "parts of a state");
        for (auto i = 0; i < 5 && !changes_.empty(); ++i) {
            auto const& change = random_.pick(changes_);
            expect(broken_decomposition<T>({change.delta, change.model}), "parts of a delta");
            expect(broken_difference<T>({a.state, a.model}, {change.delta, change.model},
                                        random_replica()),
                   "news of a state for a delta");
            auto const& x = random_.pick(changes_).delta;
            auto const& y = random_.pick(changes_).delta;
            auto const& z = random_.pick(changes_).delta;
            expect(std::string{testing::broken_lattice_law(x, y, z).value_or("")}, "deltas");
            expect(std::string{testing::broken_lattice_law(x, a.state, y).value_or("")}, "mixed");
            expect((x == y) == (x.digest() == y.digest()), "digests tell deltas apart");
        }
        for (auto const& x : replicas_) {
            for (auto const& y : replicas_) {
                expect((x.state == y.state) == (x.state.digest() == y.state.digest()),
                       "digests tell states apart");
            }
        }
    }

    testing::splitmix64 random_;
    std::uint64_t seed_;
    Edit edit_;
    View view_;
    std::array<replica, 3> replicas_{};
    std::vector<change_type> changes_;
    unsigned step_ = 0;
    std::string last_;
    std::string broken_;
};

/// Runs `count` histories and returns the first failure.
template <class T, class Edit, class View>
std::string broken_history(std::uint64_t first_seed, unsigned count, unsigned steps, Edit edit,
                           View view) {
    for (auto seed = first_seed; seed < first_seed + count; ++seed) {
        causal_history<T, Edit, View> history{seed, edit, view};
        if (auto broken = history.run(steps); !broken.empty()) {
            return broken;
        }
    }
    return {};
}

} // namespace joinery::tests
