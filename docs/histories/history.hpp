#pragma once

#include <joinery/testing/edited.hpp>
#include <joinery/testing/schedule.hpp>
#include <joinery/testing/text_of.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace joinery::docs {

/// What a page of the reference shows, and how it is made.
struct drawing {
    std::string page;
    std::function<std::string()> draw;
};

std::vector<drawing> plain_drawings();
std::vector<drawing> causal_drawings();
std::vector<drawing> sequence_drawings();

/// A history of alice and bob that is played on the type itself and then drawn: what a page says
/// of a type is what the type does.
template <class T>
class history {
public:
    using read = std::function<std::string(T const&)>;

    explicit history(read show = [](T const& state) { return testing::text_of(state); })
        : show_{std::move(show)} {}

    /// `change(editor)` at a replica, drawn as `name`.
    template <class Change>
    history& edit(std::size_t at, std::string name, Change&& change) {
        auto& here = replicas_[at];
        ++here.time;
        author const by{replica_id{at + 1}, hlc::at(here.time), ++here.sequence};
        (void)testing::edited(here.state, by, std::forward<Change>(change));
        picture_.events.push_back({testing::schedule::event::kind::edit, at, std::move(name)});
        return *this;
    }

    /// All that `from` has seen arrives at the other replica.
    history& send(std::size_t from) {
        auto& to = replicas_[1 - from];
        to.state.join(replicas_[from].state);
        to.time = std::max(to.time, replicas_[from].time);
        picture_.events.push_back({testing::schedule::event::kind::join, 1 - from, {}, from});
        return *this;
    }

    /// Both replicas hear all of each other.
    history& meet() { return send(0).send(1); }

    [[nodiscard]] std::string draw() const {
        auto whole = picture_;
        for (auto const& one : replicas_) {
            whole.values.push_back(show_(one.state));
        }
        return whole.draw();
    }

private:
    struct replica {
        T state{};
        std::uint64_t time = 0;
        std::uint64_t sequence = 0;
    };

    read show_;
    std::vector<replica> replicas_ = std::vector<replica>(2);
    testing::schedule picture_;
};

} // namespace joinery::docs
