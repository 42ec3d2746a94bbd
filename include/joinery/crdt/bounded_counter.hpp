#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/core/replica_id.hpp>
#include <joinery/core/result.hpp>
#include <joinery/core/stable_cut.hpp>
#include <joinery/crdt/slot_table.hpp>
#include <joinery/crdt/sorted_blocks.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace joinery {

/// A counter that never falls below zero, without asking anybody.
///
/// Who increments gains the right to decrement as much; rights can be handed to others, and a
/// decrement spends them. A replica that has too few is refused at once, even if the value is large
/// enough: others may be spending it just now.
///
/// Concurrent writes   add up; none is lost, and together they do not fall below zero.
/// State               for each replica what it gained and what it spent; for each pair of replicas
///                     that did so what one handed to the other. Each number has one writer, and
///                     grows.
/// Retirement          the rights of a replica that never writes again are handed on by `reclaim`.
///                     Its numbers stay: they are part of the sum.
/// Complexity          n numbers: value O(n), rights and mutators O(n), join O(n), of a delta
///                     O(log n).
/// Overflow            a mutator that would take a number over 2^64 - 1 is refused; the value is
///                     brought to the nearest `uint64_t`.
/// Reference           Balegas et al., "Extending Eventually Consistent Cloud Databases for
///                     Enforcing Numeric Invariants", SRDS 2015, §III.
///
/// See also `pn_counter`, which everybody can decrement at any time.
class bounded_counter {
public:
    using value_type = std::uint64_t;
    using delta_type = bounded_counter;

    /// What was gained less what was spent. Reads 0 while what was spent arrived before what it was
    /// spent from.
    [[nodiscard]] value_type value() const { return gained_.sum().less(spent_.sum()); }

    /// How much `id` may spend or hand on, as far as is known here; exact for one's own id.
    [[nodiscard]] value_type rights(replica_id id) const {
        slot_table::wide_sum in{0, gained_.of(id)};
        slot_table::wide_sum out{0, spent_.of(id)};
        for (auto const& one : handed_) {
            in.add(one.way.to == id ? one.total : 0);
            out.add(one.way.from == id ? one.total : 0);
        }
        return in.less(out);
    }

    [[nodiscard]] bool is_bottom() const {
        return gained_.empty() && spent_.empty() && handed_.empty();
    }

    /// Adds `amount`, and the rights to it, on behalf of `self`; returns the change to send, which
    /// is empty if `amount` is 0.
    ///
    /// Errors         `full` if this replica's increments do not fit into 64 bits.
    /// Precondition   `self` is this replica's own id.
    result<delta_type> increment(replica_id self, value_type amount = 1) {
        if (!fits(gained_.of(self), amount)) {
            return failure(errc::full, "the increments of a replica exceed 64 bits");
        }
        delta_type delta;
        if (amount > 0) {
            delta.gained_ = slot_table{self, gained_.add(self, amount)};
        }
        return delta;
    }

    /// Subtracts `amount` on behalf of `self`, which needs the rights to it; otherwise as
    /// `increment`.
    ///
    /// Errors         `no_rights` if `self` holds less than `amount`: nothing is changed.
    /// Precondition   `self` is this replica's own id.
    result<delta_type> decrement(replica_id self, value_type amount = 1) {
        if (auto const allowed = admit(self, amount); !allowed) {
            return failure(allowed.error());
        }
        if (!fits(spent_.of(self), amount)) {
            return failure(errc::full, "the decrements of a replica exceed 64 bits");
        }
        delta_type delta;
        if (amount > 0) {
            delta.spent_ = slot_table{self, spent_.add(self, amount)};
        }
        return delta;
    }

    /// Hands rights to `amount` from `self` to `to`; the value stays.
    ///
    /// Errors         `no_rights` as for `decrement`; `invalid_argument` if `to` is `self`.
    /// Precondition   `self` is this replica's own id.
    result<delta_type> transfer(replica_id self, replica_id to, value_type amount) {
        if (to == self) {
            return failure(errc::invalid_argument, "rights are handed to another replica");
        }
        if (auto const allowed = admit(self, amount); !allowed) {
            return failure(allowed.error());
        }
        return hand(self, to, amount);
    }

    /// Hands all rights that the retired replica `from` has left to `heir`, in its place. Can be
    /// repeated when more rights of `from` become known.
    ///
    /// Errors         `invalid_argument` if `cut` does not name `from` as retired, or does `heir`.
    /// Precondition   This counter has seen the cut; and whoever reclaims the rights of `from`
    /// names
    ///                the same heir. Members that agree on who is retired agree on the heir as
    ///                well: two of them may then reclaim at once and hand over the rights once.
    ///                Different heirs would be given the same rights twice, and the value could
    ///                fall below zero.
    result<delta_type> reclaim(stable_cut const& cut, replica_id from, replica_id heir) {
        if (!cut.is_retired(from) || cut.is_retired(heir)) {
            return failure(errc::invalid_argument,
                           "rights go from a retired replica to one that is not");
        }
        return hand(from, heir, rights(from));
    }

    void join(bounded_counter const& other) {
        gained_.join(other.gained_);
        spent_.join(other.spent_);
        handed_.merge(
            other.handed_,
            [](handover& mine, handover const& theirs) {
                mine.total = mine.total < theirs.total ? theirs.total : mine.total;
            },
            [](handover const&) {});
    }

    /// Visits each number as a counter of its own: gains, spendings, handovers, by the ids.
    template <class Visit>
    void decompose(Visit&& visit) const {
        for (std::size_t i = 0; i < gained_.size(); ++i) {
            delta_type part;
            part.gained_ = slot_table{gained_.ids()[i], gained_.totals()[i]};
            visit(std::move(part));
        }
        for (std::size_t i = 0; i < spent_.size(); ++i) {
            delta_type part;
            part.spent_ = slot_table{spent_.ids()[i], spent_.totals()[i]};
            visit(std::move(part));
        }
        for (auto const& one : handed_) {
            delta_type part;
            part.handed_.append(one);
            visit(std::move(part));
        }
    }

    /// The numbers that are above those of `other`. O(n + m).
    [[nodiscard]] delta_type difference(bounded_counter const& other) const {
        delta_type news;
        news.gained_ = gained_.difference(other.gained_);
        news.spent_ = spent_.difference(other.spent_);
        news.handed_ =
            handed_.difference(other.handed_, [](handover const& mine, handover const& theirs) {
                return theirs.total < mine.total ? std::optional{mine} : std::nullopt;
            });
        return news;
    }

    friend bool operator==(bounded_counter const& a, bounded_counter const& b) {
        return a.gained_ == b.gained_ && a.spent_ == b.spent_ && a.handed_ == b.handed_;
    }

    template <class Archive>
    void save(Archive& archive) const {
        archive(gained_, spent_);
        handed_.save(archive, [&](handover const& one) {
            archive(one.way.from.high(), one.way.from.low(), one.way.to.high(), one.way.to.low(),
                    one.total);
        });
    }

    /// Stops at the first handover that is out of order, twice there, zero or to oneself; the
    /// counter is then not canonical.
    template <class Archive>
    void load(Archive& archive) {
        archive(gained_, spent_);
        is_canonical_ = handed_.load(archive, [&](handover& one) {
            std::uint64_t from[2] = {0, 0};
            std::uint64_t to[2] = {0, 0};
            archive(from[0], from[1], to[0], to[1], one.total);
            one.way = {replica_id{from[0], from[1]}, replica_id{to[0], to[1]}};
            return one.total > 0 && one.way.from != one.way.to;
        });
    }

    /// Whether the bytes that this counter was loaded from were acceptable.
    [[nodiscard]] bool is_canonical() const {
        return is_canonical_ && gained_.is_canonical() && spent_.is_canonical();
    }

    /// The mutators as a replica offers them: identity and recording of the delta are the target's.
    /// What is refused fails the whole edit, with the reason.
    template <class Target>
    class editor;

private:
    struct route {
        replica_id from;
        replica_id to;

        friend constexpr auto operator<=>(route const&, route const&) = default;
    };
    /// What one replica handed to another, in total; written by `from` alone.
    struct handover {
        route way;
        std::uint64_t total = 0;

        friend bool operator==(handover const&, handover const&) = default;
    };

    [[nodiscard]] static bool fits(std::uint64_t total, std::uint64_t amount) {
        return amount <= std::numeric_limits<std::uint64_t>::max() - total;
    }

    [[nodiscard]] result<void> admit(replica_id self, value_type amount) const {
        if (auto const held = rights(self); held < amount) {
            return failure(errc::no_rights, "replica " + self.to_string() + " holds rights to " +
                                                std::to_string(held) + " and needs " +
                                                std::to_string(amount));
        }
        return {};
    }

    result<delta_type> hand(replica_id from, replica_id to, value_type amount) {
        delta_type delta;
        if (amount == 0) {
            return delta;
        }
        auto const* const known = handed_.find({from, to});
        auto const total = known == nullptr ? 0 : known->total;
        if (!fits(total, amount)) {
            return failure(errc::full, "the rights that a replica handed on exceed 64 bits");
        }
        delta.handed_.append({{from, to}, total + amount});
        join(delta);
        return delta;
    }

    slot_table gained_;
    slot_table spent_;
    sorted_blocks<handover, &handover::way> handed_;
    bool is_canonical_ = true;
};

/// Changes a counter; made by a replica's `edit`.
template <class Target>
class bounded_counter::editor {
public:
    explicit editor(Target target) : target_{std::move(target)} {}

    void increment(value_type amount = 1) {
        attempt([&](bounded_counter& counter, author const& by) {
            return counter.increment(by.replica, amount);
        });
    }

    void decrement(value_type amount = 1) {
        attempt([&](bounded_counter& counter, author const& by) {
            return counter.decrement(by.replica, amount);
        });
    }

    void transfer(replica_id to, value_type amount) {
        attempt([&](bounded_counter& counter, author const& by) {
            return counter.transfer(by.replica, to, amount);
        });
    }

    void reclaim(stable_cut const& cut, replica_id from, replica_id heir) {
        attempt([&](bounded_counter& counter, author const&) {
            return counter.reclaim(cut, from, heir);
        });
    }

private:
    /// A target that can fail is told why; for another one, nothing was done.
    template <class Mutate>
    void attempt(Mutate&& mutate) {
        if constexpr (requires(error reason) { target_.fail(std::move(reason)); }) {
            if (auto delta = mutate(target_.state(), target_.by())) {
                target_.record(std::move(*delta));
            } else {
                target_.fail(delta.error());
            }
        } else {
            target_.change([&](bounded_counter& counter, author const& by) {
                auto delta = mutate(counter, by);
                return delta ? std::move(*delta) : bounded_counter{};
            });
        }
    }

    Target target_;
};

static_assert(delta_crdt<bounded_counter>);

} // namespace joinery
