#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/sync/changeset.hpp>
#include <joinery/wire/codec.hpp>
#include <joinery/wire/limits.hpp>

#include <cstring>
#include <optional>
#include <utility>

namespace joinery::sync::detail {

/// An edit as it was written: the record begins at `record`, its header is still empty.
struct written_edit {
    changeset in;
    std::byte* record = nullptr;
    result<void> outcome;
};

/// How a state is changed, and how a changeset becomes its delta: the seam between a replica and
/// the lattice that it replicates.
///
/// This is the general case: the body of a changeset is the compact encoding of one delta, and an
/// edit is one dot.
template <class State>
class replicated {
    static_assert(delta_crdt<State>,
                  "joinery: a replica's State needs join(State const&), ==, and a delta_type");

public:
    using delta_type = typename State::delta_type;

    /// What a plain type's editor reaches its state through.
    struct target {
        replicated* owner;
        author who;
        [[nodiscard]] author const& by() const { return who; }
        [[nodiscard]] State& state() { return owner->state_; }
        void record(delta_type const& delta) {
            owner->delta_.join(delta);
            owner->is_changed_ = true;
        }
        void fail(error reason) {
            if (owner->outcome_) {
                owner->outcome_ = failure(std::move(reason));
            }
        }
        template <class F>
        void change(F&& f) {
            record(f(state(), by()));
        }
    };

    [[nodiscard]] State const& state() const { return state_; }
    [[nodiscard]] byte_pool& pool() { return pool_; }

    template <class F>
    written_edit edit(author const& by, F&& change) {
        delta_ = {};
        is_changed_ = false;
        outcome_ = {};
        change(typename State::template editor<target>{target{this, by}});
        written_edit out;
        out.outcome = outcome_;
        if (!is_changed_) {
            return out;
        }
        auto const body = wire::encode(delta_);
        out.record = pool_.reserve(record_header::bytes + body.size());
        auto* const at = out.record + record_header::bytes;
        std::memcpy(at, body.data(), body.size());
        pool_.commit(at + body.size());
        out.in = {by.replica, by.sequence, 1, by.time, {at, body.size()}, {}};
        return out;
    }

    [[nodiscard]] result<void> check(changeset const& in) {
        if (in.count != 1 || !in.others.empty()) {
            return failure(errc::malformed, "a changeset of a plain lattice is one dot");
        }
        auto delta = wire::decode<delta_type>(in.body);
        if (auto const read = accepted(delta); !read) {
            return read;
        }
        delta_ = std::move(*delta);
        return {};
    }
    /// Precondition: `check` has just accepted `in`. Returns the number of equivocations found.
    std::uint32_t apply(changeset const&) {
        state_.join(delta_);
        return 0;
    }

    /// Whether the next local edit would reuse a sequence number.
    [[nodiscard]] bool knows_beyond(replica_id, std::uint64_t) const { return false; }

    [[nodiscard]] bytes encode() const { return wire::encode(state_); }
    [[nodiscard]] result<void> load(byte_view input) {
        auto state = wire::decode<State>(input);
        if (auto const read = accepted(state); !read) {
            return read;
        }
        state_ = std::move(*state);
        return {};
    }
    [[nodiscard]] digest128 digest() const { return hash128(encode()); }
    void configure(std::size_t, std::uint64_t) {}

private:
    friend struct target;

    template <class T>
    static result<void> accepted(result<T> const& decoded) {
        if (!decoded) {
            return failure(decoded.error());
        }
        if constexpr (requires { decoded->is_canonical(); }) {
            if (!decoded->is_canonical()) {
                return failure(errc::not_canonical, "a lattice is not in its one accepted form");
            }
        }
        return {};
    }

    State state_{};
    delta_type delta_{};
    bool is_changed_ = false;
    result<void> outcome_;
    byte_pool pool_;
};

/// A causal value: the body is its pieces, the log lies in its own pool, and an edit has a dot for
/// each mutation.
template <class State>
requires std::derived_from<State, causal<State, typename State::store_type>>
class replicated<State> {
public:
    using access = joinery::detail::causal_access;
    using store_type = typename State::store_type;

    [[nodiscard]] State const& state() const { return state_; }
    [[nodiscard]] byte_pool& pool() { return access::root(state_).pool; }

    template <class F>
    written_edit edit(author const& by, F&& change) {
        auto& root = access::root(state_);
        joinery::detail::piece_writer writer{root, root.context.intern(by.replica), by.time,
                                             record_header::bytes};
        using location = joinery::detail::root_location<store_type>;
        change(typename State::template editor<location>{location{writer, access::store(state_)}});
        written_edit out;
        out.outcome = writer.outcome();
        if (writer.count() == 0) {
            root.pool.rewind(writer.open());
            return out;
        }
        out.in = writer.finish();
        out.record = writer.open();
        return out;
    }

    [[nodiscard]] result<void> check(changeset const& in) {
        auto const& root = access::root(state_);
        if (root.context.slot_count() + in.others.size() / 16 >= local_dot::slot_max) {
            return failure(errc::too_large, "a changeset names more replicas than a context holds");
        }
        return applier_.check(in, root.hash_seed);
    }
    std::uint32_t apply(changeset const& in) {
        return applier_.apply(access::root(state_), access::store(state_), in,
                              bytes_owner::our_pool);
    }

    [[nodiscard]] bool knows_beyond(replica_id self, std::uint64_t last) const {
        auto const& context = state_.context();
        auto const slot = context.find(self);
        return slot != causal_context::no_slot &&
               (context.seen_of(slot).prefix() != last || context.seen_of(slot).gap_count() != 0);
    }

    [[nodiscard]] bytes encode() const { return state_.encode(); }
    [[nodiscard]] result<void> load(byte_view input) { return state_.join_encoded(input); }
    [[nodiscard]] digest128 digest() const { return state_.digest(); }
    /// Precondition: the state is still empty.
    void configure(std::size_t value_bytes_max, std::uint64_t hash_seed) {
        access::root(state_).value_bytes_max = value_bytes_max;
        access::root(state_).hash_seed = hash_seed;
    }

private:
    State state_;
    joinery::detail::piece_applier<store_type> applier_;
};

} // namespace joinery::sync::detail
