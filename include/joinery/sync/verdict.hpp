#pragma once

#include <joinery/core/replica_id.hpp>
#include <joinery/core/result.hpp>

#include <cstdint>
#include <utility>

namespace joinery::sync {

/// What became of a changeset.
enum class verdict_kind : std::uint8_t {
    applied,   ///< It is durable and in the state.
    duplicate, ///< It was there already, with the same bytes.
    waiting,   ///< Earlier changesets of its origin are missing; it is kept until they come.
    rejected,  ///< It cannot be taken; nothing changed.
};

/// The answer to a changeset. Never silence.
class [[nodiscard]] verdict {
public:
    /// Sequence numbers of one origin.
    struct range {
        replica_id origin;
        std::uint64_t first = 0;
        std::uint64_t last = 0;
    };

    verdict() = default;
    explicit verdict(verdict_kind kind) : kind_{kind} {}
    [[nodiscard]] static verdict waiting_for(range missing) {
        verdict out{verdict_kind::waiting};
        out.missing_ = missing;
        return out;
    }
    [[nodiscard]] static verdict rejected_because(error reason) {
        verdict out{verdict_kind::rejected};
        out.reason_ = std::move(reason);
        return out;
    }

    [[nodiscard]] verdict_kind kind() const { return kind_; }
    [[nodiscard]] bool is(verdict_kind kind) const { return kind_ == kind; }
    /// What has to come first. Precondition: `is(waiting)`.
    [[nodiscard]] range missing() const { return missing_; }
    /// Precondition: `is(rejected)`.
    [[nodiscard]] error const& reason() const { return reason_; }

private:
    error reason_{};
    range missing_{};
    verdict_kind kind_ = verdict_kind::applied;
};

} // namespace joinery::sync
