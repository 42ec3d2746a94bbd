#pragma once

#include <joinery/wire/msgpack_input_archive.hpp>
#include <joinery/wire/msgpack_output_archive.hpp>

#include <cereal/cereal.hpp>

#include <string_view>

namespace joinery::wire {

/// MessagePack, for `encode` and `decode`: `encode<msgpack>(value)`.
///
/// The format to meet other languages with. It names fields, reads them in any order and passes
/// over fields that it does not know. Inside states and changesets `compact` is used instead: it is
/// smaller, and its decoder accepts one form only.
struct msgpack {
    static constexpr std::string_view name = "msgpack";
    using output_archive = msgpack_output_archive;
    using input_archive = msgpack_input_archive;
};

} // namespace joinery::wire

CEREAL_SETUP_ARCHIVE_TRAITS(joinery::wire::msgpack_input_archive,
                            joinery::wire::msgpack_output_archive)
