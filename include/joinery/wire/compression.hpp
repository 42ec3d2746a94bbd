#pragma once

#include <joinery/core/bugs.hpp>
#include <joinery/core/bytes.hpp>
#include <joinery/core/result.hpp>
#include <joinery/wire/limits.hpp>

#include <zstd.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace joinery::wire {

/// Says how the payload of a frame becomes smaller, and how it comes back.
///
/// A policy is a value. A frame carries a flag that says whether it was compressed, so that a
/// side that never compresses still reads a peer that does, as long as its policy can decompress.
///
/// Laws, for every `input` with `auto packed = policy.compress(input)`
///   packed has a value            => packed->size() < input.size()
///   policy.decompress(*packed, x) == input   for every x that allows input.size()
///   decompress never holds more output than its limits allow, whatever the bytes claim.
///
/// Models: `uncompressed`, `zstd`.
template <class P>
concept compression_policy = std::regular<P> &&
    requires(P const& policy, byte_view input, limits const& bounds) {
    { P::name } -> std::convertible_to<std::string_view>;
    { policy.compress(input) } -> std::same_as<std::optional<bytes>>;
    { policy.decompress(input, bounds) } -> std::same_as<result<bytes>>;
};

/// Sends every payload as it is.
struct uncompressed {
    static constexpr std::string_view name = "none";

    [[nodiscard]] std::optional<bytes> compress(byte_view) const { return std::nullopt; }

    [[nodiscard]] result<bytes> decompress(byte_view, limits const&) const {
        return failure(errc::unsupported_version,
                       "the peer sent a compressed frame, and this side reads none");
    }

    friend bool operator==(uncompressed const&, uncompressed const&) = default;
};

namespace detail {

struct zstd_free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

template <class Context>
Context* or_bad_alloc(Context* context) {
    return context != nullptr ? context : throw std::bad_alloc{};
}

/// One for each thread: a context costs more to make than a small payload to compress.
inline ZSTD_CCtx* zstd_compressor() {
    thread_local std::unique_ptr<ZSTD_CCtx, zstd_free> const context{
        or_bad_alloc(ZSTD_createCCtx())};
    return context.get();
}

inline ZSTD_DCtx* zstd_decompressor() {
    thread_local std::unique_ptr<ZSTD_DCtx, zstd_free> const context{
        or_bad_alloc(ZSTD_createDCtx())};
    return context.get();
}

/// What `input` may become at most.
inline std::uint64_t expansion_cap(byte_view input, limits const& bounds) {
    constexpr std::uint64_t always_allowed = 64 * 1024;
    if (input.size() >
        bounds.decoded_bytes_max / std::max<std::uint64_t>(bounds.expansion_max, 1)) {
        return bounds.decoded_bytes_max;
    }
    return std::min(bounds.decoded_bytes_max, input.size() * bounds.expansion_max + always_allowed);
}

} // namespace detail

/// Compresses with Zstandard.
///
/// A payload goes out compressed only if that makes it smaller. Reading stops at the output cap,
/// however much the input still promises; the size that a payload declares for itself is only
/// ever a reason to refuse it. Windows above 8 MiB are refused.
///
/// Complexity  O(n). Contexts are kept for each thread, so that small payloads are cheap.
/// Reference   RFC 8878.
struct zstd {
    static constexpr std::string_view name = "zstd";

    int level = 3;
    std::uint64_t input_bytes_min = 64; ///< Smaller payloads never gain anything.

    [[nodiscard]] std::optional<bytes> compress(byte_view input) const {
        if (input.size() < input_bytes_min) {
            return std::nullopt;
        }
        // One byte less than the input: what does not fit is not worth sending.
        bytes packed(input.size() - 1);
        auto const length = ZSTD_compressCCtx(detail::zstd_compressor(), packed.data(),
                                              packed.size(), input.data(), input.size(), level);
        if (ZSTD_isError(length)) {
            return std::nullopt;
        }
        packed.resize(length);
        return packed;
    }

    [[nodiscard]] result<bytes> decompress(byte_view input, limits const& bounds) const {
        auto const believes = bugs::expansion_is_believed;
        auto const cap = believes ? bounds.frame_bytes_max : detail::expansion_cap(input, bounds);
        auto const declared = ZSTD_getFrameContentSize(input.data(), input.size());
        if (declared == ZSTD_CONTENTSIZE_ERROR) {
            return failure(errc::malformed, "a compressed payload does not begin like one");
        }
        auto const is_declared = declared != ZSTD_CONTENTSIZE_UNKNOWN;
        if (is_declared && declared > cap) {
            return failure(errc::too_large, "a compressed payload declares more than " +
                                                std::to_string(cap) + " bytes");
        }
        std::uint64_t const guess = is_declared ? declared : std::uint64_t{input.size()} * 4;
        return inflate(input, std::min(guess, cap), cap);
    }

    friend bool operator==(zstd const&, zstd const&) = default;

private:
    static result<bytes> inflate(byte_view input, std::uint64_t guess, std::uint64_t cap) {
        constexpr int window_log_max = 23;
        auto* const context = detail::zstd_decompressor();
        ZSTD_DCtx_reset(context, ZSTD_reset_session_and_parameters);
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, window_log_max);

        bytes output(static_cast<std::size_t>(guess));
        ZSTD_inBuffer in{input.data(), input.size(), 0};
        ZSTD_outBuffer out{output.data(), output.size(), 0};
        while (true) {
            auto const before = std::pair{in.pos, out.pos};
            auto const left = ZSTD_decompressStream(context, &out, &in);
            if (ZSTD_isError(left)) {
                return failure(errc::malformed, "a compressed payload is damaged: " +
                                                    std::string(ZSTD_getErrorName(left)));
            }
            if (out.pos > cap) {
                return failure(errc::too_large, "a compressed payload holds more than " +
                                                    std::to_string(cap) + " bytes");
            }
            if (left == 0) {
                break;
            }
            if (out.pos == out.size) {
                // One byte beyond the cap tells "ends there" from "goes on".
                auto const doubled = std::max<std::uint64_t>(std::uint64_t{out.size} * 2, 1024);
                output.resize(static_cast<std::size_t>(std::min(doubled, cap + 1)));
                out = {output.data(), output.size(), out.pos};
            } else if (before == std::pair{in.pos, out.pos}) {
                return failure(errc::truncated, "a compressed payload ends too early", in.pos);
            }
        }
        if (in.pos != in.size) {
            return failure(errc::malformed, "bytes follow a compressed payload", in.pos);
        }
        output.resize(out.pos);
        return output;
    }
};

static_assert(compression_policy<uncompressed>);
static_assert(compression_policy<zstd>);

} // namespace joinery::wire
