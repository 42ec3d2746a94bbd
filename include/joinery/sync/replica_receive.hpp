#pragma once

#include <joinery/sync/replica.hpp>

namespace joinery::sync {

/// Why `in` is not the next changeset of its history, which ends at `last`; nothing if it is.
template <class State, class... Policies>
std::optional<verdict> replica<State, Policies...>::refuse(changeset const& in, replica_slot slot,
                                                           std::uint64_t last, hlc time) {
    auto const equivocation = [&] {
        return verdict::rejected_because(
            {errc::equivocation, "replica " + in.origin.to_string() + " has two histories", 0});
    };
    if (in.first > last + 1) {
        return keep_waiting(in, last);
    }
    if (in.first <= last) {
        return in.last() > last || log_.contradicts(slot, in) ? equivocation()
                                                              : verdict{verdict_kind::duplicate};
    }
    if (in.time <= time) {
        return verdict::rejected_because(
            {errc::malformed, "a changeset is not later than its predecessor", 0});
    }
    if (auto const accepted = core_.check(in); !accepted) {
        return verdict::rejected_because(accepted.error());
    }
    if (auto const seen = clock_.observe(in.time, wall_.now_ms()); !seen) {
        return verdict::rejected_because(seen.error());
    }
    return std::nullopt;
}

template <class State, class... Policies>
verdict replica<State, Policies...>::keep_waiting(changeset const& in, std::uint64_t last) {
    if (!waiting_.keep(in)) {
        return verdict::rejected_because(
            {errc::full, "too many changesets wait for earlier ones", 0});
    }
    return verdict::waiting_for({in.origin, last + 1, in.first - 1});
}

template <class State, class... Policies>
changeset replica<State, Policies...>::copy_into_pool(changeset const& in) {
    auto& pool = core_.pool();
    auto const size = in.body.size() + in.others.size();
    auto* const record = pool.reserve(detail::record_header::bytes + size);
    auto* const body = record + detail::record_header::bytes;
    std::memcpy(body, in.body.data(), in.body.size());
    if (!in.others.empty()) {
        std::memcpy(body + in.body.size(), in.others.data(), in.others.size());
    }
    pool.commit(body + size);
    auto out = in;
    out.body = {body, in.body.size()};
    out.others = {body + in.body.size(), in.others.size()};
    return out;
}

/// Precondition: the core's `check` has just accepted `in`, which lies in the pool.
template <class State, class... Policies>
void replica<State, Policies...>::apply(replica_slot slot, changeset const& in) {
    equivocations_ += core_.apply(in);
    append(slot, in);
    is_cloned_ = is_cloned_ || in.origin == id_;
    tell(in, false);
}

template <class State, class... Policies>
verdict replica<State, Policies...>::receive(changeset const& in) {
    if constexpr (is_stored) {
        verdict out;
        receive_all({in}, [&](changeset const&, verdict const& answer) { out = answer; });
        return out;
    } else {
        auto const slot = log_.intern(in.origin);
        auto const& history = log_.at(slot);
        if (auto const refused = refuse(in, slot, history.last, history.time)) {
            return *refused;
        }
        apply(slot, copy_into_pool(in));
        admit_waiting();
        return verdict{verdict_kind::applied};
    }
}

/// Checks all, commits what can be taken, then applies it.
template <class State, class... Policies>
template <class F>
void replica<State, Policies...>::receive_all(std::vector<changeset> const& all, F&& visit) {
    if (broken_) {
        for (auto const& in : all) {
            visit(in, verdict::rejected_because(*broken_));
        }
        return;
    }
    if constexpr (!is_stored) {
        for (auto const& in : all) {
            visit(in, receive(in));
        }
    } else {
        std::vector<changeset> taken;
        auto const end_of = [&](replica_slot slot) {
            std::pair end{log_.at(slot).last, log_.at(slot).time};
            for (auto const& in : taken) {
                if (in.origin == log_.origin(slot)) {
                    end = {in.last(), in.time};
                }
            }
            return end;
        };
        for (auto const& in : all) {
            auto const slot = log_.intern(in.origin);
            auto const [last, time] = end_of(slot);
            if (auto const refused = refuse(in, slot, last, time)) {
                visit(in, *refused);
            } else {
                taken.push_back(copy_into_pool(in));
            }
        }
        if (taken.empty()) {
            return;
        }
        auto const kept = commit(taken);
        for (auto const& in : taken) {
            if (!kept) {
                visit(in, verdict::rejected_because(kept.error()));
                continue;
            }
            [[maybe_unused]] auto const accepted = core_.check(in);
            assert(accepted && "a changeset was accepted once and is refused now");
            apply(log_.find(in.origin), in);
            visit(in, verdict{verdict_kind::applied});
        }
        admit_waiting();
    }
}

template <class State, class... Policies>
void replica<State, Policies...>::admit_waiting() {
    auto const last_of = [&](replica_id origin) { return log_.at(log_.find(origin)).last; };
    while (waiting_.size() != 0 && waiting_.take(last_of, [&](changeset const& in) {
        (void)receive(in);
    })) {
    }
}

template <class State, class... Policies>
template <class F>
result<void> replica<State, Policies...>::for_each_change(version_vector const& known,
                                                          F&& visit) const {
    auto goes_on = true;
    for (replica_slot slot = 0; slot < log_.size() && goes_on; ++slot) {
        auto const read =
            for_each_change(slot, known.of(log_.origin(slot)),
                            [&](changeset const& in) { return goes_on = visit(in); });
        if (!read) {
            return read;
        }
    }
    return {};
}

template <class State, class... Policies>
template <class F>
result<void> replica<State, Policies...>::for_each_change(replica_slot slot, std::uint64_t known,
                                                          F&& visit) const {
    auto const& history = log_.at(slot);
    if constexpr (is_stored) {
        auto goes_on = true;
        result<void> outcome;
        result<void> malformed;
        if (known < history.start) {
            outcome = store_.read(log_.origin(slot), known, [&](store::changeset_view const& kept) {
                if (kept.first > history.start) {
                    return false;
                }
                byte_reader reader{kept.body};
                auto const in = read_changeset(reader, kept.origin);
                if (!reader.ok()) {
                    malformed = failure(reader.error());
                }
                goes_on = reader.ok() && visit(in);
                return goes_on;
            });
        }
        if (!outcome || !goes_on) {
            return !outcome ? outcome : malformed;
        }
    }
    for (auto i = log_.first_after(slot, known); i < history.marks.size(); ++i) {
        if (!visit(log_.read(slot, history.marks[i]))) {
            break;
        }
    }
    return {};
}

} // namespace joinery::sync
