#pragma once

#include <joinery/crdt/item_reader.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace joinery::detail {

/// Order trees that are made at once: copied, or built bottom-up.
///
/// Complexity   O(nodes); O(spans + content).
template <class Content>
class item_builder : public item_reader<Content> {
    using base = item_reader<Content>;

public:
    using base::base;
    using typename base::counts;
    using typename base::leaf;
    using typename base::unit;

    /// Becomes a copy with other slots.
    void copy_from(item_builder const& other, slot_list const& slots) {
        this->copy_nodes(other);
        auto* to = this->leaf_at(other.at_.leaf).data();
        other.for_each_array_in(other.at_.leaf, 0, this->leaf_at(other.at_.leaf).units,
                                [&](unit const* from, std::uint32_t units) {
                                    std::memcpy(static_cast<void*>(to), from, units * sizeof(unit));
                                    to += units;
                                });
        this->add_to_path(other.at_.leaf, other.pending_);
        this->items_ = other.items_.translated(slots);
        this->at_ = {};
        this->at_.leaf = this->first_leaf();
        this->pending_ = {};
        this->gap_ = base::no_gap;
        this->typing_ = {};
    }

    /// Builds the tree bottom-up over spans in order and their visible content.
    ///
    /// Precondition: it is empty but for the table of items, and each item is in one span.
    void build(std::vector<item_span> const& spans, item_content_view<Content> const& content) {
        filler to{*this, content};
        this->where_.append(this->items_.size(), this->first_leaf());
        for (auto const& s : spans) {
            to.add(s);
        }
        to.finish();
    }

private:
    class filler;
};

/// Fills leaves from left to right, to three quarters.
template <class Content>
class item_builder<Content>::filler {
public:
    filler(item_builder& tree, item_content_view<Content> const& content)
        : tree_{tree},
          id_{tree.first_leaf()},
          content_{content.units},
          is_plain_{content.items == content.unit_count} {
        leaves_.push_back(id_);
    }

    void add(item_span s) {
        while (s.count() != 0) {
            auto* l = &tree_.leaf_at(id_);
            auto const room = units_full - std::min(units_full, l->units);
            auto part = s.count();
            auto units = s.is_dead() ? 0U : units_within(s.count(), room, part);
            if (l->span_count == spans_full || part == 0) {
                begin_leaf();
                continue;
            }
            grow(l->span_count + 1, l->units + units);
            l = &tree_.leaf_at(id_);
            auto one = s;
            one.cut(part);
            l->spans()[l->span_count++] = one;
            tree_.where_.assign(s.first(), part, id_);
            if (units != 0) { // the dead have no content at all
                std::memcpy(static_cast<void*>(l->data() + l->units), content_,
                            units * sizeof(unit));
            }
            l->units += units;
            l->visible += one.visible();
            content_ += units;
            s = s.rest_behind(part);
        }
    }

    void finish() {
        std::vector<counts> sums;
        for (auto const id : leaves_) {
            auto const& l = tree_.leaf_at(id);
            sums.push_back(Content::measure(l.data(), l.units));
            tree_.total_ += sums.back();
        }
        tree_.build_above(leaves_, std::move(sums));
    }

private:
    static constexpr std::uint32_t spans_full = Content::leaf_spans * 3 / 4;
    static constexpr std::uint32_t units_full = Content::leaf_units * 3 / 4;

    /// The units of at most `count` items that fit into `room`; `part` is how many they are.
    std::uint32_t units_within(std::uint32_t count, std::uint32_t room, std::uint32_t& part) const {
        part = std::min(count, room);
        auto units = is_plain_ ? part : Content::units_of(content_, part);
        if (units > room) {
            units = Content::whole_units(content_, room);
            part = Content::measure(content_, units).items();
        }
        return units;
    }

    void grow(std::uint32_t spans, std::uint32_t units) {
        auto const& l = tree_.leaf_at(id_);
        auto const enough = [](std::uint32_t room, std::uint32_t wanted, std::uint32_t most) {
            return wanted <= room ? room : std::min(std::bit_ceil(wanted), most);
        };
        auto const span_room = enough(l.span_room(), spans + 1, Content::leaf_spans);
        auto const unit_room = enough(l.unit_room(), units, Content::leaf_units);
        if (span_room != l.span_room() || unit_room != l.unit_room()) {
            tree_.resize_leaf(id_, span_room, unit_room);
        }
    }

    void begin_leaf() {
        auto const fresh = tree_.add_leaf(Content::leaf_spans, Content::leaf_units);
        tree_.leaf_at(id_).next = fresh;
        leaves_.push_back(fresh);
        id_ = fresh;
    }

    item_builder& tree_;
    std::uint32_t id_;
    unit const* content_; ///< what follows of it
    bool is_plain_;       ///< an item is one unit everywhere
    std::vector<std::uint32_t> leaves_;
};

} // namespace joinery::detail