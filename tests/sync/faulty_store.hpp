#pragma once

#include <joinery/store/memory.hpp>

#include <memory>
#include <utility>

namespace joinery::tests {

/// A store in memory whose commits can be made to fail; what fails is not written.
class faulty_store {
public:
    /// What a test steers from outside while a replica owns the store.
    struct control {
        std::size_t commits = 0;      ///< tried so far
        std::size_t failing_from = 0; ///< from this commit on, 1 being the first; 0: none
        bool is_unreadable = false;
        store::memory content;
    };

    explicit faulty_store(std::shared_ptr<control> shared) : shared_{std::move(shared)} {}

    [[nodiscard]] result<void> commit(store::batch const& changes) {
        ++shared_->commits;
        if (shared_->failing_from != 0 && shared_->commits >= shared_->failing_from) {
            return failure(errc::full, "the disk is full");
        }
        return shared_->content.commit(changes);
    }
    template <store::changeset_visitor Visit>
    [[nodiscard]] result<void> read(replica_id origin, std::uint64_t after, Visit visit) const {
        return shared_->content.read(origin, after, std::move(visit));
    }
    [[nodiscard]] result<std::vector<replica_id>> origins() const {
        if (shared_->is_unreadable) {
            return failure(errc::io, "the disk is gone");
        }
        return shared_->content.origins();
    }
    [[nodiscard]] result<std::optional<bytes>> entry(std::string_view key) const {
        return shared_->content.entry(key);
    }
    [[nodiscard]] result<std::optional<bytes>> snapshot() const {
        return shared_->content.snapshot();
    }

private:
    std::shared_ptr<control> shared_;
};

static_assert(store::store<faulty_store>);

} // namespace joinery::tests
