#include <joinery/crdt/text.hpp>

#include <common/plain_text.hpp>
#include <common/recordings.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace joinery;
using bench::trace_edit;

// W8: every recorded text of one author in the folder `editing-traces` of the conformance data, by
// the name of its file. Limits of the same edits are named `limit_`.

namespace {

constexpr replica_id self{1};

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

text typed(std::vector<trace_edit> const& edits) {
    text out;
    bench::edit_each(out, self, edits, [](auto&& change) { benchmark::DoNotOptimize(change); });
    return out;
}

void limit_replace(benchmark::State& state, bench::recording& of) {
    auto const& edits = of.byte_edits();
    for (auto _ : state) {
        std::string plain;
        bench::measure(state, [&] {
            for (auto const& edit : edits) {
                plain.replace(edit.at, edit.erased, edit.inserted);
            }
        });
        bench::require(state, plain == of.read().end, bench::wrong_text);
    }
}

void limit_gap_buffer(benchmark::State& state, bench::recording& of) {
    auto const& edits = of.byte_edits();
    for (auto _ : state) {
        bench::gap_buffer plain;
        bench::measure(state, [&] { edit_plain(plain, edits); });
        bench::require(state, plain.text() == of.read().end, bench::wrong_text);
    }
}

void limit_gap_buffer_and_log(benchmark::State& state, bench::recording& of) {
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
        bench::require(state, target.plain.text() == of.read().end, bench::wrong_text);
        benchmark::DoNotOptimize(target.log.size());
    }
}

/// One call an edit, whose delta could be had.
void apply(benchmark::State& state, bench::recording& of) {
    auto const& edits = of.edits();
    for (auto _ : state) {
        text target;
        bench::measure(state, [&] {
            bench::edit_each(target, self, edits,
                             [](auto&& change) { benchmark::DoNotOptimize(change); });
        });
        bench::require(state, target.value() == of.read().end, bench::wrong_text);
    }
}

/// One call an edit, each with its delta as an object.
void apply_with_deltas(benchmark::State& state, bench::recording& of) {
    auto const& edits = of.edits();
    for (auto _ : state) {
        text target;
        bench::measure(state, [&] {
            bench::edit_each(target, self, edits,
                             [](text delta) { benchmark::DoNotOptimize(delta); });
        });
        bench::require(state, target.value() == of.read().end, bench::wrong_text);
    }
}

/// All edits in one transaction, with one delta.
void apply_onetx(benchmark::State& state, bench::recording& of) {
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
        bench::require(state, target.value() == of.read().end, bench::wrong_text);
    }
}

/// Every delta joined by another replica, one by one.
void follow(benchmark::State& state, bench::recording& of) {
    std::vector<text> deltas;
    text author;
    bench::edit_each(author, self, of.edits(),
                     [&](text delta) { deltas.push_back(std::move(delta)); });
    for (auto _ : state) {
        text target;
        bench::measure(state, [&] {
            for (auto const& delta : deltas) {
                target.join(delta);
            }
        });
        bench::require(state, target.value() == of.read().end, bench::wrong_text);
    }
}

void memory(benchmark::State& state, bench::recording& of) {
    auto const& edits = of.edits();
    for (auto _ : state) {
        bench::start_counting();
        text target;
        bench::measure(state, [&] {
            bench::edit_each(target, self, edits,
                             [](auto&& change) { benchmark::DoNotOptimize(change); });
        });
        bench::count_memory(state, of, bench::stop_counting());
        bench::require(state, target.value() == of.read().end, bench::wrong_text);
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

void add_sequential(std::shared_ptr<bench::recording> const& of) {
    auto const make = [](bench::recording& one) { return typed(one.edits()); };
    bench::add_for("W8/limit_string_replace", of, limit_replace, 1);
    bench::add_for("W8/limit_gap_buffer", of, limit_gap_buffer);
    bench::add_for("W8/limit_gap_buffer_and_log", of, limit_gap_buffer_and_log);
    bench::add_for("W8/apply", of, apply);
    bench::add_for("W8/apply_with_deltas", of, apply_with_deltas);
    bench::add_for("W8/apply_onetx", of, apply_onetx);
    bench::add_for("W8/follow", of, follow);
    bench::add_for("W8/memory", of, memory, 1);
    bench::add_for("W8/encode", of,
                   [make](auto& state, auto& one) { bench::encode_text(state, one, make); });
    bench::add_for("W8/load_and_read", of,
                   [make](auto& state, auto& one) { bench::load_and_read(state, one, make); });
    bench::add_for("W8/read", of,
                   [make](auto& state, auto& one) { bench::read_text(state, one, make); });
}

[[maybe_unused]] auto const registered = [] {
    bench::for_each_recording("sequential", add_sequential);
    bench::add("text/100_documents_to_one_and_back", hundred_documents);
    bench::add("text/1000_inserts_followed", thousand_followed);
    return 0;
}();

} // namespace
