#pragma once

#include <joinery/crdt/document.hpp>
#include <joinery/store/memory.hpp>
#include <joinery/sync/replica.hpp>
#include <joinery/testing/random.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace joinery::tests {

inline constexpr replica_id alice{1};
inline constexpr replica_id bob{2};
inline constexpr replica_id carol{3};

/// A clock that stands still unless a test moves it.
struct set_clock {
    static constexpr std::uint64_t start_ms = 1'700'000'000'000;
    static inline std::uint64_t ms = start_ms;
    [[nodiscard]] std::uint64_t now_ms() const { return ms; }
};

using documents = sync::replica<document, timed_by<set_clock>>;
template <class Store>
using stored_documents = sync::replica<document, stored_in<Store>, timed_by<set_clock>>;
using kept_documents = stored_documents<store::memory>;

/// A changeset with its own bytes.
class owned_changeset {
public:
    owned_changeset(sync::changeset const& in)
        : header_{in},
          body_(in.body.begin(), in.body.end()),
          others_(in.others.begin(), in.others.end()) {}

    [[nodiscard]] sync::changeset view() const {
        auto out = header_;
        out.body = body_;
        out.others = others_;
        return out;
    }

private:
    sync::changeset header_;
    bytes body_;
    bytes others_;
};

template <class Replica>
std::vector<owned_changeset> changes_of(Replica const& source, version_vector const& known = {}) {
    std::vector<owned_changeset> out;
    auto const read = source.for_each_change(known, [&](sync::changeset const& in) {
        out.emplace_back(in);
        return true;
    });
    return read ? out : std::vector<owned_changeset>{};
}

/// Gives `to` everything that `from` has and it lacks.
template <class From, class To>
void deliver(From const& from, To& to) {
    for (auto const& in : changes_of(from, to.version())) {
        (void)to.receive(in.view());
    }
}

inline std::vector<std::string> const& places() {
    static std::vector<std::string> const all{"/a",     "/b", "/m", "/m/a", "/m/b", "/m/n",
                                              "/m/n/a", "/s", "/c", "/m/c", "/m/s"};
    return all;
}

/// One to three random mutations anywhere. One that does not fit its place undoes the whole edit.
template <class Replica>
result<sync::receipt> random_edit(Replica& target, testing::splitmix64& random) {
    return target.edit([&](auto doc) {
        for (auto left = 1 + random.below(3); left > 0; --left) {
            auto const path = document_path::parse(random.pick(places())).value();
            auto const number = static_cast<std::int64_t>(random.below(5));
            switch (random.below(7)) {
            case 0:
            case 1:
                doc.set(path, number);
                break;
            case 2:
                doc.increment(path, number - 2);
                break;
            case 3:
                doc.insert(path, number);
                break;
            case 4:
                doc.erase(path, scalar{number});
                break;
            case 5:
                doc.erase(path);
                break;
            default:
                doc.make_map(path);
            }
        }
    });
}

template <class Container>
void shuffle(Container& all, testing::splitmix64& random) {
    for (auto i = all.size(); i > 1; --i) {
        std::swap(all[i - 1], all[static_cast<std::size_t>(random.below(i))]);
    }
}

/// The kinds and contents of two replicas of one history.
template <class A, class B>
bool is_equal(A const& a, B const& b) {
    return a.digest() == b.digest() && a.version() == b.version() &&
           a.changes().digest() == b.changes().digest() && a.state().encode() == b.state().encode();
}

/// What a receiver may hold after any damage: whole changesets, whose state it shows.
inline bool is_whole(documents const& r) {
    documents again{replica_id{77}};
    auto intact = true;
    for (auto const& in : changes_of(r)) {
        intact = intact && again.receive(in.view()).is(sync::verdict_kind::applied);
    }
    return intact && is_equal(again, r);
}

} // namespace joinery::tests
