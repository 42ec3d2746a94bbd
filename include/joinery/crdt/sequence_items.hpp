#pragma once

#include <joinery/core/byte_pool.hpp>
#include <joinery/core/byte_reader.hpp>
#include <joinery/crdt/item_sequence.hpp>
#include <joinery/crdt/sequence_image.hpp>

#include <atomic>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace joinery::detail {

/// Builds a tree of what has a place in an image. `here` gives our dot for one in it.
template <class Content, class Here>
void build_items(sequence_image const& image, item_content_view<Content> const& content,
                 Here&& here, item_sequence<Content>& out) {
    image.for_each_by_number([&](sequence_image::run const& r) {
        out.append_item_run(here(r.first), r.count, image.number_of(r.left),
                            image.number_of(r.right));
    });
    std::vector<item_span> spans;
    spans.reserve(image.pieces.size() + image.lengths.size());
    image.for_each_part([&](sequence_image::piece const& p, bool is_alive) {
        auto const& r = image.runs[p.run];
        auto const number = r.number + p.offset;
        auto const left = p.offset == 0 ? image.number_of(r.left) : number - 1;
        auto const follows = !spans.empty() && spans.back().end() == number;
        auto const is_hard = follows && left != number - 1;
        if (follows && !is_hard && spans.back().is_dead() != is_alive) {
            spans.back().grow(p.count);
        } else {
            spans.push_back({number, p.count, !is_alive, is_hard});
        }
    });
    out.build(spans, content);
}

/// The items of one store: none, a tree, or a text as it was loaded, which becomes a tree when one
/// is first needed. To show a text no tree is needed.
///
/// Many threads may read at once. Each of them that needs the tree first builds one, and the first
/// of these is kept; the text as it was loaded stays until somebody changes it, since others may be
/// reading it.
template <class Content>
class sequence_items {
public:
    using tree = item_sequence<Content>;

    sequence_items() = default;
    sequence_items(sequence_items&& other) noexcept
        : tree_{other.tree_.exchange(nullptr)}, loaded_{std::move(other.loaded_)} {}
    sequence_items& operator=(sequence_items&& other) noexcept {
        reset(other.tree_.exchange(nullptr));
        loaded_ = std::move(other.loaded_);
        return *this;
    }
    ~sequence_items() { reset(nullptr); }

    /// Null if there is none.
    [[nodiscard]] tree const* get() const {
        auto const* const known = tree_.load(std::memory_order_acquire);
        return known != nullptr || loaded_ == nullptr ? known : build();
    }
    [[nodiscard]] tree* get() {
        if (loaded_ != nullptr) [[unlikely]] {
            (void)std::as_const(*this).get();
            loaded_.reset();
        }
        return tree_.load(std::memory_order_relaxed);
    }
    /// `units`: of what is going to be inserted, if that is known.
    [[nodiscard]] tree& open(std::uint32_t units = 0) {
        auto* known = get();
        if (known == nullptr) {
            reset(known = new tree(units));
        }
        return *known;
    }
    [[nodiscard]] bool is_none() const {
        return loaded_ == nullptr && tree_.load(std::memory_order_relaxed) == nullptr;
    }
    void clear() {
        reset(nullptr);
        loaded_.reset();
    }

    /// Keeps a text as it was accepted. Precondition: nothing is here, dots have our slots, and
    /// nothing waits or is doomed.
    void keep(sequence_image&& image) {
        static_assert(Content::lies_as_encoded);
        assert(is_none() && image.waiting.empty() && image.doomed.empty());
        byte_reader reader{image.content};
        auto const text = as_text(reader.take(reader.varint()));
        owned_bytes buffer{text.size()};
        std::memcpy(buffer.data(), text.data(), text.size());
        content_view const content{reinterpret_cast<char const*>(buffer.data()),
                                   static_cast<std::uint32_t>(text.size()), image.alive()};
        loaded_.reset(new loaded{std::move(image), std::move(buffer), content});
    }

    [[nodiscard]] std::uint32_t size() const {
        return loaded_ != nullptr ? loaded_->content.items : is_none() ? 0 : get()->total().items();
    }
    [[nodiscard]] std::uint32_t unit_count() const {
        return loaded_ != nullptr ? loaded_->content.unit_count
               : is_none()        ? 0
                                  : Content::units_in(get()->total());
    }
    /// Visits the visible content in order, as arrays of units.
    template <class F>
    void for_each_array(F&& visit) const {
        if (loaded_ != nullptr) {
            visit(loaded_->content.units, loaded_->content.unit_count);
        } else if (!is_none()) {
            get()->for_each_array(visit);
        }
    }

private:
    using content_view = item_content_view<Content>;

    struct loaded {
        sequence_image image;
        owned_bytes buffer;
        content_view content; ///< in the buffer
    };

    [[gnu::noinline]] tree const* build() const {
        auto fresh = std::make_unique<tree>();
        auto const same = [](local_dot d) { return d; };
        build_items(loaded_->image, loaded_->content, same, *fresh);
        tree* known = nullptr;
        return tree_.compare_exchange_strong(known, fresh.get(), std::memory_order_acq_rel)
                   ? fresh.release()
                   : known;
    }
    void reset(tree* next) noexcept { delete tree_.exchange(next, std::memory_order_relaxed); }

    mutable std::atomic<tree*> tree_{nullptr};
    std::unique_ptr<loaded> loaded_;
};

} // namespace joinery::detail
