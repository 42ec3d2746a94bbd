#pragma once

#include <joinery/crdt/document_join.hpp>
#include <joinery/crdt/document_path.hpp>
#include <joinery/crdt/pieces.hpp>

#include <cassert>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace joinery {

/// Visits the path of every place that a document's changeset wrote or removed, in the order in
/// which that was done. A place that was changed twice is visited twice. What happens in a list is
/// a change of the list, since the path of an element is not the same for everybody.
///
/// Precondition: a replica of a document has accepted `in`, as its observers can rely on.
template <class F>
void for_each_changed_path(piece_sequence const& in, F&& visit) {
    byte_reader reader{in.body};
    detail::piece_check check{in.first, static_cast<std::uint32_t>(in.others.size() / 16)};
    std::vector<std::string_view> keys;
    for (check.sequence = in.first; check.sequence <= in.last(); check.sequence += check.dots) {
        auto const head = reader.varint();
        for (auto left = head >> 1; left != 0; --left) {
            if ((reader.varint() & 1) != 0) {
                (void)reader.varint();
            }
        }
        check.dots = 1;
        check.is_live = (head & 1) != 0;
        keys.assign(1, held<std::string>::read(reader));
        while (reader.peek() == static_cast<std::uint8_t>(detail::document_tag::descend)) {
            (void)reader.byte();
            keys.push_back(held<std::string>::read(reader));
        }
        detail::document_node::check_piece_child(reader, check);
        assert(reader.ok() && "for_each_changed_path: nobody has accepted this changeset");
        visit(path_view{std::span<std::string_view const>{keys}});
    }
}

} // namespace joinery
