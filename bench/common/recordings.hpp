#pragma once

#include <joinery/core/utf8.hpp>
#include <joinery/crdt/text.hpp>

#include <algorithm>
#include <common/counted_memory.hpp>
#include <common/workloads.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/traces.hpp"

namespace bench {

using joinery::tests::trace;
using joinery::tests::trace_edit;

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
            trace_ = joinery::tests::read_trace(file_);
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
            return joinery::count_code_points(edit.inserted) == edit.inserted.size();
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
            auto const inserted = joinery::tests::code_points(edit.inserted);
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

inline constexpr char const* wrong_text = "the text is not the recorded one";

/// One call an edit; `keep` gets what each returns.
template <class Keep>
void edit_each(joinery::text& target, joinery::replica_id by, std::vector<trace_edit> const& edits,
               Keep&& keep) {
    for (auto const& edit : edits) {
        if (edit.erased > 0) {
            keep(target.erase(by, edit.at, edit.erased));
        }
        if (!edit.inserted.empty()) {
            keep(target.insert(by, edit.at, edit.inserted));
        }
    }
}

inline void count_memory(benchmark::State& state, recording const& of, counted_bytes const& found) {
    state.counters["memory_bytes." + of.name()] = static_cast<double>(found.at_rest);
    state.counters["memory_peak_bytes." + of.name()] = static_cast<double>(found.peak);
}

// Encoding and loading of what `make` gives, which is made once.

template <class Make>
void encode_text(benchmark::State& state, recording& of, Make&& make) {
    auto const whole = make(of);
    for (auto _ : state) {
        joinery::bytes encoded;
        measure(state, [&] { encoded = whole.encode(); });
        state.counters["bytes." + of.name()] = static_cast<double>(encoded.size());
    }
}

template <class Make>
void load_and_read(benchmark::State& state, recording& of, Make&& make) {
    auto const encoded = make(of).encode();
    for (auto _ : state) {
        std::string read;
        measure(state, [&] {
            auto const loaded = joinery::text::decode(encoded);
            read = loaded ? loaded->value() : std::string{};
        });
        require(state, read == of.read().end, wrong_text);
    }
}

template <class Make>
void read_text(benchmark::State& state, recording& of, Make&& make) {
    auto const whole = make(of);
    for (auto _ : state) {
        std::string found;
        measure(state, [&] { found = whole.value(); });
        require(state, found == of.read().end, wrong_text);
    }
}

/// Registers a run for one recording.
template <class Run>
void add_for(std::string const& name, std::shared_ptr<recording> const& of, Run run,
             std::int64_t iterations = 3) {
    benchmark::RegisterBenchmark((name + '.' + of->name()).c_str(),
                                 [of, run](benchmark::State& state) { run(state, *of); })
        ->UseManualTime()
        ->Iterations(iterations)
        ->Unit(benchmark::kMillisecond);
}

/// Calls `add` with each recording in a folder of `editing-traces`.
template <class Add>
void for_each_recording(std::string const& folder, Add&& add) {
    for (auto const& file : joinery::tests::data_files("editing-traces/" + folder, ".json.gz")) {
        add(std::make_shared<recording>(file));
    }
}

} // namespace bench
