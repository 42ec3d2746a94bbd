#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace joinery::testing {

/// "alice", "bob", ...: replicas have names in what people read.
[[nodiscard]] inline std::string replica_name(std::size_t replica) {
    static constexpr std::array<char const*, 5> names{"alice", "bob", "carol", "dave", "eve"};
    return replica < names.size() ? names[replica] : "replica " + std::to_string(replica);
}

/// What happened on some replicas, in order, and what they show at the end.
struct schedule {
    struct event {
        enum class kind { edit, deliver, join };
        kind what = kind::edit;
        std::size_t replica = 0; ///< Where it happens.
        std::string name{};      ///< Of an edit: "insert(x)".
        std::size_t from = 0;    ///< Of a delivery or join: who sends.
        std::size_t edit = 0;    ///< Of a delivery: which event made the delta.

        friend bool operator==(event const&, event const&) = default;
    };

    std::vector<event> events;
    std::vector<std::string> values; ///< By replica; as many as there are lanes.

    /// The history as text, one lane a replica, time going to the right:
    ///
    ///   alice  --insert(x)-------------o-- {}
    ///                     \           /
    ///   bob    ------------o-erase(x)----- {}
    ///
    /// An arrow that ends in `o` brings everything that its sender has seen. One that ends in a
    /// number brings the delta of the edit of that number, and nothing else.
    [[nodiscard]] std::string draw() const;
};

namespace detail {

/// The rows of a drawing: a lane for each replica, and a row between two lanes.
class lane_grid {
public:
    explicit lane_grid(std::size_t lanes) : rows_(2 * lanes - 1), free_(2 * lanes - 1, 2) {}

    void edit(std::size_t lane, std::string const& text) {
        put(2 * lane, free_[2 * lane], text);
        free_[2 * lane] += text.size() + 1;
    }

    /// An arrow from one lane to another; it leaves behind everything in the first, and passes
    /// behind everything in its way.
    void arrow(std::size_t from, std::size_t to, std::string const& head) {
        auto const is_down = from < to;
        auto const rows = 2 * (is_down ? to - from : from - to);
        auto const row = [&](std::size_t step) {
            return is_down ? 2 * from + step : 2 * from - step;
        };
        auto start = free_[2 * from] - 1;
        for (std::size_t step = 1; step <= rows; ++step) {
            start = std::max(start, free_[row(step)] - std::min(step, free_[row(step)]));
        }
        free_[2 * from] = start + 1;
        for (std::size_t step = 1; step < rows; ++step) {
            put(row(step), start + step, is_down ? "\\" : "/");
            free_[row(step)] = start + step + 2;
        }
        put(row(rows), start + rows, head);
        free_[row(rows)] = start + rows + head.size() + 1;
    }

    [[nodiscard]] std::string text(std::vector<std::string> const& values) const {
        auto const width = *std::max_element(free_.begin(), free_.end()) + 1;
        std::string out;
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            auto const is_lane = row % 2 == 0;
            auto name = is_lane ? replica_name(row / 2) : std::string{};
            name.resize(std::max<std::size_t>(name.size() + 1, 7), ' ');
            auto line = rows_[row];
            line.resize(width, filler(row));
            line = name + line + (is_lane ? ' ' + values[row / 2] : std::string{});
            line.erase(line.find_last_not_of(' ') + 1);
            out += line + '\n';
        }
        return out;
    }

private:
    static char filler(std::size_t row) { return row % 2 == 0 ? '-' : ' '; }

    void put(std::size_t row, std::size_t column, std::string const& text) {
        auto& line = rows_[row];
        line.resize(std::max(line.size(), column + text.size()), filler(row));
        line.replace(column, text.size(), text);
    }

    std::vector<std::string> rows_;
    std::vector<std::size_t> free_; ///< The first column of a row in which nothing stands.
};

/// Whether a delivery brings less than its sender has seen, so that a picture has to say what.
inline bool is_partial(schedule const& all, std::size_t at) {
    auto const& event = all.events[at];
    auto is_all = event.what == schedule::event::kind::deliver;
    for (std::size_t earlier = 0; earlier < at; ++earlier) {
        is_all = is_all && (all.events[earlier].replica != event.from || earlier == event.edit);
    }
    return event.what == schedule::event::kind::deliver && !is_all;
}

} // namespace detail

inline std::string schedule::draw() const {
    auto is_numbered = false;
    for (std::size_t at = 0; at < events.size(); ++at) {
        is_numbered = is_numbered || detail::is_partial(*this, at);
    }
    detail::lane_grid grid{std::max<std::size_t>(values.size(), 1)};
    std::vector<std::size_t> numbers(events.size());
    std::size_t edits = 0;
    for (std::size_t at = 0; at < events.size(); ++at) {
        auto const& one = events[at];
        if (one.what == event::kind::edit) {
            numbers[at] = ++edits;
            grid.edit(one.replica,
                      (is_numbered ? std::to_string(edits) + ':' : std::string{}) + one.name);
        } else {
            grid.arrow(one.from, one.replica,
                       detail::is_partial(*this, at) ? std::to_string(numbers[one.edit]) : "o");
        }
    }
    return grid.text(values);
}

} // namespace joinery::testing
