#pragma once

#include <joinery/testing/explore_knowledge.hpp>

#include <cassert>
#include <limits>

namespace joinery::testing {

struct explore_options {
    std::size_t replicas = 3;  ///< Two to four.
    std::size_t steps_max = 5; ///< Edits, deliveries and joins together; 64 at most.
    std::size_t edits_max = 64;
    std::size_t states_max = 50'000'000;
    /// An edit arrives only where all that its author had seen has arrived.
    bool is_delivery_causal = false;
    /// Which replica has which id does not matter to the type: `bob` makes his first edit only
    /// after `alice` has made hers, and so on. Up to 6 times fewer states for three replicas. Not
    /// for types that break ties by replica.
    bool are_replicas_alike = false;
};

/// What an exploration has found.
struct exploration {
    std::uint64_t states = 0;    ///< Configurations of all replicas, each visited once.
    std::uint64_t knowledge = 0; ///< Different states of single replicas, each compared.
    std::uint64_t steps = 0;     ///< Ways from one configuration to the next.
    std::uint64_t histories = 0; ///< Sequences of steps that these stand for, at least.
    bool is_complete = true;     ///< No budget but that of steps and edits cut it off.
    std::string broken{};        ///< The law that broke, and how; empty if none.
    std::string drawing{};       ///< The shortest history that breaks it.

    [[nodiscard]] bool ok() const { return broken.empty(); }

    /// "1234 states, 99 states of replicas, 5678 steps, at least 91011 histories".
    [[nodiscard]] std::string counts() const {
        return std::to_string(states) + " states, " + std::to_string(knowledge) +
               " states of replicas, " + std::to_string(steps) + " steps, at least " +
               std::to_string(histories) + " histories" + (is_complete ? "" : ", cut off");
    }
    /// Which law broke, and the shortest history that breaks it; the counts if none did.
    [[nodiscard]] std::string report() const {
        return ok() ? counts()
                    : broken + "\nthe shortest history, after " + counts() + ":\n" + drawing;
    }
};

namespace detail {

template <delta_crdt T>
class explorer {
public:
    explorer(specification<T> const& spec, explore_options const& options)
        : spec_{spec}, options_{options}, store_{spec} {}

    exploration run() {
        if (options_.is_delivery_causal) {
            store_.fold_forward();
        }
        auto all = configuration{no_id, no_id, no_id, no_id};
        for (std::size_t replica = 0; replica < options_.replicas; ++replica) {
            all[replica] = store_.start(replica);
        }
        if (!store_.broken()) {
            configurations_.insert(all);
            parents_.push_back(0);
            histories_.push_back(1);
            out_.histories = 1;
            for (std::size_t depth = 0; depth < options_.steps_max && go_on(); ++depth) {
                layer(depth + 1 == options_.steps_max);
            }
        } else {
            out_.broken = store_.broken()->law;
        }
        if (auto const& why = store_.suspicion(); why && out_.ok()) {
            out_.broken = why->law;
            out_.drawing = way_to(why->other);
        }
        out_.states = configurations_.size();
        out_.knowledge = store_.size();
        return out_;
    }

private:
    struct step {
        schedule::event::kind what = schedule::event::kind::edit;
        std::size_t replica = 0;
        std::size_t from = 0;
        std::uint32_t edit = 0; ///< The letter of an edit, the edit of a delivery.
    };

    [[nodiscard]] bool go_on() const { return out_.ok() && out_.is_complete; }

    /// Goes one step on from everything that the layer before it has found.
    void layer(bool is_last) {
        auto const end = configurations_.size();
        if (is_last) {
            store_.forget_states();
        }
        for (; next_ < end && go_on(); ++next_) {
            store_.set_place(static_cast<std::uint32_t>(next_));
            auto const from = configurations_[next_];
            for_each_step(from, [&](step const& one, std::uint32_t to) {
                if (to == no_id) {
                    explain(one);
                    return false;
                }
                ++out_.steps;
                visit(from, one, to, end, is_last);
                return go_on();
            });
        }
    }

    void visit(configuration all, step const& one, std::uint32_t to, std::size_t layer_end,
               bool is_last) {
        if (all[one.replica] == to) {
            return; // a duplicate, or nothing new
        }
        all[one.replica] = to;
        auto const [id, is_new] = configurations_.insert(all);
        if (is_new) {
            parents_.push_back(static_cast<std::uint32_t>(next_));
            if (!is_last) {
                histories_.push_back(0);
            }
            out_.is_complete = configurations_.size() < options_.states_max;
        }
        if (id >= layer_end) {
            auto const ways = histories_[next_];
            out_.histories = sum(out_.histories, ways);
            if (!is_last) {
                histories_[id] = sum(histories_[id], ways);
            }
        }
    }

    /// Stays at the end of the range.
    static std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
        return a > std::numeric_limits<std::uint64_t>::max() - b
                   ? std::numeric_limits<std::uint64_t>::max()
                   : a + b;
    }

    /// Calls `visit(step, node)` for each step from a configuration until it returns false.
    template <class Visit>
    bool for_each_step(configuration const& all, Visit&& visit) {
        using kind = schedule::event::kind;
        auto const n = options_.replicas;
        std::size_t edits = 0;
        for (std::size_t replica = 0; replica < n; ++replica) {
            edits += store_[all[replica]].own.size();
        }
        for (std::size_t to = 0; to < n; ++to) {
            auto const may_edit =
                edits < options_.edits_max &&
                (!options_.are_replicas_alike || to == 0 || !store_[all[to - 1]].own.empty());
            for (std::uint32_t what = 0; may_edit && what < spec_.edits.size(); ++what) {
                auto const after = store_.edit(all[to], what);
                if (after != store_.refused && !visit(step{kind::edit, to, to, what}, after)) {
                    return false;
                }
            }
            for (std::size_t from = 0; from < n; ++from) {
                if (from != to && !for_each_arrival(all, from, to, visit)) {
                    return false;
                }
            }
        }
        return true;
    }

    template <class Visit>
    bool for_each_arrival(configuration const& all, std::size_t from, std::size_t to,
                          Visit&& visit) {
        using kind = schedule::event::kind;
        for (auto const edit : store_[all[from]].own) {
            if (options_.is_delivery_causal && !store_.is_ready(all[to], edit)) {
                continue;
            }
            if (!visit(step{kind::deliver, to, from, edit}, store_.deliver(all[to], edit))) {
                return false;
            }
        }
        return visit(step{kind::join, to, from, 0}, store_.join(all[to], all[from]));
    }

    // What broke.

    void explain(step const& last) {
        auto const& why = *store_.broken();
        out_.broken = why.law;
        auto picture = path_to(next_);
        auto all = configurations_[next_];
        append(picture, last, no_id);
        show(picture, all);
        picture.values[last.replica] = why.value;
        out_.drawing = picture.draw();
        if (why.other != no_id) {
            out_.drawing += "the same edits, seen in another way:\n" + way_to(why.other);
        }
    }

    /// The history by which a node was first reached.
    std::string way_to(std::uint32_t wanted) {
        auto const parent = store_[wanted].found_at;
        if (parent == no_id) {
            return {};
        }
        auto picture = path_to(parent);
        auto all = configurations_[parent];
        for_each_known_step(all, [&](step const& one, std::uint32_t to) {
            if (to != wanted) {
                return true;
            }
            append(picture, one, to);
            all[one.replica] = to;
            return false;
        });
        show(picture, all);
        return picture.draw();
    }

    schedule path_to(std::size_t wanted) {
        std::vector<std::size_t> way;
        for (auto at = wanted; at != 0; at = parents_[at]) {
            way.push_back(at);
        }
        schedule picture;
        auto all = configurations_[0];
        for (auto at = way.rbegin(); at != way.rend(); ++at) {
            auto const target = configurations_[*at];
            for_each_known_step(all, [&](step const& one, std::uint32_t to) {
                auto after = all;
                after[one.replica] = to;
                if (after != target) {
                    return true;
                }
                append(picture, one, to);
                all = after;
                return false;
            });
        }
        return picture;
    }

    /// The steps from a configuration that has been left before.
    template <class Visit>
    void for_each_known_step(configuration const& from, Visit&& visit) {
        auto const all = from;
        for_each_step(
            all, [&](step const& one, std::uint32_t to) { return to == no_id || visit(one, to); });
    }

    void append(schedule& picture, step const& one, std::uint32_t to) {
        schedule::event event{one.what, one.replica, {}, one.from};
        if (one.what == schedule::event::kind::edit) {
            event.name = spec_.edits[one.edit].name();
            if (to != no_id) {
                places_[store_[to].own.back()] = picture.events.size();
            }
        } else if (one.what == schedule::event::kind::deliver) {
            event.edit = places_[one.edit];
        }
        picture.events.push_back(std::move(event));
    }

    void show(schedule& picture, configuration const& all) const {
        for (std::size_t replica = 0; replica < options_.replicas; ++replica) {
            picture.values.push_back(store_.value(all[replica]));
        }
    }

    specification<T> const& spec_;
    explore_options options_;
    knowledge_store<T> store_;
    configuration_set configurations_;
    std::vector<std::uint32_t> parents_;
    std::vector<std::uint64_t> histories_;
    std::unordered_map<std::uint32_t, std::size_t> places_; ///< Of edits in a picture.
    exploration out_;
    std::size_t next_ = 0;
};

} // namespace detail

/// Runs every history of a few replicas: each interleaving of edits, deliveries of single deltas in
/// any order, once, again or never, and joins of whole states.
///
/// Checked at each step: a replica that comes to know the same edits as before, by whatever way,
/// has the same state (value, bytes, digest); what it shows is what the oracle says; the delta of
/// an edit repeats it, changes nothing when it comes again, and only inflates; and the batch of all
/// deltas of a state is that state.
///
/// The history of a failure is a shortest one, since histories are visited in the order of their
/// length.
///
/// Complexity   Each configuration of the replicas is visited once, and each state of a replica is
///              computed once: 50 bytes and less than a microsecond for a configuration, plus the
///              work of the type for each different state.
template <delta_crdt T>
[[nodiscard]] exploration explore(specification<T> const& spec,
                                  explore_options const& options = {}) {
    assert(options.replicas >= 2 && options.replicas <= 4 && "two to four replicas");
    assert(options.steps_max <= 64 && "a set of edits is a mask of 64 bits");
    return detail::explorer<T>{spec, options}.run();
}

} // namespace joinery::testing
