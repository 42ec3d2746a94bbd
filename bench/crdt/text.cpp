#include <joinery/crdt/text.hpp>

#include <algorithm>
#include <common/counted_memory.hpp>
#include <common/plain_text.hpp>
#include <common/workloads.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/hostile_siblings.hpp"
#include "support/position_replay.hpp"
#include "support/traces.hpp"

using namespace joinery;
using tests::trace;
using tests::trace_edit;

// W8, W8c and W8r: every recorded text in the folder `editing-traces` of the conformance data, by
// the name of its file. Limits of the same edits are named `limit_`.

namespace {

constexpr replica_id self{1};

/// A recorded text; read when it is first needed.
class recording {
public:
    explicit recording(std::filesystem::path file) : file_{std::move(file)} {
        name_ = file_.filename().string();
        name_.resize(name_.find('.'));
    }

    [[nodiscard]] std::string const& name() const { return name_; }

    [[nodiscard]] trace const& read() {
        if (trace_.transactions.empty()) {
            trace_ = tests::read_trace(file_);
        }
        return trace_;
    }

    /// All edits of one author, one after another.
    [[nodiscard]] std::vector<trace_edit> const& edits() {
        if (edits_.empty()) {
            for (auto const& transaction : read().transactions) {
                edits_.insert(edits_.end(), transaction.edits.begin(), transaction.edits.end());
            }
        }
        return edits_;
    }

    /// The same with positions in bytes, as plain texts count.
    [[nodiscard]] std::vector<trace_edit> const& byte_edits() {
        if (byte_edits_.empty()) {
            byte_edits_ = is_ascii() ? edits() : in_bytes(edits());
        }
        return byte_edits_;
    }

private:
    [[nodiscard]] bool is_ascii() {
        return std::all_of(edits().begin(), edits().end(), [](trace_edit const& edit) {
            return count_code_points(edit.inserted) == edit.inserted.size();
        });
    }

    static std::vector<trace_edit> in_bytes(std::vector<trace_edit> const& edits) {
        std::vector<std::string> points;
        std::vector<trace_edit> out;
        auto const size = [&](std::size_t from, std::size_t to) {
            std::size_t bytes = 0;
            for (; from < to; ++from) {
                bytes += points[from].size();
            }
            return bytes;
        };
        for (auto const& edit : edits) {
            out.push_back({size(0, edit.at), size(edit.at, edit.at + edit.erased), edit.inserted});
            auto const at = points.begin() + static_cast<std::ptrdiff_t>(edit.at);
            auto const inserted = tests::code_points(edit.inserted);
            points.insert(points.erase(at, at + static_cast<std::ptrdiff_t>(edit.erased)),
                          inserted.begin(), inserted.end());
        }
        return out;
    }

    std::filesystem::path file_;
    std::string name_;
    trace trace_;
    std::vector<trace_edit> edits_;
    std::vector<trace_edit> byte_edits_;
};

/// Both calls of an edit on whatever takes them.
template <class Target>
void edit_plain(Target& target, std::vector<trace_edit> const& edits) {
    for (auto const& edit : edits) {
        if (edit.erased > 0) {
            target.erase(edit.at, edit.erased);
        }
        if (!edit.inserted.empty()) {
            target.insert(edit.at, edit.inserted);
        }
    }
}

/// One call an edit; `keep` gets what each returns.
template <class Keep>
void edit_each(text& target, replica_id by, std::vector<trace_edit> const& edits, Keep&& keep) {
    for (auto const& edit : edits) {
        if (edit.erased > 0) {
            keep(target.erase(by, edit.at, edit.erased));
        }
        if (!edit.inserted.empty()) {
            keep(target.insert(by, edit.at, edit.inserted));
        }
    }
}

text typed(std::vector<trace_edit> const& edits) {
    text out;
    edit_each(out, self, edits, [](auto&& change) { benchmark::DoNotOptimize(change); });
    return out;
}

constexpr char const* wrong_text = "the text is not the recorded one";

void limit_replace(benchmark::State& state, recording& of) {
    auto const& edits = of.byte_edits();
    for (auto _ : state) {
        std::string plain;
        bench::measure(state, [&] {
            for (auto const& edit : edits) {
                plain.replace(edit.at, edit.erased, edit.inserted);
            }
        });
        bench::require(state, plain == of.read().end, wrong_text);
    }
}

void limit_gap_buffer(benchmark::State& state, recording& of) {
    auto const& edits = of.byte_edits();
    for (auto _ : state) {
        bench::gap_buffer plain;
        bench::measure(state, [&] { edit_plain(plain, edits); });
        bench::require(state, plain.text() == of.read().end, wrong_text);
    }
}

void limit_gap_buffer_and_log(benchmark::State& state, recording& of) {
    struct both {
        bench::gap_buffer plain;
        bench::edit_log log;
        void insert(std::size_t at, std::string const& values) {
            plain.insert(at, values);
            log.insert(at, values);
        }
        void erase(std::size_t at, std::size_t count) {
            plain.erase(at, count);
            log.erase(at, count);
        }
    };
    auto const& edits = of.byte_edits();
    for (auto _ : state) {
        both target;
        bench::measure(state, [&] { edit_plain(target, edits); });
        bench::require(state, target.plain.text() == of.read().end, wrong_text);
        benchmark::DoNotOptimize(target.log.size());
    }
}

/// One call an edit, whose delta could be had.
void apply(benchmark::State& state, recording& of) {
    auto const& edits = of.edits();
    for (auto _ : state) {
        text target;
        bench::measure(state, [&] {
            edit_each(target, self, edits, [](auto&& change) { benchmark::DoNotOptimize(change); });
        });
        bench::require(state, target.value() == of.read().end, wrong_text);
    }
}

/// One call an edit, each with its delta as an object.
void apply_with_deltas(benchmark::State& state, recording& of) {
    auto const& edits = of.edits();
    for (auto _ : state) {
        text target;
        bench::measure(state, [&] {
            edit_each(target, self, edits, [](text delta) { benchmark::DoNotOptimize(delta); });
        });
        bench::require(state, target.value() == of.read().end, wrong_text);
    }
}

/// All edits in one transaction, with one delta.
void apply_onetx(benchmark::State& state, recording& of) {
    auto const& edits = of.edits();
    for (auto _ : state) {
        text target;
        bench::measure(state, [&] {
            auto const delta = target.edit(author{self, {}, 0}, [&](auto editor) {
                for (auto const& edit : edits) {
                    if (edit.erased > 0) {
                        editor.erase(edit.at, edit.erased);
                    }
                    if (!edit.inserted.empty()) {
                        editor.insert(edit.at, edit.inserted);
                    }
                }
            });
            benchmark::DoNotOptimize(delta);
        });
        bench::require(state, target.value() == of.read().end, wrong_text);
    }
}

/// Every delta joined by another replica, one by one.
void follow(benchmark::State& state, recording& of) {
    std::vector<text> deltas;
    text author;
    edit_each(author, self, of.edits(), [&](text delta) { deltas.push_back(std::move(delta)); });
    for (auto _ : state) {
        text target;
        bench::measure(state, [&] {
            for (auto const& delta : deltas) {
                target.join(delta);
            }
        });
        bench::require(state, target.value() == of.read().end, wrong_text);
    }
}

void count_memory(benchmark::State& state, recording const& of, bench::counted_bytes const& found) {
    state.counters["memory_bytes." + of.name()] = static_cast<double>(found.at_rest);
    state.counters["memory_peak_bytes." + of.name()] = static_cast<double>(found.peak);
}

void memory(benchmark::State& state, recording& of) {
    auto const& edits = of.edits();
    for (auto _ : state) {
        bench::start_counting();
        text target;
        bench::measure(state, [&] {
            edit_each(target, self, edits, [](auto&& change) { benchmark::DoNotOptimize(change); });
        });
        count_memory(state, of, bench::stop_counting());
        bench::require(state, target.value() == of.read().end, wrong_text);
    }
}

// Encoding and loading of what `make` gives, which is made once.

template <class Make>
void encode(benchmark::State& state, recording& of, Make&& make) {
    text const whole = make(of);
    for (auto _ : state) {
        bytes encoded;
        bench::measure(state, [&] { encoded = whole.encode(); });
        state.counters["bytes." + of.name()] = static_cast<double>(encoded.size());
    }
}

template <class Make>
void load_and_read(benchmark::State& state, recording& of, Make&& make) {
    auto const encoded = make(of).encode();
    for (auto _ : state) {
        std::string read;
        bench::measure(state, [&] {
            auto const loaded = text::decode(encoded);
            read = loaded ? loaded->value() : std::string{};
        });
        bench::require(state, read == of.read().end, wrong_text);
    }
}

template <class Make>
void read(benchmark::State& state, recording& of, Make&& make) {
    text const whole = make(of);
    for (auto _ : state) {
        std::string found;
        bench::measure(state, [&] { found = whole.value(); });
        bench::require(state, found == of.read().end, wrong_text);
    }
}

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
        edit_each(state, replica_id{rank}, of.transactions[i].edits,
                  [&](text const& one) { delta.join(one); });
        out.encoded.push_back(delta.encode());
        out.deltas.push_back(std::move(delta));
        known[at] = pasts[i];
        known[at].insert(i);
    }
    return out;
}

sent const& sent_of(recording& of) {
    static std::map<std::string, sent> all;
    auto const found = all.find(of.name());
    return found != all.end() ? found->second
                              : all.emplace(of.name(), replay(of.read())).first->second;
}

text merged(recording& of) {
    text out;
    for (auto const& delta : sent_of(of).deltas) {
        out.join(delta);
    }
    return out;
}

/// The bytes of each transaction, one by one: a replica does no more with what a peer sends it.
void apply_updates(benchmark::State& state, recording& of) {
    auto const& updates = sent_of(of).encoded;
    for (auto _ : state) {
        text target;
        bench::measure(state, [&] {
            for (auto const& update : updates) {
                (void)target.join_encoded(update);
            }
        });
        bench::require(state, target.value() == of.read().end, wrong_text);
    }
}

void apply_objects(benchmark::State& state, recording& of) {
    auto const& updates = sent_of(of).deltas;
    for (auto _ : state) {
        text target;
        bench::measure(state, [&] {
            for (auto const& update : updates) {
                target.join(update);
            }
        });
        bench::require(state, target.value() == of.read().end, wrong_text);
    }
}

void memory_of_updates(benchmark::State& state, recording& of) {
    auto const& updates = sent_of(of).encoded;
    for (auto _ : state) {
        bench::start_counting();
        text target;
        bench::measure(state, [&] {
            for (auto const& update : updates) {
                (void)target.join_encoded(update);
            }
        });
        count_memory(state, of, bench::stop_counting());
    }
}

std::vector<tests::recorded_transaction> transactions_of(trace const& of) {
    auto const agents = tests::agents_of(of);
    return tests::recorded_transactions(of, [&](std::size_t i) { return agents[i]; });
}

/// All transactions as they are written: positions at the version of each one's author.
tests::text_history replayed(std::vector<tests::recorded_transaction> const& all) {
    tests::text_history out;
    for (auto const& one : all) {
        benchmark::DoNotOptimize(out.apply(one.look()));
    }
    return out;
}

void replay_positions(benchmark::State& state, recording& of) {
    auto const all = transactions_of(of.read());
    for (auto _ : state) {
        tests::text_history target;
        bench::measure(state, [&] { target = replayed(all); });
        bench::require(state, target.value().value() == of.read().end, wrong_text);
    }
}

void memory_of_positions(benchmark::State& state, recording& of) {
    auto const all = transactions_of(of.read());
    for (auto _ : state) {
        bench::start_counting();
        tests::text_history target;
        bench::measure(state, [&] { target = replayed(all); });
        count_memory(state, of, bench::stop_counting());
    }
}

/// A hundred documents, each with one insert at its start, all merged into one and back.
void hundred_documents(benchmark::State& state) {
    for (auto _ : state) {
        std::vector<text> documents(100);
        bench::measure(state, [&] {
            for (std::size_t i = 0; i < documents.size(); ++i) {
                (void)documents[i].insert(replica_id{i + 1}, 0, "x");
            }
            for (std::size_t i = 1; i < documents.size(); ++i) {
                documents[0].join(documents[i]);
            }
            for (std::size_t i = 1; i < documents.size(); ++i) {
                documents[i].join(documents[0]);
            }
        });
        bench::require(state, documents.back() == documents.front() && documents[50].size() == 100,
                       "the documents differ");
    }
}

/// A thousand random inserts, each followed by another replica at once.
void thousand_followed(benchmark::State& state) {
    for (auto _ : state) {
        testing::splitmix64 random{3};
        text typing;
        text following;
        bench::measure(state, [&] {
            for (std::size_t i = 0; i < 1'000; ++i) {
                following.join(typing.insert(self, random.below(i + 1), "y"));
            }
        });
        bench::require(state, typing == following, "the replicas differ");
    }
}

/// The cost of each insert, as the siblings at one place become more.
void hostile(benchmark::State& state, tests::sibling_order order) {
    auto const count = static_cast<std::size_t>(state.range(0));
    std::vector<text> deltas;
    tests::for_each_sibling(
        order, count, [&](tests::sibling const& one) { deltas.push_back(tests::delta_of(one)); });
    for (auto _ : state) {
        text target;
        auto const begin = bench::cpu_seconds();
        for (auto const& delta : deltas) {
            target.join(delta);
        }
        auto const seconds = bench::cpu_seconds() - begin;
        state.SetIterationTime(seconds);
        state.counters["ns_per_insert"] = seconds * 1e9 / static_cast<double>(count);
        bench::require(state, target.size() >= count, "items are missing");
    }
}

template <class Run>
void add(std::string const& name, std::shared_ptr<recording> const& of, Run run,
         std::int64_t iterations = 3) {
    benchmark::RegisterBenchmark((name + '.' + of->name()).c_str(),
                                 [of, run](benchmark::State& state) { run(state, *of); })
        ->UseManualTime()
        ->Iterations(iterations)
        ->Unit(benchmark::kMillisecond);
}

void add_sequential(std::shared_ptr<recording> const& of) {
    auto const make = [](recording& one) { return typed(one.edits()); };
    add("W8/limit_string_replace", of, limit_replace, 1);
    add("W8/limit_gap_buffer", of, limit_gap_buffer);
    add("W8/limit_gap_buffer_and_log", of, limit_gap_buffer_and_log);
    add("W8/apply", of, apply);
    add("W8/apply_with_deltas", of, apply_with_deltas);
    add("W8/apply_onetx", of, apply_onetx);
    add("W8/follow", of, follow);
    add("W8/memory", of, memory, 1);
    add("W8/encode", of, [make](auto& state, auto& one) { encode(state, one, make); });
    add("W8/load_and_read", of,
        [make](auto& state, auto& one) { load_and_read(state, one, make); });
    add("W8/read", of, [make](auto& state, auto& one) { read(state, one, make); });
}

void add_concurrent(std::shared_ptr<recording> const& of) {
    add("W8r/replay", of, replay_positions);
    add("W8r/memory", of, memory_of_positions, 1);
    add("W8c/apply", of, apply_updates);
    add("W8c/apply_objects", of, apply_objects);
    add("W8c/memory", of, memory_of_updates, 1);
    add("W8c/encode", of, [](auto& state, auto& one) { encode(state, one, merged); });
    add("W8c/load_and_read", of, [](auto& state, auto& one) { load_and_read(state, one, merged); });
}

[[maybe_unused]] auto const registered = [] {
    for (auto const& file : tests::data_files("editing-traces/sequential", ".json.gz")) {
        add_sequential(std::make_shared<recording>(file));
    }
    for (auto const& file : tests::data_files("editing-traces/concurrent", ".json.gz")) {
        add_concurrent(std::make_shared<recording>(file));
    }
    bench::add("text/100_documents_to_one_and_back", hundred_documents);
    bench::add("text/1000_inserts_followed", thousand_followed);
    for (auto const order : tests::all_sibling_orders) {
        auto const name = std::string{"text/hostile_"} + tests::name_of(order);
        benchmark::RegisterBenchmark(name.c_str(),
                                     [order](benchmark::State& state) { hostile(state, order); })
            ->Arg(10'000)
            ->Arg(31'600)
            ->Arg(100'000)
            ->UseManualTime()
            ->Iterations(1)
            ->Unit(benchmark::kMillisecond);
    }
    return 0;
}();

} // namespace
