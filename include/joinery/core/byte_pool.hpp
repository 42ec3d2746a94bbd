#pragma once

#include <joinery/core/bytes.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

namespace joinery {

/// A buffer with one owner and no size of its own. (`<memory>` would double the compile time of
/// the smallest program.)
class owned_bytes {
public:
    owned_bytes() = default;
    explicit owned_bytes(std::size_t size) : at_{new std::byte[size]} {}
    owned_bytes(owned_bytes&& other) noexcept : at_{std::exchange(other.at_, nullptr)} {}
    owned_bytes& operator=(owned_bytes&& other) noexcept {
        std::swap(at_, other.at_);
        return *this;
    }
    ~owned_bytes() { delete[] at_; }

    [[nodiscard]] std::byte* data() const { return at_; }

private:
    std::byte* at_ = nullptr;
};

/// Append-only bytes that never move: a log and the state built from it share one pool, so that a
/// key or a value in the state is a pointer to its own encoding.
///
/// Chunks grow from 256 bytes to 1 MiB. Nothing is freed before the pool is; whoever wants the dead
/// bytes back copies the live ones into a fresh pool.
///
/// Complexity   reserve, commit, copy: O(bytes) amortised. No byte is ever copied to grow, except
///              those of the one record that is still open.
class byte_pool {
public:
    static constexpr std::size_t chunk_bytes_max = 1024 * 1024;

    byte_pool() = default;
    byte_pool(byte_pool&& other) noexcept { swap(other); }
    byte_pool& operator=(byte_pool&& other) noexcept {
        byte_pool taken{std::move(other)};
        swap(taken);
        return *this;
    }

    void swap(byte_pool& other) noexcept {
        chunks_.swap(other.chunks_);
        std::swap(tail_, other.tail_);
        std::swap(end_, other.end_);
        std::swap(next_chunk_bytes_, other.next_chunk_bytes_);
        std::swap(held_bytes_, other.held_bytes_);
    }

    /// At least `count` contiguous bytes at the tail.
    [[nodiscard]] std::byte* reserve(std::size_t count) {
        std::byte* nothing = nullptr;
        return reserve(count, nothing);
    }

    /// The same while a record that began at `open` is being written: if it does not fit, its bytes
    /// so far move with it and `open` follows.
    [[nodiscard]] std::byte* reserve(std::size_t count, std::byte*& open) {
        if (static_cast<std::size_t>(end_ - tail_) < count) [[unlikely]] {
            add_chunk(count, open);
        }
        return tail_;
    }

    void commit(std::byte* end) { tail_ = end; }

    [[nodiscard]] std::byte const* copy(byte_view input) {
        auto* at = reserve(input.size());
        if (!input.empty()) {
            std::memcpy(at, input.data(), input.size());
        }
        tail_ = at + input.size();
        return at;
    }

    /// Takes over bytes that texts already point into.
    void adopt(owned_bytes buffer, std::size_t size) {
        held_bytes_ += size;
        chunks_.insert(chunks_.begin(), std::move(buffer));
    }

    /// Takes over everything that `other` holds; pointers into it stay good.
    void adopt(byte_pool&& other) {
        held_bytes_ += other.held_bytes_;
        for (auto& chunk : other.chunks_) {
            chunks_.insert(chunks_.begin(), std::move(chunk));
        }
        other = byte_pool{};
    }

    /// Forgets what was written since `open`, if nothing else was.
    void rewind(std::byte* open) { tail_ = open; }

    [[nodiscard]] std::byte* tail() const { return tail_; }
    [[nodiscard]] std::size_t held_bytes() const { return held_bytes_; }

private:
    void add_chunk(std::size_t count, std::byte*& open) {
        auto const kept = open != nullptr ? static_cast<std::size_t>(tail_ - open) : 0;
        auto const wanted = kept != 0 ? (kept + count) * 2 : count;
        auto const size = std::max(next_chunk_bytes_, wanted);
        next_chunk_bytes_ = std::min(next_chunk_bytes_ * 2, chunk_bytes_max);
        owned_bytes fresh{size};
        if (kept != 0) {
            std::memcpy(fresh.data(), open, kept);
        }
        if (open != nullptr) {
            open = fresh.data();
        }
        tail_ = fresh.data() + kept;
        end_ = fresh.data() + size;
        held_bytes_ += size;
        chunks_.push_back(std::move(fresh));
    }

    std::vector<owned_bytes> chunks_;
    std::byte* tail_ = nullptr;
    std::byte* end_ = nullptr;
    std::size_t next_chunk_bytes_ = 256;
    std::size_t held_bytes_ = 0;
};

} // namespace joinery
