#pragma once

#include <joinery/core/decomposition.hpp>
#include <joinery/testing/laws.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "causal_model.hpp"

namespace joinery::tests {

inline std::set<dot> without(std::set<dot> const& a, std::set<dot> const& b) {
    std::set<dot> out;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
    return out;
}

/// The difference by the definition: what is only in `a`, and what `a` has seen to be removed of
/// what is live in `b`.
inline causal_model difference_of(causal_model const& a, causal_model const& b) {
    causal_model out;
    out.seen = without(a.seen, b.seen);
    for (auto const& [d, entry] : a.live) {
        if (b.seen.count(d) == 0) {
            out.live.emplace(d, entry);
        }
    }
    for (auto const& [d, entry] : b.live) {
        if (a.seen.count(d) != 0 && a.live.count(d) == 0) {
            out.seen.insert(d);
        }
    }
    return out;
}

/// A value and its model.
template <class T>
struct modelled {
    T const& value;
    causal_model const& model;
};

/// The dots of counters' entries may be known on the other side while a reset of them is not.
inline causal_model and_known_dots(causal_model model, std::set<dot> const& seen,
                                   causal_model const& other) {
    for (auto const& d : seen) {
        if (other.seen.count(d) != 0 && other.live.count(d) == 0) {
            model.seen.insert(d);
        }
    }
    return model;
}

/// Which law of `a.difference(b)` does not hold, with `c` as somebody who receives it too; empty if
/// all do.
template <class T>
std::string broken_difference(modelled<T> a, modelled<T> b, modelled<T> c) {
    using testing::joined;
    auto const d = a.value.difference(b.value);
    if (joined(b.value, d) != joined(b.value, a.value)) {
        return "b ⊔ difference(a, b) == b ⊔ a";
    }
    if (d.is_bottom() != (joined(b.value, a.value) == b.value) || (d.is_bottom() && d != T{})) {
        return "the difference is bottom exactly if nothing is new";
    }
    if (d.difference(b.value) != d) {
        return "difference(difference(a, b), b) == difference(a, b)";
    }
    auto expected = difference_of(a.model, b.model);
    if constexpr (requires(T value, stable_cut const& cut) { value.forget(cut); }) {
        expected = and_known_dots(std::move(expected), dots_of(d.context()), b.model);
    }
    if (auto const text = difference(d, expected); !text.empty()) {
        return "difference: " + text;
    }
    auto together = c.model;
    together.join(expected);
    if (auto const text = difference(joined(c.value, d), together); !text.empty()) {
        return "somebody else ⊔ difference: " + text;
    }
    auto const decoded = T::decode(d.encode());
    if (!decoded || decoded->encode() != d.encode()) {
        return "a difference is encoded as it is";
    }
    for (auto const& part : decompose(d)) {
        if (joined(b.value, part) == b.value) {
            return "no part of a difference is below b";
        }
    }
    return {};
}

/// Which law of the decomposition of `a` does not hold.
template <class T>
std::string broken_decomposition(modelled<T> a) {
    using testing::joined;
    auto const parts = decompose(a.value);
    if (parts.size() != a.model.seen.size()) {
        return "one part for each dot";
    }
    T all;
    for (auto const& part : parts) {
        all.join(part);
        if (joined(a.value, part) != a.value) {
            return "every part is below the whole";
        }
    }
    if (all != a.value) {
        return "the join of the parts is the whole";
    }
    for (std::size_t left_out = 0; left_out < parts.size(); left_out += 1 + parts.size() / 6) {
        T others;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (i != left_out) {
                others.join(parts[i]);
            }
        }
        if (others == a.value) {
            return "no part can be left out";
        }
    }
    auto const again = decompose(*T::decode(a.value.encode()));
    auto const is_same = [](T const& x, T const& y) { return x.encode() == y.encode(); };
    if (!std::equal(parts.begin(), parts.end(), again.begin(), again.end(), is_same)) {
        return "equal values have equal parts in the same order";
    }
    return {};
}

} // namespace joinery::tests
