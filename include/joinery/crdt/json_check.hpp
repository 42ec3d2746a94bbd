#pragma once

#include <joinery/crdt/document_editor.hpp>
#include <joinery/crdt/json_parser.hpp>

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
    /// Is told from time to time how many bytes of the text have been written.
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

/// The first pass over a text: finds everything that is wrong with it before anything is written,
/// and the arrays that become maps.
class checker {
public:
    checker(import_options const& options, std::size_t depth)
        : options_{options},
          depth_max_{std::min(options.depth_max, path_keys_max)},
          depth_{depth} {}

    refusal refused;

    void restart() { *this = checker{options_, depth_}; }

    bool on_value(scalar const& value) {
        if (is_in_array()) {
            open_.back().candidates.add_other();
        } else if (is_in_record()) {
            note_field(value);
        }
        return true;
    }
    bool on_key(std::string_view key) {
        keys_.push_back({characters_.size(), key.size()});
        characters_ += key;
        return true;
    }
    bool on_begin_object() { return begin({keys_.size(), characters_.size(), 0, false}); }
    bool on_end_object() {
        auto const begin = keys_.begin() + static_cast<std::ptrdiff_t>(open_.back().keys);
        if (!are_unique(begin)) {
            return false;
        }
        keys_.erase(begin, keys_.end());
        characters_.resize(open_.back().characters);
        open_.pop_back();
        if (is_in_array()) {
            open_.back().candidates.end_element();
        }
        return true;
    }
    bool on_begin_array() {
        if (is_in_array()) {
            open_.back().candidates.add_other();
        }
        return begin({0, 0, arrays_++, true, record_candidates{options_.records_by.size()}});
    }
    bool on_end_array() {
        if (auto keys = open_.back().candidates.choose()) {
            records_.emplace(open_.back().ordinal, std::move(*keys));
        }
        open_.pop_back();
        return true;
    }

    /// By number of the array, in the order in which arrays begin.
    [[nodiscard]] std::unordered_map<std::size_t, record_keys>& records() { return records_; }

private:
    struct span {
        std::size_t begin;
        std::size_t size;
    };
    struct level {
        std::size_t keys;
        std::size_t characters;
        std::size_t ordinal;
        bool is_array;
        record_candidates candidates{0};
    };

    [[nodiscard]] bool is_in_array() const { return !open_.empty() && open_.back().is_array; }
    [[nodiscard]] bool is_in_record() const {
        return open_.size() > 1 && open_[open_.size() - 2].is_array && !options_.records_by.empty();
    }
    [[nodiscard]] std::string_view text_of(span key) const {
        return std::string_view{characters_}.substr(key.begin, key.size);
    }

    bool begin(level opened) {
        if (depth_ + open_.size() >= depth_max_) {
            refused = {errc::too_deep, "objects and arrays are nested more than " +
                                           std::to_string(depth_max_) + " deep"};
            return false;
        }
        open_.push_back(std::move(opened));
        return true;
    }

    void note_field(scalar const& value) {
        auto const& fields = options_.records_by;
        auto const field = std::find(fields.begin(), fields.end(), text_of(keys_.back()));
        if (field != fields.end()) {
            open_[open_.size() - 2].candidates.add_field(
                static_cast<std::size_t>(field - fields.begin()), value);
        }
    }

    bool are_unique(std::vector<span>::iterator begin) {
        auto const is_less = [this](span a, span b) { return text_of(a) < text_of(b); };
        auto const is_equal = [this](span a, span b) { return text_of(a) == text_of(b); };
        if (!std::is_sorted(begin, keys_.end(), is_less)) {
            std::sort(begin, keys_.end(), is_less);
        }
        auto const twice = std::adjacent_find(begin, keys_.end(), is_equal);
        if (twice == keys_.end()) {
            return true;
        }
        refused = {errc::malformed, "the object that ends here has the key \"" +
                                        std::string{text_of(*twice)} + "\" twice"};
        return false;
    }

    import_options options_;
    std::size_t depth_max_;
    std::size_t depth_; ///< of the place in the document
    std::vector<level> open_;
    std::vector<span> keys_; ///< of the open objects
    std::string characters_;
    std::size_t arrays_ = 0;
    std::unordered_map<std::size_t, record_keys> records_;
};

} // namespace detail
} // namespace joinery::json
