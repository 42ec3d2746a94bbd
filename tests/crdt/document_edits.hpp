#pragma once

#include <joinery/crdt/document.hpp>
#include <joinery/testing/random.hpp>

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace joinery::tests {

/// Random edits of a document of lists, texts and everything else.
template <class Editor>
void mutate_lists(Editor& editor, testing::splitmix64& random) {
    std::array<scalar, 3> const values{scalar{1}, scalar{2}, scalar{3}};
    std::array<std::string, 3> const keys{"a", "b", "c"};
    std::vector<std::string> path{random.pick(keys)};
    while (path.size() < 4 && random.chance(50)) {
        std::vector<std::string_view> const views{path.begin(), path.end()};
        auto const place = editor.read().find(std::span<std::string_view const>{views});
        auto const is_list = place.kind() == value_kind::list;
        if (!is_list && place.exists() && place.kind() != value_kind::map) {
            break;
        }
        path.push_back(is_list ? std::to_string(random.below(place.size() + 1))
                               : random.pick(keys));
    }
    std::vector<std::string_view> const views{path.begin(), path.end()};
    path_view const at{std::span<std::string_view const>{views}};
    auto const place = editor.read().find(at);
    auto const size = place.size();
    switch (random.below(10)) {
    case 0:
    case 1:
        editor.set(at, static_cast<int>(random.below(5)));
        break;
    case 2:
        editor.make_list(at);
        break;
    case 3:
        editor.make_map(at);
        break;
    case 4:
        editor.make_text(at);
        break;
    case 5:
        if (place.kind() == value_kind::list && random.chance(60)) {
            auto const index = random.below(size + 1);
            editor.erase(at, index, random.below(size - index + 1));
        } else if (!editor.read().find(at).exists() || random.chance(40)) {
            editor.increment(at, 2);
        } else {
            editor.erase(at);
        }
        break;
    default:
        if (place.kind() == value_kind::text) {
            auto const index = random.below(size + 1);
            editor.splice(at, index, random.below(size - index + 1),
                          random.chance(70) ? "xyz" : "");
        } else {
            editor.insert(at, random.below(size + 1), std::span{values}.first(1 + random.below(3)));
        }
    }
}

} // namespace joinery::tests
