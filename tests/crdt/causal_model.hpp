#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/dot.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/counter_store.hpp>
#include <joinery/crdt/dot_fun.hpp>
#include <joinery/crdt/dot_map.hpp>
#include <joinery/crdt/marked_store.hpp>
#include <joinery/crdt/scalar.hpp>
#include <joinery/crdt/stamped.hpp>
#include <joinery/crdt/switch_store.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace joinery::tests {

using model_path = std::vector<std::string>;

/// Where a live dot stands: the keys that lead there, and which part of the place it is.
struct model_place {
    model_path path;
    std::string part;
    friend auto operator<=>(model_place const&, model_place const&) = default;
};

struct model_entry {
    model_place place;
    std::string payload;
    friend auto operator<=>(model_entry const&, model_entry const&) = default;
};

/// A causal value by the definition: live dots and a plain set of seen dots. Counters are the set
/// of all increments and the set of those that a reset has seen.
struct causal_model {
    using increment_id = std::pair<model_path, dot>;
    struct increment {
        std::int64_t amount = 0;
        std::uint64_t start = 0; ///< Sequence of the first one since the last that was reset.
        friend bool operator==(increment const&, increment const&) = default;
    };

    std::map<dot, model_entry> live;
    std::set<dot> seen;
    std::map<increment_id, increment> increments;
    std::set<increment_id> resets;

    void join(causal_model const& other) {
        auto const keep = [](causal_model const& from, causal_model const& against,
                             std::map<dot, model_entry>& out) {
            for (auto const& [d, entry] : from.live) {
                if (against.live.count(d) != 0 || against.seen.count(d) == 0) {
                    out.emplace(d, entry);
                }
            }
        };
        std::map<dot, model_entry> joined;
        keep(*this, other, joined);
        keep(other, *this, joined);
        live = std::move(joined);
        seen.insert(other.seen.begin(), other.seen.end());
        increments.insert(other.increments.begin(), other.increments.end());
        resets.insert(other.resets.begin(), other.resets.end());
    }

    /// The live dots at `path` and below it.
    [[nodiscard]] std::set<dot> under(model_path const& path) const {
        std::set<dot> out;
        for (auto const& [d, entry] : live) {
            auto const& at = entry.place.path;
            if (at.size() >= path.size() && std::equal(path.begin(), path.end(), at.begin())) {
                out.insert(d);
            }
        }
        return out;
    }
    [[nodiscard]] std::set<dot> at(model_place const& place) const {
        std::set<dot> out;
        for (auto const& [d, entry] : live) {
            if (entry.place == place) {
                out.insert(d);
            }
        }
        return out;
    }

    /// The places whose counters hold increments that no reset has seen, with their values.
    [[nodiscard]] std::map<model_path, std::int64_t> counters() const {
        std::map<model_path, std::int64_t> out;
        for (auto const& [id, one] : increments) {
            if (resets.count(id) == 0) {
                out[id.first] += one.amount;
            }
        }
        return out;
    }

    friend bool operator==(causal_model const&, causal_model const&) = default;
};

/// One edit of a model: every mutation consumes one dot and is collected in the delta.
class model_edit {
public:
    model_edit(causal_model& state, author const& by) : state_{state}, by_{by} {
        for (auto const& d : state.seen) {
            last_ = d.replica == by.replica ? std::max(last_, d.sequence) : last_;
        }
    }

    void write(model_place place, std::string payload, std::set<dot> const& superseded) {
        causal_model one;
        auto const d = mint(one, superseded);
        one.live.emplace(d, model_entry{std::move(place), std::move(payload)});
        record(one);
    }
    void remove(std::set<dot> const& superseded) {
        causal_model one;
        mint(one, superseded);
        record(one);
    }

    /// An increment speaks for all of its replica's increments since the last one that was reset.
    void increment(model_path const& path, std::int64_t amount) {
        causal_model one;
        auto const d = mint(one, {});
        auto start = d.sequence;
        for (auto const& [id, old] : state_.increments) {
            if (id.first == path && id.second.replica == by_.replica) {
                one.increments.emplace(id, old);
                start = state_.resets.count(id) == 0 ? old.start : d.sequence;
            }
        }
        for (auto const& [id, old] : one.increments) {
            if (id.second.sequence < start) {
                one.resets.insert(id);
            }
        }
        one.increments[{path, d}] = {amount, start};
        record(one);
    }
    /// A reset has seen every increment at `path` that its replica knows. It speaks about those
    /// replicas of which some were not reset before.
    void reset(model_path const& path) {
        causal_model one;
        mint(one, {});
        std::set<replica_id> counted;
        for (auto const& [id, amount] : state_.increments) {
            if (id.first == path && state_.resets.count(id) == 0) {
                counted.insert(id.second.replica);
            }
        }
        std::map<replica_id, dot> last;
        for (auto const& [id, amount] : state_.increments) {
            if (id.first == path && counted.count(id.second.replica) != 0) {
                one.increments[id] = amount;
                one.resets.insert(id);
                last.insert_or_assign(id.second.replica, id.second);
            }
        }
        for (auto const& [replica, d] : last) {
            one.seen.insert(d);
        }
        record(one);
    }

    [[nodiscard]] causal_model const& state() const { return state_; }
    [[nodiscard]] causal_model const& delta() const { return delta_; }
    [[nodiscard]] author const& by() const { return by_; }

private:
    dot mint(causal_model& one, std::set<dot> const& superseded) {
        dot const d{by_.replica, ++last_};
        one.seen = superseded;
        one.seen.insert(d);
        return d;
    }
    void record(causal_model const& one) {
        state_.join(one);
        delta_.join(one);
    }

    causal_model& state_;
    author by_;
    causal_model delta_;
    std::uint64_t last_ = 0;
};

inline std::string text_of(std::string_view value) {
    return std::string{value};
}
inline std::string text_of(std::integral auto value) {
    return std::to_string(value);
}

inline std::string text_of(std::same_as<scalar> auto const& value) {
    std::string out{name(value.kind())};
    out += ' ';
    switch (value.kind()) {
    case value_kind::boolean:
        return out + (value.as_boolean() ? "true" : "false");
    case value_kind::integer:
        return out + std::to_string(value.as_integer());
    case value_kind::timestamp:
        return out + std::to_string(value.as_timestamp().milliseconds);
    case value_kind::real:
        return out + std::to_string(value.as_real());
    default:
        return out.append(value.text());
    }
}

/// What a store really holds, for comparison with a model.
struct collected {
    detail::causal_root const& root;
    std::map<dot, model_entry> live{};
    std::size_t dots = 0;
    bool has_bottom = false;
};

inline std::string payload_of(detail::unit) {
    return {};
}
template <class T>
std::string payload_of(detail::stamped<T> const& value) {
    return text_of(value.view()) + '@' + std::to_string(value.time.bits);
}

template <class Payload>
void collect(detail::dot_fun<Payload> const& store, model_place const& place, collected& out) {
    for (std::uint32_t i = 0; i < store.count(); ++i) {
        ++out.dots;
        out.live.emplace(out.root.context.global(store.dot(i)),
                         model_entry{place, payload_of(store.at(i))});
    }
}
inline void collect(detail::switch_store const& store, model_place const& place, collected& out) {
    for (std::uint32_t i = 0; i < store.count(); ++i) {
        ++out.dots;
        out.live.emplace(out.root.context.global(store.dot(i)),
                         model_entry{place, store.at(i).is_on ? "on" : "off"});
    }
}
/// Counters have no live dots: see `causal_model::counters`.
inline void collect(detail::counter_store const&, model_place const&, collected&) {}

template <class Policy, class Store>
void collect(detail::marked_store<Policy, Store> const& store, model_place place, collected& out) {
    collect(store.value, place, out);
    place.part = "mark";
    collect(store.marks, place, out);
}
template <class K, class Store>
void collect(detail::dot_map<K, Store> const& store, model_place place, collected& out) {
    store.entries().for_each([&](auto const& e) {
        out.has_bottom |= e.value.is_bottom() && !store.is_partial();
        place.path.push_back(text_of(held<K>::look(e.key)));
        collect(e.value, place, out);
        place.path.pop_back();
    });
}

inline std::set<dot> dots_of(causal_context const& context) {
    std::set<dot> out;
    for (replica_slot slot = 0; slot < context.slot_count(); ++slot) {
        auto const add = [&](std::uint64_t first, std::uint64_t last) {
            for (auto sequence = first; sequence <= last; ++sequence) {
                out.insert({context.id_of(slot), sequence});
            }
        };
        add(1, context.seen_of(slot).prefix());
        context.seen_of(slot).for_each_gap(add);
    }
    return out;
}

/// Says in what `value` differs from `model`; empty if in nothing.
template <class T>
std::string difference(T const& value, causal_model const& model) {
    auto const& root = detail::causal_access::root(value);
    collected got{root};
    collect(detail::causal_access::store(value), {}, got);
    if (got.dots != got.live.size()) {
        return "a dot is live twice";
    }
    if (got.live != model.live) {
        return "the live dots differ";
    }
    if (got.has_bottom) {
        return "a complete map names a key without a value";
    }
    if (dots_of(root.context) != model.seen) {
        return "the contexts differ";
    }
    return {};
}

template <class T>
bool joins_encoded(T& into, T const& from) {
    return into.join_encoded(from.encode()).has_value();
}

/// A multiple for the rounds of random tests.
inline unsigned rounds(unsigned count) {
    auto const* const factor = std::getenv("JOINERY_TEST_ROUNDS");
    return factor == nullptr ? count
                             : count * static_cast<unsigned>(std::max(1, std::atoi(factor)));
}

} // namespace joinery::tests
