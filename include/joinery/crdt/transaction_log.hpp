#pragma once

#include <joinery/core/version_graph.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/sequence_join.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery::detail {

/// What the transactions of a history inserted and erased: with a sequence that has all of their
/// items, enough to do any of them again in another one.
///
/// The sequence knows where each item stands, but not what it was once it is erased, nor who erased
/// it. So that is all there is here.
///
/// State   24 bytes for each transaction, the units that it inserted, 16 bytes for each range that
///         it erased.
template <class Content>
class transaction_log {
public:
    using unit = typename Content::unit;
    using source = typename Content::source;
    using number = version_graph::number;
    using items_type = item_sequence<Content>;

    static constexpr std::size_t units_max = 0xffff'ffff;

    /// Units that were inserted.
    [[nodiscard]] std::size_t unit_count() const { return units_.size(); }

    /// The transaction that `insert` and `erase` add to from now on.
    void begin() { all_.push_back({{}, 0, unit_end(), erased_end()}); }
    void insert(source values) {
        auto const content = Content::keep(values, pool_, Content::scratch());
        units_.insert(units_.end(), content.units, content.units + content.unit_count);
    }
    void erase(local_dot first, std::uint32_t count) { erased_.push_back({first, count}); }
    /// The dots that the transaction minted, which follow each other.
    void end(local_dot first, std::uint32_t count) {
        all_.back().first = first;
        all_.back().dots = count;
    }

    /// Does the transactions of a stretch in `to`, a sequence of `root`, which has all that came
    /// before them. Dots here are those of the root with the context `ids`, whose sequence `whole`
    /// has all items.
    void replay(version_graph::stretch which, items_type const& whole, causal_context const& ids,
                items_type& to, causal_root& root) const {
        auto adder = adder_to(to, root, ids);
        auto const end = std::size_t{which.last} + 1;
        for (std::size_t i = which.first; i < end;) {
            auto const& begin = all_[i];
            std::uint64_t dots = 0;
            for (; i < end && begin.first.bits() + dots == all_[i].first.bits(); ++i) {
                dots += all_[i].dots;
            }
            if (dots != 0) {
                replay_inserts(begin, dots, whole, adder);
                root.context.insert(root.context.intern(ids.id_of(begin.first.slot())),
                                    begin.first.sequence(), begin.first.sequence() + dots - 1);
            }
        }
        auto const erased_to = end < all_.size() ? all_[end].erased : erased_end();
        for (auto i = all_[which.first].erased; i < erased_to; ++i) {
            adder.remove(erased_[i].first, erased_[i].count);
        }
    }

private:
    struct transaction {
        local_dot first; ///< none if it minted none
        std::uint32_t dots;
        std::uint32_t units;  ///< where its units begin
        std::uint32_t erased; ///< where its ranges begin
    };
    struct range {
        local_dot first;
        std::uint32_t count;
    };

    [[nodiscard]] std::uint32_t unit_end() const {
        return static_cast<std::uint32_t>(units_.size());
    }
    [[nodiscard]] std::uint32_t erased_end() const {
        return static_cast<std::uint32_t>(erased_.size());
    }

    /// The inserts among `dots` dots. A dot without an item was that of an erase.
    void replay_inserts(transaction const& begin, std::uint64_t dots, items_type const& whole,
                        auto& adder) const {
        auto const dot_of = [&](item_number item) {
            return item == no_item ? local_dot{} : whole.items().dot_of(item);
        };
        auto const* at = units_.data() + begin.units;
        for (auto first = begin.first; dots != 0;) {
            auto const found = whole.items().find(first, dots);
            if (found.number != no_item) {
                whole.items().for_each_range(found.number, found.count, [&](item_range const& r) {
                    auto const origins = whole.items().origins_of(r.number);
                    auto const taken = Content::units_of(at, r.count);
                    adder.add({r.first,
                               r.count,
                               dot_of(origins.left),
                               dot_of(origins.right),
                               false,
                               {at, taken, r.count}});
                    at += taken;
                });
            }
            first = local_dot::from_bits(first.bits() + found.count);
            dots -= found.count;
        }
    }

    std::vector<transaction> all_;
    std::vector<unit> units_;
    std::vector<range> erased_;
    byte_pool pool_; // of units that are longer than a unit
};

} // namespace joinery::detail
