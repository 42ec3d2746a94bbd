#pragma once

#include <joinery/core/byte_reader.hpp>
#include <joinery/core/byte_writer.hpp>
#include <joinery/core/hash.hpp>
#include <joinery/core/result.hpp>
#include <joinery/sync/changeset.hpp>
#include <joinery/sync/log.hpp>
#include <joinery/sync/snapshot.hpp>
#include <joinery/wire/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// The messages in which two replicas tell what they have and send what the other lacks.
namespace joinery::sync {

/// The version of the conversation. A peer that speaks another one is told so.
inline constexpr std::uint8_t protocol_version = 1;

/// What a frame holds.
enum class message_kind : std::uint8_t { hello = 1, changes = 2, done = 3 };

/// 8 bytes that tell the replicas of one document apart.
[[nodiscard]] constexpr std::uint64_t short_id(replica_id id) {
    return hash_mix(id.high() ^ 0xa0761d6478bd642fULL, id.low() ^ 0xe7037ed1a0b428dbULL);
}

/// "I have these histories": protocol version, document, number, then for each origin its short id,
/// its last sequence, and 4 bytes of its head.
///
/// Changes that answer a hello carry its number and name origins by their place in it. Two origins
/// that share a short id read as one that is unknown, which costs bytes and loses nothing.
struct hello {
    struct known {
        std::uint64_t id = 0; ///< `short_id` of the origin
        std::uint64_t last = 0;
        std::uint32_t head = 0;
    };
    document_id document = document_id::unset;
    std::uint8_t number = 0;
    std::vector<known> histories;
};

inline void write_hello(byte_writer& out, log const& changes, document_id document,
                        std::uint8_t number) {
    out.byte(protocol_version);
    out.fixed64(static_cast<std::uint64_t>(document));
    out.byte(number);
    std::size_t count = 0;
    for (replica_slot slot = 0; slot < changes.size(); ++slot) {
        count += changes.at(slot).last != 0 ? 1U : 0U;
    }
    out.varint(count);
    for (replica_slot slot = 0; slot < changes.size(); ++slot) {
        auto const& history = changes.at(slot);
        if (history.last != 0) {
            out.fixed64(short_id(changes.origin(slot)));
            out.varint(history.last);
            auto head = static_cast<std::uint32_t>(history.head);
            for (unsigned i = 0; i < 4; ++i, head >>= 8) {
                out.byte(static_cast<std::uint8_t>(head));
            }
        }
    }
}

[[nodiscard]] inline result<void> read_hello(byte_view input, hello& out,
                                             wire::limits const& bounds) {
    byte_reader reader{input};
    auto const version = reader.byte();
    if (reader.ok() && version != protocol_version) {
        return failure(errc::unsupported_version,
                       "the peer speaks version " + std::to_string(version) +
                           " of the protocol; this is version " + std::to_string(protocol_version));
    }
    out.document = document_id{reader.fixed64()};
    out.number = reader.byte();
    auto const count = reader.varint();
    if (count > bounds.replicas_max) {
        return failure(errc::too_large, "the peer names more replicas than the limit allows");
    }
    out.histories.clear();
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        hello::known known{reader.fixed64(), reader.varint(), 0};
        for (unsigned shift = 0; shift < 32; shift += 8) {
            known.head |= static_cast<std::uint32_t>(reader.byte()) << shift;
        }
        out.histories.push_back(known);
    }
    if (reader.ok() && !reader.at_end()) {
        reader.fail(errc::malformed, "bytes follow a hello");
    }
    return reader.ok() ? result<void>{} : failure(reader.error());
}

/// What a peer said of the origin at `slot`, and where: place 0 and nothing if it does not know it.
struct peer_history {
    std::uint64_t last = 0;
    std::uint32_t head = 0;
    std::size_t place = 0;
};

[[nodiscard]] inline peer_history find_history(hello const& peer, replica_id origin) {
    peer_history found;
    auto const wanted = short_id(origin);
    for (std::size_t i = 0; i < peer.histories.size(); ++i) {
        auto const& known = peer.histories[i];
        if (known.id == wanted) {
            if (found.place != 0) {
                return {};
            }
            found = {known.last, known.head, i + 1};
        }
    }
    return found;
}

/// Whether what the peer says of the origin at `slot` is not how our history of it began.
[[nodiscard]] inline bool contradicts(log const& changes, replica_slot slot,
                                      peer_history const& theirs) {
    auto const head = theirs.place == 0 ? 0 : changes.hash_at(slot, theirs.last);
    return head != 0 && static_cast<std::uint32_t>(head) != theirs.head;
}

/// Whether the peer has a history that cannot be continued from ours: somebody wrote twice under
/// one id.
[[nodiscard]] inline result<void> check_histories(log const& changes, hello const& peer) {
    for (replica_slot slot = 0; slot < changes.size(); ++slot) {
        if (contradicts(changes, slot, find_history(peer, changes.origin(slot)))) {
            return failure(errc::equivocation, "replica " + changes.origin(slot).to_string() +
                                                   " has two histories, one here and one there");
        }
    }
    return {};
}

/// How the histories that a peer named compare with ours.
struct version_comparison {
    bool peer_has_more = false;
    bool peer_lacks_some = false;
};

[[nodiscard]] inline version_comparison compare_versions(log const& changes, hello const& peer) {
    version_comparison out;
    std::size_t common = 0;
    for (replica_slot slot = 0; slot < changes.size(); ++slot) {
        auto const ours = changes.at(slot).last;
        auto const theirs = find_history(peer, changes.origin(slot));
        common += theirs.place != 0 ? 1U : 0U;
        out.peer_has_more |= theirs.last > ours;
        out.peer_lacks_some |= theirs.last < ours;
    }
    out.peer_has_more |= common < peer.histories.size();
    return out;
}

/// Appends one changeset to a message of changes, which begins with the number of the hello that it
/// answers: the place of its origin in that hello, or 0 and the whole id, then its bytes.
inline void write_answer(byte_writer& out, changeset const& in, std::size_t place) {
    out.varint(place);
    if (place == 0) {
        out.raw(in.origin.to_bytes());
    }
    write_changeset(out, in);
}

/// Visits the changesets of a message; their views point into it. `origins` are those of the hello
/// that it answers, in its order.
template <class F>
[[nodiscard]] result<void> read_answers(byte_reader& reader, std::vector<replica_id> const& origins,
                                        wire::limits const& bounds, F&& visit) {
    for (std::uint64_t count = 0; reader.ok() && !reader.at_end(); ++count) {
        auto const place = reader.varint();
        if (place > origins.size() || count == bounds.changesets_per_message_max) {
            reader.fail(errc::malformed, "a message holds changes that cannot be placed");
        }
        auto origin = place == 0 || !reader.ok() ? replica_id{} : origins[place - 1];
        if (place == 0) {
            if (auto const raw = reader.take(16); reader.ok()) {
                origin = replica_id::from_bytes(raw.template first<16>());
            }
        }
        auto const in = read_changeset(reader, origin);
        if (reader.ok()) {
            visit(in);
        }
    }
    return reader.ok() ? result<void>{} : failure(reader.error());
}

} // namespace joinery::sync
