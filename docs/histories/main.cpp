#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include "history.hpp"

// usage: joinery_histories FOLDER [--write]
//
// Compares the block of text below `<!-- history -->` on each page of a data type with its history
// as the type itself plays it, and sees that the page has a table of what is concurrent. --write
// puts the right drawings in place.

namespace {

constexpr std::string_view head = "<!-- history -->\n```text\n";
constexpr std::string_view end = "```\n";

std::string read(std::filesystem::path const& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

bool has_table_of_concurrency(std::string_view page) {
    for (auto at = page.find("\n|"); at != page.npos; at = page.find("\n|", at + 1)) {
        if (page.substr(at, page.find('\n', at + 1) - at).find("concurrent") != page.npos) {
            return true;
        }
    }
    return false;
}

/// Whether the page is as it should be, perhaps after a change.
bool check(std::filesystem::path const& path, std::string const& drawn, bool may_write) {
    auto page = read(path);
    if (!has_table_of_concurrency(page)) {
        std::cerr << path.string() << ": has no table of what is concurrent\n";
        return false;
    }
    auto const begin = page.find(head);
    auto const close = begin == page.npos ? begin : page.find(end, begin + head.size());
    if (close == page.npos) {
        std::cerr << path.string() << ": has no block of text below <!-- history -->\n";
        return false;
    }
    auto const from = begin + head.size();
    if (page.compare(from, close - from, drawn) == 0) {
        return true;
    }
    if (may_write) {
        std::ofstream{path, std::ios::binary} << page.replace(from, close - from, drawn);
        std::cout << path.string() << ": written\n";
        return true;
    }
    std::cerr << path.string() << ": shows what does not happen. The history is\n" << drawn;
    return false;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "usage: joinery_histories FOLDER [--write]\n";
        return 2;
    }
    std::filesystem::path const folder{argv[1]};
    auto const may_write = argc > 2 && std::string_view{argv[2]} == "--write";
    std::size_t good = 0;
    std::size_t all = 0;
    using namespace joinery::docs;
    for (auto const& list : {plain_drawings(), causal_drawings(), sequence_drawings()}) {
        for (auto const& one : list) {
            ++all;
            good += check(folder / (one.page + ".md"), one.draw(), may_write) ? 1 : 0;
        }
    }
    std::cout << good << " of " << all << " pages show what happens\n";
    return good == all ? 0 : 1;
}
