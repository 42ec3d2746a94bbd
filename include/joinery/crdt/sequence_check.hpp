#pragma once

#include <joinery/core/byte_reader.hpp>
#include <joinery/core/dot.hpp>
#include <joinery/core/local_dot.hpp>
#include <joinery/crdt/item_content.hpp>
#include <joinery/crdt/join_frame.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery::detail {

/// Accepts or refuses the bytes of a sequence.
template <class Content>
class sequence_check {
public:
    sequence_check(byte_reader& reader, state_check& state) : reader_{reader}, state_{state} {}

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

    dot read_dot() {
        auto const d = read_origin();
        if (d.sequence == 0) {
            fail("an item cannot exist");
        }
        return d;
    }
    /// A default dot is the start or the end.
    dot read_origin() {
        auto const word = reader_.varint();
        if (word == 0) {
            return {};
        }
        dot out;
        if (word == 1) {
            auto const raw = reader_.take(16);
            out.replica = raw.empty() ? replica_id{} : replica_id::from_bytes(raw.first<16>());
            ++state_.mentioned;
            if (std::binary_search(state_.ids.begin(), state_.ids.end(), out.replica)) {
                reader_.fail(errc::not_canonical, "a replica is named although it has a rank");
            }
        } else if (word - 2 < state_.ids.size()) {
            out.replica = state_.ids[word - 2];
        } else {
            fail("an item belongs to a replica that does not exist");
        }
        out.sequence = reader_.varint();
        if (out.sequence == 0 || out.sequence > local_dot::sequence_max) {
            fail("an item cannot exist");
        }
        return out;
    }
    /// Dots that ascend; where they are items, they lie in the context.
    void check_dots(dot const& first, std::uint64_t count, bool are_seen) {
        if (count == 0 || count > local_dot::sequence_max - first.sequence + 1 ||
            (has_last_ && first <= last_)) {
            fail("the items of a sequence are not in order");
        }
        if (are_seen && (!reader_.ok() || count > items_max || !is_seen(first, count))) {
            fail("an item lies outside of the causal context");
        }
        has_last_ = true;
        last_ = {first.replica, first.sequence + count - 1};
    }
    [[nodiscard]] bool is_seen(dot const& first, std::uint64_t count) const {
        auto const at = std::lower_bound(state_.ids.begin(), state_.ids.end(), first.replica);
        if (at == state_.ids.end() || *at != first.replica) {
            return false;
        }
        auto const& seen = state_.seen[static_cast<std::size_t>(at - state_.ids.begin())];
        return seen.contains(first.sequence, first.sequence + count - 1);
    }
    /// Removed items need no bytes, so that what they may claim is bounded for the whole state.
    void claim_removed(std::uint64_t count) {
        state_.removed_items += count;
        if (state_.removed_items > removed_items_max) {
            reader_.fail(errc::too_large, "a state claims too many removed items");
        }
    }

    std::uint64_t check_placed() {
        auto const count = reader_.varint();
        dot last_right;
        for (std::uint64_t i = 0; i < count && reader_.ok(); ++i) {
            auto const before = last_;
            auto const first = read_dot();
            auto const items = reader_.varint();
            auto const left = read_origin();
            auto const right = read_origin();
            check_dots(first, items, true);
            if (i != 0 && left == before && right == last_right &&
                first.replica == before.replica && first.sequence == before.sequence + 1) {
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
            if ((word & 1) != 0) {
                alive += word >> 1;
            } else {
                claim_removed(word >> 1);
            }
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
            (void)read_origin();
            (void)read_origin();
            check_dots(first, word >> 1, true);
            if ((word & 1) == 0) {
                claim_removed(word >> 1);
            } else if (reader_.ok() && Content::check(reader_) != word >> 1) {
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
    state_check& state_;
    std::vector<std::uint64_t> left_in_; ///< items of a run that the order has yet to name
    std::uint64_t total_ = 0;
    dot last_{};
    bool has_last_ = false;
};

} // namespace joinery::detail
