#pragma once

#include <joinery/sync/replica.hpp>

#include <algorithm>
#include <tuple>

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
    resume_clock();
    return {};
}

/// Every stamp that anybody may have seen is that of a changeset, and those are durable.
template <class State, class... Policies>
void replica<State, Policies...>::resume_clock() {
    hlc last{};
    for (replica_slot slot = 0; slot < log_.size(); ++slot) {
        last = std::max(last, log_.at(slot).time);
    }
    clock_ = hybrid_clock{wanted_.clock, last};
}

template <class State, class... Policies>
result<void> replica<State, Policies...>::load_identity(replica_id id) {
    auto const kept = store_.entry("identity");
    if (!kept) {
        return failure(kept.error());
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
    is_cloned_ = reader.byte() != 0;
    if (!reader.ok() || !reader.at_end()) {
        return failure(errc::malformed, "the store holds no identity of a replica");
    }
    id_ = replica_id::from_bytes(raw.template first<16>());
    begin();
    return {};
}

/// What the store keeps under "identity": the id, the document (8 bytes), and whether somebody else
/// has written under that id.
template <class State, class... Policies>
result<void> replica<State, Policies...>::commit_identity() {
    byte_writer out;
    out.raw(id_.to_bytes());
    out.fixed64(static_cast<std::uint64_t>(document_));
    out.byte(is_cloned_ ? 1 : 0);
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
        outcome = load_changeset(kept);
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
result<void> replica<State, Policies...>::load_changeset(store::changeset_view const& kept) {
    byte_reader reader{kept.body};
    auto const in = read_changeset(reader, kept.origin);
    if (!reader.ok() || !reader.at_end()) {
        return failure(errc::malformed, "the store holds a changeset that cannot be read");
    }
    auto const slot = log_.find(in.origin);
    if (in.first != log_.at(slot).last + 1) {
        return failure(errc::gap, "the store lacks changesets of replica " + in.origin.to_string());
    }
    if (auto const accepted = core_.check(in); !accepted) {
        return accepted;
    }
    auto const copy = copy_into_pool(in);
    equivocations_ += core_.apply(copy);
    append(slot, copy);
    return {};
}

template <class State, class... Policies>
result<void> replica<State, Policies...>::take_identity(replica_id fresh) {
    assert(log_.find(fresh) == replica_table::no_slot && "take_identity: this id is in use");
    std::pair const before{id_, is_cloned_};
    std::tie(id_, is_cloned_) = std::pair{fresh, false};
    if constexpr (is_stored) {
        if (auto const kept = commit_identity(); !kept) {
            std::tie(id_, is_cloned_) = before;
            return kept;
        }
    }
    log_.intern(fresh);
    return {};
}

template <class State, class... Policies>
result<void> replica<State, Policies...>::report_clone() {
    if (std::exchange(is_cloned_, true)) {
        return {};
    }
    if constexpr (is_stored) {
        return commit_identity();
    }
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
        if (auto const kept = commit_identity(); !kept) {
            document_ = document_id::unset;
            return kept;
        }
    }
    return {};
}

} // namespace joinery::sync
