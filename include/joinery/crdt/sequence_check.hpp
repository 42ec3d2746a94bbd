#pragma once

#include <joinery/core/byte_reader.hpp>
#include <joinery/core/local_dot.hpp>
#include <joinery/crdt/item_content.hpp>
#include <joinery/crdt/join_frame.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery::detail {

/// A dot in a state's bytes: a rank instead of a slot.
struct ranked_dot {
    std::uint64_t rank = 0;
    std::uint64_t sequence = 0;
    friend auto operator<=>(ranked_dot const&, ranked_dot const&) = default;
};

/// Accepts or refuses the bytes of a sequence.
template <class Content>
class sequence_check {
public:
    sequence_check(byte_reader& reader, state_check const& state)
        : reader_{reader}, state_{state} {}

    /// Returns whether the sequence is bottom.
    bool run() {
        auto const placed = check_placed();
        auto const alive = check_order();
        if (reader_.ok() && Content::check(reader_) != alive) {
            fail("a sequence has content for another number of items");
        }
        auto const waiting = check_waiting();
        return check_doomed() == 0 && placed == 0 && waiting == 0;
    }

private:
    void fail(char const* reason) { reader_.fail(errc::malformed, reason); }

    ranked_dot read_dot() {
        ranked_dot d;
        d.rank = reader_.varint();
        d.sequence = reader_.varint();
        if (d.rank >= state_.seen.size() || d.sequence == 0 ||
            d.sequence > local_dot::sequence_max) {
            fail("an item cannot exist");
        }
        return d;
    }
    void check_origin(ranked_dot& out) {
        out = {};
        auto const word = reader_.varint();
        if (word != 0) {
            out = {word - 1, reader_.varint()};
            if (out.rank >= state_.seen.size() || out.sequence == 0 ||
                out.sequence > local_dot::sequence_max) {
                fail("an item stands beside one that cannot exist");
            }
        }
    }
    /// Dots that ascend; where they are items, they lie in the context.
    void check_dots(ranked_dot first, std::uint64_t count, bool are_seen) {
        if (count == 0 || count > local_dot::sequence_max - first.sequence + 1 ||
            (has_last_ && first <= last_)) {
            fail("the items of a sequence are not in order");
        }
        if (are_seen && (!reader_.ok() || count > items_max || !is_seen(first, count))) {
            fail("an item lies outside of the causal context");
        }
        has_last_ = true;
        last_ = {first.rank, first.sequence + count - 1};
    }
    [[nodiscard]] bool is_seen(ranked_dot first, std::uint64_t count) const {
        auto const& seen = state_.seen[first.rank];
        auto const end = first.sequence + count;
        auto sequence = std::max(first.sequence, seen.prefix() + 1);
        while (sequence < end && seen.contains(sequence)) {
            ++sequence;
        }
        return sequence >= end;
    }

    std::uint64_t check_placed() {
        auto const count = reader_.varint();
        ranked_dot last_right;
        for (std::uint64_t i = 0; i < count && reader_.ok(); ++i) {
            auto const before = last_;
            auto const first = read_dot();
            auto const items = reader_.varint();
            ranked_dot left;
            ranked_dot right;
            check_origin(left);
            check_origin(right);
            check_dots(first, items, true);
            if (i != 0 && left == before && right == last_right && first.rank == before.rank &&
                first.sequence == before.sequence + 1) {
                reader_.fail(errc::not_canonical, "a run of items is written in two parts");
            }
            last_right = right;
            left_in_.push_back(items);
            total_ += items;
            if (total_ > items_max) {
                reader_.fail(errc::too_large, "a sequence has too many items");
            }
        }
        return count;
    }

    /// Returns the number of items that are alive.
    std::uint64_t check_order() {
        auto const count = reader_.varint();
        std::uint64_t alive = 0;
        auto last_run = ~std::uint64_t{0};
        std::uint64_t last_flag = 2;
        for (std::uint64_t i = 0; i < count && reader_.ok(); ++i) {
            auto const run = reader_.varint();
            auto const word = reader_.varint();
            if (run >= left_in_.size() || word >> 1 == 0 || word >> 1 > left_in_[run]) {
                fail("the order of a sequence names items that do not exist");
                break;
            }
            if (run == last_run && (word & 1) == last_flag) {
                reader_.fail(errc::not_canonical, "a stretch of items is written in two parts");
            }
            last_run = run;
            last_flag = word & 1;
            left_in_[run] -= word >> 1;
            total_ -= word >> 1;
            alive += (word & 1) != 0 ? word >> 1 : 0;
        }
        if (reader_.ok() && total_ != 0) {
            fail("the order of a sequence lacks items");
        }
        return alive;
    }

    std::uint64_t check_waiting() {
        has_last_ = false;
        auto const count = reader_.varint();
        for (std::uint64_t i = 0; i < count && reader_.ok(); ++i) {
            auto const first = read_dot();
            auto const word = reader_.varint();
            ranked_dot origin;
            check_origin(origin);
            check_origin(origin);
            check_dots(first, word >> 1, true);
            if ((word & 1) != 0 && reader_.ok() && Content::check(reader_) != word >> 1) {
                fail("a sequence has content for another number of items");
            }
        }
        return count;
    }
    std::uint64_t check_doomed() {
        has_last_ = false;
        auto const count = reader_.varint();
        for (std::uint64_t i = 0; i < count && reader_.ok(); ++i) {
            auto const first = read_dot();
            check_dots(first, reader_.varint(), false);
        }
        return count;
    }

    byte_reader& reader_;
    state_check const& state_;
    std::vector<std::uint64_t> left_in_; ///< items of a run that the order has yet to name
    std::uint64_t total_ = 0;
    ranked_dot last_{};
    bool has_last_ = false;
};

} // namespace joinery::detail
