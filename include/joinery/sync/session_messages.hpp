#pragma once

#include <joinery/core/bugs.hpp>
#include <joinery/sync/session.hpp>

namespace joinery::sync {

template <retry_policy Retry>
template <class Replica>
result<void> basic_session<Retry>::handle_message(Replica& replica, byte_view message,
                                                  time_point now) {
    if (failed_) {
        return failure(*failed_);
    }
    counted_.bytes_received += message.size();
    wire::frame_decoder<typename Replica::compression_type> decoder{wanted_.limits};
    decoder.feed(message);
    auto frame = decoder.next();
    if (!frame) {
        return fail(frame.error());
    }
    if (!frame->has_value() || !decoder.is_complete()) {
        return fail({errc::truncated, "a message is not one whole frame", 0});
    }
    auto const& payload = (*frame)->payload;
    switch (static_cast<message_kind>((*frame)->kind)) {
    case message_kind::hello:
        return handle_hello(replica, payload, now);
    case message_kind::changes:
        return handle_changes(replica, payload, now);
    case message_kind::done:
        return handle_done(replica, payload, now);
    }
    return fail({errc::unsupported_version, "the peer sent a message of an unknown kind", 0});
}

template <retry_policy Retry>
template <class Replica>
result<void> basic_session<Retry>::handle_hello(Replica& replica, byte_view payload,
                                                time_point now) {
    hello peer;
    if (auto const read = read_hello(payload, peer, wanted_.limits); !read) {
        return fail(read.error());
    }
    if (auto const checked = check_peer(replica, peer); !checked) {
        return fail(checked.error());
    }
    if (compare_versions(replica.changes(), peer).peer_has_more) {
        is_settled_ = false;
        hello_at_ = is_asking_ ? hello_at_ : now;
    }
    peer_ = std::move(peer);
    acknowledged_ = {};
    is_answering_ = true;
    cursor_ = {};
    return {};
}

/// Whether the peer has the same document and no history that contradicts ours. If it knows more of
/// our own history than we do, or another one, our id was used twice.
template <retry_policy Retry>
template <class Replica>
result<void> basic_session<Retry>::check_peer(Replica& replica, hello const& peer) {
    if (peer.document != document_id::unset) {
        if (auto const joined = replica.join_document(peer.document); !joined) {
            return joined;
        }
    }
    auto const self = replica.changes().find(replica.id());
    if (auto const mine = find_history(peer, replica.id());
        mine.last > replica.changes().at(self).last || contradicts(replica.changes(), self, mine)) {
        if (auto const told = replica.report_clone(); !told) {
            return told;
        }
    }
    return check_histories(replica.changes(), peer);
}

template <retry_policy Retry>
template <class Replica>
result<void> basic_session<Retry>::handle_changes(Replica& replica, byte_view payload,
                                                  time_point now) {
    byte_reader reader{payload};
    if (auto const number = reader.byte(); reader.ok() && number != number_) {
        return {}; // it answers a hello of the past, and will be asked for again
    }
    std::vector<changeset> all;
    auto const read = read_answers(reader, origins_, wanted_.limits,
                                   [&](changeset const& in) { all.push_back(in); });
    if (!read) {
        return fail(read.error());
    }
    std::optional<error> refused;
    replica.receive_all(all, [&](changeset const&, verdict const& answer) {
        if (answer.is(verdict_kind::applied)) {
            ++counted_.changesets_applied;
            has_news_ = true;
        } else if (answer.is(verdict_kind::rejected) && !refused) {
            refused = answer.reason();
        }
    });
    if (refused) {
        return fail(*refused);
    }
    // More is on its way; asking again would only repeat it.
    hello_at_ = now + wanted_.retry.delay(attempt_, 0);
    return {};
}

/// done: the digest of all histories (16 bytes), then the number of operations in them.
template <retry_policy Retry>
template <class Replica>
result<void> basic_session<Retry>::handle_done(Replica& replica, byte_view payload,
                                               time_point now) {
    byte_reader reader{payload};
    digest128 const theirs{reader.fixed64(), reader.fixed64()};
    auto const operations = reader.varint();
    if (!reader.ok() || !reader.at_end()) {
        return fail({errc::malformed, "a message says in an unknown way that it is the last", 0});
    }
    auto const ours = replica.changes().digest();
    is_asking_ = false;
    is_settled_ = theirs == ours || bugs::session_settles_unseen;
    if (is_settled_) {
        attempt_ = 0;
        acknowledged_ = replica.version();
        // The peer has to hear once that we are equal; it may have compared too early.
        is_answering_ = is_answering_ || compared_ != ours;
        return {};
    }
    if (has_news_) {
        hello_at_ = now;
    }
    // Its versions only grow: with the operations it had at its hello, it has those versions still.
    if (peer_ && operations == replica.changes().operation_count()) {
        auto const versions = compare_versions(replica.changes(), *peer_);
        if (versions.peer_has_more || versions.peer_lacks_some) {
            return {};
        }
        return fail(
            {errc::equivocation, "both sides have the same versions and other histories", 0});
    }
    return {};
}

template <retry_policy Retry>
template <class Replica>
std::optional<bytes> basic_session<Retry>::poll_message(Replica const& replica, time_point now,
                                                        std::uint64_t entropy) {
    if (failed_) {
        return std::nullopt;
    }
    auto const is_due = now >= hello_at_ && !(is_asking_ && bugs::session_waits_for_ever);
    if (!is_settled_ && is_due) {
        return make_hello(replica, now, entropy);
    }
    if (!is_answering_) {
        return std::nullopt;
    }
    if (auto message = make_changes(replica); message || failed_) {
        return message;
    }
    is_answering_ = false;
    return make_done(replica);
}

template <retry_policy Retry>
template <class Replica>
bytes basic_session<Retry>::make_hello(Replica const& replica, time_point now,
                                       std::uint64_t entropy) {
    hello_at_ = now + wanted_.retry.delay(++attempt_, entropy);
    has_news_ = false;
    is_asking_ = true;
    // Begun anywhere, so that what is left of an earlier conversation does not seem to answer.
    number_ =
        number_ ? static_cast<std::uint8_t>(*number_ + 1) : static_cast<std::uint8_t>(entropy);
    origins_.clear();
    auto const& changes = replica.changes();
    for (replica_slot slot = 0; slot < changes.size(); ++slot) {
        if (changes.at(slot).last != 0) {
            origins_.push_back(changes.origin(slot));
        }
    }
    byte_writer out;
    write_hello(out, changes, replica.document(), *number_);
    return sent(message_kind::hello, out.view(), replica);
}

/// As many changes as fit, from where the last message ended; nothing if the peer has all.
template <retry_policy Retry>
template <class Replica>
std::optional<bytes> basic_session<Retry>::make_changes(Replica const& replica) {
    if (!peer_) {
        return std::nullopt;
    }
    auto const& changes = replica.changes();
    byte_writer out;
    out.byte(peer_->number);
    auto const empty = out.size();
    auto is_full = false;
    std::uint64_t count = 0;
    for (; cursor_.slot < changes.size(); cursor_ = {cursor_.slot + 1, 0}) {
        auto const theirs = find_history(*peer_, changes.origin(cursor_.slot));
        auto const from = std::max(
            {theirs.last, cursor_.sequence, acknowledged_.of(changes.origin(cursor_.slot))});
        if (bugs::session_stops_at_the_known && from >= changes.at(cursor_.slot).last) {
            break;
        }
        auto const read = replica.for_each_change(cursor_.slot, from, [&](changeset const& in) {
            write_answer(out, in, theirs.place);
            cursor_.sequence = in.last();
            ++counted_.changesets_sent;
            is_full = out.size() >= wanted_.message_bytes_max ||
                      ++count == wanted_.limits.changesets_per_message_max ||
                      bugs::session_sends_one_by_one;
            return !is_full;
        });
        if (!read) {
            failed_ = read.error();
            return std::nullopt;
        }
        if (is_full) {
            break;
        }
    }
    if (out.size() == empty) {
        return std::nullopt;
    }
    return sent(message_kind::changes, out.view(), replica);
}

template <retry_policy Retry>
template <class Replica>
bytes basic_session<Retry>::make_done(Replica const& replica) {
    compared_ = replica.changes().digest();
    byte_writer out;
    out.fixed64(compared_->high);
    out.fixed64(compared_->low);
    out.varint(replica.changes().operation_count());
    return sent(message_kind::done, out.view(), replica);
}

} // namespace joinery::sync
