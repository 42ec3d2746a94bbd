#pragma once

#include <joinery/crdt/document_editor.hpp>
#include <joinery/crdt/json_parser.hpp>
#include <joinery/crdt/json_tape.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace joinery::json {

/// What becomes of an array.
enum class array_form : std::uint8_t {
    list,  ///< A list, whose elements merge by themselves.
    value, ///< One value, which is changed as a whole.
};

/// What an import accepts, and what it makes of it.
struct import_options {
    /// How deeply objects and arrays may be nested; never more than `path_keys_max`.
    std::size_t depth_max = path_keys_max;
    /// An array of objects that all have one of these fields, each with another value, becomes a
    /// map from those values to the objects, so that concurrent changes of its records merge. The
    /// first field that fits is taken. Empty: no array becomes a map.
    std::vector<std::string> records_by{};
    /// Is told from time to time about how many bytes of the text have been written.
    std::function<void(std::size_t)> progress{};
    /// What all other arrays become. Documents by top-level keys have values only.
    array_form arrays = array_form::list;
};

/// Names that fields with a record's identity often have, for `import_options::records_by`.
[[nodiscard]] inline std::vector<std::string> common_record_fields() {
    return {"alpha_3", "alpha_2", "code", "alpha_4", "numeric", "id", "key", "name"};
}

namespace detail {

/// The keys of the elements of an array that becomes a map.
using record_keys = std::vector<std::string>;
/// By token of the array.
using record_map = std::unordered_map<std::size_t, record_keys>;

/// Finds the field by which the objects of one array can be told apart.
class record_candidates {
public:
    explicit record_candidates(std::size_t fields) : values_(fields, record_keys{}) {}

    /// An element that is no object.
    void add_other() { std::fill(values_.begin(), values_.end(), std::nullopt); }

    /// The element at hand has `value` in `field`, one of the wanted.
    void add_field(std::size_t field, scalar const& value) {
        auto text = value.kind() == value_kind::integer ? std::to_string(value.as_integer())
                                                        : std::string{value.text()};
        auto const is_key =
            value.kind() == value_kind::string || value.kind() == value_kind::integer;
        if (values_[field] && is_key && !text.empty() && text.size() <= key_bytes_max) {
            values_[field]->push_back(std::move(text));
        }
    }
    void end_element() {
        ++elements_;
        for (auto& values : values_) {
            if (values && values->size() != elements_) {
                values.reset();
            }
        }
    }

    /// The first field that fits, as its values in the order of the elements.
    [[nodiscard]] std::optional<record_keys> choose() {
        for (auto& values : values_) {
            if (values && !values->empty() && is_unique(*values)) {
                return std::move(values);
            }
        }
        return std::nullopt;
    }

private:
    static bool is_unique(record_keys const& keys) {
        std::vector<std::string_view> sorted(keys.begin(), keys.end());
        std::sort(sorted.begin(), sorted.end());
        return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
    }

    std::vector<std::optional<record_keys>> values_;
    std::size_t elements_ = 0;
};

/// Reads a text onto a tape, and finds everything that is wrong with it, and the arrays that become
/// maps, before anything is written.
class checker {
public:
    /// For a text that comes to a place at `depth`.
    checker(import_options const& options, std::size_t depth, std::size_t text_bytes)
        : options_{options}, depth_max_{std::min(options.depth_max, path_keys_max)}, depth_{depth} {
        tape_.reserve_for(text_bytes);
    }

    refusal refused;

    void restart() {
        tape_.clear();
        open_.clear();
        keys_.clear();
        records_.clear();
    }
    /// Lets the next pass end at a token, so that the parser tells where that is.
    void stop_at(std::size_t token, refusal why) {
        restart();
        refused = std::move(why);
        end_ = token + 1;
    }

    bool on_value(scalar const& value) {
        tape_.add(value);
        if (is_in_array()) {
            open_.back().candidates.add_other();
        } else if (is_in_record()) {
            note_field(value);
        }
        return goes_on();
    }
    bool on_key(std::string_view key) {
        tape_.add(scalar{key});
        keys_.push_back(key);
        return goes_on();
    }
    bool on_begin_object() { return begin({value_kind::object, tape_.size(), keys_.size()}); }
    bool on_end_object() {
        auto const begin = keys_.begin() + static_cast<std::ptrdiff_t>(open_.back().keys);
        if (!are_unique(begin)) {
            return false;
        }
        auto const count = static_cast<std::size_t>(keys_.end() - begin);
        keys_.erase(begin, keys_.end());
        end(count);
        if (is_in_array()) {
            open_.back().candidates.end_element();
        }
        return goes_on();
    }
    bool on_begin_array() {
        if (is_in_array()) {
            open_.back().candidates.add_other();
        }
        return begin({value_kind::array, tape_.size(), keys_.size(),
                      record_candidates{options_.records_by.size()}});
    }
    bool on_end_array() {
        if (auto keys = open_.back().candidates.choose()) {
            records_.emplace(open_.back().token, std::move(*keys));
        }
        end(0);
        return goes_on();
    }

    [[nodiscard]] tape const& values() const { return tape_; }
    [[nodiscard]] record_map const& records() const { return records_; }

private:
    struct level {
        value_kind kind;
        std::size_t token;
        std::size_t keys;
        record_candidates candidates{0};
    };

    [[nodiscard]] bool goes_on() const { return tape_.size() != end_; }
    [[nodiscard]] bool is_in_array() const {
        return !open_.empty() && open_.back().kind == value_kind::array;
    }
    [[nodiscard]] bool is_in_record() const {
        return !options_.records_by.empty() && open_.size() > 1 &&
               open_[open_.size() - 2].kind == value_kind::array;
    }

    bool begin(level opened) {
        if (depth_ + open_.size() >= depth_max_) {
            refused = {errc::too_deep, "objects and arrays are nested more than " +
                                           std::to_string(depth_max_) + " deep"};
            return false;
        }
        tape_.open(opened.kind);
        open_.push_back(std::move(opened));
        return goes_on();
    }
    void end(std::size_t key_count) {
        tape_.close(open_.back().token, key_count);
        open_.pop_back();
    }

    void note_field(scalar const& value) {
        auto const& fields = options_.records_by;
        auto const field = std::find(fields.begin(), fields.end(), keys_.back());
        if (field != fields.end()) {
            open_[open_.size() - 2].candidates.add_field(
                static_cast<std::size_t>(field - fields.begin()), value);
        }
    }

    bool are_unique(std::vector<std::string_view>::iterator begin) {
        // Most objects are written in order.
        if (std::adjacent_find(begin, keys_.end(), std::greater_equal<>{}) == keys_.end()) {
            return true;
        }
        std::sort(begin, keys_.end());
        auto const twice = std::adjacent_find(begin, keys_.end());
        if (twice == keys_.end()) {
            return true;
        }
        refused = {errc::malformed,
                   "the object that ends here has the key \"" + std::string{*twice} + "\" twice"};
        return false;
    }

    import_options const& options_;
    std::size_t depth_max_;
    std::size_t depth_; ///< of the place in the document
    std::size_t end_ = 0;
    tape tape_;
    std::vector<level> open_;
    std::vector<std::string_view> keys_; ///< of the open objects
    record_map records_;
};

} // namespace detail
} // namespace joinery::json
