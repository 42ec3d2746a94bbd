#pragma once

#include <joinery/core/bytes.hpp>
#include <joinery/sync/changeset.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace joinery::sync {

/// Changesets that came before their predecessors, within a bound of bytes.
///
/// They are neither durable nor acknowledged, so that losing one costs only that it is sent again.
class waiting_room {
public:
    explicit waiting_room(std::size_t bytes_max = 0) : bytes_max_{bytes_max} {}

    [[nodiscard]] std::size_t size() const { return all_.size(); }

    /// Whether it was kept; it is if it fits or is here already.
    [[nodiscard]] bool keep(changeset const& in) {
        auto const is_here = std::any_of(all_.begin(), all_.end(), [&](entry const& e) {
            return e.header.origin == in.origin && e.header.first == in.first;
        });
        auto const size = in.body.size() + in.others.size() + sizeof(entry);
        if (is_here || bytes_ + size > bytes_max_) {
            return is_here;
        }
        entry kept{in, {}};
        kept.content.insert(kept.content.end(), in.body.begin(), in.body.end());
        kept.content.insert(kept.content.end(), in.others.begin(), in.others.end());
        bytes_ += size;
        all_.push_back(std::move(kept));
        return true;
    }

    /// Takes out a changeset that begins behind the last one of its origin, as `last_of(origin)`
    /// tells it, and passes it to `visit`; or returns false. What is obsolete is dropped.
    template <class LastOf, class F>
    bool take(LastOf&& last_of, F&& visit) {
        for (std::size_t i = 0; i < all_.size(); ++i) {
            auto const& header = all_[i].header;
            auto const last = last_of(header.origin);
            if (header.first > last + 1) {
                continue;
            }
            auto const found = std::move(all_[i]);
            bytes_ -= found.content.size() + sizeof(entry);
            all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(i));
            if (found.header.first == last + 1) {
                auto in = found.header;
                in.body = byte_view{found.content}.first(in.body.size());
                in.others = byte_view{found.content}.subspan(in.body.size());
                visit(in);
            }
            return true;
        }
        return false;
    }

private:
    struct entry {
        changeset header; ///< its views are only sizes
        bytes content;
    };
    std::vector<entry> all_;
    std::size_t bytes_ = 0;
    std::size_t bytes_max_;
};

} // namespace joinery::sync
