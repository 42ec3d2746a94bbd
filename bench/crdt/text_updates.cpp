#include <joinery/crdt/text.hpp>
#include <joinery/sync/replica.hpp>

#include <common/recordings.hpp>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace joinery;
using bench::trace;

// W8c: what several authors sent each other, update by update, for every recorded text of several
// authors.

namespace {

/// What the authors of a recording sent: one for each transaction.
struct sent {
    std::vector<text> deltas;
    std::vector<bytes> encoded;
};

/// Each transaction by a replica that knows its past and nothing else.
sent replay(trace const& of) {
    auto const pasts = tests::pasts_of(of);
    auto const authors = tests::authors_of(of, pasts);
    std::vector<text> states;
    std::vector<tests::transaction_set> known;
    sent out;
    for (std::size_t i = 0; i < of.transactions.size(); ++i) {
        auto const [at, rank] = authors[i];
        if (at == states.size()) {
            states.emplace_back();
            known.emplace_back(of);
        }
        auto& state = states[at];
        pasts[i].for_each_not_in(known[at],
                                 [&](std::size_t before) { state.join(out.deltas[before]); });
        text delta;
        bench::edit_each(state, replica_id{rank}, of.transactions[i].edits,
                         [&](text const& one) { delta.join(one); });
        out.encoded.push_back(delta.encode());
        out.deltas.push_back(std::move(delta));
        known[at] = pasts[i];
        known[at].insert(i);
    }
    return out;
}

sent const& sent_of(bench::recording& of) {
    static std::map<std::string, sent> all;
    auto const found = all.find(of.name());
    return found != all.end() ? found->second
                              : all.emplace(of.name(), replay(of.read())).first->second;
}

text merged(bench::recording& of) {
    text out;
    for (auto const& delta : sent_of(of).deltas) {
        out.join(delta);
    }
    return out;
}

/// The bytes of each transaction, one by one: a replica does no more with what a peer sends it.
void apply_updates(benchmark::State& state, bench::recording& of) {
    auto const& updates = sent_of(of).encoded;
    for (auto _ : state) {
        text target;
        bench::measure(state, [&] {
            for (auto const& update : updates) {
                (void)target.join_encoded(update);
            }
        });
        bench::require(state, target.value() == of.read().end, bench::wrong_text);
    }
}

void apply_objects(benchmark::State& state, bench::recording& of) {
    auto const& updates = sent_of(of).deltas;
    for (auto _ : state) {
        text target;
        bench::measure(state, [&] {
            for (auto const& update : updates) {
                target.join(update);
            }
        });
        bench::require(state, target.value() == of.read().end, bench::wrong_text);
    }
}

/// A changeset as a message carries it: its bytes, and its origin beside them.
struct sent_changeset {
    replica_id origin;
    bytes encoded;

    [[nodiscard]] sync::changeset look() const {
        byte_reader reader{encoded};
        return sync::read_changeset(reader, origin);
    }
};

/// Each transaction by a replica that has received its past and nothing else.
std::vector<sent_changeset> changesets_of(trace const& of) {
    auto const pasts = tests::pasts_of(of);
    auto const authors = tests::authors_of(of, pasts);
    std::vector<std::unique_ptr<sync::replica<text>>> replicas;
    std::vector<tests::transaction_set> known;
    std::vector<sent_changeset> out;
    for (std::size_t i = 0; i < of.transactions.size(); ++i) {
        auto const [at, rank] = authors[i];
        if (at == replicas.size()) {
            replicas.push_back(std::make_unique<sync::replica<text>>(replica_id{rank}));
            known.emplace_back(of);
        }
        auto& author = *replicas[at];
        pasts[i].for_each_not_in(
            known[at], [&](std::size_t before) { (void)author.receive(out[before].look()); });
        auto const version = author.version();
        (void)author.edit([&](auto editor) {
            for (auto const& edit : of.transactions[i].edits) {
                editor.splice(edit.at, edit.erased, edit.inserted);
            }
        });
        (void)author.for_each_change(version, [&](sync::changeset const& made) {
            byte_writer encoded;
            sync::write_changeset(encoded, made);
            out.push_back({made.origin, encoded.take()});
            return true;
        });
        known[at] = pasts[i];
        known[at].insert(i);
    }
    return out;
}

/// The same as a replica receives it: each changeset is checked, kept in the log and applied.
void receive_changesets(benchmark::State& state, bench::recording& of) {
    auto const all = changesets_of(of.read());
    std::size_t size = 0;
    for (auto const& one : all) {
        size += one.encoded.size();
    }
    for (auto _ : state) {
        sync::replica<text> target{replica_id{all.size()}};
        bench::measure(state, [&] {
            for (auto const& one : all) {
                benchmark::DoNotOptimize(target.receive(one.look()));
            }
        });
        state.counters["bytes." + of.name()] = static_cast<double>(size);
        bench::require(state, target.state().value() == of.read().end, bench::wrong_text);
    }
}

void memory_of_updates(benchmark::State& state, bench::recording& of) {
    auto const& updates = sent_of(of).encoded;
    for (auto _ : state) {
        bench::start_counting();
        text target;
        bench::measure(state, [&] {
            for (auto const& update : updates) {
                (void)target.join_encoded(update);
            }
        });
        bench::count_memory(state, of, bench::stop_counting());
    }
}

void add_concurrent(std::shared_ptr<bench::recording> const& of) {
    bench::add_for("W8c/apply", of, apply_updates);
    bench::add_for("W8c/receive", of, receive_changesets);
    bench::add_for("W8c/apply_objects", of, apply_objects);
    bench::add_for("W8c/memory", of, memory_of_updates, 1);
    bench::add_for("W8c/encode", of,
                   [](auto& state, auto& one) { bench::encode_text(state, one, merged); });
    bench::add_for("W8c/load_and_read", of,
                   [](auto& state, auto& one) { bench::load_and_read(state, one, merged); });
}

[[maybe_unused]] auto const registered = [] {
    bench::for_each_recording("concurrent", add_concurrent);
    return 0;
}();

} // namespace
