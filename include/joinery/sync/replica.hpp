#pragma once

#include <joinery/core/bugs.hpp>
#include <joinery/core/hybrid_clock.hpp>
#include <joinery/sync/log.hpp>
#include <joinery/sync/policies.hpp>
#include <joinery/sync/replicated.hpp>
#include <joinery/sync/snapshot.hpp>
#include <joinery/sync/verdict.hpp>
#include <joinery/sync/waiting_room.hpp>

#include <cassert>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace joinery::sync {

/// What observers are told, after a changeset is durable and in the state.
struct change {
    changeset const& in;
    bool is_local = false;
};

/// What an edit became.
struct receipt {
    std::uint64_t first = 0; ///< Sequence of its first operation; 0 if nothing changed.
    std::uint32_t count = 0;
};

/// A state, the log of the changesets that made it, and the rules by which both grow.
///
/// `State` is a causal value, another lattice with deltas, or (through `product`) a record of
/// lattices. Policies come in any order: `stored_in<Store>`, `compressed_with<Compression>`,
/// `timed_by<Clock>`.
///
/// Concurrent writes   those of `State`. Equal versions with equal digests mean equal states,
///                     whatever order the changesets came in.
/// Durability          with a store, a changeset is durable before `edit` or `receive` return and
///                     before anybody else can see it. Without one, everything is lost with the
///                     process.
/// Complexity          edit: the mutators', plus O(bytes written). receive: the join of the delta.
///                     Memory: the state and its changesets since it was opened, which share bytes.
/// Threads             none; one writer at a time, as the store enforces across processes.
template <class State, class... Policies>
class replica {
    using policies = detail::policies<Policies...>;

public:
    using state_type = State;
    using store_type = typename policies::store::type;
    using compression_type = typename policies::compression::type;
    using clock_type = typename policies::clock::type;
    static constexpr bool is_stored = !std::same_as<store_type, unstored>;

    struct options {
        document_id document{}; ///< Unset: that of the first peer.
        hybrid_clock::options clock{};
        std::size_t value_bytes_max = 1024 * 1024;
        /// Places keys in indexes. Where peers are not trusted it should be random, so that nobody
        /// can choose keys that collide; no byte depends on it.
        std::uint64_t hash_seed = 0x9e37'79b9'7f4a'7c15;
        /// Of what one edit writes: a peer's `wire::limits::frame_bytes_max` has to hold it.
        std::size_t changeset_bytes_max = 48 * 1024 * 1024;
        std::size_t waiting_bytes_max = 64 * 1024 * 1024;
    };

    /// A replica that lives in memory. Precondition: nobody else uses or ever used `id`.
    explicit replica(replica_id id, options wanted = {}) requires(!is_stored)
        : wanted_{wanted},
          waiting_{wanted.waiting_bytes_max},
          document_{wanted.document},
          id_{id},
          clock_{wanted.clock} {
        begin();
    }

    /// The replica in `store`; a new one with the identity `id` if there is none.
    ///
    /// Errors: those of the store; `malformed` if what it holds is not a replica of this type.
    [[nodiscard]] static result<replica> open(store_type store, replica_id id,
                                              options wanted = {}) requires is_stored {
        replica out{std::move(store), wanted};
        if (auto const loaded = out.load(id); !loaded) {
            return failure(loaded.error());
        }
        return out;
    }

    replica(replica&&) noexcept = default;
    replica& operator=(replica&&) noexcept = default;

    [[nodiscard]] replica_id id() const { return id_; }
    [[nodiscard]] document_id document() const { return document_; }
    [[nodiscard]] State const& state() const { return core_.state(); }
    [[nodiscard]] log const& changes() const { return log_; }
    [[nodiscard]] store_type& store() { return store_; }
    [[nodiscard]] store_type const& store() const { return store_; }
    /// What may be acknowledged: the contiguous histories in the log.
    [[nodiscard]] version_vector version() const { return log_.version(); }
    /// An order-free digest of the state, computed from what it holds. O(state).
    [[nodiscard]] digest128 digest() const { return core_.digest(); }
    /// Changesets that wait for earlier ones.
    [[nodiscard]] std::size_t waiting_count() const { return waiting_.size(); }
    /// How often a dot came with another payload than before.
    [[nodiscard]] std::uint64_t equivocations() const { return equivocations_; }

    /// Makes one atomic, durable changeset of everything that `change` does through the editor that
    /// it is given.
    ///
    /// Errors, after which the state is as it was before: `identity` if another process has written
    /// under this replica's id (see `take_identity`), `too_large` if it writes more than
    /// `options::changeset_bytes_max`, those of the clock, of the mutators and of the store.
    /// Throws    what `change` throws, in the same way. Undoing costs O(state and log).
    template <class F>
    result<receipt> edit(F&& change);

    /// Takes a changeset from anywhere, in any order, any number of times. Those that waited for it
    /// follow it.
    ///
    /// Rejected for: `malformed` bytes, `equivocation` (other bytes for known operations),
    /// `clock_drift` (made too far in the future; try again later), `full` (too much is waiting),
    /// and the errors of the store.
    verdict receive(changeset const& in);

    /// The same for many at once, in one commit. `visit(changeset, verdict)` hears each answer; it
    /// hears of those that cannot be taken first.
    template <class F>
    void receive_all(std::span<changeset const> all, F&& visit);

    /// Visits every changeset that `known` does not cover, origin by origin, in order, until
    /// `visit(changeset)` returns false.
    template <class F>
    [[nodiscard]] result<void> for_each_change(version_vector const& known, F&& visit) const;

    /// Visits the changesets of the origin at `slot` after `known`, in the same way.
    template <class F>
    [[nodiscard]] result<void> for_each_change(replica_slot slot, std::uint64_t known,
                                               F&& visit) const;

    /// Writes a snapshot into the store, from which `open` continues. O(state).
    [[nodiscard]] result<void> checkpoint() requires is_stored {
        auto const encoded = encode_snapshot(log_, core_.encode());
        return store_.commit({.snapshot = byte_view{encoded}});
    }

    /// Calls `told(change const&)` after every changeset, until the replica is gone.
    template <class F>
    void observe(F&& told) {
        observers_.emplace_back(std::forward<F>(told));
    }

    /// Whether this replica's id was used by somebody else: its store was cloned, or restored from
    /// a backup. Edits are refused until `take_identity`, also after it is opened again.
    [[nodiscard]] bool needs_identity() const { return is_overtaken(log_.find(id_)); }
    /// Continues under a fresh id; everything written so far stays.
    [[nodiscard]] result<void> take_identity(replica_id fresh);
    /// Says that a peer knows operations of this replica that it does not know itself.
    [[nodiscard]] result<void> report_clone();

    /// Becomes a replica of `document`. Precondition: it has been one of none so far.
    [[nodiscard]] result<void> join_document(document_id document);

private:
    explicit replica(store_type store, options wanted)
        : store_{std::move(store)},
          wanted_{wanted},
          waiting_{wanted.waiting_bytes_max},
          clock_{wanted.clock} {}

    void begin() {
        log_.intern(id_);
        core_.configure(wanted_.value_bytes_max, wanted_.hash_seed);
    }

    /// Whether somebody else has written under the id of this replica, whose history is at `slot`.
    [[nodiscard]] bool is_overtaken(replica_slot slot) const {
        return !bugs::restored_replica_writes_on &&
               (is_cloned_ || core_.knows_beyond(id_, log_.at(slot).last));
    }

    class unfinished_edit;
    class intake;

    result<void> load(replica_id id);
    result<void> load_identity(replica_id id);
    result<void> load_snapshot();
    result<void> load_changesets();
    result<void> load_changeset(store::changeset_view const& kept);
    void resume_clock();
    result<void> commit(std::vector<changeset> const& all);
    result<void> commit_identity();
    void recover();
    void replay();

    std::optional<verdict> refuse(changeset const& in, replica_slot slot, intake const& batch);
    verdict answer_known(changeset const& in, replica_slot slot, intake const& batch);
    verdict equivocation(changeset const& in);
    bool contradicts_store(changeset const& in) const;
    verdict keep_waiting(changeset const& in, std::uint64_t last);
    changeset copy_into_pool(changeset const& in);
    void append(replica_slot slot, changeset const& in);
    void apply(replica_slot slot, changeset const& in);
    template <class F>
    void admit(std::span<changeset const> all, F&& visit);
    template <class F>
    void finish(intake const& batch, F&& visit);
    void admit_waiting(replica_id origin);
    void tell(changeset const& in, bool is_local) {
        for (auto const& told : observers_) {
            told(change{in, is_local});
        }
    }

    // What every call needs lies together at the end, since ten thousand replicas are no rarity.
    [[no_unique_address]] store_type store_{};
    [[no_unique_address]] clock_type wall_{};
    options wanted_;
    std::uint64_t equivocations_ = 0;
    waiting_room waiting_;
    std::vector<std::function<void(change const&)>> observers_;
    result<void> usable_; ///< or why what the store holds could not be read again
    bool is_cloned_ = false;
    document_id document_{};
    replica_id id_;
    hybrid_clock clock_;
    log log_;
    detail::replicated<State> core_;
};

} // namespace joinery::sync

#include <joinery/sync/replica_edit.hpp>
#include <joinery/sync/replica_open.hpp>
#include <joinery/sync/replica_receive.hpp>
