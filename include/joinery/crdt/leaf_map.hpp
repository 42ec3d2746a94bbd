#pragma once

#include <joinery/crdt/block_array.hpp>
#include <joinery/crdt/item_content.hpp>
#include <joinery/crdt/plain_list.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace joinery::detail {

/// Which leaf an item is in, by its number. A page of 16 numbers is one word as long as all of them
/// are in one leaf, so that typing on writes nothing.
///
/// Complexity   O(1); 4 bytes for 16 items, 64 more where they lie in several leaves.
class leaf_map {
public:
    leaf_map() = default;
    leaf_map(leaf_map&& other) noexcept = default;
    leaf_map& operator=(leaf_map&& other) noexcept = default;
    leaf_map(leaf_map const& other) : pages_{other.pages_}, end_{other.end_} {
        for (auto& page : pages_) {
            if ((page & wide) != 0) {
                auto const copy = add_block();
                blocks_[copy] = other.blocks_[page & ~wide];
                page = wide | copy;
            }
        }
    }
    leaf_map& operator=(leaf_map const& other) {
        leaf_map copy{other};
        return *this = std::move(copy);
    }

    [[nodiscard]] std::uint32_t operator[](item_number item) const {
        auto const page = pages_[item / page_items];
        return (page & wide) != 0 ? blocks_[page & ~wide].leaf[item % page_items] : page;
    }

    /// Places `count` items with the next numbers.
    [[gnu::always_inline]] void append(std::uint32_t count, std::uint32_t leaf) {
        auto const first = end_;
        end_ += count;
        if (first % page_items != 0 && first % page_items + count <= page_items &&
            pages_[first / page_items] == leaf) [[likely]] {
            return;
        }
        append_pages(first, count, leaf);
    }

    void assign(item_number first, std::uint32_t count, std::uint32_t leaf) {
        auto const end = first + count;
        if (first % page_items != 0) {
            auto const part = std::min(count, page_items - first % page_items);
            assign_in_page(first, part, leaf);
            first += part;
        }
        for (; end - first >= page_items; first += page_items) {
            assign_whole(pages_[first / page_items], leaf);
        }
        if (first == end) {
            return;
        }
        if (end == end_) { // nothing is behind it in the page
            assign_whole(pages_[first / page_items], leaf);
        } else {
            assign_in_page(first, end - first, leaf);
        }
    }

    void shrink_to_fit() { pages_.shrink_to_fit(); }

private:
    static constexpr std::uint32_t page_items = 16;
    static constexpr std::uint32_t wide = 0x80000000; // the rest of the word is a block

    struct block {
        std::uint32_t leaf[page_items];
    };

    [[gnu::noinline]] void append_pages(item_number first, std::uint32_t count,
                                        std::uint32_t leaf) {
        auto const wanted = (end_ + page_items - 1) / page_items;
        if (pages_.size() < wanted) {
            if (pages_.capacity() < wanted) {
                pages_.reserve(wanted + wanted / 4 + 4);
            }
            pages_.resize(wanted, leaf);
        }
        assign(first, count, leaf);
    }

    std::uint32_t add_block() {
        if (block_count_ == blocks_.capacity()) {
            blocks_.grow();
        }
        return block_count_++;
    }

    void assign_whole(std::uint32_t& page, std::uint32_t leaf) {
        if ((page & wide) == 0) {
            page = leaf;
        } else {
            std::fill_n(blocks_[page & ~wide].leaf, page_items, leaf);
        }
    }
    void assign_in_page(item_number first, std::uint32_t count, std::uint32_t leaf) {
        if (auto& page = pages_[first / page_items]; page != leaf) {
            std::fill_n(widen(page).leaf + first % page_items, count, leaf);
        }
    }

    block& widen(std::uint32_t& page) {
        if ((page & wide) == 0) {
            auto const fresh = add_block();
            std::fill_n(blocks_[fresh].leaf, page_items, page);
            page = wide | fresh;
        }
        return blocks_[page & ~wide];
    }

    plain_list<std::uint32_t, 2> pages_;
    block_array<block> blocks_;
    std::uint32_t block_count_ = 0;
    std::uint32_t end_ = 0;
};

} // namespace joinery::detail
