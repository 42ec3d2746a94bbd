#include <joinery/crdt/sequence.hpp>
#include <joinery/crdt/text.hpp>
#include <joinery/sync/replica.hpp>

#include <array>
#include <iostream>
#include <string>

using namespace joinery;

int main() {
    std::cout << std::boolalpha;

    // [type]
    replica_id const alice{1};
    replica_id const bob{2};
    text here;
    text const greeting = here.insert(alice, 0, "Hello!");
    text there;
    there.join(greeting);

    text const by_alice = here.insert(alice, 5, ", wor");
    text const more = here.insert(alice, 10, "ld");
    text const by_bob = there.insert(bob, 5, " all");
    // [type] end

    // [join]
    here.join(by_bob);
    there.join(more); // before what it stands beside
    std::cout << there.value() << " (" << there.waiting() << " wait)\n";
    there.join(by_alice);
    std::cout << there.value() << '\n';
    // [join] end

    // [erase]
    text const erased = there.erase(bob, 5, 7);
    here.insert(alice, 10, "~");
    here.join(erased);
    std::cout << here.value() << '\n';
    // [erase] end

    // [place]
    auto const caret = here.cursor_at(5);
    here.insert(bob, 0, "Žofie 😀: ");
    std::cout << "the caret is at " << here.index_of(caret).value() << '\n';
    auto const read = here.read();
    std::cout << read.position(text_unit::utf8, 9) << " bytes, "
              << read.position(text_unit::utf16, 9) << " units of UTF-16\n";
    // [place] end

    // [list]
    sync::replica<sequence<int>> numbers{alice};
    auto const counted = numbers.edit([](auto list) {
        list.insert(0, std::array{10, 20, 40});
        list.insert(2, 30);
    });
    auto const beyond = numbers.edit([](auto list) {
        list.erase(0);
        list.erase(7);
    });
    for (auto const n : numbers.state().value()) {
        std::cout << ' ' << n;
    }
    std::cout << '\n' << beyond.error().message << '\n';
    // [list] end
    return counted && !beyond && here.waiting() == 0 ? 0 : 1;
}
