#pragma once

#include <joinery/core/byte_reader.hpp>
#include <joinery/crdt/join_frame.hpp>
#include <joinery/crdt/sequence_placed_reader.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery::detail {

/// Accepts or refuses the bytes of a sequence, which have to be those that the same items would be
/// written to.
template <class Content>
class sequence_check {
public:
    /// `image` becomes what was accepted.
    sequence_check(byte_reader& reader, state_check& state, sequence_image& image)
        : reader_{reader}, state_{state}, image_{image} {}

    void run() {
        auto const alive = check_placed();
        if (check_content(image_.content) != alive && reader_.ok()) {
            fail("a sequence has content for another number of items");
        }
        check_waiting();
        check_doomed();
    }

private:
    void fail(char const* reason) { reader_.fail(errc::malformed, reason); }
    void refuse(char const* reason) { reader_.fail(errc::not_canonical, reason); }

    local_dot read_dot() {
        auto const d = read_origin();
        if (d == local_dot{}) {
            fail("an item cannot exist");
        }
        return d;
    }
    /// A dot with a rank for a slot; those without one are numbered behind. A default dot is the
    /// start or the end.
    local_dot read_origin() {
        auto const word = reader_.varint();
        if (word == 0) {
            return {};
        }
        auto rank = word - 2;
        if (word == 1) {
            rank = state_.ids.size() + read_replica();
        } else if (rank >= state_.ids.size()) {
            fail("an item belongs to a replica that does not exist");
        }
        auto const sequence = reader_.varint();
        if (sequence == 0 || sequence > local_dot::sequence_max || rank > local_dot::slot_max) {
            fail("an item cannot exist");
        }
        return reader_.ok() ? local_dot{static_cast<replica_slot>(rank), sequence} : local_dot{};
    }
    std::size_t read_replica() {
        auto const raw = reader_.take(16);
        if (!reader_.ok()) {
            return 0;
        }
        auto const id = replica_id::from_bytes(raw.first<16>());
        if (std::binary_search(state_.ids.begin(), state_.ids.end(), id)) {
            refuse("a replica is named although it has a rank");
        }
        auto const known = image_.unranked.size();
        auto const at = image_.unranked.intern(id);
        state_.mentioned += image_.unranked.size() - known;
        return at;
    }
    [[nodiscard]] replica_id id_of(local_dot d) const {
        return d.slot() < state_.ids.size()
                   ? state_.ids[d.slot()]
                   : image_.unranked[static_cast<replica_slot>(d.slot() - state_.ids.size())];
    }

    /// Ranges that ascend and do not touch unless `may_touch`.
    void check_range(local_dot first, std::uint64_t count, bool may_touch) {
        if (!reader_.ok()) {
            return;
        }
        if (count == 0 || count > local_dot::sequence_max - first.sequence() + 1) {
            fail("a range of items cannot exist");
            return;
        }
        dot const global{id_of(first), first.sequence()};
        if (has_last_ && global <= last_) {
            refuse("the items of a sequence are not in order");
        }
        if (has_last_ && !may_touch && global == dot{last_.replica, last_.sequence + 1}) {
            refuse("a range of items is written in two parts");
        }
        has_last_ = true;
        last_ = {global.replica, global.sequence + count - 1};
    }
    void check_seen(local_dot first, std::uint64_t count) {
        if (reader_.ok() &&
            (count > items_max || first.slot() >= state_.ids.size() ||
             !state_.seen[first.slot()].contains(first.sequence(), first.sequence() + count - 1))) {
            fail("an item lies outside of the causal context");
        }
    }
    /// Returns the number of items; `bytes` become those that were read.
    std::uint64_t check_content(byte_view& bytes) {
        auto const* const begin = reader_.position();
        auto const items = Content::check(reader_);
        bytes = {begin, static_cast<std::size_t>(reader_.position() - begin)};
        return items;
    }
    /// Removed items need no bytes, so that what they may claim is bounded for the whole state.
    void claim_removed(std::uint64_t count) {
        state_.removed_items += count;
        if (state_.removed_items > removed_items_max) {
            reader_.fail(errc::too_large, "a state claims too many removed items");
        }
    }

    /// Whether a run that waits goes on with the items of the one before.
    [[nodiscard]] static bool continues(sequence_image::waiting_run const& before,
                                        sequence_image::waiting_run const& r) {
        return before.first.bits() + before.count == r.first.bits() &&
               r.left.bits() + 1 == r.first.bits() && before.right == r.right;
    }

    /// Returns the number of items that are alive.
    std::uint64_t check_placed() {
        sequence_placed_reader placed{reader_, state_.ids.size(), image_};
        placed.read(Content::items_max,
                    [&](sequence_image::run const& r) { check_seen(r.first, r.count); });
        if (reader_.ok()) {
            claim_removed(placed.removed());
        }
        return placed.alive();
    }

    void check_waiting() {
        has_last_ = false;
        auto const count = reader_.varint();
        for (std::uint64_t i = 0; i < count && reader_.ok(); ++i) {
            sequence_image::waiting_run r;
            r.first = read_dot();
            auto const word = reader_.varint();
            r.is_alive = (word & 1) != 0;
            r.left = read_origin();
            r.right = read_origin();
            check_range(r.first, word >> 1, true);
            check_seen(r.first, word >> 1);
            if (!reader_.ok()) {
                break;
            }
            r.count = static_cast<std::uint32_t>(word >> 1);
            auto const* const before = i == 0 ? nullptr : image_.waiting.end() - 1;
            if (image_.has_any(r.first, r.count) || (is_here(r.left) && is_here(r.right)) ||
                (before != nullptr && before->is_alive == r.is_alive && continues(*before, r))) {
                refuse("an item is said to wait that does not");
            }
            if (!r.is_alive) {
                claim_removed(r.count);
            } else if (check_content(r.content) != r.count) {
                fail("a sequence has content for another number of items");
            }
            image_.waiting.push_back(r);
        }
    }
    [[nodiscard]] bool is_here(local_dot origin) const {
        return origin == local_dot{} || image_.find(origin).run != sequence_image::nowhere;
    }

    void check_doomed() {
        has_last_ = false;
        auto const count = reader_.varint();
        for (std::uint64_t i = 0; i < count && reader_.ok(); ++i) {
            sequence_image::range const r{read_dot(), reader_.varint()};
            check_range(r.first, r.count, false);
            if (reader_.ok() &&
                (image_.has_any(r.first, r.count) || does_any_wait(r.first, r.count))) {
                refuse("an item is said to be removed before it came, and is here");
            }
            image_.doomed.push_back(r);
        }
    }
    [[nodiscard]] bool does_any_wait(local_dot first, std::uint64_t count) const {
        auto const behind =
            std::partition_point(image_.waiting.begin(), image_.waiting.end(), [&](auto const& r) {
                return r.first.bits() < first.bits() + count;
            });
        return behind != image_.waiting.begin() &&
               (behind - 1)->first.bits() + (behind - 1)->count > first.bits();
    }

    byte_reader& reader_;
    state_check& state_;
    sequence_image& image_;
    dot last_{};
    bool has_last_ = false;
};

} // namespace joinery::detail
