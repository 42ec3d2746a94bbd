#pragma once

#include <joinery/crdt/document.hpp>
#include <joinery/sync/replica.hpp>
#include <joinery/sync/version_exchange.hpp>

#include <common/workloads.hpp>
#include <cstddef>
#include <string>
#include <vector>

namespace bench {

using replica = joinery::sync::replica<joinery::document>;

inline constexpr joinery::replica_id alice{0x1111'1111'1111'1111, 1};
inline constexpr joinery::replica_id bob{0x2222'2222'2222'2222, 2};

/// Sets `count` pairs from `from` on, `per_edit` in each edit; `value(i)` says to what.
template <class Value>
void fill(replica& to, std::size_t from, std::size_t count, std::size_t per_edit, Value&& value) {
    auto const& all = kv(from + count);
    for (auto i = from; i < from + count;) {
        (void)to.edit([&](auto doc) {
            for (std::size_t k = 0; k < per_edit && i < from + count; ++k, ++i) {
                doc.set(all[i].first, value(i));
            }
        });
    }
}

/// One side of the two-message exchange of `version_exchange.hpp`, with buffers that are reused.
class exchange {
public:
    /// What `asker` has.
    joinery::byte_view ask(replica const& asker) {
        origins_.clear();
        auto const& changes = asker.changes();
        for (joinery::replica_slot slot = 0; slot < changes.size(); ++slot) {
            if (changes.at(slot).last != 0) {
                origins_.push_back(changes.origin(slot));
            }
        }
        request_.clear();
        joinery::sync::write_hello(request_, changes, asker.document(), 1);
        return request_.view();
    }

    /// What `answerer` has and the asker lacks.
    joinery::byte_view answer(replica const& answerer) {
        (void)joinery::sync::read_hello(request_.view(), peer_, {});
        answer_.clear();
        answer_.byte(peer_.number);
        auto const& changes = answerer.changes();
        for (joinery::replica_slot slot = 0; slot < changes.size(); ++slot) {
            auto const theirs = joinery::sync::find_history(peer_, changes.origin(slot));
            (void)answerer.for_each_change(slot, theirs.last, [&](auto const& in) {
                joinery::sync::write_answer(answer_, in, theirs.place);
                return true;
            });
        }
        return answer_.view();
    }

    /// Whether `asker` took everything.
    bool take(replica& asker) {
        joinery::byte_reader reader{answer_.view()};
        reader.byte();
        auto applied = true;
        auto const read = joinery::sync::read_answers(reader, origins_, {}, [&](auto const& in) {
            applied = asker.receive(in).is(joinery::sync::verdict_kind::applied) && applied;
        });
        return read.has_value() && applied;
    }

    [[nodiscard]] std::size_t bytes() const { return request_.size() + answer_.size(); }
    [[nodiscard]] std::size_t answer_bytes() const { return answer_.size(); }

private:
    std::vector<joinery::replica_id> origins_;
    joinery::byte_writer request_;
    joinery::byte_writer answer_;
    joinery::sync::hello peer_;
};

} // namespace bench
