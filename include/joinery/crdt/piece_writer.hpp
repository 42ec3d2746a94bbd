#pragma once

#include <joinery/core/varint.hpp>
#include <joinery/crdt/held.hpp>
#include <joinery/crdt/join_frame.hpp>
#include <joinery/crdt/pieces.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace joinery::detail {

enum class piece_life : std::uint8_t { dead, live };

/// Writes the pieces of one edit at the tail of the root's pool, while the mutators change the
/// state in place and let it point at the bytes just written.
///
/// Call order for each piece: `begin`, `supersede` as often as announced, `put` the path and the
/// payload at `cursor`, `end`.
class piece_writer {
public:
    /// Leaves `header_bytes` free in front of the pieces.
    piece_writer(causal_root& root, replica_slot self, hlc time, std::size_t header_bytes = 0)
        : root_{root},
          self_{self},
          time_{time},
          header_bytes_{header_bytes},
          first_{root.context.seen_of(self).prefix() + 1} {
        open_ = root.pool.reserve(header_bytes + 64);
        root.pool.commit(open_ + header_bytes);
    }
    piece_writer(piece_writer const&) = delete;
    piece_writer& operator=(piece_writer const&) = delete;

    [[nodiscard]] causal_root& root() { return root_; }
    [[nodiscard]] hlc time() const { return time_; }
    [[nodiscard]] std::uint64_t first() const { return first_; }
    [[nodiscard]] std::uint32_t count() const { return count_; }

    /// Mints the dot of a piece whose path and payload need at most `room` bytes; or the first of
    /// `dots`, for a run of items.
    local_dot begin(piece_life life, std::uint32_t superseded_count, std::size_t room,
                    std::uint32_t dots = 1) {
        auto const head = std::size_t{varint_bytes_max} * (1 + 2 * std::size_t{superseded_count});
        at_ = root_.pool.reserve(room + head, open_);
        at_ = write_varint(at_, std::uint64_t{superseded_count} << 1 |
                                    (life == piece_life::live ? 1U : 0U));
        count_ += dots;
        dot_ = root_.context.next(self_);
        if (dots > 1) {
            root_.context.insert(self_, dot_.sequence(), dot_.sequence() + dots - 1);
        }
        return dot_;
    }
    /// Makes room for that many bytes, and up to as many again, so that pieces move less often.
    void expect(std::size_t byte_count) { (void)root_.pool.reserve(byte_count, open_); }
    void supersede(local_dot d) {
        if (d.slot() == self_) {
            at_ = write_varint(at_, (dot_.sequence() - d.sequence()) << 1);
        } else {
            at_ = write_varint(at_, std::uint64_t{index_of(d.slot())} << 1 | 1);
            at_ = write_varint(at_, d.sequence());
        }
    }
    [[nodiscard]] std::byte* cursor() const { return at_; }
    void end(std::byte* end_of_piece) { root_.pool.commit(end_of_piece); }

    /// Keeps the first reason why an edit cannot be made. Mutators do nothing from then on.
    void fail(errc code, std::string message) {
        if (outcome_) {
            outcome_ = failure(code, std::move(message));
        }
    }
    [[nodiscard]] bool ok() const { return outcome_.has_value(); }
    [[nodiscard]] result<void> const& outcome() const { return outcome_; }

    /// Fails the edit if a value is one that no peer would read. Returns whether it goes on.
    template <class T>
    bool accepts(held_view<T> const& value) {
        if constexpr (requires { held<T>::flaw(value); }) {
            if (auto const* const flaw = held<T>::flaw(value)) {
                fail(errc::malformed, flaw);
            }
        }
        return ok();
    }

    /// The index of a foreign replica in the table behind the pieces.
    std::uint32_t index_of(replica_slot slot) {
        for (std::uint32_t i = 0; i < others_.size(); ++i) {
            if (others_[i] == slot) {
                return i;
            }
        }
        others_.push_back(slot);
        return static_cast<std::uint32_t>(others_.size() - 1);
    }
    [[nodiscard]] replica_slot self() const { return self_; }

    /// Appends the table and returns what was written. The header lies in front of `body`.
    piece_sequence finish() {
        auto const body_bytes = static_cast<std::size_t>(root_.pool.tail() - open_) - header_bytes_;
        auto* at = root_.pool.reserve(others_.size() * 16, open_);
        for (auto const slot : others_) {
            auto const id = root_.context.id_of(slot).to_bytes();
            std::memcpy(at, id.data(), id.size());
            at += id.size();
        }
        root_.pool.commit(at);
        auto const* const body = open_ + header_bytes_;
        return {root_.context.id_of(self_),
                first_,
                count_,
                time_,
                {body, body_bytes},
                {body + body_bytes, others_.size() * 16}};
    }

    /// Where the header begins.
    [[nodiscard]] std::byte* open() const { return open_; }

private:
    causal_root& root_;
    replica_slot self_;
    hlc time_;
    std::size_t header_bytes_;
    std::uint64_t first_;
    std::byte* open_ = nullptr;
    std::byte* at_ = nullptr;
    local_dot dot_{};
    std::uint32_t count_ = 0;
    std::vector<replica_slot> others_;
    result<void> outcome_;
};

} // namespace joinery::detail
