#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace joinery::tests {

using tape = std::vector<std::string>;

/// The smallest archive there is: every number and string is one item. Tests edit
/// the items to play a hostile peer.
class tape_writer {
public:
    template <class... Ts>
    void operator()(Ts const&... values) {
        (write(values), ...);
    }

    [[nodiscard]] tape const& items() const { return items_; }

private:
    template <class T>
    void write(T const& value) {
        if constexpr (std::is_arithmetic_v<T>) {
            items_.push_back(std::to_string(value));
        } else if constexpr (std::is_same_v<T, std::string>) {
            items_.push_back(value);
        } else if constexpr (requires { value.save(*this); }) {
            value.save(*this);
        } else {
            const_cast<T&>(value).serialize(*this);
        }
    }

    tape items_;
};

class tape_reader {
public:
    explicit tape_reader(tape items) : items_{std::move(items)} {}

    template <class... Ts>
    void operator()(Ts&... values) {
        (read(values), ...);
    }

    [[nodiscard]] bool is_at_end() const { return at_ == items_.size(); }

private:
    template <class T>
    void read(T& value) {
        if constexpr (std::is_floating_point_v<T>) {
            value = static_cast<T>(std::stod(next()));
        } else if constexpr (std::is_unsigned_v<T>) {
            value = static_cast<T>(std::stoull(next()));
        } else if constexpr (std::is_arithmetic_v<T>) {
            value = static_cast<T>(std::stoll(next()));
        } else if constexpr (std::is_same_v<T, std::string>) {
            value = next();
        } else if constexpr (requires { value.load(*this); }) {
            value.load(*this);
        } else {
            value.serialize(*this);
        }
    }

    std::string const& next() {
        if (is_at_end()) {
            throw std::out_of_range{"the tape ends early"};
        }
        return items_[at_++];
    }

    tape items_;
    std::size_t at_ = 0;
};

template <class T>
tape written(T const& value) {
    tape_writer writer;
    writer(value);
    return writer.items();
}

template <class T>
T read(tape const& items) {
    tape_reader reader{items};
    T value;
    reader(value);
    return value;
}

/// An edit target that keeps one state and the join of the deltas, as a replica does.
template <class State, class Author>
struct recorder {
    State* state;
    State* deltas;
    Author by;

    template <class F>
    void change(F f) {
        deltas->join(f(*state, by));
    }
};

} // namespace joinery::tests
