#pragma once

#include <joinery/sync/replica.hpp>

namespace joinery::sync {

template <class State, class... Policies>
result<void> replica<State, Policies...>::load(replica_id id) {
    if (auto const known = load_identity(id); !known) {
        return known;
    }
    for (auto const step : {&replica::load_snapshot, &replica::load_changesets}) {
        if (auto const done = (this->*step)(); !done) {
            return done;
        }
    }
    return {};
}

template <class State, class... Policies>
result<void> replica<State, Policies...>::load_identity(replica_id id) {
    auto const kept = store_.entry("identity");
    if (!kept) {
        return failure(kept.error());
    }
    auto const ceiling = store_.entry("clock");
    if (!ceiling) {
        return failure(ceiling.error());
    }
    if (ceiling->has_value()) {
        byte_reader reader{**ceiling};
        durable_ceiling_ = hlc{reader.fixed64()};
        clock_ = hybrid_clock{wanted_.clock, durable_ceiling_};
    }
    if (!kept->has_value()) {
        id_ = id;
        document_ = wanted_.document;
        begin();
        return commit_identity();
    }
    byte_reader reader{**kept};
    auto const raw = reader.take(16);
    document_ = document_id{reader.fixed64()};
    if (!reader.ok()) {
        return failure(errc::malformed, "the store holds no identity of a replica");
    }
    id_ = replica_id::from_bytes(raw.template first<16>());
    begin();
    return {};
}

template <class State, class... Policies>
result<void> replica<State, Policies...>::commit_identity() {
    byte_writer out;
    out.raw(id_.to_bytes());
    out.fixed64(static_cast<std::uint64_t>(document_));
    store::entry_view const entry{"identity", out.view()};
    return store_.commit({.entries = {&entry, 1}});
}

template <class State, class... Policies>
result<void> replica<State, Policies...>::load_snapshot() {
    auto const kept = store_.snapshot();
    if (!kept) {
        return failure(kept.error());
    }
    if (!kept->has_value()) {
        return {};
    }
    auto const state = decode_snapshot(**kept, log_);
    if (!state) {
        return failure(state.error());
    }
    return core_.load(*state);
}

template <class State, class... Policies>
result<void> replica<State, Policies...>::load_changesets() {
    auto const origins = store_.origins();
    if (!origins) {
        return failure(origins.error());
    }
    result<void> outcome;
    auto const take = [&](store::changeset_view const& kept) {
        byte_reader reader{kept.body};
        auto const in = read_changeset(reader, kept.origin);
        outcome = reader.ok() ? core_.check(in) : result<void>{failure(reader.error())};
        if (outcome) {
            auto const slot = log_.find(in.origin);
            auto const copy = copy_into_pool(in);
            equivocations_ += core_.apply(copy);
            append(slot, copy);
        }
        return outcome.has_value();
    };
    for (auto const origin : *origins) {
        auto const slot = log_.intern(origin);
        auto const read = store_.read(origin, log_.at(slot).last, take);
        if (!read || !outcome) {
            return !read ? read : outcome;
        }
    }
    return {};
}

template <class State, class... Policies>
result<void> replica<State, Policies...>::take_identity(replica_id fresh) {
    assert(log_.find(fresh) == replica_table::no_slot && "take_identity: this id is in use");
    auto const before = std::exchange(id_, fresh);
    if constexpr (is_stored) {
        if (auto const kept = commit_identity(); !kept) {
            id_ = before;
            return kept;
        }
    }
    log_.intern(fresh);
    is_cloned_ = false;
    return {};
}

template <class State, class... Policies>
result<void> replica<State, Policies...>::join_document(document_id document) {
    if (document == document_) {
        return {};
    }
    if (document_ != document_id::unset) {
        return failure(errc::wrong_document, "this is a replica of another document");
    }
    document_ = document;
    if constexpr (is_stored) {
        return commit_identity();
    }
    return {};
}

} // namespace joinery::sync
