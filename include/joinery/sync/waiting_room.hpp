#pragma once

#include <joinery/core/bugs.hpp>
#include <joinery/core/bytes.hpp>
#include <joinery/sync/changeset.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace joinery::sync {

/// Changesets that came before their predecessors, within a bound of bytes.
///
/// They are neither durable nor acknowledged, so that losing one costs only that it is sent again.
///
/// Complexity   n changesets: keep O(log n) and a copy, take O(log n) for each that it takes.
class waiting_room {
public:
    /// A changeset with the bytes that it views.
    struct kept {
        changeset in;
        bytes content;
    };

    explicit waiting_room(std::size_t bytes_max = 0) : bytes_max_{bytes_max} {}

    [[nodiscard]] std::size_t size() const { return all_.size(); }

    /// Whether it was kept; it is if it fits or if one with its beginning is here already.
    [[nodiscard]] bool keep(changeset const& in) {
        std::pair const key{in.origin, in.first};
        auto const size = cost(in);
        if (all_.contains(key) || (size > bytes_max_ - bytes_ && !bugs::waiting_is_unbounded)) {
            return all_.contains(key);
        }
        kept copy{in, {}};
        copy.content.reserve(in.body.size() + in.others.size());
        copy.content.insert(copy.content.end(), in.body.begin(), in.body.end());
        copy.content.insert(copy.content.end(), in.others.begin(), in.others.end());
        copy.in.body = byte_view{copy.content}.first(in.body.size());
        copy.in.others = byte_view{copy.content}.subspan(in.body.size());
        bytes_ += size;
        all_.emplace(key, std::move(copy));
        return true;
    }

    /// Takes out the changesets of `origin` that continue, one behind the other, its history up to
    /// `last`. What is obsolete is dropped.
    [[nodiscard]] std::vector<kept> take(replica_id origin, std::uint64_t last) {
        std::vector<kept> out;
        auto at = all_.lower_bound({origin, 0});
        while (at != all_.end() && at->first.first == origin && at->first.second <= last + 1) {
            bytes_ -= cost(at->second.in);
            if (at->first.second == last + 1) {
                last = at->second.in.last();
                out.push_back(std::move(at->second));
            }
            at = all_.erase(at);
        }
        return out;
    }

private:
    static std::size_t cost(changeset const& in) {
        constexpr std::size_t node_bytes = 64 + sizeof(kept);
        return in.body.size() + in.others.size() + node_bytes;
    }

    std::map<std::pair<replica_id, std::uint64_t>, kept> all_; // by origin and first sequence
    std::size_t bytes_ = 0;
    std::size_t bytes_max_;
};

} // namespace joinery::sync
