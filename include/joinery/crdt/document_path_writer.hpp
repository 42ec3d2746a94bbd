#pragma once

#include <joinery/crdt/document_view.hpp>
#include <joinery/crdt/piece_writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery::detail {

/// Why the limits do not let a value of so many bytes be written at `path` in a document.
template <class Location>
[[nodiscard]] result<void> check_limits(Location const& location, path_view path,
                                        std::size_t value_bytes) {
    if (auto const accepted = check_path(path); !accepted) {
        return accepted;
    }
    if (path.size() + Location::depth - 1 > path_keys_max) {
        return failure(errc::too_deep, path.to_string() + " lies deeper than " +
                                           std::to_string(path_keys_max) + " levels");
    }
    auto const bytes_max = location.writer.root().value_bytes_max;
    if (value_bytes > bytes_max) {
        return failure(errc::too_large, path.to_string() + " would hold " +
                                            std::to_string(value_bytes) + " bytes; the limit is " +
                                            std::to_string(bytes_max));
    }
    return {};
}

/// Checks paths of a document and writes them in pieces, for its editor.
template <class Location>
class document_path_writer {
public:
    /// The document as it is in the middle of the edit.
    [[nodiscard]] document_view read() const { return {location_.find(), location_.writer.root()}; }

    /// Why the first mutator that could not be carried out could not.
    [[nodiscard]] result<void> const& outcome() const { return location_.writer.outcome(); }
    /// Gives up the edit for a reason of the caller's own.
    void fail(errc code, std::string reason) { writer().fail(code, std::move(reason)); }
    /// Whether every mutator so far could be carried out.
    [[nodiscard]] bool ok() const { return location_.writer.ok(); }

    /// Why the limits do not let a value of so many bytes be written at `path`.
    [[nodiscard]] result<void> can_hold(path_view path, std::size_t value_bytes) const {
        return check_limits(location_, path, value_bytes);
    }

protected:
    explicit document_path_writer(Location location) : location_{std::move(location)} {}

    [[nodiscard]] Location& anchor() { return location_; }
    [[nodiscard]] piece_writer& writer() { return location_.writer; }
    [[nodiscard]] causal_root& root() { return location_.writer.root(); }

    void refuse(errc code, path_view path, std::size_t keys, std::string_view reason) {
        writer().fail(code, path.to_string(keys) + ' ' + std::string{reason});
    }

    /// Checks the limits and notes the room for the path and `payload_room`.
    void check(path_view path, std::size_t payload_room, std::string_view text) {
        room_ = room_for(path, payload_room);
        if (auto const accepted = can_hold(path, text.size()); !accepted) {
            writer().fail(accepted.error().code, accepted.error().message);
        }
    }

    [[nodiscard]] std::size_t room_for(path_view path, std::size_t payload_room) const {
        auto room = location_.room() + payload_room;
        for (std::size_t i = 0; i < path.size(); ++i) {
            room += std::max(path[i].size(), element_key::bytes_max) + varint_bytes_max + 1;
        }
        return room;
    }

    /// Whether every key leads through a map or a list, or to nothing at all. The last one may name
    /// the place behind the last element of a list if something can be added there.
    bool can_pass(path_view path, bool can_append) {
        auto place = read();
        for (std::size_t i = 0; i < path.size(); ++i) {
            if (place.kind() == value_kind::list) {
                auto const is_last = i + 1 == path.size();
                auto const index = is_last && can_append
                                       ? json::gap_index(path[i], place.size())
                                       : json::element_index(path[i], place.size());
                if (!index) {
                    refuse(index.error().code, path, i, "is a list: " + index.error().message);
                    return false;
                }
            } else if (place.exists() && place.kind() != value_kind::map) {
                refuse(errc::wrong_type, path, i,
                       "is " + std::string{name(place.kind())} + ", not a map");
                return false;
            }
            place = place.at(path[i]);
        }
        return true;
    }

    /// The key at `i` in the map that holds its place: that of an element behind a list.
    [[nodiscard]] std::string_view key_at(path_view path, std::size_t i) const {
        return is_element(i) ? elements_[i].view() : path[i];
    }
    [[nodiscard]] bool is_element(std::size_t i) const {
        return i < elements_.size() && !elements_[i].empty();
    }
    /// From now on, key `i` of the path at hand names this item of a list.
    void note_element(std::size_t i, dot const& item) {
        elements_.resize(i + 1);
        elements_[i] = element_key{item};
    }
    void forget_elements() { elements_.clear(); }

    bool expects(path_view path, value_kind kind, value_kind wanted) {
        if (kind == value_kind::none || kind == wanted) {
            return true;
        }
        refuse(errc::wrong_type, path, path.size(),
               "is " + std::string{name(kind)} + ", not " + std::string{name(wanted)});
        return false;
    }

    local_dot begin_piece(piece_life life, std::uint32_t superseded_count) {
        location_.prepare();
        return writer().begin(life, superseded_count, room_);
    }

    std::byte* put_path(path_view path, std::size_t keys) {
        return put_path(writer().cursor(), path, keys);
    }
    std::byte* put_path(std::byte* at, path_view path, std::size_t keys) {
        at = location_.put(at);
        for (std::size_t i = 0; i < keys; ++i) {
            encoding_ = at;
            at = held<std::string>::put(at, key_at(path, i));
            if (i + 1 < keys) {
                *at++ = static_cast<std::byte>(is_element(i + 1) ? document_tag::element
                                                                 : document_tag::descend);
            }
        }
        return at;
    }
    std::byte* put_tagged(path_view path, document_tag tag) {
        auto* const at = put_path(path, path.size());
        *at = static_cast<std::byte>(tag);
        return at + 1;
    }
    /// Where `put_path` has written the last key.
    [[nodiscard]] std::byte* encoding() const { return encoding_; }

private:
    Location location_;
    std::size_t room_ = 0;
    std::byte* encoding_ = nullptr;
    std::vector<element_key> elements_; ///< by key of the path at hand; empty: not in a list
};

} // namespace joinery::detail
