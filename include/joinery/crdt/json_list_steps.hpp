#pragma once

#include <joinery/crdt/edit_script.hpp>
#include <joinery/crdt/json_likeness.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace joinery::json::detail {

/// One step from what a list shows to other values: either the element at `at` becomes the value
/// at `from`, or `erased` elements from there on give way to `inserted` values.
struct list_step {
    std::size_t at = 0; ///< in the list before all steps
    std::size_t erased = 0;
    std::size_t from = 0; ///< in the values
    std::size_t inserted = 0;
    bool is_change = false;
};

/// Finds out which element of a replaced run has become which value: first by likeness, and of what
/// is between those, or where that would cost too much, by position.
class run_pairing {
public:
    run_pairing(std::span<scalar const> old, std::span<scalar const> values,
                std::vector<list_step>& out)
        : old_{old}, values_{values}, out_{out} {}

    void pair(edit_step const& run) {
        edit_step rest = run;
        if (run.erased != 0 && run.inserted != 0 &&
            run.erased <= likeness_pairs_max / run.inserted) {
            likeness_search search{old_.subspan(run.at, run.erased),
                                   values_.subspan(run.from, run.inserted)};
            for (auto const& [old_index, index] : search.pairs()) {
                pair_by_position({rest.at, run.at + old_index - rest.at, rest.from,
                                  run.from + index - rest.from});
                change(run.at + old_index, run.from + index);
                rest.at = run.at + old_index + 1;
                rest.from = run.from + index + 1;
            }
        }
        rest.erased = run.at + run.erased - rest.at;
        rest.inserted = run.from + run.inserted - rest.from;
        pair_by_position(rest);
    }

private:
    void pair_by_position(edit_step const& run) {
        auto const both = std::min(run.erased, run.inserted);
        for (std::size_t i = 0; i < both; ++i) {
            change(run.at + i, run.from + i);
        }
        if (run.erased != run.inserted) {
            out_.push_back(
                {run.at + both, run.erased - both, run.from + both, run.inserted - both});
        }
    }
    void change(std::size_t at, std::size_t from) { out_.push_back({at, 0, from, 0, true}); }

    std::span<scalar const> old_;
    std::span<scalar const> values_;
    std::vector<list_step>& out_;
};

/// The steps that make the list `place` show `values`, in ascending order. Taken from the last to
/// the first, their indexes are right.
[[nodiscard]] inline std::vector<list_step> list_steps(document_view const& place,
                                                       std::span<scalar const> values) {
    value_store store;
    std::vector<scalar> old;
    std::vector<std::string> old_texts;
    place.for_each_element([&](document_view const& element) {
        old.push_back(value_of(element, store));
        old_texts.push_back(canonical_text(old.back(), number_rule::as_written));
    });
    std::vector<std::string> texts;
    for (auto const& value : values) {
        texts.push_back(canonical_text(value, number_rule::as_written));
    }
    std::vector<list_step> out;
    run_pairing pairing{old, values, out};
    for (auto const &run :
         edit_script(old_texts.size(), texts.size(),
                     [&](std::size_t i, std::size_t j) { return old_texts[i] == texts[j]; })) {
        pairing.pair(run);
    }
    return out;
}

} // namespace joinery::json::detail
