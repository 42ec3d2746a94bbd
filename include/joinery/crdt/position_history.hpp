#pragma once

#include <joinery/core/result.hpp>
#include <joinery/core/utf8.hpp>
#include <joinery/core/version_graph.hpp>
#include <joinery/crdt/transaction_log.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery {

/// A text or a list whose edits are written in positions, each of them at the version that its
/// author saw: the history of an event graph, made into a value that replicas can join.
///
/// A transaction whose parents are all that there is goes straight to the sequence. Any other one
/// is a *branch*: it is done in a copy that stands at its version, where its positions mean what
/// they meant to its author, and joined. There are as many copies as branches that live at the same
/// time, and none as long as there is no branch. A copy whose branch was merged is brought forward
/// for the next one, by what it lacks.
///
/// State        the sequence; for each transaction 24 bytes, what it inserted, and 16 bytes for
///              each range that it erased; a sequence for each copy.
/// Complexity   as the edits of the sequence; a branch twice that, and for each copy at most once a
///              join of all that came in between. See also `version_graph`.
/// Reference    Gentle, Kleppmann, "Collaborative Text Editing with Eg-walker: Better, Faster,
///              Smaller", EuroSys 2025: the same histories, replayed without a sequence that stays.
template <class Sequence>
class position_history {
    using content = typename Sequence::store_type::content;
    using source = typename content::source;
    using log = detail::transaction_log<content>;

public:
    /// A transaction by its place in the order in which they came, from 0 on.
    using number = version_graph::number;

    /// At `at`, `erased` items go and `inserted` come.
    struct edit {
        std::size_t at = 0;
        std::size_t erased = 0;
        source inserted{};
    };

    /// What an author did at one go.
    struct transaction {
        replica_id author;
        /// What the author knew last; `apply` returned their numbers. None: nothing was known.
        std::span<number const> parents;
        /// One after another, at positions of the version of `parents` with the edits before.
        std::span<edit const> edits;
    };

    /// How many copies are kept for branches, at least 1. With more branches than that at the same
    /// time, the one that rests longest is made anew when it goes on.
    explicit position_history(std::size_t copies_max = 16) : copies_max_{copies_max} {}

    /// All transactions so far.
    [[nodiscard]] Sequence const& value() const& { return whole_; }
    [[nodiscard]] Sequence value() && { return std::move(whole_); }
    [[nodiscard]] number size() const { return graph_.size(); }
    /// The transactions that are nobody's parents yet, ascending.
    [[nodiscard]] version_graph::version tips() const { return graph_.tips(); }

    /// Adds a transaction and returns its number. Nothing changes if it is refused:
    /// `not_found` for a parent that is not here, `invalid_argument` for an index outside of the
    /// version, `malformed` for a text that is not UTF-8, `too_large`, and `equivocation` for an
    /// author that does not know what it did before: it stands on two branches, or the transaction
    /// came before.
    [[nodiscard]] result<number> apply(transaction const& what) {
        parents_.assign(what.parents.begin(), what.parents.end());
        std::ranges::sort(parents_);
        parents_.erase(std::ranges::unique(parents_).begin(), parents_.end());
        if (!parents_.empty() && parents_.back() >= graph_.size()) {
            return failure(errc::not_found, "transaction " + std::to_string(parents_.back()) +
                                                " is a parent and is not here");
        }
        auto* const copy =
            std::ranges::equal(parents_, graph_.tips()) ? nullptr : &copy_at(parents_, what.author);
        auto& sequence = copy == nullptr ? whole_ : copy->sequence;
        if (auto const checked = check(what, sequence); !checked) {
            return failure(checked.error());
        }
        write(what, sequence);
        auto const added = graph_.add(parents_);
        if (copy != nullptr) {
            copy->version = {added};
            copy->author = what.author;
        }
        return added;
    }

private:
    using access = detail::causal_access;

    /// The sequence at an older version.
    struct older {
        Sequence sequence{};
        std::vector<number> version{};
        replica_id author{}; ///< who edited it last
    };

    /// The copy that stands at `version`, made so if none does.
    older& copy_at(std::vector<number> const& version, replica_id author) {
        auto at =
            std::ranges::find_if(copies_, [&](auto const& c) { return c->version == version; });
        if (at == copies_.end()) {
            at = bring_forward(version, author);
        }
        std::rotate(at, at + 1, copies_.end());
        return *copies_.back();
    }

    /// Brings a copy to `version`: the author's own one if it is merged there, else the one that
    /// lacks the least, else one that has nothing.
    auto bring_forward(std::vector<number> const& version, replica_id author) {
        auto best = copies_.end();
        std::optional<std::vector<version_graph::stretch>> missing;
        auto least = std::numeric_limits<std::uint64_t>::max();
        for (auto at = copies_.begin(); at != copies_.end(); ++at) {
            if (auto lead = graph_.lead((*at)->version, version)) {
                auto const is_own =
                    (*at)->author == author && std::ranges::includes(version, (*at)->version);
                auto const cost = is_own ? 0 : count_of(*lead);
                if (cost < least) {
                    best = at;
                    least = cost;
                    missing = std::move(lead);
                }
            }
        }
        if (best == copies_.end()) {
            best = begin_copy();
            missing = graph_.lead({}, version);
        }
        for (auto const& events : *missing) {
            log_.replay(events, store(whole_).open(), whole_.context(),
                        store((*best)->sequence).open(), access::root((*best)->sequence));
        }
        (*best)->version = version;
        return best;
    }
    static std::uint64_t count_of(std::vector<version_graph::stretch> const& events) {
        std::uint64_t sum = 0;
        for (auto const& each : events) {
            sum += each.count();
        }
        return sum;
    }
    /// The copy that rests longest gives way, if there is no room.
    auto begin_copy() {
        if (copies_.size() < copies_max_) {
            copies_.push_back(std::make_unique<older>());
            return copies_.end() - 1;
        }
        *copies_.front() = {};
        return copies_.begin();
    }

    [[nodiscard]] result<void> check(transaction const& what, Sequence const& in) const {
        if (last_of(what.author, in) != last_of(what.author, whole_)) {
            return failure(errc::equivocation,
                           "the author of a transaction does not know all that it did before");
        }
        auto size = in.size();
        auto items = item_count();
        auto units = log_.unit_count();
        for (auto const& each : what.edits) {
            if (each.at > size || each.erased > size - each.at) {
                return failure(errc::invalid_argument, "index " + std::to_string(each.at) +
                                                           " with " + std::to_string(each.erased) +
                                                           " items to erase is outside of " +
                                                           "a version of " + std::to_string(size));
            }
            if (!is_valid(each.inserted)) {
                return failure(errc::malformed, "a text is not UTF-8");
            }
            auto const inserted = content::count(each.inserted);
            size += inserted - each.erased;
            items += inserted;
            units += each.inserted.size();
        }
        if (items > content::items_max || units > log::units_max) {
            return failure(errc::too_large, "a sequence has no room for so many items");
        }
        return {};
    }
    static bool is_valid(source const& values) {
        if constexpr (std::same_as<source, std::string_view>) {
            return is_utf8(values);
        } else {
            return true;
        }
    }

    void write(transaction const& what, Sequence& to) {
        auto const before = last_of(what.author, whole_);
        log_.begin();
        for (auto const& each : what.edits) {
            if (each.erased != 0) {
                take(to.erase(what.author, each.at, each.erased), to);
            }
            if (!each.inserted.empty()) {
                log_.insert(each.inserted);
                take(to.insert(what.author, each.at, each.inserted), to);
            }
        }
        auto const count = last_of(what.author, whole_) - before;
        if (count != 0) {
            log_.end(whole_dot({what.author, before + 1}), static_cast<std::uint32_t>(count));
        }
    }
    void take(typename Sequence::change const& change, Sequence const& from) {
        if (&from != &whole_) {
            whole_.join(change);
        }
        change.for_each_erased(
            [&](dot const& first, std::uint32_t count) { log_.erase(whole_dot(first), count); });
    }

    static auto& store(Sequence& of) { return access::store(of); }
    [[nodiscard]] std::size_t item_count() const {
        auto const* const items = access::store(whole_).items();
        return items == nullptr ? 0 : items->items().size();
    }
    [[nodiscard]] local_dot whole_dot(dot const& d) const {
        return {whole_.context().find(d.replica), d.sequence};
    }
    /// The last dot that an author minted.
    static std::uint64_t last_of(replica_id author, Sequence const& in) {
        auto const slot = in.context().find(author);
        return slot == causal_context::no_slot ? 0 : in.context().seen_of(slot).prefix();
    }

    version_graph graph_;
    log log_;
    Sequence whole_;
    std::vector<std::unique_ptr<older>> copies_; // the one that was edited last at the end
    std::size_t copies_max_;
    std::vector<number> parents_; // of the transaction in hand
};

} // namespace joinery
