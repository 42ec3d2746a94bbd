#pragma once

#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/pieces.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "causal_model.hpp"
#include "hostile.hpp"

namespace joinery::tests {

/// A state of each type with conflicts, gaps in the context and two replicas; and the delta of a
/// later edit that adds and removes.
template <class T, class First, class Second>
std::pair<T, T> example(First first, Second second) {
    T left;
    T right;
    left.edit(author{replica_id{1}, hlc::at(1), 0}, first);
    right.edit(author{replica_id{2}, hlc::at(2), 0}, first);
    right.edit(author{replica_id{2}, hlc::at(3), 0}, second);
    left.join(right.edit(author{replica_id{2}, hlc::at(3), 0}, first));
    auto const delta = left.edit(author{replica_id{1}, hlc::at(4), 0}, second);
    return {left, delta};
}

template <class T>
std::string broken(std::pair<T, T> const& values, hostility how) {
    auto const& [state, delta] = values;
    for (auto const& honest : {state, delta}) {
        auto text = broken_by_bytes(honest, T{}, how);
        if (text.empty()) {
            text = broken_by_bytes(honest, state, hostility::bit_flips);
        }
        if (!text.empty()) {
            return text;
        }
    }
    return {};
}

/// An edit as the pieces that a changeset carries.
struct written_pieces {
    replica_id origin;
    std::uint64_t first = 0;
    std::uint32_t count = 0;
    bytes body;
    bytes others;

    [[nodiscard]] piece_sequence view() const {
        return {origin, first, count, hlc::at(1), body, others};
    }
};

template <class T, class F>
written_pieces pieces_of(T& value, author const& who, F change) {
    using access = detail::causal_access;
    auto& root = access::root(value);
    detail::piece_writer writer{root, root.context.intern(who.replica), who.time};
    using location = detail::root_location<typename T::store_type>;
    change(typename T::template editor<location>{location{writer, access::store(value)}});
    auto const in = writer.finish();
    return {in.origin, in.first, in.count, bytes(in.body.begin(), in.body.end()),
            bytes(in.others.begin(), in.others.end())};
}

/// Applies `in` to a copy of `target`. Returns what broke; nothing if the pieces are refused.
template <class T>
std::string broken_by_pieces(T const& target, written_pieces const& in) {
    using access = detail::causal_access;
    auto copy = target;
    auto& root = access::root(copy);
    detail::piece_applier<typename T::store_type> applier;
    if (!applier.check(in.view(), root.hash_seed)) {
        return {};
    }
    applier.apply(root, access::store(copy), in.view(), bytes_owner::somebody_else);
    collected got{root};
    collect(access::store(copy), {}, got);
    for (auto const& [d, entry] : got.live) {
        if (!root.context.contains(d)) {
            return "a live dot lies outside of the context: " + hex(in.body);
        }
    }
    if (got.has_bottom && !copy.is_partial()) {
        return "a complete map names a key without a value: " + hex(in.body);
    }
    auto const decoded = T::decode(copy.encode());
    if (!decoded) {
        return decoded.error().message + ": " + hex(in.body);
    }
    return decoded->encode() == copy.encode() && *decoded == copy
               ? ""
               : "encoding is not the identity: " + hex(in.body);
}

template <class T>
std::string broken_by_pieces(T const& target, written_pieces const& honest, hostility how) {
    std::string broken = broken_by_pieces(target, honest);
    auto mutated = honest;
    for_each_mutation(honest.body, how, [&](bytes const& body) {
        mutated.body = body;
        if (broken.empty()) {
            broken = broken_by_pieces(target, mutated);
        }
    });
    return broken;
}

/// Mutates the pieces of both edits and applies them to an empty value and to the other replica's.
template <class T, class First, class Second>
std::string broken_pieces(First first, Second second, hostility how) {
    T left;
    T right;
    right.edit(author{replica_id{2}, hlc::at(2), 0}, first);
    std::vector<written_pieces> honest{
        pieces_of(left, author{replica_id{1}, hlc::at(1), 0}, first)};
    left.join(right);
    honest.push_back(pieces_of(left, author{replica_id{1}, hlc::at(1), 0}, second));
    for (auto const& one : honest) {
        for (auto const& target : {T{}, right, left}) {
            if (auto text = broken_by_pieces(target, one, how); !text.empty()) {
                return text;
            }
        }
    }
    return {};
}

/// Mutates the bytes and the pieces of two edits. Returns what broke.
template <class T, class First, class Second>
std::string broken_by_hostile_bytes(First first, Second second, hostility how) {
    auto text = broken(example<T>(first, second), how);
    return text.empty() ? broken_pieces<T>(first, second, how) : text;
}

} // namespace joinery::tests
