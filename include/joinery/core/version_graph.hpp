#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace joinery {

/// Which event came before which: a graph that events are added to, each behind its parents.
///
/// An event is its number, in the order in which they were added. A *version* is a set of events
/// with all that came before them; it is written as a few events that the others are the past of.
///
/// State        4 bytes for each event that does not simply follow the one before it, and 4 for
///              each of its parents.
/// Complexity   n events that do not follow the one before: add O(tips); contains and lead
///              O(k log k log n) for k of them that are not in the past of both versions.
/// Reference    Gentle, Kleppmann, "Collaborative Text Editing with Eg-walker: Better, Faster,
///              Smaller", EuroSys 2025, section 3.
class version_graph {
public:
    using number = std::uint32_t;
    using version = std::span<number const>;

    /// Events with consecutive numbers.
    struct stretch {
        number first = 0;
        number last = 0;
        [[nodiscard]] number count() const { return last - first + 1; }
        friend bool operator==(stretch const&, stretch const&) = default;
    };

    [[nodiscard]] number size() const { return size_; }
    /// The version of all events, ascending: those that are nobody's parent.
    [[nodiscard]] version tips() const { return tips_; }

    /// Adds an event behind `parents` and returns its number.
    ///
    /// Precondition: the parents are here, ascending, each once.
    number add(version parents) {
        assert((parents.empty() || parents.back() < size_) && "a parent is not in the graph");
        auto const follows = size_ > 0 && parents.size() == 1 && parents.front() == size_ - 1;
        if (!follows) {
            firsts_.push_back(size_);
            parents_.insert(parents_.end(), parents.begin(), parents.end());
            parents_end_.push_back(static_cast<number>(parents_.size()));
        }
        std::erase_if(tips_, [&](number tip) { return std::ranges::binary_search(parents, tip); });
        tips_.push_back(size_);
        return size_++;
    }

    [[nodiscard]] bool contains(version in, number event) const {
        return lead(version{&event, 1}, in).has_value();
    }

    /// What `to` has and `from` lacks, ascending; nothing if `from` has what `to` lacks.
    [[nodiscard]] std::optional<std::vector<stretch>> lead(version from, version to) const {
        walk w{*this, from, to};
        return w.run();
    }

private:
    /// From both versions backwards, the greatest number first, until all that is left is in both.
    class walk {
    public:
        walk(version_graph const& graph, version from, version to) : graph_{graph} {
            push(from, in_from);
            push(to, in_to);
        }

        std::optional<std::vector<stretch>> run() {
            while (undecided_ != 0) {
                auto at = pop();
                auto const chain = graph_.chain_of(at.event);
                while (!heap_.empty() && heap_.front().event >= graph_.firsts_[chain]) {
                    auto const next = pop();
                    if (next.event != at.event && !take({next.event + 1, at.event}, at.sides)) {
                        return std::nullopt;
                    }
                    at = {next.event, at.sides | next.sides};
                }
                if (!take({graph_.firsts_[chain], at.event}, at.sides)) {
                    return std::nullopt;
                }
                push(graph_.parents_of(chain), at.sides);
            }
            std::ranges::reverse(found_);
            return std::move(found_);
        }

    private:
        static constexpr unsigned in_from = 1;
        static constexpr unsigned in_to = 2;

        struct place {
            number event;
            unsigned sides; ///< whose past it is in
        };

        void push(version events, unsigned sides) {
            for (auto const event : events) {
                heap_.push_back({event, sides});
                std::ranges::push_heap(heap_, {}, &place::event);
                undecided_ += sides == (in_from | in_to) ? 0 : 1;
            }
        }
        place pop() {
            std::ranges::pop_heap(heap_, {}, &place::event);
            auto const out = heap_.back();
            heap_.pop_back();
            undecided_ -= out.sides == (in_from | in_to) ? 0 : 1;
            return out;
        }
        /// Returns whether events on these sides may be.
        bool take(stretch events, unsigned sides) {
            if (sides == in_to) {
                if (!found_.empty() && found_.back().first == events.last + 1) {
                    found_.back().first = events.first;
                } else {
                    found_.push_back(events);
                }
            }
            return sides != in_from;
        }

        version_graph const& graph_;
        std::vector<place> heap_;
        std::vector<stretch> found_; // descending
        std::size_t undecided_ = 0;  // places of one side only
    };

    /// The last chain that begins at `event` or before it. In a chain each follows the one before.
    [[nodiscard]] std::size_t chain_of(number event) const {
        auto const behind = std::ranges::upper_bound(firsts_, event);
        return static_cast<std::size_t>(behind - firsts_.begin()) - 1;
    }
    [[nodiscard]] version parents_of(std::size_t chain) const {
        auto const begin = chain == 0 ? 0 : parents_end_[chain - 1];
        return version{parents_}.subspan(begin, parents_end_[chain] - begin);
    }

    std::vector<number> firsts_; // of each chain
    std::vector<number> parents_;
    std::vector<number> parents_end_; // by chain
    std::vector<number> tips_;
    number size_ = 0;
};

} // namespace joinery
