#include <algorithm>
#include <iostream>
#include <unistd.h>

#include "program.hpp"

namespace program {

void note(std::string_view sentence) {
    std::cerr << "joinery: " << sentence << std::endl;
}

progress_bar::progress_bar(std::string_view label)
    : label_{label},
      next_{std::chrono::steady_clock::now() + std::chrono::milliseconds{300}},
      is_terminal_{isatty(STDERR_FILENO) == 1} {}

progress_bar::~progress_bar() {
    if (is_shown_) {
        std::cerr << "\r\x1b[K" << std::flush;
    }
}

void progress_bar::show(std::uint64_t done, std::uint64_t total) {
    auto const now = std::chrono::steady_clock::now();
    if (!is_terminal_ || total == 0 || now < next_) {
        return;
    }
    constexpr std::uint64_t width = 40;
    auto const filled = static_cast<std::size_t>(width * std::min(done, total) / total);
    std::cerr << '\r' << label_ << " [" << std::string(filled, '#')
              << std::string(width - filled, '.') << "] " << 100 * std::min(done, total) / total
              << " %" << std::flush;
    next_ = now + std::chrono::milliseconds{100};
    is_shown_ = true;
}

} // namespace program
