#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// Text with a gap where the last edit was: the least work that an edit of a text can be.
class gap_buffer {
public:
    void insert(std::size_t at, std::string_view text) {
        move_gap(at);
        if (end_ - begin_ < text.size()) {
            grow(text.size());
        }
        std::memcpy(bytes_.data() + begin_, text.data(), text.size());
        begin_ += text.size();
    }

    void erase(std::size_t at, std::size_t count) {
        move_gap(at);
        end_ += count;
    }

    [[nodiscard]] std::string text() const {
        std::string out(bytes_.data(), begin_);
        return out.append(bytes_.data() + end_, bytes_.size() - end_);
    }

private:
    void move_gap(std::size_t at) {
        if (at < begin_) {
            auto const count = begin_ - at;
            std::memmove(bytes_.data() + end_ - count, bytes_.data() + at, count);
            end_ -= count;
        } else if (at > begin_) {
            auto const count = at - begin_;
            std::memmove(bytes_.data() + begin_, bytes_.data() + end_, count);
            end_ += count;
        }
        begin_ = at;
    }

    void grow(std::size_t count) {
        auto const tail = bytes_.size() - end_;
        bytes_.resize(bytes_.size() * 2 + count);
        std::memmove(bytes_.data() + bytes_.size() - tail, bytes_.data() + end_, tail);
        end_ = bytes_.size() - tail;
    }

    std::vector<char> bytes_ = std::vector<char>(1 << 18);
    std::size_t begin_ = 0;
    std::size_t end_ = bytes_.size();
};

/// What was edited, in runs: what an engine has to write down at the very least. No ids and no
/// neighbours are in it, so that nobody else could merge it.
class edit_log {
public:
    void insert(std::size_t at, std::string_view text) {
        if (!runs_.empty() && !runs_.back().is_erase &&
            runs_.back().at + runs_.back().count == at) {
            runs_.back().count += text.size();
        } else {
            runs_.push_back({at, text.size(), false, false});
        }
        content_ += text;
    }

    void erase(std::size_t at, std::size_t count) {
        if (!runs_.empty() && runs_.back().is_erase) {
            auto& last = runs_.back();
            if ((!last.is_backward || last.count == 1) && last.at == at) {
                last.is_backward = false;
                last.count += count;
                return;
            }
            if ((last.is_backward || last.count == 1) && at + count == last.at) {
                last.is_backward = true;
                last.at = at;
                last.count += count;
                return;
            }
        }
        runs_.push_back({at, count, true, false});
    }

    [[nodiscard]] std::size_t size() const { return runs_.size(); }

private:
    struct run {
        std::size_t at;
        std::size_t count;
        bool is_erase;
        bool is_backward;
    };

    std::vector<run> runs_;
    std::string content_;
};

} // namespace bench
