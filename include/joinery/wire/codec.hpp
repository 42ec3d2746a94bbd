#pragma once

#include <joinery/core/byte_writer.hpp>
#include <joinery/core/bytes.hpp>
#include <joinery/core/result.hpp>
#include <joinery/wire/archive_budget.hpp>
#include <joinery/wire/compact_archive.hpp>
#include <joinery/wire/limits.hpp>

#include <concepts>
#include <exception>
#include <new>
#include <string_view>

namespace joinery::wire {

/// A pair of cereal archives that write and read one format.
///
/// Laws, for every `value` that cereal can save and load
///   decode<T, F>(encode<F>(value)) == value
///   equal values give equal bytes.
///
/// Models: `compact`, `msgpack`.
template <class F>
concept archive_format = requires(byte_writer& out, byte_view input, limits const& bounds) {
    { F::name } -> std::convertible_to<std::string_view>;
    typename F::output_archive;
    typename F::input_archive;
    requires std::constructible_from<typename F::output_archive, byte_writer&>;
    requires std::constructible_from<typename F::input_archive, byte_view, limits const&>;
};

static_assert(archive_format<compact>);

/// Appends the encoding of `value` to `out`.
template <archive_format Format = compact, class T>
void encode_to(byte_writer& out, T const& value) {
    typename Format::output_archive archive{out};
    archive(value);
}

/// The encoding of `value`.
template <archive_format Format = compact, class T>
[[nodiscard]] bytes encode(T const& value) {
    byte_writer out;
    encode_to<Format>(out, value);
    return out.take();
}

/// The value that the whole of `input` encodes.
///
/// This is the one place that catches what an archive, or a type that it fills, throws for bad
/// input. Only `std::bad_alloc` passes: the limits keep bad input from causing it.
///
/// Complexity  O(input); memory within `limits::decoded_bytes_max`.
template <std::default_initializable T, archive_format Format = compact>
[[nodiscard]] result<T> decode(byte_view input, limits const& bounds = {}) {
    try {
        typename Format::input_archive archive{input, bounds};
        T value{};
        archive(value);
        if (!archive.at_end()) {
            return failure(errc::malformed, "bytes follow the value", archive.offset());
        }
        return value;
    } catch (archive_failure const& refused) {
        return failure(refused.reason());
    } catch (std::bad_alloc const&) { throw; } catch (std::exception const& thrown) {
        return failure(errc::malformed, thrown.what());
    }
}

} // namespace joinery::wire
