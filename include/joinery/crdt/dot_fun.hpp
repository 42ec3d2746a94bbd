#pragma once

#include <joinery/core/byte_writer.hpp>
#include <joinery/core/digest.hpp>
#include <joinery/crdt/join_frame.hpp>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace joinery::detail {

/// Writing a state's bytes: slots become ranks, which every replica agrees on.
struct state_output {
    static constexpr std::uint32_t no_rank = 0xffffffff; ///< of a replica that was not seen

    byte_writer& out;
    causal_root const& root;
    std::vector<std::uint32_t> const& rank; ///< by slot
    bool is_partial;
};

/// Adding the live dots of a store, with path and payload, to an order-free digest.
struct digest_output {
    multiset_digest& sum;
    causal_root const& root;
};

/// A map from dots to payloads: one dot and its payload in place, more of them in a sorted block.
///
/// A payload answers `kept(pool, owner)`, `rehome(pool)`, `==`, `less`, and reads and writes itself
/// in pieces and states; see `unit` and `stamped`. With `unit` this is a set of dots in 8 bytes.
///
/// Concurrent writes   the join keeps what is in both, and on each side what the other has not
///                     seen.
/// Complexity          O(1) for one dot on each side, else O(n log n) of the dots in the two
///                     stores.
/// Reference           Almeida, Shoker, Baquero, "Delta State Replicated Data Types", 2018, §7.2
///                     (DotSet and DotFun).
template <class Payload>
class dot_fun {
public:
    using payload_type = Payload;
    static constexpr bool is_composite = false;
    static constexpr bool uses_pool = Payload::uses_pool;

    struct item {
        local_dot d;
        [[no_unique_address]] Payload payload{};
    };

    dot_fun() = default;
    dot_fun(dot_fun const& other) : word_{other.word_}, payload_{other.payload_} {
        if (other.has_block()) {
            word_ = boxed(new block(*other.items()));
        }
    }
    dot_fun(dot_fun&& other) noexcept
        : word_{std::exchange(other.word_, 0)}, payload_{std::move(other.payload_)} {}
    dot_fun& operator=(dot_fun other) noexcept {
        std::swap(word_, other.word_);
        std::swap(payload_, other.payload_);
        return *this;
    }
    ~dot_fun() { clear(); }

    [[nodiscard]] bool is_bottom() const { return word_ == 0; }
    [[nodiscard]] std::uint32_t count() const {
        return word_ == 0 ? 0 : has_block() ? static_cast<std::uint32_t>(items()->size()) : 1;
    }
    [[nodiscard]] local_dot dot(std::uint32_t i) const {
        return has_block() ? (*items())[i].d : local_dot::from_bits(word_ >> 1);
    }
    [[nodiscard]] Payload const& at(std::uint32_t i) const {
        return has_block() ? (*items())[i].payload : payload_;
    }

    void assign(local_dot d, Payload payload) {
        clear();
        word_ = packed(d);
        payload_ = std::move(payload);
    }
    void clear() {
        if (has_block()) [[unlikely]] {
            delete_block();
        }
        word_ = 0;
    }

    template <class Source, class Frame>
    void join(Source const& theirs, Frame& f) {
        auto const count = theirs.count();
        if (has_block() || count > 1) [[unlikely]] {
            join_many(theirs, f);
        } else if (count == 0) {
            drop_seen(f);
        } else {
            join_one(theirs, f);
        }
    }

    /// The other side speaks about everything it has seen and does not have this store.
    template <class Frame>
    void drop_seen(Frame& f) {
        if (has_block()) [[unlikely]] {
            std::erase_if(*items(), [&](item const& i) { return f.they_saw(i.d); });
            replace(std::move(*items()));
        } else if (word_ != 0 && f.they_saw(dot(0))) {
            word_ = 0;
        }
    }

    template <class F>
    void for_each_dot(F&& visit) const {
        for (std::uint32_t i = 0, n = count(); i < n; ++i) {
            visit(dot(i));
        }
    }

    void rehome(byte_pool& pool) {
        if (has_block()) {
            for (auto& i : *items()) {
                i.payload.rehome(pool);
            }
        } else if (word_ != 0) {
            payload_.rehome(pool);
        }
    }

    void digest(digest_output& out, std::uint64_t path) const {
        for (std::uint32_t i = 0, n = count(); i < n; ++i) {
            auto const id = out.root.context.id_of(dot(i).slot());
            auto const where = hash_words(path, {id.high(), id.low(), dot(i).sequence()});
            out.sum.add(at(i).digest(where));
        }
    }

    /// A pointer kept instead of dots by a sparse product that lies over this store. Not owned.
    [[nodiscard]] void* guest() const {
        return (word_ & 3) == 2 ? reinterpret_cast<void*>(word_ & ~std::uint64_t{3}) : nullptr;
    }
    void set_guest(void* pointer) {
        clear();
        word_ = reinterpret_cast<std::uint64_t>(pointer) | 2;
    }
    void clear_guest() { word_ = 0; }

    struct memory_source {
        dot_fun const& store;
        state_frame const& f;
        [[nodiscard]] std::uint32_t count() const { return store.count(); }
        [[nodiscard]] local_dot dot(std::uint32_t i) const { return f.import(store.dot(i)); }
        [[nodiscard]] Payload const& peek(std::uint32_t i) const { return store.at(i); }
    };

    struct piece_source {
        piece_frame& f;
        byte_reader& reader;
        [[nodiscard]] std::uint32_t count() const { return f.is_live ? 1 : 0; }
        [[nodiscard]] local_dot dot(std::uint32_t) const { return f.d; }
        [[nodiscard]] Payload peek(std::uint32_t) const {
            return Payload::from_piece(reader, f.time);
        }
    };
    static piece_source piece_child(piece_frame& f, byte_reader& reader) { return {f, reader}; }
    static void check_piece(byte_reader& reader, piece_check& check) {
        if (check.is_live) {
            Payload::check_piece(reader);
        }
    }
    static void check_piece_child(byte_reader& reader, piece_check& check) {
        check_piece(reader, check);
    }

    /// Reads itself when it is made.
    class state_source {
    public:
        state_source() = default;
        explicit state_source(state_input& in) {
            count_ = static_cast<std::uint32_t>(in.reader.varint());
            if (count_ == 1) [[likely]] {
                one_ = read(in);
                return;
            }
            for (std::uint32_t i = 0; i < count_; ++i) {
                many_.push_back(read(in));
            }
        }
        [[nodiscard]] std::uint32_t count() const { return count_; }
        [[nodiscard]] local_dot dot(std::uint32_t i) const {
            return count_ == 1 ? one_.d : many_[i].d;
        }
        [[nodiscard]] Payload const& peek(std::uint32_t i) const {
            return count_ == 1 ? one_.payload : many_[i].payload;
        }

    private:
        static item read(state_input& in) {
            auto const rank = in.reader.varint();
            auto const sequence = in.reader.varint();
            return {local_dot{in.slots[rank], sequence}, Payload::from_state(in.reader)};
        }
        item one_;
        std::vector<item> many_;
        std::uint32_t count_ = 0;
    };
    /// Returns whether the store is bottom.
    static bool check_state(byte_reader& reader, state_check& check) {
        auto const count = reader.varint();
        std::uint64_t last_rank = 0;
        std::uint64_t last_sequence = 0;
        for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
            auto const rank = reader.varint();
            auto const sequence = reader.varint();
            if (!check.contains(rank, sequence)) {
                reader.fail(errc::malformed, "a dot lies outside of the causal context");
            }
            if (i > 0 && (rank < last_rank || (rank == last_rank && sequence <= last_sequence))) {
                reader.fail(errc::not_canonical, "dots are not in ascending order");
            }
            last_rank = rank;
            last_sequence = sequence;
            Payload::check_state(reader);
        }
        return count == 0;
    }

    void write_state(state_output& to) const {
        auto const n = count();
        to.out.varint(n);
        if (n == 1) [[likely]] {
            write_item(to, dot(0), at(0));
            return;
        }
        std::vector<item const*> order;
        for (std::uint32_t i = 0; i < n; ++i) {
            order.push_back(&(*items())[i]);
        }
        std::sort(order.begin(), order.end(), [&](item const* a, item const* b) {
            return std::pair{to.rank[a->d.slot()], a->d.sequence()} <
                   std::pair{to.rank[b->d.slot()], b->d.sequence()};
        });
        for (auto const* i : order) {
            write_item(to, i->d, i->payload);
        }
    }

private:
    using block = std::vector<item>;

    static std::uint64_t packed(local_dot d) { return d.bits() << 1 | 1; }
    static std::uint64_t boxed(block* items) { return reinterpret_cast<std::uint64_t>(items); }
    [[nodiscard]] bool has_block() const { return word_ != 0 && (word_ & 3) == 0; }
    [[nodiscard]] block* items() const { return reinterpret_cast<block*>(word_); }
    // Apart, so that `clear` is small enough to stand where it is needed.
    [[gnu::noinline]] void delete_block() { delete items(); }

    static void write_item(state_output& to, local_dot d, Payload const& payload) {
        to.out.varint(to.rank[d.slot()]);
        to.out.varint(d.sequence());
        payload.write_state(to.out);
    }

    /// The same dot on both sides. Two payloads are an equivocation: the greater one wins, so that
    /// even then every replica ends with the same.
    template <class Frame>
    static void join_payload(Payload& ours, Payload const& theirs, Frame& f) {
        if (ours == theirs) [[likely]] {
            return;
        }
        ++f.equivocations;
        if (Payload::less(ours, theirs)) {
            ours = theirs.kept(f.root.pool, f.owner);
        }
    }

    template <class Source, class Frame>
    void join_one(Source const& theirs, Frame& f) {
        auto const d = theirs.dot(0);
        if (word_ == packed(d)) {
            join_payload(payload_, theirs.peek(0), f);
            return;
        }
        auto const take = !f.we_saw(d);
        auto const keep = word_ != 0 && !f.they_saw(dot(0));
        if (take && keep) {
            join_many(theirs, f);
        } else if (take) {
            word_ = packed(d);
            payload_ = theirs.peek(0).kept(f.root.pool, f.owner);
        } else if (!keep) {
            word_ = 0;
        }
    }

    template <class Source, class Frame>
    void join_many(Source const& theirs, Frame& f) {
        std::vector<std::pair<local_dot, std::uint32_t>> order;
        for (std::uint32_t i = 0, n = theirs.count(); i < n; ++i) {
            order.emplace_back(theirs.dot(i), i);
        }
        std::sort(order.begin(), order.end());
        block out;
        out.reserve(count() + order.size());
        auto next = order.begin();
        auto const take_below = [&](std::uint64_t end) {
            for (; next != order.end() && next->first.bits() < end; ++next) {
                if (!f.we_saw(next->first)) {
                    out.push_back(
                        {next->first, theirs.peek(next->second).kept(f.root.pool, f.owner)});
                }
            }
        };
        for (std::uint32_t i = 0, n = count(); i < n; ++i) {
            auto const d = dot(i);
            take_below(d.bits());
            if (next != order.end() && next->first == d) {
                out.push_back({d, at(i)});
                join_payload(out.back().payload, theirs.peek(next->second), f);
                ++next;
            } else if (!f.they_saw(d)) {
                out.push_back({d, at(i)});
            }
        }
        take_below(~std::uint64_t{0});
        replace(std::move(out));
    }

    void replace(block items) {
        clear();
        if (items.size() == 1) {
            assign(items[0].d, std::move(items[0].payload));
        } else if (!items.empty()) {
            word_ = boxed(new block(std::move(items)));
        }
    }

    std::uint64_t word_ = 0;
    [[no_unique_address]] Payload payload_{};
};

/// The payload of a dot that only says: I am here.
struct unit {
    static constexpr bool uses_pool = false;
    static unit from_piece(byte_reader&, hlc) { return {}; }
    static unit from_state(byte_reader&) { return {}; }
    static void check_piece(byte_reader&) {}
    static void check_state(byte_reader&) {}
    static bool less(unit, unit) { return false; }
    [[nodiscard]] unit kept(byte_pool&, bytes_owner) const { return {}; }
    void rehome(byte_pool&) const {}
    void write_state(byte_writer&) const {}
    [[nodiscard]] digest128 digest(std::uint64_t where) const {
        return {hash_mix(where, hash_key_a), hash_mix(where, hash_key_b)};
    }
    friend bool operator==(unit, unit) = default;
};

using dot_set = dot_fun<unit>;
static_assert(sizeof(dot_set) == 8);

} // namespace joinery::detail
