#pragma once

#include <joinery/core/digest.hpp>
#include <joinery/core/hash.hpp>
#include <joinery/testing/explore_tables.hpp>
#include <joinery/testing/schedule.hpp>
#include <joinery/testing/specification.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace joinery::testing::detail {

using id_list = std::vector<std::uint32_t>; // ascending

inline id_list united(id_list const& a, id_list const& b) {
    id_list out;
    out.reserve(a.size() + b.size());
    std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
    return out;
}

struct low_half {
    std::size_t operator()(digest128 const& key) const { return static_cast<std::size_t>(key.low); }
};

/// What went wrong, and with which other way to the same knowledge it disagrees.
struct finding {
    std::string law;
    std::string value;           ///< What the replica shows.
    std::uint32_t other = no_id; ///< A replica with the same knowledge.
};

/// Everything that replicas can know, each state computed once.
///
/// A state is a function of the edits that its replica has seen: that is convergence. So one state
/// is kept for each replica and set of edits, and every other way to the same set is compared with
/// it. By induction this checks each history, in the time of the different steps alone.
template <delta_crdt T>
class knowledge_store {
public:
    using delta_type = typename T::delta_type;

    struct made_edit {
        delta_type delta;
        past_edit about;
        id_list before;
        id_list carried; ///< By its delta, the edit itself included.
    };
    /// A replica and what it knows.
    struct node {
        std::size_t replica = 0;
        std::uint32_t known = no_id;
        std::uint32_t found_at = no_id; ///< The configuration from which it was first reached.
        std::optional<T> state{};
        id_list own{};    ///< Its own edits.
        id_list edited{}; ///< By letter: the node after that edit, or `no_id`, or `refused`.
    };

    explicit knowledge_store(specification<T> const& spec) : spec_{spec} {}

    std::uint32_t start(std::size_t replica) { return arrive(replica, {}, T{}, "a fresh replica"); }

    static constexpr std::uint32_t refused = no_id - 1;

    /// The node after an edit; `refused` if it changes nothing or cannot be done.
    std::uint32_t edit(std::uint32_t at, std::size_t what) {
        auto& from = nodes_[at];
        from.edited.resize(spec_.edits.size(), no_id);
        if (from.edited[what] == no_id) {
            auto const to = make_edit(from, what);
            from.edited[what] = to;
        }
        return from.edited[what];
    }

    std::uint32_t deliver(std::uint32_t at, std::uint32_t edit) {
        auto& to = delivered_.at(at, edit);
        if (to == no_id) {
            auto state = *nodes_[at].state;
            state.join(edits_[edit].delta);
            auto const is_seen = knows(at, edit);
            to = arrive(
                nodes_[at].replica, united(known_of(at), edits_[edit].carried), std::move(state),
                is_seen ? "duplicate: state ⊔ delta == state, once the delta is in it" : converges);
        }
        return to;
    }

    std::uint32_t join(std::uint32_t at, std::uint32_t other) {
        auto& to = joined_.at(at, other);
        if (to == no_id) {
            auto state = *nodes_[at].state;
            state.join(*nodes_[other].state);
            to = arrive(nodes_[at].replica, united(known_of(at), known_of(other)), std::move(state),
                        converges);
        }
        return to;
    }

    [[nodiscard]] bool knows(std::uint32_t at, std::uint32_t edit) const {
        auto const& known = known_of(at);
        auto const& carried = edits_[edit].carried;
        return std::includes(known.begin(), known.end(), carried.begin(), carried.end());
    }
    /// Whether a node knows all that the author of an edit had seen.
    [[nodiscard]] bool is_ready(std::uint32_t at, std::uint32_t edit) const {
        auto const& known = known_of(at);
        auto const& before = edits_[edit].before;
        return std::includes(known.begin(), known.end(), before.begin(), before.end());
    }
    [[nodiscard]] node const& operator[](std::uint32_t at) const { return nodes_[at]; }
    [[nodiscard]] std::string const& value(std::uint32_t at) const {
        return knowledge_[nodes_[at].known].value;
    }
    [[nodiscard]] past_edit const& about(std::uint32_t edit) const { return edits_[edit].about; }
    [[nodiscard]] std::size_t size() const { return nodes_.size(); }
    [[nodiscard]] std::optional<finding> const& broken() const { return broken_; }
    /// A state that is not the batch of its deltas. Said only if nothing simpler explains it.
    [[nodiscard]] std::optional<finding> const& suspicion() const { return suspicion_; }

    /// Nodes that are found from now on are looked at, and not kept to go on from.
    void forget_states() { keeps_states_ = !spec_.encode; }
    /// Batches begin with the oldest delta: the type needs causal delivery.
    void fold_forward() { folds_forward_ = true; }
    void set_place(std::uint32_t place) { place_ = place; }

private:
    static constexpr char const* converges =
        "convergence: replicas that have seen the same edits are equal";

    struct knowledge {
        id_list edits;
        std::string value{};
        digest128 bytes{};
        std::array<std::uint32_t, 4> nodes{no_id, no_id, no_id, no_id}; ///< By replica.
    };

    [[nodiscard]] id_list const& known_of(std::uint32_t at) const {
        return knowledge_[nodes_[at].known].edits;
    }

    std::uint32_t make_edit(node const& from, std::size_t what) {
        auto const& letter = spec_.edits[what];
        auto const& before = knowledge_[from.known].edits;
        auto latest = hlc{};
        for (auto const seen : before) {
            latest = std::max(latest, edits_[seen].about.time);
        }
        past_edit const about{letter.verb,
                              letter.argument,
                              what,
                              from.replica,
                              from.own.size() + 1,
                              hlc::at(latest.milliseconds() + letter.ticks),
                              0};
        auto after = *from.state;
        auto delta =
            letter.apply(after, author{replica_id{from.replica + 1}, about.time, about.sequence});
        if (!delta || (*delta == delta_type{} && after == *from.state)) {
            return refused;
        }
        auto const id = static_cast<std::uint32_t>(edits_.size());
        edits_.push_back({std::move(*delta), about, before, {id}});
        auto const all = united(before, {id});
        if (spec_.carries) {
            edits_.back().carried = carried_by(id, all);
        }
        return arrive_after(from, id, all, std::move(after));
    }

    std::uint32_t arrive_after(node const& from, std::uint32_t id, id_list const& all, T&& after) {
        auto replayed = *from.state;
        auto twice = *from.state;
        twice.join(after);
        auto const& delta = edits_[id].delta;
        replayed.join(delta);
        auto const to = arrive(from.replica, all, std::move(after), converges);
        arrive(from.replica, all, std::move(twice), "inflation: before ⊔ after == after");
        auto again = replayed;
        again.join(delta);
        arrive(from.replica, all, std::move(replayed), "delta: before ⊔ delta == after");
        arrive(from.replica, all, std::move(again), "duplicate delta: after ⊔ delta == after");
        return to;
    }

    [[nodiscard]] id_list carried_by(std::uint32_t id, id_list const& all) const {
        std::vector<std::uint32_t> places;
        auto const known = past_of(all, places);
        auto const at = static_cast<std::size_t>(
            std::lower_bound(places.begin(), places.end(), id) - places.begin());
        id_list out;
        past::for_each(spec_.carries(known, at) | std::uint64_t{1} << at,
                       [&](std::size_t place) { out.push_back(places[place]); });
        return out;
    }

    /// The past of a set of edits: they, and all that their authors had seen; `places` are the
    /// numbers of the edits that the masks speak of.
    [[nodiscard]] past past_of(id_list const& edits, id_list& places) const {
        places = edits;
        for (auto const edit : edits) {
            places = united(places, edits_[edit].before);
        }
        for (std::size_t size = 0; size != places.size();) {
            size = places.size();
            for (auto const edit : id_list{places}) {
                places = united(places, edits_[edit].before);
            }
        }
        auto const mask_of = [&](id_list const& some) {
            std::uint64_t mask = 0;
            for (std::size_t place = 0; place < places.size(); ++place) {
                auto const has = std::binary_search(some.begin(), some.end(), places[place]);
                mask |= std::uint64_t{has ? 1U : 0U} << place;
            }
            return mask;
        };
        std::vector<past_edit> all;
        all.reserve(places.size());
        for (auto const edit : places) {
            all.push_back(edits_[edit].about);
            all.back().before = mask_of(edits_[edit].before);
        }
        return {std::move(all), mask_of(edits)};
    }

    /// The node of a replica that has come to know `edits`, after comparing `state` with what is
    /// known of it.
    std::uint32_t arrive(std::size_t replica, id_list const& edits, T&& state, char const* law) {
        if (broken_) {
            return no_id;
        }
        auto const known = known_as(edits, state);
        if (broken_) {
            return no_id;
        }
        auto& all = knowledge_[known];
        auto const same = first_of(all, replica);
        if (same != no_id && !is_equal(all, same, state)) {
            broken_ = finding{law, spec_.read(state), same};
            return no_id;
        }
        auto& at = all.nodes[replica];
        if (at == no_id) {
            at = static_cast<std::uint32_t>(nodes_.size());
            nodes_.push_back({replica, known, place_});
            for (auto const edit : edits) {
                if (edits_[edit].about.replica == replica) {
                    nodes_.back().own.push_back(edit);
                }
            }
            if (keeps_states_) {
                nodes_.back().state.emplace(std::move(state));
            }
        }
        return at;
    }

    /// A node to compare with: that of the same replica if there is one.
    static std::uint32_t first_of(knowledge const& all, std::size_t replica) {
        if (all.nodes[replica] != no_id) {
            return all.nodes[replica];
        }
        auto const any = std::find_if(all.nodes.begin(), all.nodes.end(),
                                      [](std::uint32_t at) { return at != no_id; });
        return any == all.nodes.end() ? no_id : *any;
    }

    bool is_equal(knowledge const& all, std::uint32_t same, T const& state) const {
        return spec_.encode ? all.bytes == fingerprint(state) : *nodes_[same].state == state;
    }

    std::uint32_t known_as(id_list const& edits, T const& state) {
        auto const key = hash128(std::as_bytes(std::span{edits}));
        auto const [at, is_new] =
            by_edits_.try_emplace(key, static_cast<std::uint32_t>(knowledge_.size()));
        if (is_new) {
            knowledge_.push_back({edits, spec_.read(state), fingerprint(state)});
            judge(knowledge_.back(), state);
            fold(knowledge_.back(), state);
        }
        return at->second;
    }

    void judge(knowledge const& all, T const& state) {
        if (spec_.expected) {
            id_list places;
            auto const expected = spec_.expected(past_of(all.edits, places));
            if (expected != all.value) {
                broken_ = finding{
                    "oracle: " + all.value + " is shown, " + expected + " was expected", all.value};
                return;
            }
        }
        if (spec_.broken_law) {
            if (auto const law = spec_.broken_law(state)) {
                broken_ = finding{std::string{*law}, all.value};
                return;
            }
        }
    }

    /// `state` is about to become the next node.
    void fold(knowledge const& all, T const& state) {
        delta_type batch;
        for (std::size_t i = 0; i < all.edits.size(); ++i) {
            auto const at = folds_forward_ ? i : all.edits.size() - 1 - i;
            batch.join(edits_[all.edits[at]].delta);
        }
        T folded;
        folded.join(batch);
        auto const is_same = spec_.encode ? all.bytes == fingerprint(folded) : folded == state;
        if (!is_same && !suspicion_) {
            suspicion_ = finding{"fold: the batch of all deltas shows " + spec_.read(folded),
                                 all.value, static_cast<std::uint32_t>(nodes_.size())};
        }
    }

    [[nodiscard]] digest128 fingerprint(T const& state) const {
        if (!spec_.encode) {
            return {};
        }
        auto out = hash128(spec_.encode(state));
        if constexpr (requires { digest128{state.digest()}; }) {
            auto const digest = state.digest();
            out.low = joinery::detail::hash_words(out.low, {digest.high, digest.low});
        }
        return out;
    }

    specification<T> const& spec_;
    std::deque<node> nodes_;
    std::deque<knowledge> knowledge_;
    std::deque<made_edit> edits_;
    std::unordered_map<digest128, std::uint32_t, low_half> by_edits_;
    pair_table delivered_;
    pair_table joined_;
    std::optional<finding> broken_;
    std::optional<finding> suspicion_;
    std::uint32_t place_ = no_id;
    bool keeps_states_ = true;
    bool folds_forward_ = false;
};

} // namespace joinery::testing::detail
