#pragma once

#include <joinery/core/small_list.hpp>
#include <joinery/crdt/causal.hpp>
#include <joinery/crdt/sequence_difference.hpp>
#include <joinery/crdt/sequence_editor.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery {

/// One change of a sequence as its mutator returns it: what was inserted or erased, by reference.
///
/// It converts to a delta, so that `other.join(text.insert(self, 0, "a"))` and
/// `text_type delta = text.insert(self, 0, "a")` do what they do with every CRDT. Until then it
/// costs no allocation, unless it erased what stood in several pieces.
///
/// Precondition: the sequence that it came from is still there when it is converted. What was
/// erased since then is erased in the delta too.
template <class Sequence>
class sequence_change {
public:
    /// The first dot that it minted. An insert has one for each item, an erase one.
    [[nodiscard]] dot first() const { return root().context.global(first_); }
    [[nodiscard]] std::uint32_t dot_count() const { return count_; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    /// Visits what it erased: the first dot of items that follow each other, and how many.
    template <class F>
    void for_each_erased(F&& visit) const {
        for_each_range(
            [&](detail::item_range const& r) { visit(root().context.global(r.first), r.count); });
    }

    /// The delta.
    operator Sequence() const {
        Sequence delta;
        add_to(delta);
        return delta;
    }

private:
    friend Sequence;
    template <class, class>
    friend class sequence_base;
    using content = typename Sequence::store_type::content;
    /// Numbers name items for as long as the sequence lives, and cost no search.
    struct range {
        detail::item_number first = detail::no_item;
        std::uint32_t count = 0;
    };

    sequence_change(Sequence const& from, local_dot first, std::uint32_t count)
        : from_{&from}, first_{first}, count_{count} {}

    [[nodiscard]] detail::causal_root const& root() const {
        return detail::causal_access::root(*from_);
    }

    template <class F>
    void for_each_range(F&& visit) const {
        for (auto const& r : erased_) {
            detail::causal_access::store(*from_).items()->items().for_each_range(r.first, r.count,
                                                                                 visit);
        }
    }

    void add_to(Sequence& sequence) const {
        if (count_ == 0) {
            return;
        }
        auto& to = detail::causal_access::root(sequence);
        auto adder =
            detail::adder_to(detail::causal_access::store(sequence).open(), to, root().context);
        auto const& from = *detail::causal_access::store(*from_).items();
        for_each_range([&](detail::item_range const& r) { adder.remove(r.first, r.count); });
        for (std::uint32_t offset = 0; erased_.empty() && offset != count_;) {
            auto const d = local_dot::from_bits(first_.bits() + offset);
            auto const items = from.items().find(d, count_ - offset);
            detail::for_each_part(from, items, [&](auto const& part) { adder.add(part); });
            offset += items.count;
        }
        to.context.insert(to.context.intern(root().context.id_of(first_.slot())), first_.sequence(),
                          first_.sequence() + count_ - 1);
    }

    Sequence const* from_;
    local_dot first_;
    std::uint32_t count_;
    small_list<range, 1> erased_;
};

} // namespace joinery
