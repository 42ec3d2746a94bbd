#pragma once

#include <joinery/core/byte_reader.hpp>
#include <joinery/core/varint.hpp>
#include <joinery/crdt/sequence_order_check.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace joinery::detail {

/// Reads the items of a sequence that have a place, and fails unless they are written as such items
/// are. Whether they lie in the context is for others to see.
class sequence_placed_reader {
public:
    /// Items are of replicas that have a rank, of which there are `ranks`.
    sequence_placed_reader(byte_reader& reader, std::size_t ranks, sequence_image& image)
        : reader_{reader}, ranks_{ranks}, image_{image} {}

    /// At most `room` items; `accept` is shown each run.
    template <class F>
    void read(std::uint64_t room, F&& accept) {
        constexpr std::size_t run_bytes_min = 4;
        auto const count = reader_.varint();
        if (count > reader_.remaining() / run_bytes_min) {
            reader_.fail(errc::truncated, "a sequence claims more items than there are bytes");
        }
        if (count == 0 || !reader_.ok()) {
            return;
        }
        run_count_ = static_cast<std::uint32_t>(count);
        image_.runs.resize(run_count_);
        image_.lengths.reserve(run_count_);
        for (std::uint32_t i = 0; i < run_count_ && reader_.ok(); ++i) {
            read_run(i, room);
            accept(std::as_const(image_.runs[i]));
        }
        check_later_origins();
        read_order();
        read_lengths();
    }
    [[nodiscard]] std::uint64_t alive() const { return alive_; }
    [[nodiscard]] std::uint64_t removed() const { return items_ - alive_; }

private:
    using item = sequence_image::item;

    void fail(char const* reason) { reader_.fail(errc::malformed, reason); }
    void misplaced() { fail("the items of a sequence do not stand as they were inserted"); }

    void read_run(std::uint32_t index, std::uint64_t room) {
        auto& r = image_.runs[index];
        r.first = read_first();
        auto const items = reader_.varint();
        if (items - 1 > local_dot::sequence_max - r.first.sequence()) {
            fail("a range of items cannot exist");
        } else if (items > room - items_) {
            reader_.fail(errc::too_large, "a sequence has too many items");
        }
        r.count = static_cast<std::uint32_t>(items);
        r.number = static_cast<item_number>(items_);
        r.left = read_origin(index);
        r.right = read_origin(index);
        if (index != 0 && r.left.run == index - 1 && continues(index)) {
            reader_.fail(errc::not_canonical, "a run of items is written in two parts");
        }
        items_ += items;
        next_ = r.first.sequence() + items;
    }
    /// Behind the run before it, or the first one of another replica.
    local_dot read_first() {
        auto const word = reader_.varint();
        auto sequence = next_ + (word >> 1);
        if ((word & 1) != 0) {
            begin_rank(word >> 1);
            sequence = reader_.varint();
        }
        if (sequence - 1 >= local_dot::sequence_max || ranks_begun_ == 0) {
            fail("an item cannot exist");
            return {0, 1};
        }
        return {static_cast<replica_slot>(ranks_begun_ - 1), sequence};
    }
    void begin_rank(std::uint64_t step) {
        if (step == 0 || step > ranks_ - ranks_begun_) {
            fail("an item belongs to a replica that does not exist");
        } else {
            ranks_begun_ += step;
        }
    }
    [[gnu::always_inline]] item read_origin(std::uint32_t index) {
        auto const word = reader_.varint();
        if (word == 0) {
            return {};
        }
        auto const run = index - static_cast<std::uint64_t>(unzigzag(word));
        auto const offset = reader_.varint();
        auto const end = run < index ? image_.runs[run].count : end_of_later(run);
        if (offset >= end) {
            misplaced();
        }
        return {static_cast<std::uint32_t>(run), static_cast<std::uint32_t>(offset)};
    }
    /// What an offset has to be less than in a run that is not read yet.
    std::uint64_t end_of_later(std::uint64_t run) {
        has_later_origins_ = true;
        return run < run_count_ ? std::uint64_t{1} << 32 : 0;
    }
    /// Whether a run, whose left origin is in the one before, goes on with the items of that.
    [[nodiscard]] bool continues(std::uint32_t index) const {
        auto const& r = image_.runs[index];
        auto const& before = image_.runs[index - 1];
        return r.left.offset == before.count - 1 && r.right == before.right &&
               before.first.bits() + before.count == r.first.bits();
    }

    void check_later_origins() {
        if (!has_later_origins_ || !reader_.ok()) {
            return;
        }
        auto const is_here = [&](item const& one) {
            return one.run == sequence_image::nowhere || one.offset < image_.runs[one.run].count;
        };
        auto const are_here =
            std::all_of(image_.runs.begin(), image_.runs.end(),
                        [&](auto const& r) { return is_here(r.left) && is_here(r.right); });
        if (!are_here || !image_.number_runs()) {
            misplaced();
        }
    }
    void read_order() {
        sequence_order_check check{image_};
        std::uint64_t run = 0;
        for (std::uint32_t i = 0; i < run_count_ && reader_.ok(); ++i) {
            auto const word = reader_.varint();
            run += static_cast<std::uint64_t>(unzigzag(word >> 1));
            if (run >= run_count_ || !check.add(static_cast<std::uint32_t>(run), (word & 1) != 0)) {
                misplaced();
            }
        }
        if (reader_.ok() && !check.finish()) {
            misplaced();
        }
    }
    void read_lengths() {
        for (std::uint64_t left = items_; left != 0 && reader_.ok();) {
            auto const count = reader_.varint();
            if (count > left || (count == 0 && !image_.lengths.empty())) {
                fail("a sequence has items alive or removed that do not exist");
                break;
            }
            alive_ += image_.lengths.size() % 2 == 0 ? count : 0;
            image_.lengths.push_back(static_cast<std::uint32_t>(count));
            left -= count;
        }
    }

    byte_reader& reader_;
    std::size_t ranks_;
    sequence_image& image_;
    std::uint32_t run_count_ = 0;
    std::uint64_t ranks_begun_ = 0;
    std::uint64_t next_ = 0; ///< the sequence number behind the last run
    std::uint64_t items_ = 0;
    std::uint64_t alive_ = 0;
    bool has_later_origins_ = false;
};

} // namespace joinery::detail
