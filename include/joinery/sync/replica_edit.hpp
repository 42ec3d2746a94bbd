#pragma once

#include <joinery/sync/replica.hpp>

namespace joinery::sync {

/// Undoes an edit, unless it is finished, when it ends: by an error or by an exception.
template <class State, class... Policies>
class replica<State, Policies...>::unfinished_edit {
public:
    explicit unfinished_edit(replica& owner) : owner_{owner} {}
    unfinished_edit(unfinished_edit const&) = delete;
    unfinished_edit& operator=(unfinished_edit const&) = delete;
    ~unfinished_edit() {
        if (!is_finished_) {
            owner_.recover();
        }
    }
    void finish() { is_finished_ = true; }

private:
    replica& owner_;
    bool is_finished_ = false;
};

template <class State, class... Policies>
template <class F>
result<receipt> replica<State, Policies...>::edit(F&& change) {
    if (!usable_) {
        return failure(usable_.error());
    }
    auto const slot = log_.find(id_);
    if (is_overtaken(slot)) {
        return failure(errc::identity, "somebody else has written under the identity of this "
                                       "replica: it was cloned or restored");
    }
    auto const time = clock_.now(wall_.now_ms());
    if (!time) {
        return failure(time.error());
    }
    author const by{id_, *time, log_.at(slot).last + 1};
    unfinished_edit undo{*this};
    auto const written = core_.edit(by, std::forward<F>(change));
    if (written.in.count == 0) {
        undo.finish();
        return written.outcome ? result<receipt>{receipt{}} : failure(written.outcome.error());
    }
    if (!written.outcome) {
        return failure(written.outcome.error());
    }
    if (auto const size = written.in.body.size(); size > wanted_.changeset_bytes_max) {
        return failure(errc::too_large, "an edit would write " + std::to_string(size) +
                                            " bytes; the limit is " +
                                            std::to_string(wanted_.changeset_bytes_max));
    }
    if constexpr (is_stored) {
        if (auto const kept = commit({written.in}); !kept) {
            return failure(kept.error());
        }
    }
    append(slot, written.in);
    undo.finish();
    tell(written.in, true);
    return receipt{written.in.first, written.in.count};
}

/// Fills in the header in front of the body, which makes it a record of the log.
template <class State, class... Policies>
void replica<State, Policies...>::append(replica_slot slot, changeset const& in) {
    auto const hash = chained_hash(log_.at(slot).head, in);
    auto* const record = const_cast<std::byte*>(in.body.data()) - detail::record_header::bytes;
    detail::record_header{hash, in.time.bits, in.count, static_cast<std::uint32_t>(in.body.size()),
                          static_cast<std::uint32_t>(in.others.size() / 16)}
        .put(record);
    log_.append(slot, in, hash, record);
}

template <class State, class... Policies>
result<void> replica<State, Policies...>::commit(std::vector<changeset> const& all) {
    byte_writer bodies;
    std::vector<std::size_t> ends;
    for (auto const& in : all) {
        write_changeset(bodies, in);
        ends.push_back(bodies.size());
    }
    std::vector<store::changeset_view> views;
    for (std::size_t i = 0, begin = 0; i < all.size(); begin = ends[i++]) {
        auto const body = bodies.view().subspan(begin, ends[i] - begin);
        views.push_back({all[i].origin, all[i].first, all[i].last(), body});
    }
    return store_.commit({.changesets = views});
}

/// Undoes an edit that could not be finished: the state becomes what the log or the store says.
template <class State, class... Policies>
void replica<State, Policies...>::recover() {
    if constexpr (is_stored) {
        core_ = {};
        log_ = {};
        usable_ = load(id_);
    } else {
        replay();
    }
}

/// Builds the state again from the changesets in memory, whose bytes stay where they are.
template <class State, class... Policies>
void replica<State, Policies...>::replay() {
    auto const old = std::move(core_);
    core_ = {};
    core_.pool() = std::move(const_cast<detail::replicated<State>&>(old).pool());
    core_.configure(wanted_.value_bytes_max, wanted_.hash_seed);
    for (replica_slot slot = 0; slot < log_.size(); ++slot) {
        for (auto const mark : log_.at(slot).marks) {
            auto const in = log_.read(slot, mark);
            [[maybe_unused]] auto const accepted = core_.check(in);
            assert(accepted && "a changeset was accepted once and is refused now");
            core_.apply(in);
        }
    }
}

} // namespace joinery::sync
