#pragma once

#include <joinery/sync/replica.hpp>

#include <algorithm>

namespace joinery::sync {

/// The changesets of one call that can be taken, which are in neither log nor state yet, and where
/// histories end with them.
template <class State, class... Policies>
class replica<State, Policies...>::intake {
public:
    struct end {
        std::uint64_t last = 0;
        hlc time{};
    };

    [[nodiscard]] std::vector<changeset> const& taken() const { return taken_; }
    [[nodiscard]] bool holds(replica_id origin) const { return places_.contains(origin); }

    void take(changeset const& in) {
        places_[in.origin].push_back(taken_.size());
        taken_.push_back(in);
    }
    [[nodiscard]] end end_of(replica_id origin, log::history const& known) const {
        auto const at = places_.find(origin);
        if (at == places_.end()) {
            return {known.last, known.time};
        }
        auto const& in = taken_[at->second.back()];
        return {in.last(), in.time};
    }
    /// Precondition: `in` begins behind the log and before the end of its history here.
    [[nodiscard]] bool contradicts(changeset const& in) const {
        auto const& places = places_.at(in.origin);
        auto const at = std::partition_point(places.begin(), places.end(), [&](std::size_t i) {
            return taken_[i].last() < in.first;
        });
        return !is_same(taken_[*at], in);
    }

private:
    std::vector<changeset> taken_;
    std::map<replica_id, std::vector<std::size_t>> places_;
};

/// Why `in` is not the next changeset of its history; nothing if it is.
template <class State, class... Policies>
std::optional<verdict> replica<State, Policies...>::refuse(changeset const& in, replica_slot slot,
                                                           intake const& batch) {
    auto const [last, time] = batch.end_of(in.origin, log_.at(slot));
    if (!is_possible(in)) {
        return verdict::rejected_because(
            {errc::malformed, "a changeset has an impossible range", 0});
    }
    if (in.first > last + 1 && !bugs::gap_is_taken) {
        return keep_waiting(in, last);
    }
    if (in.first <= last) {
        return in.last() > last ? equivocation(in) : answer_known(in, slot, batch);
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
verdict replica<State, Policies...>::equivocation(changeset const& in) {
    error reason{errc::equivocation, "replica " + in.origin.to_string() + " has two histories", 0};
    if (in.origin == id_) {
        if (auto const kept = report_clone(); !kept) {
            reason = kept.error();
        }
    }
    return verdict::rejected_because(std::move(reason));
}

/// The answer to a changeset whose operations are known.
template <class State, class... Policies>
verdict replica<State, Policies...>::answer_known(changeset const& in, replica_slot slot,
                                                  intake const& batch) {
    if (bugs::equivocation_reads_as_duplicate) {
        return verdict{verdict_kind::duplicate};
    }
    auto const& history = log_.at(slot);
    auto const is_other = in.first > history.last     ? batch.contradicts(in)
                          : in.first <= history.start ? contradicts_store(in)
                                                      : log_.contradicts(slot, in);
    return is_other ? equivocation(in) : verdict{verdict_kind::duplicate};
}

/// Whether the store, where it still has these operations, has other bytes for them.
template <class State, class... Policies>
bool replica<State, Policies...>::contradicts_store(changeset const& in) const {
    auto is_other = false;
    if constexpr (is_stored) {
        byte_writer bytes;
        write_changeset(bytes, in);
        (void)store_.read(in.origin, in.first - 1, [&](store::changeset_view const& kept) {
            is_other = kept.first <= in.last() && !std::ranges::equal(kept.body, bytes.view());
            return false;
        });
    }
    return is_other;
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
    tell(in, false);
}

template <class State, class... Policies>
verdict replica<State, Policies...>::receive(changeset const& in) {
    verdict out;
    receive_all({&in, 1}, [&](changeset const&, verdict const& answer) { out = answer; });
    return out;
}

template <class State, class... Policies>
template <class F>
void replica<State, Policies...>::receive_all(std::span<changeset const> all, F&& visit) {
    if (!usable_) {
        for (auto const& in : all) {
            visit(in, verdict::rejected_because(usable_.error()));
        }
        return;
    }
    admit(all, visit);
    for (auto const& in : all) {
        admit_waiting(in.origin);
    }
}

/// Checks all, commits what can be taken, then applies it. Operations of our own that we do not
/// know were made by somebody else.
template <class State, class... Policies>
template <class F>
void replica<State, Policies...>::admit(std::span<changeset const> all, F&& visit) {
    intake batch;
    for (auto const& in : all) {
        auto const slot = log_.intern(in.origin);
        if (auto const refused = refuse(in, slot, batch)) {
            visit(in, *refused);
        } else if constexpr (is_stored) {
            batch.take(copy_into_pool(in));
        } else {
            is_cloned_ = is_cloned_ || in.origin == id_;
            apply(slot, copy_into_pool(in));
            visit(in, verdict{verdict_kind::applied});
        }
    }
    if constexpr (is_stored) {
        if (!batch.taken().empty()) {
            finish(batch, visit);
        }
    }
}

template <class State, class... Policies>
template <class F>
void replica<State, Policies...>::finish(intake const& batch, F&& visit) {
    auto kept = batch.holds(id_) ? report_clone() : result<void>{};
    if (kept) {
        kept = commit(batch.taken());
    }
    for (auto const& in : batch.taken()) {
        if (!kept) {
            visit(in, verdict::rejected_because(kept.error()));
            continue;
        }
        if (batch.taken().size() > 1) {
            [[maybe_unused]] auto const accepted = core_.check(in);
            assert(accepted && "a changeset was accepted once and is refused now");
        }
        apply(log_.find(in.origin), in);
        visit(in, verdict{verdict_kind::applied});
    }
}

template <class State, class... Policies>
void replica<State, Policies...>::admit_waiting(replica_id origin) {
    if (waiting_.size() == 0) {
        return;
    }
    std::vector<changeset> next;
    auto const kept = waiting_.take(origin, log_.at(log_.find(origin)).last);
    for (auto const& each : kept) {
        next.push_back(each.in);
    }
    if (!next.empty()) {
        admit(next, [](changeset const&, verdict const&) {});
    }
}

template <class State, class... Policies>
template <class F>
result<void> replica<State, Policies...>::for_each_change(version_vector const& known,
                                                          F&& visit) const {
    auto goes_on = true;
    for (replica_slot slot = 0; slot < log_.size() && goes_on; ++slot) {
        auto const read = for_each_change(slot, known.of(log_.origin(slot)),
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
