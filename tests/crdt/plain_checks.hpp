#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/result.hpp>
#include <joinery/wire/codec.hpp>

#include <optional>
#include <string>
#include <utility>

#include "crdt/hostile.hpp"

namespace joinery::tests {

/// Bytes are refused, or they are the one encoding of the value that they give. Returns what broke.
template <class T>
std::string broken_codec(T const& honest) {
    std::string broken;
    auto const encoded = wire::encode(honest);
    if (auto const back = wire::decode<T>(encoded); !back || !(*back == honest)) {
        return "what was written is not read back: " + hex(encoded);
    }
    for_each_mutation(encoded, hostility::all_values, [&](bytes const& damaged) {
        if (auto const value = wire::decode<T>(damaged); value && wire::encode(*value) != damaged) {
            broken = "bytes were accepted that are not canonical: " + hex(damaged);
        }
    });
    return broken;
}

/// An edit target that keeps a state, the join of the deltas, and why the edit failed.
template <class State>
struct replica_target {
    State* whole;
    State* deltas;
    std::optional<error>* failed;
    author who;

    [[nodiscard]] author const& by() const { return who; }
    [[nodiscard]] State& state() { return *whole; }
    void record(State const& delta) { deltas->join(delta); }
    void fail(error reason) { *failed = std::move(reason); }
    template <class F>
    void change(F&& f) {
        record(f(state(), by()));
    }
};

} // namespace joinery::tests
