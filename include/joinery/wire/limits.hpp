#pragma once

#include <cstdint>

namespace joinery::wire {

/// Bounds everything that bytes from outside may ask for.
///
/// Every decoder takes one `limits` and checks a length against it before it allocates or loops.
/// Two peers need not agree on them: each protects itself. A value that one side accepts and the
/// other refuses is answered with `errc::too_large` or `errc::too_deep`, never with silence.
///
/// Fields may be changed one by one: `limits{.frame_bytes_max = 1 << 16}`.
struct limits {
    /// The length that a frame may announce: its head, its payload as sent and its checksum.
    std::uint64_t frame_bytes_max = 64 * 1024 * 1024;

    /// The bytes that one input may become: a payload after decompression, or the memory that an
    /// archive may ask for while it reads one value.
    std::uint64_t decoded_bytes_max = 256 * 1024 * 1024;

    /// How many bytes one compressed byte may become, beside a fixed 64 KiB.
    std::uint64_t expansion_max = 64;

    /// How deeply C++ objects may be nested while an archive reads them. One level of a document
    /// costs a few objects: a struct, its map, a variant.
    std::uint64_t archive_depth_max = 256;

    /// The elements of one container.
    std::uint64_t elements_max = 16 * 1024 * 1024;

    /// The elements of one container whose elements take no bytes, so that no input bounds them.
    std::uint64_t empty_elements_max = 4096;

    /// Replicas that one version vector or causal context may name.
    std::uint64_t replicas_max = 4096;

    /// Changesets in one message.
    std::uint64_t changesets_per_message_max = 65'536;
};

} // namespace joinery::wire
